package journeys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

func (j *journey) domain() string {
	if read, ok := j.app.Details.Sites[0]["domains"].([]any); ok { // of an order, as the API answers it
		return read[0].(string)
	}
	domains, _ := j.app.Details.Sites[0]["domains"].([]string)
	return domains[0]
}

// nextBureauAction configures the simulator's decision about the application's next record.
func (j *journey) nextBureauAction(then simulator.Action) {
	j.t.Helper()
	j.must(sys.Bureau.Apply(simulator.Scenario{Rules: []simulator.Rule{{Match: simulator.Match{Domain: j.domain()}, Times: 1, Then: then}}}))
}

func (j *journey) silenceBureau() { j.t.Helper(); j.nextBureauAction(simulator.Action{Silent: true}) }
func (j *journey) refuseByBureau() {
	j.t.Helper()
	j.nextBureauAction(simulator.Action{Decision: simulator.Refuse})
}

// releaseBureau makes the bureau decide about the record on which it was silent.
func (j *journey) releaseBureau() {
	j.t.Helper()
	j.must(sys.Bureau.Apply(simulator.Scenario{Release: []simulator.Match{{Domain: j.domain()}}}))
}

var noticesToBureau = []filing.NoticeKind{filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted}

// TestRefusedThenApproved checks the message about a refusal, and that the corrected application is approved in a second round (S19).
func TestRefusedThenApproved(t *testing.T) {
	j := journeyAt(t, 400, filing.VerifySMS)
	ctx := t.Context()
	j.nextBureauAction(simulator.Action{Decision: simulator.Refuse, Codes: []int64{1003, 1055}, Opinion: "网站负责人电话无人接听"})
	j.replySMS()
	o := j.awaitStep(filing.Done, filing.BureauRejected)
	if !slices.Equal(o.Bureau.Codes, []int{1003, 1055}) || o.Bureau.Opinion != "网站负责人电话无人接听" || o.Next.Who != "applicant" {
		t.Errorf("bureau %+v, next %+v", o.Bureau, o.Next)
	}
	mails := j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeRefused)...)
	for _, f := range o.Findings {
		if text := mails[len(mails)-1].Text; !strings.Contains(text, f.Message.Chinese) || !strings.Contains(text, "网站负责人电话无人接听") {
			t.Errorf("the email lacks the reason:\n%s", text)
		}
	}
	j.wantPath(1, toReview, bySMS, toEnd)
	wantProblem(t, j.applicant.Confirm(ctx, j.id), 409, "step-out-of-order ")
	j.must(j.applicant.Resubmit(ctx, j.id))
	wantProblem(t, j.applicant.Resubmit(ctx, j.id), 409, "step-out-of-order ")
	o = j.order()
	if o.Round != 2 || o.Status != filing.Returned {
		t.Fatalf("after resubmission: round %d, %s", o.Round, o.Status)
	}
	again := o.Step
	j.correctAll(again)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) == 2, nil }))
	j.replySMS()
	j.awaitApproved()
	j.wantPath(2, []string{"Step"}, statesFrom(again), bySMS, toEnd)
	j.wantPath(1, toReview, bySMS, toEnd)
	l, err := reviewer.Ledger(ctx, j.id)
	j.must(err)
	if d := l.Decisions(); !l.Verified || !slices.Contains(d, "refuse") || !slices.Contains(d, "resubmit") || d[len(d)-1] != "set-duties" {
		t.Errorf("ledger %v", d)
	}
}

// correctAll enters everything again that the order requires from a step on.
func (j *journey) correctAll(step filing.Step) {
	j.t.Helper()
	ctx := j.t.Context()
	if step == filing.VerifyProduct {
		j.must(j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID))
	}
	if o := j.order(); o.Step == filing.CollectDetails {
		j.app.Details.Sites[0]["name"] = "木作札记"
		j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	}
	if o := j.order(); o.Step == filing.CollectEvidence {
		j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("again", 5)))
	}
	if o := j.order(); o.Step == filing.VerifyAuthenticity {
		j.must(j.applicant.PassLiveness(ctx, j.id, 0))
	}
}

