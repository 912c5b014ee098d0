package journeys_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/web"
)

// openSubmission opens an order that sends documents of the account's filing on their own, and makes it the journey's order.
func (j *journey) openSubmission(body map[string]any) web.Filing {
	j.t.Helper()
	f := j.filing()
	request := map[string]any{"language": "zh-CN", "contact": j.app.Contact}
	maps.Copy(request, body)
	j.smsBefore, j.mailsBefore = len(j.noticesTo(j.phone())), len(j.noticesTo(j.mailbox()))
	var o scenario.Order
	j.must(j.applicant.Call(j.t.Context(), http.MethodPost, "/filings/"+string(f.ID)+"/evidence-submissions", request, &o))
	if j.id = o.ID; o.Type != filing.SubmitEvidence || o.Step != filing.CollectEvidence {
		j.t.Fatalf("the order is a %s at %s", o.Type, o.Step)
	}
	j.awaitMachine(filing.CollectEvidence)
	return f
}

// submitPapers uploads the documents that are missing, and submits them.
func (j *journey) submitPapers(want ...string) {
	j.t.Helper()
	ctx := j.t.Context()
	missing, err := j.applicant.MissingPapers(ctx, j.id)
	j.must(err)
	if slices.Sort(missing); !slices.Equal(missing, want) {
		j.t.Errorf("papers %q, want %q", missing, want)
	}
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("renewed", 11)))
	j.awaitMachine(filing.AwaitConfirmation)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
}

// madeBy returns the order that the register names for a document of the subject, or of a site.
func madeBy(t *testing.T, f web.Filing, slot, site string) filing.ID {
	t.Helper()
	var orders []filing.ID
	for _, p := range f.Papers {
		if string(p.Slot) == slot && p.Site == site {
			orders = append(orders, p.Order)
		}
	}
	if len(orders) != 1 {
		t.Fatalf("%s of %q: %v among %+v", slot, site, orders, f.Papers)
	}
	return orders[0]
}

// toSubmission are the states of documents on their own up to the review.
var toSubmission = []string{"Step", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview"}

// TestSubmitEvidence: the certificate of a subject was renewed. The reviewer returns the order once; no code is sent, the bureau stores both sides as one
// record, and the register has them in place of the old ones.
func TestSubmitEvidence(t *testing.T) {
	j, _ := newFiling(t, 2310)
	first, ctx := j.id, t.Context()
	j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)
	before := j.openSubmission(map[string]any{"papers": []string{"subject-certificate-front", "subject-certificate-back"}})
	wantProblem(t, j.applicant.EnterDetails(ctx, j.id, j.app.Details), 409, "step-out-of-order ")
	wantProblem(t, j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID), 409, "product-not-asked-for ")
	j.submitPapers("subject-certificate-back", "subject-certificate-front")
	j.returnFor("/evidence/subject-certificate-front")
	j.awaitStep(filing.CollectEvidence, filing.Returned)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned)
	j.submitPapers("subject-certificate-front")
	j.must(reviewer.Approve(ctx, j.id))
	o := j.awaitStep(filing.Done, filing.Approved)
	if len(o.Duties) > 0 || o.Next.Who != "nobody" {
		t.Errorf("duties %v, next %+v", o.Duties, o.Next)
	}
	back := append([]string{"Return"}, toSubmission...)
	j.wantPath(1, toSubmission, back, toEnd)
	j.wantLedger([]string{"open", "accept-evidence", "confirm"}, []string{"claim", "return", "accept-evidence", "confirm"}, reviewed, transmitted, filed)
	mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned, filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	if last := mails[len(mails)-1]; !strings.Contains(last.Text, "管局已收到新的核验材料，备案号 "+before.Number.String()+" 不变") {
		t.Errorf("the email says %s", last.Text)
	}
	if r := lastRecord(t); r.Operation != document.SubmitEvidenceOperation || r.Attachments != 2 {
		t.Errorf("the bureau got %+v", r)
	}
	after := j.filing()
	if after.Version != before.Version+1 || len(after.Papers) != len(before.Papers) || after.Number != before.Number ||
		madeBy(t, after, "subject-certificate-front", "") != j.id || madeBy(t, after, "subject-certificate-back", "") != j.id ||
		madeBy(t, after, "sites/0/verification-form", after.Sites[0].Number.String()) != first {
		t.Errorf("register: version %d, papers %+v", after.Version, after.Papers)
	}
}

// TestSubmitEvidenceRefused: the bureau refuses a document of a site, and the register stays; the second round is stored.
func TestSubmitEvidenceRefused(t *testing.T) {
	j, f := newFiling(t, 2311)
	ctx, site := t.Context(), f.Sites[0].Number.String()
	j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)
	path := "/filings/" + string(f.ID) + "/evidence-submissions"
	for _, c := range []struct {
		body map[string]any
		want []string
	}{
		{map[string]any{}, []string{"documents-not-chosen /papers"}},
		{map[string]any{"site": "no number", "papers": []string{"verification-form"}}, []string{"filing-site-unknown /site"}},
		{map[string]any{"site": site, "papers": []string{"subject-certificate-front"}}, []string{"documents-unknown /papers/0"}},
	} {
		c.body["contact"] = j.app.Contact
		wantProblem(t, j.applicant.Call(ctx, http.MethodPost, path, c.body, nil), 422, c.want...)
	}
	other, err := client.Login(ctx, scenario.Invented(2312).Login)
	j.must(err)
	wantProblem(t, other.Call(ctx, http.MethodPost, path, map[string]any{"papers": []string{"other"}}, nil), 404)
	before := j.openSubmission(map[string]any{"site": site, "papers": []string{"verification-form"}})
	j.submitPapers("sites/0/verification-form")
	j.nextBureauAction(simulator.Action{Decision: simulator.Refuse, Codes: []int64{1057}})
	j.must(reviewer.Approve(ctx, j.id))
	if o := j.awaitStep(filing.Done, filing.BureauRejected); !slices.Equal(o.Bureau.Codes, []int{1057}) {
		t.Errorf("bureau %+v", o.Bureau)
	}
	j.wantUnchanged(before.ID, before.Version)
	mails := j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeRefused)...)
	if last := mails[len(mails)-1]; !strings.Contains(last.Subject, "核验材料更新未获管局通过") {
		t.Errorf("the email is about %s", last.Subject)
	}
	j.must(j.applicant.Resubmit(ctx, j.id))
	j.awaitMachine(j.order().Step)
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("renewed", 12)))
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.Done, filing.Approved)
	if after := j.filing(); after.Version != before.Version+1 || madeBy(t, after, "sites/0/verification-form", site) != j.id {
		t.Errorf("register: version %d, papers %+v", after.Version, after.Papers)
	}
}
