package finding

// Places returns the number of entries that can be looked up.
func Places() int { return len(places()) }
