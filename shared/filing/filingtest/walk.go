package filingtest

import (
	"fmt"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/evidence"
	"beian/shared/rules/liveness"
	"beian/shared/rules/number"
)

// Actors of the decisions.
var (
	Applicant = filing.Actor{Account: "account-1", Role: filing.Applicant}
	Reviewer  = filing.Actor{Account: "reviewer-1", Role: filing.Reviewer}
)

// December2019 is a time at which the rules of December 2019 (S18) are in force: nine in the morning of 2019-12-26 in Shanghai.
var December2019 = time.Date(2019, 12, 26, 1, 0, 0, 0, time.UTC)

// A Walk moves one order through its steps.
type Walk struct {
	T     testing.TB
	Order filing.Order
	App   Application
	At    time.Time
	// Register is the filing that decisions read, if its version is not 0.
	Register register.Filing
	// Store stores a change and returns the order to continue with; nil continues with the order of the change.
	Store func(filing.Change) filing.Order
}

// OpenInput returns the input that opens an order for the application.
func (a Application) OpenInput(id filing.ID) filing.OpenInput {
	return filing.OpenInput{ID: id, Account: Applicant.Account, Language: "zh-CN", Contact: a.Contact, Verified: a.Contact, Opening: a.Opening,
		SubjectKey: "key-of-" + string(id), DigestKey: "digest-key-of-" + string(id)}
}

// Open opens an order.
func Open(t testing.TB, app Application, at time.Time) *Walk {
	t.Helper()
	w := &Walk{T: t, App: app, At: at}
	w.ContinueWith(filing.Open(app.OpenInput("01EXAMPLE"), Applicant, at))
	return w
}

// OpenAt opens an order and moves it to a step.
func OpenAt(t testing.TB, app Application, at time.Time, step filing.Step) *Walk {
	t.Helper()
	w := Open(t, app, at)
	w.AdvanceTo(step)
	return w
}

