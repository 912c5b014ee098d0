package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// accessesOf returns the filing with other accesses of a site.
func accessesOf(f register.Filing, site int, accesses ...register.Access) register.Filing {
	f.Sites = slices.Clone(f.Sites)
	f.Sites[site].Accesses = accesses
	return f
}

// outdated are what a filing may have become since an order began at it, and the finding with which the order goes back.
var outdated = map[string]struct {
	kind   filing.Type
	opened func(register.Filing) register.Filing // from the filing with two sites; nil is that filing
	sites  []int
	now    func(whole register.Filing) register.Filing
	want   finding.Code
}{
	"a second site was filed, and the applicant confirmed the end of one": {filing.CancelSubject, withOneSite, nil, func(whole register.Filing) register.Filing { return whole }, filing.CodeCancelChanged},
	"the filing went to another account":                                  {filing.CancelAccess, nil, []int{1}, func(f register.Filing) register.Filing { f.Account = "account-2"; return f }, filing.CodeFilingForeign},
	"the other provider's access ended": {filing.CancelAccess, nil, []int{1}, func(f register.Filing) register.Filing {
		ours, _ := f.Sites[1].OurAccess()
		return accessesOf(f, 1, ours)
	}, filing.CodeCancelOnlyAccess},
	"the bureau cancelled the filing": {filing.CancelSite, nil, []int{1}, func(register.Filing) register.Filing { return register.Filing{} }, filing.CodeFilingNotStanding},
	"the subject was filed anew":      {filing.CancelSubject, nil, nil, func(f register.Filing) register.Filing { f.ID = "03EXAMPLE"; return f }, filing.CodeFilingNotStanding},
	"the bureau cancelled the site":   {filing.CancelSite, nil, []int{1}, withOneSite, filing.CodeFilingSiteUnknown},
	"the site moved away": {filing.CancelSite, nil, []int{1}, func(f register.Filing) register.Filing {
		return accessesOf(f, 1, register.Access{MinistryID: "23", Provider: 9})
	}, filing.CodeCancelNotOurs},
	"documents of a filing of another account":    {filing.SubmitEvidence, nil, nil, func(f register.Filing) register.Filing { f.Account = "account-2"; return f }, filing.CodeFilingForeign},
	"documents of a cancelled filing":             {filing.SubmitEvidence, nil, nil, func(register.Filing) register.Filing { return register.Filing{} }, filing.CodeFilingNotStanding},
	"documents of a site that was cancelled":      {filing.SubmitEvidence, nil, []int{1}, withOneSite, filing.CodeFilingSiteUnknown},
	"documents of a site without an access of us": {filing.SubmitEvidence, nil, []int{1}, func(f register.Filing) register.Filing { return accessesOf(f, 1) }, filing.CodeSubmitNotOurs},
}

func withOneSite(f register.Filing) register.Filing {
	f.Sites, f.Private.Sites = f.Sites[:1:1], f.Private.Sites[:1:1]
	return f
}

// TestOutdatedCancellation: an order that began at a filing cannot be confirmed, and goes back instead of to the bureau, if the filing does not allow it
// any more, or if it would end something else than the applicant confirmed. That holds for documents on their own too.
func TestOutdatedCancellation(t *testing.T) {
	for name, tc := range outdated {
		t.Run(name, func(t *testing.T) {
			whole := filedWithIDs(t)
			f := whole
			if tc.opened != nil {
				f = tc.opened(whole)
			}
			now := tc.now(whole)
			if now.ID != "" {
				now.Version++
			}
			for _, step := range []filing.Step{filing.AwaitConfirmation, filing.Transmit} {
				w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: afterPasswords, Register: f}
				n := filingtest.EnterpriseBeijing().OpenInput("02EXAMPLE")
				if tc.kind == filing.SubmitEvidence {
					papers := []evidence.Kind{evidence.SubjectCertificateFront}
					if len(tc.sites) > 0 {
						papers[0] = evidence.LeaderCertificateFront
					}
					n.At = &filing.AtFilingInput{Type: tc.kind, Filing: f, Sites: tc.sites, Papers: papers}
				} else {
					n = cancellation(t, tc.kind, f, tc.sites...)
					n.At.Cancellation.OnlyAccess = filing.RefuseOnlyAccess
				}
				c := w.ContinueWith(filing.Open(n, filingtest.Applicant, afterPasswords))
				if r := c.Reads; r == nil || r.ID != f.ID || r.Version != f.Version || !r.Opens {
					t.Errorf("the opening relies on %+v", r)
				}
				w.AdvanceTo(step)
				w.Register, w.Order.Register = register.Filing{}, now
				if step == filing.AwaitConfirmation {
					wantFault(t, w, filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest}, fault.Conflict, tc.want)
					continue
				}
				c = w.Decide(filing.Beian, filing.QueueUpload{FirstID: 1})
				if o := c.Order; o.Step != filing.AwaitConfirmation || o.Status != filing.Returned || o.Bureau != nil || c.QueueUpload || !o.Private.Findings.Has(tc.want) ||
					len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeReturned {
					t.Errorf("at %s with %v, notices %v", o.Step, codesIn(o.Private.Findings), c.Notices)
				}
				if r := c.Reads; r == nil || r.ID != now.ID || r.Version != now.Version {
					t.Errorf("the return relies on %+v", r)
				}
			}
		})
	}
}

