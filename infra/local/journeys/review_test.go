package journeys_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// TestPapersByMail checks that the applicant is asked to mail originals, and that the application continues when they are received (S17).
func TestPapersByMail(t *testing.T) {
	j := newJourney(t, 100)
	ctx := t.Context()
	j.advanceTo(filing.InitialReview)
	j.wantInQueue()
	j.must(reviewer.ApproveAndRequestOriginals(ctx, j.id, "sites/0/verification-form"))
	j.awaitStep(filing.MailDocuments, filing.MailPending)
	mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticePapersAsked)
	if text := mails[1].Text; !strings.Contains(text, "核验单") || !strings.Contains(text, "示例云备案组 收") {
		t.Errorf("the email lacks the paper or the address:\n%s", text)
	}
	wantProblem(t, j.applicant.MailOriginals(ctx, j.id, " ", ""), 422, "courier-missing /courier", "tracking-number-missing /tracking")
	j.must(j.applicant.MailOriginals(ctx, j.id, "示例快递", "EX100"))
	if next := j.order().Next; next.Who != "reviewer" {
		t.Errorf("after mailing, next is %s", next.Who)
	}
	j.must(reviewer.ConfirmOriginals(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePapersAsked, filing.NoticePapersReceived, filing.NoticePassed,
		filing.NoticeTransmitted, filing.NoticeApproved)
	j.wantPath(1, toReview, []string{"MailDocuments", "VerifySMS"}, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"send-papers", "claim", "receive-papers"}, answered, transmitted, filed)
}

// wantInQueue checks that the order is in the reviewer's list.
func (j *journey) wantInQueue() {
	j.t.Helper()
	var list struct {
		Items []struct{ ID filing.ID }
		Next  string
	}
	for query := (url.Values{"step": {"InitialReview"}}); ; query.Set("cursor", list.Next) {
		list.Items, list.Next = nil, ""
		j.must(reviewer.Call(j.t.Context(), "GET", "/review/orders?"+query.Encode(), nil, &list))
		for _, one := range list.Items {
			if one.ID == j.id {
				return
			}
		}
		if list.Next == "" {
			j.t.Fatalf("order %s is not in the reviewer's list", j.id)
		}
	}
}

// TestReturnedWhilePapersAreMailed checks that a reviewer can return the application because of a wrong original. The operator's figures count each part of it once.
func TestReturnedWhilePapersAreMailed(t *testing.T) {
	before := readFlow(t)
	j := journeyAt(t, 101, filing.MailDocuments)
	ctx := t.Context()
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePapersAsked)
	j.must(j.applicant.MailOriginals(ctx, j.id, "示例快递", "EX101"))
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Review(ctx, j.id, "return", scenario.Remark{Pointer: "/evidence/sites~10~1verification-form",
		Message: map[string]string{"zh-CN": "原件上没有签字，请签字后重新拍照上传。"}}))
	j.awaitStep(filing.CollectEvidence, filing.Returned)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePapersAsked, filing.NoticeReturned)
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("signed", 2)))
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
	j.wantPath(1, toReview, []string{"MailDocuments", "Return", "Step"}, statesFrom(filing.CollectEvidence), bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, []string{"send-papers", "claim", "return", "accept-evidence", "confirm"}, reviewed, answered, transmitted, filed)
	wantFlow(t, before)
}