// ContinueWith makes the order of a change the order of the walk. It fails the test if err is not nil.
func (w *Walk) ContinueWith(c filing.Change, err error) filing.Change {
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

// Decide applies a decision to the order. It fails the test if the decision is refused.
func (w *Walk) Decide(by filing.Actor, d filing.Decision) filing.Change {
	w.T.Helper()
	o := w.Order
	if w.Register.Version > 0 {
		o.Register = w.Register
	}
	c, err := o.Apply(d, by, w.At)
	if err != nil {
		w.T.Fatalf("%s: %v", d.Name(), err)
	}
	return w.ContinueWith(c, nil)
}

// AdvanceTo makes the decisions that lead to a later step. The reviewer requires an original by mail only if the step is
// MailDocuments.
func (w *Walk) AdvanceTo(step filing.Step) {
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
		w.Decide(filing.Beian, filing.DetermineType{Facts: w.Facts(filing.Facts{}), DomainFacts: w.DomainFacts()})
	case filing.VerifyProduct:
		w.Decide(Applicant, filing.ChooseProduct{Product: Product()})
		w.enterPassword()
	case filing.CollectDetails:
		w.Decide(Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
	case filing.CollectEvidence:
		w.Decide(Applicant, filing.AcceptEvidence{Accepted: w.RequiredEvidence()})
	case filing.VerifyAuthenticity:
		for _, i := range w.Order.SitesForLiveness() {
			w.PassLiveness(i)
		}
	case filing.AwaitConfirmation:
		w.enterPassword()
		w.Decide(Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	case filing.InitialReview:
		w.Decide(Reviewer, filing.ClaimOrder{})
		pass := filing.Pass{}
		if goal == filing.MailDocuments {
			pass.Documents = []evidence.Slot{evidence.SiteSlot(0, evidence.VerificationForm)}
		}
		w.Decide(Reviewer, pass)
	case filing.MailDocuments:
		w.Decide(Applicant, filing.SendPapers{Courier: "示例快递", Tracking: "EX0001"})
		w.Decide(Reviewer, filing.ClaimOrder{})
		w.Decide(Reviewer, filing.ReceivePapers{})
	case filing.VerifySMS:
		if w.Order.SMS == nil {
			w.Decide(filing.Beian, filing.IssueCodes{NewCode: SequentialCodes()})
		}
		for _, sent := range w.Order.Private.Codes {
			w.Decide(Applicant, filing.AnswerSMS{Mobile: sent.Mobile, Code: sent.Code, CertificateTail: sent.CertificateTail})
		}
	default:
		w.advanceAtBureau()
	}
}

// enterPassword enters the filing password if the order requires one.
func (w *Walk) enterPassword() {
	w.T.Helper()
	if len(w.Order.PasswordFindings(w.At)) > 0 {
		w.Decide(Applicant, filing.EnterFilingPassword{Password: "Beian@2016"})
	}
}

func (w *Walk) advanceAtBureau() {
	w.T.Helper()
	switch w.Order.Step {
	case filing.Transmit:
		if w.Order.ConsoleOnly() {
			w.Decide(filing.Beian, filing.QueueUpload{ByHand: true})
			break
		}
		w.Decide(filing.Beian, filing.QueueUpload{FirstID: 1})
	case filing.AwaitBureau:
		w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
		w.Decide(filing.TheBureau, w.Approval())
	case filing.Announce:
		w.Decide(filing.Beian, filing.AnnounceResult{})
	case filing.FollowUp:
		w.Decide(filing.Beian, filing.SetDuties{})
	}
}

// Facts returns the same facts for each of the order's domains.
func (w *Walk) Facts(f filing.Facts) map[filing.Domain]filing.Facts {
	facts := map[filing.Domain]filing.Facts{}
	for _, d := range w.Order.LookupDomains() {
		facts[d] = f
	}
	return facts
}

// DomainFacts returns facts without findings about each of the order's domains: the subject holds it.
func (w *Walk) DomainFacts() map[filing.Domain]domainfacts.Facts {
	facts := map[filing.Domain]domainfacts.Facts{}
	for _, d := range w.Order.Domains {
		facts[d] = domainfacts.Facts{
			Source: domainfacts.Simulator, AskedAt: w.At, Registered: domainfacts.Yes, Registrar: "阿里云计算有限公司",
			RegisteredAt: w.At.AddDate(-2, 0, 0), ExpiresAt: w.At.AddDate(2, 0, 0),
			Holder: w.Order.Private.Subject.Name, SameCertificate: domainfacts.Yes,
			Verified: domainfacts.Yes, VerifiedAt: w.At.AddDate(-1, 0, 0), Page: domainfacts.No,
		}
	}
	return facts
}

// RequiredEvidence returns an upload for each document that the order requires.
func (w *Walk) RequiredEvidence() map[evidence.Slot]filing.Evidence {
	uploads := map[evidence.Slot]filing.Evidence{}
	for _, r := range w.Order.EvidenceRequirements(w.At) {
		if r.Level == evidence.Required {
			uploads[r.Slot] = Evidence(r.Slot)
		}
	}
	return uploads
}

// Evidence returns an uploaded document.
func Evidence(slot evidence.Slot) filing.Evidence {
	return filing.Evidence{Key: evidence.Key("original/" + slot), SHA256: "00", Size: 1024,
		ContentType: "image/jpeg", AcceptedAt: December2019}
}

// PassLiveness passes the liveness check of a site's leader.
func (w *Walk) PassLiveness(site int) {
	w.T.Helper()
	challenge := w.IssueChallenge(site)
	w.Decide(Applicant, filing.AnswerChallenge{ID: challenge.ID, Passed: true, Score: 99, Provider: "test", Simulated: true})
}

// IssueChallenge issues a liveness challenge for a site's leader.
func (w *Walk) IssueChallenge(site int) liveness.Challenge {
	w.T.Helper()
	challenge := liveness.Challenge{
		ID: fmt.Sprintf("challenge-%d", len(w.Order.Challenges)), Order: string(w.Order.ID), SiteIndex: site,
		Leader: w.Order.LeaderReference(site), IssuedAt: w.At, ExpiresAt: w.At.Add(liveness.Lifetime),
	}
	w.Decide(Applicant, filing.IssueChallenge{Challenge: challenge})
	return challenge
}

// SequentialCodes returns a function that returns the codes 100001, 100002 and so on.
func SequentialCodes() func() string {
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
		approve.Sites = append(approve.Sites, filing.FiledSite{Site: i, ID: fmt.Sprint(10 + i), Number: number.Filing{Subject: subject, Running: i + 1, Service: w.Order.ServiceOf(i)}})
	}
	return approve
}