// TestCancellationStillRight: a filing that changed otherwise than in what the cancellation ends does not send the order back.
func TestCancellationStillRight(t *testing.T) {
	f := filedWithIDs(t)
	w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: afterPasswords, Register: f}
	w.ContinueWith(filing.Open(cancellation(t, filing.CancelAccess, f, 1), filingtest.Applicant, afterPasswords))
	w.AdvanceTo(filing.AwaitConfirmation)
	w.Register.Version++
	w.Register.Private.Subject.Leader.Email = "new-leader@example.com"
	w.Register.Sites = []register.FiledSite{f.Sites[1], f.Sites[0]}
	w.AdvanceTo(filing.AwaitBureau)
}

// TestOutdatedType: the register has another filing of the subject than the one from which the type was determined. The type is determined again, at the
// confirmation and before the upload, and the applicant confirms once more.
func TestOutdatedType(t *testing.T) {
	imported := register.Filing{ID: "01IMPORTED", Version: 1, Status: register.Filed, Account: "account-2"}
	own := filedEnterprise(t)
	changed := func(change func(*register.Filing)) register.Filing {
		f := own
		f.Version++
		change(&f)
		return f
	}
	first := func(t *testing.T) *filingtest.Walk {
		return filingtest.Open(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	}
	second := func(t *testing.T) *filingtest.Walk {
		w, determine := secondSite(t, own)
		w.Decide(filing.Beian, determine)
		w.Store, w.Register = nil, own
		return w
	}
	for name, tc := range map[string]struct {
		open func(*testing.T) *filingtest.Walk
		now  register.Filing
	}{
		"first filing, filed by another account":  {first, imported},
		"first filing, filed by this account":     {first, own},
		"second site, filing of another account":  {second, changed(func(f *register.Filing) { f.Account = "account-2" })},
		"second site, no site any more":           {second, changed(func(f *register.Filing) { f.Status, f.Sites, f.Private.Sites = register.Shell, nil, nil })},
		"second site, filing cancelled":           {second, register.Filing{}},
		"second site, filed anew by this account": {second, changed(func(f *register.Filing) { f.ID = "03EXAMPLE" })},
	} {
		t.Run(name, func(t *testing.T) {
			for _, step := range []filing.Step{filing.AwaitConfirmation, filing.Transmit} {
				w := tc.open(t)
				w.AdvanceTo(step)
				w.Register, w.Order.Register = register.Filing{}, tc.now
				var c filing.Change
				if step == filing.Transmit {
					c = w.Decide(filing.Beian, filing.QueueUpload{FirstID: 1})
				} else {
					c = w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
				}
				if o := c.Order; o.Step != filing.VerifyType || o.Type != "" || o.Confirmation != nil || o.Bureau != nil || c.QueueUpload || c.Entry.Facts["determined"] != "again" {
					t.Errorf("from %s the order goes to %s as %q", step, o.Step, o.Type)
				}
				if r := c.Reads; r == nil || r.ID != tc.now.ID || r.Version != tc.now.Version || r.SubjectKey != c.Order.SubjectKey {
					t.Errorf("the change relies on %+v", r)
				}
			}
		})
	}
}
