package staff

// registerRoom registers the pages of the operator's room that have files of their own.
func (s *Staff) registerRoom() {
	s.registerLate()
	s.registerServers()
	s.registerBureau()
	s.registerBureauTasks()
	s.registerSheets()
	s.registerTasks()
	s.registerRules()
	s.registerWebhooks()
}
