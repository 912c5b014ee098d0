package stepfunctions

// SetJournalFull changes the size of a full journal for the whole test binary.
func SetJournalFull(size int64) { journalFull = size }
