package transmit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"beian/functions/initialreview"
	"beian/functions/transmit"
	"beian/infra/local/steptest"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/person"
)

func handle(w *steptest.Fixture) {
	w.T.Helper()
	if _, err := (transmit.Handler{Decisions: w.Service, Facts: w.Facts, Domains: w.Domains, IDs: w.Store}).Handle(w.T.Context(), w.Input()); err != nil {
		w.T.Fatal(err)
	}
}

// uploads counts the records in the upload queue.
func uploads(w *steptest.Fixture) int {
	w.T.Helper()
	entries, err := w.Store.Outbox(w.T.Context(), decide.UploadRecord, 10)
	if err != nil {
		w.T.Fatal(err)
	}
	return len(entries)
}

// TestUploadIsQueuedOnce: a second call has no effect.
func TestUploadIsQueuedOnce(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.Transmit)
	handle(w)
	handle(w)
	if got := w.Order(); got.Step != filing.AwaitBureau || uploads(w) != 1 || w.Decisions()["queue-upload"] != 1 {
		t.Errorf("at %s with %d uploads; decisions %v", got.Step, uploads(w), w.Decisions())
	}
}

// provisional returns an order with a provisional type at Transmit.
func provisional(t *testing.T) *steptest.Fixture {
	w := steptest.New(t)
	w.At(filing.VerifyType)
	w.Do(filing.Beian, filing.DetermineType{Facts: w.Walk.Facts(filing.Facts{}), Provisional: true})
	w.At(filing.Transmit)
	return w
}

// TestTypeHasChanged: the type of an order that is of another one is determined again, and the applicant confirms it once more.
func TestTypeHasChanged(t *testing.T) {
	w := provisional(t)
	w.ApplyScenario(steptest.DomainOfOther)
	handle(w)
	if got := w.Order(); got.Step != filing.VerifyType || got.Status != filing.Returned || got.Type != "" || uploads(w) != 0 {
		t.Errorf("at %s, %s, with %d uploads", got.Step, got.Status, uploads(w))
	}
}

// TestBureauDoesNotAnswer: the upload is queued although the bureau does not answer.
func TestBureauDoesNotAnswer(t *testing.T) {
	w := provisional(t)
	w.ApplyScenario(simulator.Scenario{Unavailable: 2})
	handle(w)
	if got := w.Order(); got.Step != filing.AwaitBureau || uploads(w) != 1 {
		t.Errorf("at %s with %d uploads", got.Step, uploads(w))
	}
}

// withPassword returns an order for a site that is filed elsewhere, at Transmit, whose applicant entered a filing password.
func withPassword(t *testing.T, entered filing.FilingPassword) *steptest.Fixture {
	t.Helper()
	w := steptest.New(t)
	o := w.At(filing.VerifyType)
	w.ApplyScenario(simulator.Scenario{Filed: []simulator.Seed{{Name: "样例有限公司", Nature: 4, CertificateKind: 1, CertificateNumber: o.Private.Subject.Certificate.Number.Reveal(),
		Division: 110101, Number: "京ICP备2015000009号", Password: "Beian@2016", Sites: []simulator.SeedSite{{Name: "样例旧站", Domains: []string{string(o.Domains[0])}}}}}})
	w.Do(filing.Beian, filing.DetermineType{DomainFacts: w.Walk.DomainFacts(), Facts: w.Walk.Facts(filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true,
		SubjectNumber: "京ICP备2015000009号", SiteNumber: "京ICP备2015000009号-1"})})
	w.At(filing.VerifyProduct)
	w.Do(filingtest.Applicant, filing.EnterFilingPassword{Password: entered})
	w.At(filing.Transmit)
	return w
}

