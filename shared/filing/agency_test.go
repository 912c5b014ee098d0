package filing_test

import (
	"errors"
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
)

// TestScopes: each kind of application needs one scope of an agency's consent.
func TestScopes(t *testing.T) {
	want := map[filing.Type]register.Scope{
		filing.First: register.ScopeFile, filing.AddSiteForeign: register.ScopeFile, filing.AddSiteOwn: register.ScopeFile, filing.AddAccess: register.ScopeFile,
		filing.AddAccessForeign: register.ScopeFile, filing.ChangeFiling: register.ScopeChange, filing.SubmitEvidence: register.ScopeChange,
		filing.CancelAccess: register.ScopeCancel, filing.CancelSubject: register.ScopeCancel, filing.CancelSite: register.ScopeCancel,
	}
	for _, k := range filing.Kinds {
		if k.Scope() != want[k.Type] {
			t.Errorf("%s needs %q, want %q", k.Type, k.Scope(), want[k.Type])
		}
	}
}

// agencyOrder opens an order of an agency for a subject that is not filed, and moves it to a step.
func agencyOrder(t *testing.T, step filing.Step) *filingtest.Walk {
	t.Helper()
	app := filingtest.EnterpriseBeijing()
	in := app.OpenInput("01EXAMPLE")
	in.AgentFor = register.ID(in.ID)
	w := &filingtest.Walk{T: t, App: app, At: filingtest.December2019}
	w.ContinueWith(filing.Open(in, filingtest.Applicant, w.At))
	w.AdvanceTo(step)
	return w
}

// TestConsentAtConfirmation: an agency enters a first filing without a consent, and confirms it by one. The entry names it, and the filing belongs to
// no account.
func TestConsentAtConfirmation(t *testing.T) {
	w := agencyOrder(t, filing.AwaitConfirmation)
	confirm := filing.Confirm{Digest: w.Order.Summary().Digest}
	_, err := w.Order.Apply(confirm, filingtest.Applicant, w.At)
	if f := fault.Of(err); f.Kind != fault.Forbidden || !f.Findings.Has(register.CodeConsentMissing) {
		t.Fatalf("without a consent: %v", err)
	}
	by := filingtest.Applicant
	by.Consent, by.For = "01CONSENT", "01EXAMPLE"
	c := w.Decide(by, confirm)
	if got := c.Entry.By; got.Account != by.Account || got.Consent != by.Consent || got.For != by.For {
		t.Errorf("the entry is by %+v", got)
	}
	forged := c.Entry
	forged.By.Consent = "02CONSENT"
	if forged.Sum() == c.Entry.Hash {
		t.Error("the hash of the entry does not cover the consent")
	}
	var filed register.Filing
	w.Store = func(c filing.Change) filing.Order {
		if c.Register != nil {
			filed = c.Register.After
		}
		return c.Order
	}
	w.AdvanceTo(filing.Done)
	if filed.ID != "01EXAMPLE" || filed.Account != "" {
		t.Errorf("the filing %q belongs to %q", filed.ID, filed.Account)
	}
}

// TestSubjectOfConsent: an order by a consent keeps its subject. Before the consent, the agency may correct it.
func TestSubjectOfConsent(t *testing.T) {
	w := agencyOrder(t, filing.VerifyType)
	other := filing.CorrectType{Opening: w.App.Opening, SubjectKey: "key-of-another"}
	by := filingtest.Applicant
	by.Consent = "01CONSENT"
	_, err := w.Order.Apply(other, by, w.At)
	if f := fault.Of(err); f.Kind != fault.Conflict || !f.Findings.Has(register.CodeConsentSubject) {
		t.Errorf("by a consent: %v", err)
	}
	if _, err := w.Order.Apply(other, filingtest.Applicant, w.At); err != nil && !errors.Is(err, filing.ErrNothingToDo) {
		t.Errorf("before the consent: %v", err)
	}
	w.Order.AgentFor = "01FILING"
	if _, err := w.Order.Apply(other, filingtest.Applicant, w.At); !fault.Of(err).Findings.Has(register.CodeConsentSubject) {
		t.Errorf("for a filing: %v", err)
	}
}

// TestAgencyAtFiling: an agency opens orders at the filing that it acts for, and at no other.
func TestAgencyAtFiling(t *testing.T) {
	f := register.Filing{ID: "01FILING", Version: 1, Account: "owner", Status: register.Filed}
	for agentFor, refused := range map[register.ID]bool{"": true, "02FILING": true, "01FILING": false} {
		in := filingtest.EnterpriseBeijing().OpenInput("01EXAMPLE")
		in.AgentFor, in.At = agentFor, &filing.AtFilingInput{Type: filing.ChangeFiling, Filing: f}
		_, err := filing.Open(in, filingtest.Applicant, filingtest.December2019)
		if got := err != nil && fault.Of(err).Findings.Has(filing.CodeFilingForeign); got != refused {
			t.Errorf("for %q: %v", agentFor, err)
		}
	}
}

// TestLeaderOfConsent: an agency's change keeps the subject leader and the leader's mobile, which gives and revokes consents. The subject's own account
// may change both.
func TestLeaderOfConsent(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseBeijing(), filingtest.December2019)
	w := filingtest.OpenChange(t, f, filingtest.December2019)
	own := w.Order.AgentFor
	for name, c := range map[string]struct {
		change func(*filing.Leader)
		want   []string
	}{
		"another mobile": {func(l *filing.Leader) { l.Mobile = "19900000008" }, []string{"consent-leader-fixed /subject/leader/mobile"}},
		"another person": {func(l *filing.Leader) { *l = clerk(f) }, []string{"consent-leader-fixed /subject/leader", "consent-leader-fixed /subject/leader/mobile"}},
		"another email":  {func(l *filing.Leader) { l.Email = "clerk@example.com" }, nil},
	} {
		subject, sites := editable(f)
		c.change(&subject.Leader)
		w.Order.AgentFor = f.ID
		if got := refusedChange(w, subject, sites); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		w.Order.AgentFor = own
		if got := refusedChange(w, subject, sites); len(got) > 0 {
			t.Errorf("%s by the owner: %q", name, got)
		}
	}
}
