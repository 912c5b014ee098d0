package journeys_test

import (
	"slices"
	"testing"

	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// TestBureauDownWhenTheTypeIsDetermined checks that the applicant continues with a provisional type while the bureau is
// unavailable, and that the type is determined again before transmission.
func TestBureauDownWhenTheTypeIsDetermined(t *testing.T) {
	ctx, on, off := t.Context(), true, false
	j := newJourney(t, 430)
	j.must(sys.Bureau.Apply(simulator.Scenario{Maintenance: &on}))
	t.Cleanup(func() { _ = sys.Bureau.Apply(simulator.Scenario{Maintenance: &off}) })
	j.advanceTo(filing.VerifyProduct)
	o := j.order()
	at := slices.IndexFunc(o.Findings, func(f finding.Finding) bool { return f.Code == filing.CodeBureauUnreachable })
	if at < 0 || o.Findings.Blocking() || o.Type != filing.First || o.Next.Who != "applicant" {
		t.Fatalf("findings %v, type %s, next %+v", o.Findings, o.Type, o.Next)
	}
	if f := o.Findings[at]; f.Severity != finding.Warn || f.Message.Chinese == "" || f.Message.English == "" {
		t.Errorf("finding %+v", f)
	}
	j.correctAll(filing.VerifyProduct)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(sys.Bureau.Apply(simulator.Scenario{Maintenance: &off}))
	j.replySMS()
	if o := j.awaitApproved(); len(o.Findings) != 0 {
		t.Errorf("findings afterwards %v", o.Findings)
	}
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, answered, []string{"repeat-type"}, transmitted, filed)
}