// TestRefusedThenAbandoned checks that a refused application can be abandoned.
func TestRefusedThenAbandoned(t *testing.T) {
	j := journeyAt(t, 401, filing.VerifySMS)
	j.nextBureauAction(simulator.Action{Decision: simulator.Refuse})
	j.replySMS()
	j.awaitStep(filing.Done, filing.BureauRejected)
	notices := append(slices.Clone(noticesToBureau), filing.NoticeRefused)
	j.wantNotices(notices...)
	j.must(j.applicant.Abandon(t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
	j.wantNotices(append(notices, filing.NoticeAbandoned)...)
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantPath(2, []string{"Step", "Abandon", "Closed"})
	j.wantLedger(opened, collected, reviewed, answered, transmitted, []string{"refuse", "announce", "ask-abandon", "close"})
	j.wantReleased()
}

// TestBureauOverdue checks that a missing answer is recorded as overdue after the deadline, and that a late answer counts. The
// execution checks every 30 days, so it detects a deadline after a long holiday at the next check.
func TestBureauOverdue(t *testing.T) {
	j := journeyAt(t, 402, filing.VerifySMS)
	j.silenceBureau()
	j.replySMS()
	j.awaitStep(filing.AwaitBureau, filing.BureauReview)
	looked := slices.Concat(toReview, bySMS, toBureau)
	for range 2 {
		sys.Clock.Advance(31 * 24 * time.Hour)
		looked = append(looked, "Expire", "Step", "AwaitBureau")
		j.wantPath(1, looked)
		if j.order().Bureau.Overdue {
			break
		}
	}
	if !j.order().Bureau.Overdue {
		t.Fatal("after two months it is not overdue")
	}
	j.releaseBureau()
	if o := j.awaitApproved(); o.Bureau.Overdue {
		t.Error("still overdue after the answer")
	}
	j.wantPath(1, looked, []string{"Announce", "FollowUp"})
	j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)
	j.wantLedger(opened, collected, reviewed, answered, transmitted, []string{"timeout"}, filed)
}

// TestBureauUnusualAnswers checks that repeated, lost, late and damaged answers have one effect.
func TestBureauUnusualAnswers(t *testing.T) {
	for i, tc := range []struct {
		name string
		then simulator.Action
		with simulator.Scenario
	}{
		{"twice", simulator.Action{Twice: true}, simulator.Scenario{}},
		{"an upload's answer is lost", simulator.Action{}, simulator.Scenario{LostAnswers: 1}},
		{"not for a while", simulator.Action{}, simulator.Scenario{Unavailable: 3}},
		{"damaged", simulator.Action{}, simulator.Scenario{Corrupt: 1}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := journeyAt(t, 410+i, filing.VerifySMS)
			j.nextBureauAction(tc.then)
			j.must(sys.Bureau.Apply(tc.with))
			j.replySMS()
			j.awaitApproved()
			j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)
			j.wantPath(1, toReview, bySMS, toEnd)
			j.wantLedger(opened, collected, reviewed, answered, transmitted, filed)
		})
	}
}