// TestReturnedToEachStep checks that the application returns to the step a finding names, keeps everything else, and can be
// submitted again once corrected (S16).
func TestReturnedToEachStep(t *testing.T) {
	words := map[string]string{"zh-CN": "请核对后修改。", "en": "Please check this."}
	for i, tc := range []struct {
		name    string
		remarks []scenario.Remark
		step    filing.Step
		correct func(*journey) error
		entries []string
	}{
		{"the product", []scenario.Remark{{Pointer: "/product", Message: words}}, filing.VerifyProduct,
			func(j *journey) error { return j.applicant.ChooseServer(t.Context(), j.id, j.app.Server.ID) }, []string{"choose-product"}},
		{"details", []scenario.Remark{{Pointer: "/sites/0/name", Code: "site-name-signs"}}, filing.CollectDetails, func(j *journey) error {
			j.app.Details.Sites[0]["name"] = "木工坊札记"
			return j.applicant.EnterDetails(t.Context(), j.id, j.app.Details)
		}, []string{"enter-details"}},
		{"a paper", []scenario.Remark{{Pointer: "/evidence/subject-certificate-back", Message: words}}, filing.CollectEvidence,
			func(j *journey) error {
				return j.applicant.UploadMissing(t.Context(), j.id, scenario.SamplePicture("again", 3))
			}, []string{"accept-evidence"}},
		{"the portrait", []scenario.Remark{{Pointer: "/evidence/subject-certificate-front", Message: words}}, filing.CollectEvidence,
			func(j *journey) error {
				if err := j.applicant.UploadMissing(t.Context(), j.id, scenario.SamplePicture("again", 4)); err != nil {
					return err
				}
				return j.applicant.PassLiveness(t.Context(), j.id, 0)
			}, []string{"accept-evidence", "issue-challenge", "answer-challenge"}},
		{"presence", []scenario.Remark{{Pointer: "/authenticity", Message: words}}, filing.VerifyAuthenticity,
			func(j *journey) error { return j.applicant.PassLiveness(t.Context(), j.id, 0) }, []string{"issue-challenge", "answer-challenge"}},
		{"the whole", []scenario.Remark{{Pointer: "", Message: words}}, filing.AwaitConfirmation, func(*journey) error { return nil }, nil},
		{"several things at once", []scenario.Remark{{Pointer: "/authenticity", Message: words}, {Pointer: "/product", Message: words}},
			filing.VerifyProduct, func(j *journey) error {
				if err := j.applicant.ChooseServer(t.Context(), j.id, j.app.Server.ID); err != nil {
					return err
				}
				return j.applicant.PassLiveness(t.Context(), j.id, 0)
			}, []string{"choose-product", "issue-challenge", "answer-challenge"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := journeyAt(t, 110+i, filing.InitialReview)
			ctx := t.Context()
			j.must(reviewer.Claim(ctx, j.id))
			wantProblem(t, reviewer.Review(ctx, j.id, "return"), 422, "reason-missing /findings")
			j.must(reviewer.Review(ctx, j.id, "return", tc.remarks...))
			o := j.awaitStep(tc.step, filing.Returned)
			if dropped := slices.Contains(tc.entries, "accept-evidence") && slices.Contains(tc.entries, "answer-challenge"); o.Findings.Has(filing.CodeLivenessDropped) != dropped {
				t.Errorf("findings %v", o.Findings)
			} else if dropped {
				o.Findings = o.Findings[:len(o.Findings)-1]
			}
			if len(o.Findings) != len(tc.remarks) || o.Findings[0].Pointer != tc.remarks[0].Pointer || o.Next.Who != "applicant" {
				t.Errorf("findings %v, next %+v", o.Findings, o.Next)
			}
			j.wantPath(1, toReview, []string{"Return", "Step", string(tc.step)})
			if mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned); !strings.Contains(mails[1].Text, o.Findings[0].Message.Chinese) {
				t.Errorf("the email lacks the reason:\n%s", mails[1].Text)
			}
			j.must(tc.correct(j))
			j.awaitStep(filing.AwaitConfirmation, filing.Returned)
			j.must(j.applicant.Confirm(ctx, j.id))
			j.awaitStep(filing.InitialReview, filing.Submitted)
			j.wantPath(1, toReview, []string{"Return", "Step"}, statesFrom(tc.step))
			j.wantLedger(opened, collected, []string{"claim", "return"}, tc.entries, []string{"confirm"})
			j.must(j.applicant.Withdraw(ctx, j.id))
		})
	}
}

// TestRejected checks that a rejection closes the order and that the message has the reason.
func TestRejected(t *testing.T) {
	j := journeyAt(t, 120, filing.InitialReview)
	ctx := t.Context()
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Review(ctx, j.id, "reject", scenario.Remark{Pointer: "/subject", Message: map[string]string{
		"zh-CN": "网站内容不属于可以备案的范围。", "en": "The content cannot be filed."}}))
	j.awaitStep(filing.Done, filing.InitialRejected)
	if mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticeInitialReject); !strings.Contains(mails[1].Text, "网站内容不属于可以备案的范围。") {
		t.Errorf("the email lacks the reason:\n%s", mails[1].Text)
	}
	for name, err := range map[string]error{
		"enter": j.applicant.EnterDetails(ctx, j.id, j.app.Details), "confirm": j.applicant.Confirm(ctx, j.id), "withdraw": j.applicant.Withdraw(ctx, j.id),
		"abandon": j.applicant.Abandon(ctx, j.id), "resubmit": j.applicant.Resubmit(ctx, j.id), "claim": reviewer.Claim(ctx, j.id),
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, err, 409, "step-out-of-order ")
		})
	}
	j.wantPath(1, toReview, []string{"Reject", "Closed"})
	j.wantLedger(opened, collected, []string{"claim", "reject", "close"})
	j.wantReleased()
}

// TestClaims checks that a claim excludes other reviewers until it expires, and that a decision needs a valid claim.
func TestClaims(t *testing.T) {
	j := journeyAt(t, 121, filing.InitialReview)
	ctx := t.Context()
	wantProblem(t, reviewer.Review(ctx, j.id, "pass"), 409, "not-claimed ")
	j.must(reviewer.Claim(ctx, j.id))
	second, err := client.Login(ctx, secondReviewer)
	j.must(err)
	wantProblem(t, second.Claim(ctx, j.id), 409, "claimed-by-another ")
	wantProblem(t, second.Review(ctx, j.id, "pass"), 409, "not-claimed ")
	sys.Clock.Advance(filing.ClaimDuration)
	wantProblem(t, reviewer.Review(ctx, j.id, "pass"), 409, "not-claimed ")
	j.must(second.Claim(ctx, j.id))
	j.must(second.Review(ctx, j.id, "pass"))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	for _, mobile := range scenario.LeaderMobiles(j.app.Details) {
		j.awaitCode(mobile)
	}
	if l := j.wantLedger(opened, collected, []string{"claim", "claim", "pass", "issue-codes"}); l.Entries[len(l.Entries)-1].Role != filing.System {
		t.Error("the codes were not the system's decision")
	}
	j.must(j.applicant.Withdraw(ctx, j.id))
}
