package filing_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
)

// TestCodeWithoutCertificate: where the filing has no certificate number of the leader, the code alone is the answer.
func TestCodeWithoutCertificate(t *testing.T) {
	f := filedWithIDs(t)
	f.Private.Subject.Leader.Certificate = register.IdentityDocument{}
	w := &filingtest.Walk{T: t, App: filingtest.EnterpriseBeijing(), At: afterPasswords}
	w.Store = func(c filing.Change) filing.Order { c.Order.Register = f; return c.Order }
	w.ContinueWith(filing.Open(cancellation(t, filing.CancelSubject, f), filingtest.Applicant, w.At))
	w.AdvanceTo(filing.VerifySMS)
	w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	answer := correctAnswer(w, 0)
	wrong := answer
	wrong.Code = "000000"
	w.Decide(filingtest.Applicant, wrong)
	if !w.Order.Private.Findings.Has(filing.CodeSMSWrong) {
		t.Errorf("a wrong code: %v", codesIn(w.Order.Private.Findings))
	}
	w.Decide(filingtest.Applicant, answer)
	if w.Order.Step != filing.Transmit {
		t.Errorf("the order is at %s", w.Order.Step)
	}
}

// TestLeaderWithoutMobile: an order that takes the leader from the filing is refused where the code could not be sent, and only there.
func TestLeaderWithoutMobile(t *testing.T) {
	for name, c := range map[string]struct {
		kind  filing.Type
		at    time.Time
		sites []int
		want  bool
	}{
		"the subject":           {filing.CancelSubject, afterPasswords, nil, true},
		"a site":                {filing.CancelSite, afterPasswords, []int{0}, true},
		"the other site":        {filing.CancelSite, afterPasswords, []int{1}, false},
		"before codes":          {filing.CancelSubject, filingtest.December2019, nil, false},
		"an access has no code": {filing.CancelAccess, afterPasswords, []int{0}, false},
	} {
		f := filedWithIDs(t)
		f.Private.Sites = slices.Clone(f.Private.Sites)
		f.Private.Subject.Leader.Mobile, f.Private.Sites[0].Leader.Mobile = "", ""
		_, err := filing.Open(cancellation(t, c.kind, f, c.sites...), filingtest.Applicant, c.at)
		if got := fault.Of(err).Findings.Has(filing.CodeLeaderUnreachable); got != c.want || !c.want && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCanBegin: what the filing alone refuses cannot begin.
func TestCanBegin(t *testing.T) {
	all := []filing.Type{filing.AddSiteOwn, filing.AddAccess, filing.ChangeFiling, filing.CancelAccess, filing.CancelSubject, filing.CancelSite, filing.SubmitEvidence}
	for name, c := range map[string]struct {
		change func(*register.Filing)
		only   filing.OnlyAccess
		not    []filing.Type
	}{
		"hosted by us": {func(*register.Filing) {}, "", nil},
		"no access is known": {func(f *register.Filing) { f.Sites[0].Accesses, f.Sites[1].Accesses = nil, nil }, "",
			[]filing.Type{filing.ChangeFiling, filing.CancelAccess, filing.CancelSubject, filing.CancelSite, filing.SubmitEvidence}},
		"one shell": {func(f *register.Filing) { f.Sites[1].Accesses = nil }, "", []filing.Type{filing.ChangeFiling}},
		"the only access": {func(f *register.Filing) { f.Sites = f.Sites[:1] }, filing.RefuseOnlyAccess,
			[]filing.Type{filing.CancelAccess}},
		"no site": {func(f *register.Filing) { f.Sites, f.Status = nil, register.Shell }, "",
			[]filing.Type{filing.ChangeFiling, filing.CancelAccess, filing.CancelSubject, filing.CancelSite, filing.SubmitEvidence}},
		"cancelled": {func(f *register.Filing) { f.Status = register.Cancelled }, "", all},
	} {
		f := filedWithIDs(t)
		f.Sites = slices.Clone(f.Sites)
		c.change(&f)
		for _, k := range filing.Kinds {
			if !slices.Contains(all, k.Type) {
				continue
			}
			if got := filing.CanBegin(k, f, c.only, afterPasswords); got == slices.Contains(c.not, k.Type) {
				t.Errorf("%s: %s can begin: %t", name, k.Type, got)
			}
		}
	}
}

// TestSiteOfIndividual: the site of an individual that an import describes without a leader has the individual's mobile too.
func TestSiteOfIndividual(t *testing.T) {
	f := filingtest.Filed(t, filingtest.IndividualZhejiang(), filingtest.December2019)
	f.Private.Sites[0].Leader = filing.Leader{}
	if got := filing.NormalizeFiled(f).Private.Sites[0].Leader; got.Mobile == "" || got.Certificate.Number == "" {
		t.Error("the site's leader lacks mobile or certificate")
	}
}