// TestTypeRechecked checks that the type is determined again before transmission if the bureau was unavailable at first. If
// the subject was filed elsewhere meanwhile, the application becomes one for a new site, and the applicant confirms it once more.
func TestTypeRechecked(t *testing.T) {
	off, on := false, true
	for i, filedMeanwhile := range []bool{false, true} {
		t.Run(fmt.Sprintf("filed meanwhile %t", filedMeanwhile), func(t *testing.T) {
			j := newJourney(t, 420+i)
			j.must(sys.Bureau.Apply(simulator.Scenario{Maintenance: &on}))
			t.Cleanup(func() { _ = sys.Bureau.Apply(simulator.Scenario{Maintenance: &off}) })
			j.advanceTo(filing.VerifySMS)
			j.must(sys.Bureau.Apply(simulator.Scenario{Maintenance: &off}))
			if filedMeanwhile {
				j.must(sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "示例人", Nature: 5, CertificateKind: 2,
					CertificateNumber: j.certificate(), Division: 110101, Sites: []simulator.SeedSite{{Name: "旧站", Domains: []string{fmt.Sprintf("old-%d-example.com", i)}}}}}}))
			}
			j.replySMS()
			if !filedMeanwhile {
				j.awaitApproved()
				j.wantPath(1, toReview, bySMS, toEnd)
				j.wantLedger(opened, collected, reviewed, answered, []string{"repeat-type"}, transmitted, filed)
				return
			}
			o := j.awaitStep(filing.AwaitConfirmation, filing.Returned)
			if o.Type != filing.AddSiteForeign || o.Findings.Blocking() || !o.Findings.Has(filing.CodeTypeAgain) {
				t.Fatalf("%s with %v", o.Type, o.Findings)
			}
			mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTypeChanged)
			if !strings.Contains(mails[2].Text, "新增网站（主体在别处备案）") || !strings.Contains(mails[2].Text, "还没有提交管局") {
				t.Errorf("the applicant reads\n%s", mails[2].Text)
			}
			j.must(j.applicant.Confirm(t.Context(), j.id))
			j.awaitMachine(filing.InitialReview)
			sent := len(j.sentCodes())
			j.must(reviewer.Approve(t.Context(), j.id))
			j.must(scenario.Poll(t.Context(), func() (bool, error) { return len(j.sentCodes()) > sent, nil }))
			j.replySMS()
			if o = j.awaitApproved(); !strings.HasSuffix(o.Bureau.Sites[0].Number, "-2") {
				t.Errorf("filed as %+v", o.Bureau.Sites)
			}
			j.wantPath(1, toReview, bySMS, toBureau, []string{"Return"}, toReview, bySMS, toEnd)
			j.wantLedger(opened, collected, reviewed, answered, []string{"repeat-type", "determine-type", "confirm"}, reviewed, answered, transmitted, filed)
		})
	}
}

// TestUnsendable checks that a record that cannot be built is not sent, and that the message to the applicant does not name the bureau as
// the cause. The cause is an object store that has lost the documents.
func TestUnsendable(t *testing.T) {
	j := newJourney(t, 440)
	ctx := t.Context()
	j.advanceTo(filing.VerifySMS)
	j.must(sys.Parts.Objects().Bucket.DeleteAll(ctx, "orders/"+string(j.id)+"/"))
	j.replySMS()
	o := j.awaitStep(filing.Done, filing.BureauRejected)
	got := findingPlaces(o.Findings)
	slices.Sort(got)
	if want := []string{"record-paper-lost /evidence/sites~10~1verification-form", "record-paper-lost /evidence/subject-certificate-back",
		"record-paper-lost /evidence/subject-certificate-front"}; !slices.Equal(got, want) {
		t.Errorf("findings %q", got)
	}
	mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeRefused)
	for _, text := range []string{j.lastSMS().Text, mails[2].Subject, mails[2].Text} {
		if !strings.Contains(text, "还不能报送管局") && !strings.Contains(text, "还没有送出") || strings.Contains(text, "未获管局通过") {
			t.Errorf("the applicant reads %q", text)
		}
	}
	j.must(j.applicant.Resubmit(ctx, j.id))
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("verification form, once more", 98)))
	j.must(j.applicant.PassLiveness(ctx, j.id, 0)) // the portrait was lost, too
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) == 2, nil }))
	j.replySMS()
	j.awaitApproved()
	j.wantPath(2, []string{"Step"}, statesFrom(filing.CollectEvidence), bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, answered, []string{"queue-upload", "refuse", "announce", "resubmit", "accept-evidence", "issue-challenge", "answer-challenge", "confirm"}, reviewed, answered, transmitted, filed)
}
