package dynamo_test

import (
	"testing"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// readFilings: a decision that relied on a version of a filing, or on there being none, is not stored after the register has changed: it is made again.
// The opening of an order at a filing is refused instead.
func readFilings(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.AwaitConfirmation)
	confirm := d.apply(w.Order, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	if confirm.Reads == nil || confirm.Reads.ID != "" {
		t.Fatalf("the confirmation relies on %+v", confirm.Reads)
	}
	imported := d.newFiling(1, "account-2", "a.example.cn")
	imported.SubjectKey = w.Order.SubjectKey
	imported = d.storeFiling(register.Filing{}, imported)
	if _, err := d.Commit(t.Context(), confirm, decide.Request{}); fault.KindOf(err) != fault.Stale {
		t.Errorf("after an import: %v", err)
	}
	read := filing.FilingRead{SubjectKey: w.Order.SubjectKey, ID: imported.ID, Version: imported.Version}
	moved := imported
	moved.Account = "account-3"
	moved = d.storeFiling(imported, moved)
	confirm.Reads = &read
	if _, err := d.Commit(t.Context(), confirm, decide.Request{}); fault.KindOf(err) != fault.Stale {
		t.Errorf("after a change of the filing: %v", err)
	}
	opening := d.opening(2)
	opening.Reads = &filing.FilingRead{SubjectKey: moved.SubjectKey, ID: moved.ID, Version: imported.Version, Opens: true}
	_, err := d.Commit(t.Context(), opening, decide.Request{})
	d.wantFault(err, fault.Conflict, dynamo.CodeFilingMoved)
	opening.Reads.Version = moved.Version
	d.commit(opening)
	read.Version = moved.Version
	d.commit(confirm)
}
