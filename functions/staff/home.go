package staff

// registerHome registers the first page: the queue of a reviewer, or the operator's room.
func (s *Staff) registerHome() {
	s.register("GET /{$}", func(v *visit) error {
		v.Redirect(Prefix + "/queue")
		return nil
	})
}
