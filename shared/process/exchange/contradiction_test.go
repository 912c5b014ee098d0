package exchange_test

// contradictoryCopy: a full copy that has a filing twice with different data changes the register once, by the first entry. The second is an open difference
// for the operator, with an issue. An entry that repeats the first is none.
func contradictoryCopy(w *system) {
	other := w.filedElsewhere(1)
	other.Subject.Name = "示例人二"
	w.offerCopy(w.filedElsewhere(1), other, w.filedElsewhere(2), w.filedElsewhere(2))
	w.moveClock() // as a real clock does, so that the first entry changes the register after the file was received
	w.runExchange()
	w.checkDifferences(false, "contradiction 浙ICP备2024000001号 /subject/name")
	w.checkDifferences(true, "missing-here 浙ICP备2024000002号")
	if f := w.registered(1); f.Version != 1 || f.Private.Subject.Name.Reveal() == "示例人二" {
		w.t.Errorf("the register has version %d", f.Version)
	}
	if got := issueKinds(w.status()); len(got) != 1 || got[0] != "reconciliation" {
		w.t.Errorf("issues %q", got)
	}
}
