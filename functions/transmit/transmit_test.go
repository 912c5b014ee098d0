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

// TestTypeHasChanged: an order whose type has changed goes back to the reviewer.
func TestTypeHasChanged(t *testing.T) {
	w := provisional(t)
	w.ApplyScenario(steptest.DomainOfOther)
	handle(w)
	if got := w.Order(); got.Step != filing.InitialReview || !got.Private.Findings.Has(filing.CodeDomainOfOther) || uploads(w) != 0 {
		t.Errorf("at %s with %d uploads", got.Step, uploads(w))
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