// TestFilingPasswordIsChecked: the bureau checks the filing password before the upload. A right one is replaced by its hash, a wrong one and one that was
// checked too often go back to the applicant, and without an answer the application is sent with it (icp-filing 2.3).
func TestFilingPasswordIsChecked(t *testing.T) {
	w := withPassword(t, "Beian@2016")
	handle(w)
	if o := w.Order(); o.Step != filing.AwaitBureau || o.Private.FilingPassword != "" || o.Private.Filed.FilingPassword != "83ce88bb4befee39468ca895ef847712" || uploads(w) != 1 {
		t.Errorf("right: at %s with %d uploads", o.Step, uploads(w))
	}
	w = withPassword(t, "Beian@2015")
	handle(w)
	handle(w)
	if o := w.Order(); o.Step != filing.AwaitConfirmation || !o.Private.Findings.Has(filing.CodePasswordWrong) || uploads(w) != 0 || w.Decisions()["check-filing-password"] != 1 {
		t.Errorf("wrong: at %s with %d uploads", o.Step, uploads(w))
	}
	w = withPassword(t, "Beian@2015")
	for range 20 { // more often than the bureau allows
		if _, _, err := w.Facts.CheckPassword(t.Context(), w.Order()); err != nil {
			t.Fatal(err)
		}
	}
	handle(w)
	if o := w.Order(); o.Step != filing.AwaitConfirmation || !o.Private.Findings.Has(filing.CodePasswordLocked) || uploads(w) != 0 {
		t.Errorf("too often: at %s with %d uploads", o.Step, uploads(w))
	}
	w = withPassword(t, "Beian@2016")
	w.ApplyScenario(simulator.Scenario{Unavailable: 1})
	handle(w)
	if o := w.Order(); o.Step != filing.AwaitBureau || o.Private.FilingPassword != "Beian@2016" || uploads(w) != 1 {
		t.Errorf("no answer: at %s with %d uploads", o.Step, uploads(w))
	}
}

// registrations answers about every domain with the same facts.
type registrations struct {
	facts func(domainfacts.Query) domainfacts.Facts
	err   error
}

func (r registrations) Registration(_ context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	if r.err != nil {
		return domainfacts.Facts{}, r.err
	}
	return r.facts(q), nil
}

// heldBy returns facts without findings but the holder.
func heldBy(w *steptest.Fixture, holder person.Name) domainfacts.Facts {
	at := w.Clock.Now()
	return domainfacts.Facts{
		Source: domainfacts.Registrar, Registered: domainfacts.Yes, Registrar: "阿里云计算有限公司", ExpiresAt: at.AddDate(2, 0, 0), Holder: holder,
		Verified: domainfacts.Yes, VerifiedAt: at.AddDate(-1, 0, 0),
	}
}

// TestDomainWasSold: a domain that got another holder while the order waited is not uploaded. The order goes back to the applicant once, with
// the finding at the domain, and continues when the holder is right again.
func TestDomainWasSold(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.Transmit)
	w.Clock.Advance(25 * time.Hour)
	w.Domains.Registrations = registrations{facts: func(domainfacts.Query) domainfacts.Facts { return heldBy(w, "另一家示例有限公司") }}
	handle(w)
	handle(w)
	got := w.Order()
	if got.Step != filing.CollectDetails || got.Status != filing.Returned || uploads(w) != 0 || w.Decisions()["check-domains"] != 1 ||
		w.Notices()[filing.NoticeReturned] != 1 {
		t.Fatalf("%s at %s with %d uploads, decisions %v", got.Status, got.Step, uploads(w), w.Decisions())
	}
	if found := got.Private.Findings; len(found) != 1 || found[0].Code != domainfacts.CodeHolderDiffers || found[0].Pointer != "/sites/0/domains/0" {
		t.Errorf("findings %v", found)
	}
	w.Domains.Registrations = registrations{facts: func(q domainfacts.Query) domainfacts.Facts { return heldBy(w, q.Subject) }}
	w.Walk.Order = got
	if order := w.At(filing.InitialReview); !order.DomainFactsOutdated(w.Clock.Now()) {
		t.Error("the domain that blocked the order is not looked up again before the review")
	}
	if _, err := (initialreview.Handler{Decisions: w.Service, Domains: w.Domains}).Handle(t.Context(), w.Input()); err != nil {
		t.Fatal(err)
	}
	w.Walk.Order = w.Order()
	w.At(filing.Transmit)
	handle(w)
	if got := w.Order(); got.Step != filing.AwaitBureau || uploads(w) != 1 {
		t.Errorf("at %s with %d uploads", got.Step, uploads(w))
	}
}

// TestDomainSourceDown: the upload is queued although no source answers about the domain.
func TestDomainSourceDown(t *testing.T) {
	w := steptest.New(t)
	w.At(filing.Transmit)
	w.Clock.Advance(25 * time.Hour)
	w.Domains.Registrations = registrations{err: errors.New("down")}
	handle(w)
	if got := w.Order(); got.Step != filing.AwaitBureau || uploads(w) != 1 {
		t.Errorf("at %s with %d uploads", got.Step, uploads(w))
	}
}
