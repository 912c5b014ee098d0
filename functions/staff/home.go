package staff

// registerHome registers the first page: the queue of a reviewer, or the operator's room.
func (s *Staff) registerHome() {
	s.register("GET /{$}", func(v *visit) error {
		if v.IsReviewer() {
			v.Redirect(Prefix + "/queue")
		} else {
			v.Redirect(Prefix + "/late")
		}
		return nil
	})
}
