package filingtest

import (
	"fmt"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/liveness"
	"beian/shared/rules/number"
)

// Actors of a walk.
var (
	Applicant = filing.Actor{Account: "account-1", Role: filing.Applicant}
	Reviewer  = filing.Actor{Account: "reviewer-1", Role: filing.Reviewer}
)

// Christmas is a moment at which the rules of December 2019 (S18) hold: nine in the morning of 2019-12-26 in Shanghai.
var Christmas = time.Date(2019, 12, 26, 1, 0, 0, 0, time.UTC)

// A Walk takes one order through its steps.
type Walk struct {
	T     testing.TB
	Order filing.Order
	App   Application
	At    time.Time
	// Store stores a change and returns the order to continue with; nil continues with the order of the change.
	Store func(filing.Change) filing.Order
}

// New returns the input that opens an order for the application.
func (a Application) New(id filing.ID) filing.New {
	return filing.New{ID: id, Account: Applicant.Account, Language: "zh-CN", Contact: a.Contact, Opening: a.Opening,
		SubjectKey: "key-of-" + string(id), DigestKey: "digest-key-of-" + string(id)}
}

// Open opens an order.
func Open(t testing.TB, app Application, at time.Time) *Walk {
	t.Helper()
	w := &Walk{T: t, App: app, At: at}
	w.Take(filing.Open(app.New("01EXAMPLE"), Applicant, at))
	return w
}

// To opens an order and walks it to a step.
func To(t testing.TB, app Application, at time.Time, step filing.Step) *Walk {
	t.Helper()
	w := Open(t, app, at)
	w.To(step)
	return w
}

// Take continues with the order of a change; an error ends the test.
func (w *Walk) Take(c filing.Change, err error) filing.Change {
	w.T.Helper()
	if err != nil {
		w.T.Fatalf("at %s: %v", w.Order.Step, err)
	}
	w.Order = c.Order
	if w.Store != nil {
		w.Order = w.Store(c)
	}
	return c
}

// Do makes a decision; a refusal ends the test.
func (w *Walk) Do(by filing.Actor, d filing.Decision) filing.Change {
	w.T.Helper()
	c, err := w.Order.Apply(d, by, w.At)
	if err != nil {
		w.T.Fatalf("%s: %v", d.Name(), err)
	}
	return w.Take(c, nil)
}

// To walks the usual way to a later step. The reviewer asks for the verification form by mail only when MailDocuments
// is where to go.
func (w *Walk) To(step filing.Step) {
	w.T.Helper()
	for w.Order.Step != step {
		before := w.Order
		w.advance(step)
		if w.Order.Step == before.Step {
			w.T.Fatalf("the order stays at %s", before.Step)
		}
	}
}

// advance moves the order to the next step.
func (w *Walk) advance(goal filing.Step) {
	w.T.Helper()
	switch w.Order.Step {
	case filing.VerifyType:
		w.Do(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{})})
	case filing.VerifyProduct:
		w.Do(Applicant, filing.ChooseProduct{Product: Product()})
	case filing.CollectDetails:
		w.Do(Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	case filing.CollectEvidence:
		w.Do(Applicant, filing.AcceptEvidence{Papers: w.Papers()})
	case filing.VerifyAuthenticity:
		for i := range w.Order.Private.Sites {
			w.Prove(i)
		}
	case filing.AwaitConfirmation:
		w.Do(Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	case filing.InitialReview:
		w.Do(Reviewer, filing.TakeClaim{})
		pass := filing.Pass{}
		if goal == filing.MailDocuments {
			pass.Documents = []evidence.Slot{evidence.SiteSlot(0, evidence.VerificationForm)}
		}
		w.Do(Reviewer, pass)
	case filing.MailDocuments:
		w.Do(Applicant, filing.SendPapers{Courier: "示例快递", Tracking: "EX0001"})
		w.Do(Reviewer, filing.TakeClaim{})
		w.Do(Reviewer, filing.ReceivePapers{})
	case filing.VerifySMS:
		if w.Order.SMS == nil {
			w.Do(filing.Beian, filing.IssueCodes{Draw: Draw()})
		}
		for _, sent := range w.Order.Private.Codes {
			w.Do(Applicant, filing.AnswerSMS{Mobile: sent.Mobile, Code: sent.Code, Tail: sent.Tail})
		}
	default:
		w.bureau()
	}
}

func (w *Walk) bureau() {
	w.T.Helper()
	switch w.Order.Step {
	case filing.Transmit:
		w.Do(filing.Beian, filing.QueueUpload{FirstID: 1})
	case filing.AwaitBureau:
		w.Do(filing.TheBureau, filing.Receive{Sequence: 1})
		w.Do(filing.TheBureau, w.Approval())
	case filing.Announce:
		w.Do(filing.Beian, filing.AnnounceResult{})
	case filing.FollowUp:
		w.Do(filing.Beian, filing.SetDuties{})
	}
}

// Facts returns the same facts for each of the order's domains.
func (w *Walk) Facts(f filing.Facts) map[filing.Domain]filing.Facts {
	facts := map[filing.Domain]filing.Facts{}
	for _, d := range w.Order.Domains {
		facts[d] = f
	}
	return facts
}

// Papers returns all papers that the order requires.
func (w *Walk) Papers() map[evidence.Slot]filing.Evidence {
	papers := map[evidence.Slot]filing.Evidence{}
	for _, r := range w.Order.Owed(w.At) {
		if r.Level == evidence.Required {
			papers[r.Slot] = Paper(r.Slot)
		}
	}
	return papers
}

// Paper returns an uploaded paper.
func Paper(slot evidence.Slot) filing.Evidence {
	return filing.Evidence{Key: evidence.Key("original/" + slot), SHA256: "00", Size: 1024,
		ContentType: "image/jpeg", AcceptedAt: Christmas}
}

// Prove passes the liveness check of a site's leader.
func (w *Walk) Prove(site int) {
	w.T.Helper()
	challenge := w.Challenge(site)
	w.Do(Applicant, filing.AnswerChallenge{ID: challenge.ID, Passed: true, Score: 99, Provider: "test", Simulated: true})
}

// Challenge issues a liveness check.
func (w *Walk) Challenge(site int) liveness.Challenge {
	w.T.Helper()
	challenge := liveness.Challenge{
		ID: fmt.Sprintf("challenge-%d", len(w.Order.Challenges)), Order: string(w.Order.ID), SiteIndex: site,
		Leader: w.Order.LeaderReference(site), IssuedAt: w.At, ExpiresAt: w.At.Add(liveness.Lifetime),
	}
	w.Do(Applicant, filing.IssueChallenge{Challenge: challenge})
	return challenge
}

// Draw draws the codes 100001, 100002 and so on.
func Draw() func() string {
	next := 100000
	return func() string { next++; return fmt.Sprint(next) }
}

// Approval returns the bureau's approval of the subject and all its sites.
func (w *Walk) Approval() filing.Approve {
	w.T.Helper()
	p := w.Order.Province.Province()
	subject, err := number.ParseSubject(p.Abbreviation + "ICP备2019000001号")
	if err != nil {
		w.T.Fatal(err)
	}
	approve := filing.Approve{Record: w.Order.Bureau.Record, SubjectID: "1", SubjectNumber: subject}
	for i := range w.Order.Private.Sites {
		approve.Sites = append(approve.Sites, filing.FiledSite{Site: i, ID: fmt.Sprint(10 + i), Number: number.Filing{Subject: subject, Running: i + 1}})
	}
	return approve
}
