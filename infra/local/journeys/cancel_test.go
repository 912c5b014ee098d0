package journeys_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"beian/functions/api"
	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// filedJourney returns the journey of a first filing that was approved, and the filing.
func filedJourney(t *testing.T, n int) (*journey, web.Filing) {
	t.Helper()
	j := journeyAt(t, n, filing.VerifySMS)
	j.replySMS()
	o := j.awaitApproved()
	f, err := j.applicant.FilingNumbered(t.Context(), o.Bureau.SubjectNumber)
	j.must(err)
	if f.Status != "FILED" || len(f.Sites) != 1 || len(f.Sites[0].Accesses) != 1 || !f.Sites[0].Accesses[0].Ours {
		t.Fatalf("the register has %+v", f)
	}
	j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)
	return j, f
}

// offerOf returns what is offered of a kind.
func (j *journey) offerOf(f web.Filing, kind filing.Type) api.CancellationOffer {
	j.t.Helper()
	offers, err := j.applicant.Cancellations(j.t.Context(), f.ID)
	j.must(err)
	i := slices.IndexFunc(offers, func(o api.CancellationOffer) bool { return o.Kind == kind })
	if i < 0 || !offers[i].Possible {
		j.t.Fatalf("%s is not offered: %+v", kind, offers)
	}
	return offers[i]
}

// cancel opens an order of a kind and submits it. The journey continues with it.
func (j *journey) cancel(f web.Filing, kind filing.Type) {
	j.t.Helper()
	ctx := j.t.Context()
	j.smsBefore, j.mailsBefore = len(j.noticesTo(j.phone())), len(j.noticesTo(j.mailbox()))
	o, err := j.applicant.Cancel(ctx, f.ID, j.offerOf(f, kind), j.app.Contact)
	j.must(err)
	if j.id = o.ID; o.Type != kind || o.Step != filing.AwaitConfirmation {
		j.t.Fatalf("the order is a %s at %s", o.Type, o.Step)
	}
	j.awaitMachine(filing.AwaitConfirmation)
	j.must(j.applicant.VerifyContact(ctx, j.id))
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
}

// toCancelReview are the first states of a cancellation.
var toCancelReview = []string{"Step", "AwaitConfirmation", "InitialReview"}

// TestCancelSubject: the leader answers the SMS, the bureau gets the id and the reason, and the register says that nothing is filed any more.
// The subject and its domains can be filed anew, with a new number.
func TestCancelSubject(t *testing.T) {
	j, f := filedJourney(t, 1300)
	ctx, first := t.Context(), j.id
	j.cancel(f, filing.CancelSubject)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	o := j.awaitStep(filing.Done, filing.Approved)
	if len(o.Duties) != 1 || o.Duties[0].Code != string(filing.DutyCloseSite) || !strings.Contains(o.Next.What.Chinese, "关闭网站") {
		t.Errorf("duties %v, next %s", o.Duties, o.Next.What.Chinese)
	}
	j.wantPath(1, toCancelReview, bySMS, toEnd)
	j.wantLedger([]string{"open", "confirm"}, reviewed, answered, transmitted, filed)
	mails := j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)
	if last := mails[len(mails)-1]; !strings.Contains(last.Text, f.Number.String()+" 已注销，不能恢复") || strings.Contains(last.Text, "恭喜") {
		t.Errorf("the email says %s", last.Text)
	}
	var ended scenario.Order
	j.must(scenario.Poll(ctx, func() (bool, error) { // the sweeper ends the orders before
		var err error
		ended, err = j.applicant.Order(ctx, first)
		return err == nil && ended.Next.Who == "nobody", err
	}))
	if ended.Status != filing.Approved || !strings.Contains(ended.Next.What.Chinese, "已经注销") || len(ended.Duties) != 0 {
		t.Errorf("the first filing is %s with %v, next %s", ended.Status, ended.Duties, ended.Next.What.Chinese)
	}
	after, err := j.applicant.FilingNumbered(ctx, f.Number.String())
	j.must(err)
	if after.Status != "CANCELLED" {
		t.Errorf("the register has %+v", after)
	}
	offers, err := j.applicant.Cancellations(ctx, f.ID)
	j.must(err)
	if len(offers) != 0 {
		t.Errorf("a cancelled filing offers %+v", offers)
	}
	_, err = j.applicant.OpenCancellation(ctx, f.ID, map[string]any{"kind": filing.CancelSubject, "reason": 1, "contact": j.app.Contact})
	wantProblem(t, err, 422, "filing-not-standing ")
	j.smsBefore, j.mailsBefore = len(j.noticesTo(j.phone())), len(j.noticesTo(j.mailbox()))
	j.app.Server.Quota++ // the slot of the first filing is not given back
	j.listServer(j.app.Server)
	j.advanceTo(filing.VerifySMS)
	j.replySMS()
	if again := j.awaitApproved(); again.Type != filing.First || again.Bureau.SubjectNumber == f.Number.String() {
		t.Errorf("filed anew as %s with %s", again.Type, again.Bureau.SubjectNumber)
	}
}

// TestCancelSite: a cancelled site leaves a shell.
func TestCancelSite(t *testing.T) {
	j, f := filedJourney(t, 1301)
	ctx := t.Context()
	offer := j.offerOf(f, filing.CancelSite)
	if want := []finding.Code{filing.CodeEndsSite, filing.CodeEndsLastSite, filing.CodeEndsSlot}; !slices.Equal(offer.Confirm, want) || offer.Site != f.Sites[0].Number.String() {
		t.Errorf("the offer is %+v", offer)
	}
	j.cancel(f, filing.CancelSite)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitStep(filing.Done, filing.Approved)
	j.wantPath(1, toCancelReview, bySMS, toEnd)
	after, err := j.applicant.FilingNumbered(ctx, f.Number.String())
	j.must(err)
	if after.Status != "SHELL" || len(after.Sites) != 0 {
		t.Errorf("the register has %+v", after)
	}
	offers, err := j.applicant.Cancellations(ctx, f.ID)
	j.must(err)
	if len(offers) != 1 || offers[0].Possible || !offers[0].Consequences.Has(filing.CodeCancelShell) {
		t.Errorf("a shell offers %+v", offers)
	}
}

// TestCancelAccess: where another provider hosts the site too, the bureau ends our access and nothing else. The reviewer returns the order once, before.
func TestCancelAccess(t *testing.T) {
	j, f := filedJourney(t, 1303)
	ctx := t.Context()
	j.must(sys.Bureau.Apply(simulator.Scenario{Hosted: []simulator.Hosting{{Site: f.Sites[0].Number.String()}}}))
	j.cancel(f, filing.CancelAccess)
	wantProblem(t, j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID), 409, "step-out-of-order ")
	j.returnFor("/cancellation/reason")
	j.awaitStep(filing.AwaitConfirmation, filing.Returned)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned)
	j.must(j.applicant.Call(ctx, "PUT", "/orders/"+string(j.id)+"/cancellation", map[string]any{"reason": 3, "remark": "网站搬走"}, nil))
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	o := j.awaitStep(filing.Done, filing.Approved)
	if len(o.Duties) != 1 || o.Duties[0].Code != string(filing.DutyLeaveServer) {
		t.Errorf("duties %v", o.Duties)
	}
	j.wantPath(1, toCancelReview, []string{"Return", "Step", "AwaitConfirmation", "InitialReview"}, toEnd)
	j.wantLedger([]string{"open", "confirm"}, []string{"claim", "return", "enter-reason", "confirm"}, reviewed, transmitted, filed)
	mails := j.wantNotices(append([]filing.NoticeKind{filing.NoticeSubmitted, filing.NoticeReturned}, append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)...)
	if last := mails[len(mails)-1]; !strings.Contains(last.Text, f.Sites[0].Number.String()+" 不再由我们接入，备案号本身没有注销") {
		t.Errorf("the email says %s", last.Text)
	}
	after, err := j.applicant.FilingNumbered(ctx, f.Number.String())
	j.must(err)
	if after.Status != "FILED" || len(after.Sites) != 1 || len(after.Sites[0].Accesses) != 0 {
		t.Errorf("the register has %+v", after)
	}
	offers, err := j.applicant.Cancellations(ctx, f.ID)
	j.must(err)
	for _, offer := range offers {
		if offer.Possible || !offer.Consequences.Has(filing.CodeCancelNotOurs) {
			t.Errorf("what we no longer host offers %+v", offer)
		}
	}
	used, err := admin.UsedSlots(ctx, j.app.Server.ID)
	j.must(err)
	if used != 1 {
		t.Errorf("%d slots are in use: the slot of a filing is not given back", used)
	}
}

// TestCancelOnlyAccess: the applicant is warned, and the bureau refuses to end the only access (1025). The filing stays.
func TestCancelOnlyAccess(t *testing.T) {
	j, f := filedJourney(t, 1302)
	ctx := t.Context()
	if offer := j.offerOf(f, filing.CancelAccess); !slices.Contains(offer.Confirm, filing.CodeEndsOnlyAccess) {
		t.Errorf("the offer is %+v", offer)
	}
	j.cancel(f, filing.CancelAccess)
	j.must(reviewer.Approve(ctx, j.id))
	o := j.awaitStep(filing.Done, filing.BureauRejected)
	if !slices.Equal(o.Bureau.Codes, []int{1025}) {
		t.Errorf("bureau %+v", o.Bureau)
	}
	j.wantPath(1, toCancelReview, toEnd)
	mails := j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeRefused)...)
	if last := mails[len(mails)-1]; !strings.Contains(last.Subject, "接入取消未获管局通过") {
		t.Errorf("the email is about %s", last.Subject)
	}
	j.must(j.applicant.Abandon(ctx, j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
	after, err := j.applicant.FilingNumbered(ctx, f.Number.String())
	j.must(err)
	if after.Status != "FILED" || len(after.Sites[0].Accesses) != 1 {
		t.Errorf("the register has %+v", after)
	}
}

// TestCancelReturnedAndRefused: a reviewer returns a cancellation once, the applicant changes the reason, and the bureau refuses it.
func TestCancelReturnedAndRefused(t *testing.T) {
	for i, kind := range []filing.Type{filing.CancelSubject, filing.CancelSite} {
		t.Run(string(kind), func(t *testing.T) {
			j, f := filedJourney(t, 1310+i)
			ctx := t.Context()
			j.cancel(f, kind)
			j.must(reviewer.Claim(ctx, j.id))
			j.must(reviewer.Review(ctx, j.id, "return", scenario.Remark{Pointer: "/cancellation/reason", Message: map[string]string{"zh-CN": "电话中您说网站要换接入商，请核对注销原因。"}}))
			if o := j.awaitStep(filing.AwaitConfirmation, filing.Returned); !o.Findings.Blocking() {
				t.Errorf("findings %v", o.Findings)
			}
			j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned)
			path := "/orders/" + string(j.id)
			wantProblem(t, j.applicant.Call(ctx, "PUT", path+"/cancellation", map[string]any{"reason": 77, "remark": strings.Repeat("长", 1001)}, nil), 422,
				"cancellation-reason-unknown /reason", "cancellation-remark-too-long /remark")
			wantProblem(t, j.applicant.EnterDetails(ctx, j.id, j.app.Details), 409, "step-out-of-order ")
			wantProblem(t, j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID), 409, "product-not-asked-for ")
			j.must(j.applicant.Call(ctx, "PUT", path+"/cancellation", map[string]any{"reason": 3, "remark": "网站搬走"}, nil))
			j.must(j.applicant.Confirm(ctx, j.id))
			j.awaitMachine(filing.InitialReview)
			j.nextBureauAction(simulator.Action{Decision: simulator.Refuse})
			j.must(reviewer.Approve(ctx, j.id))
			j.awaitStep(filing.VerifySMS, filing.SMSPending)
			j.replySMS()
			j.awaitStep(filing.Done, filing.BureauRejected)
			j.wantPath(1, toCancelReview, []string{"Return", "Step", "AwaitConfirmation", "InitialReview"}, bySMS, toEnd)
			j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned, filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeRefused)
			after, err := j.applicant.FilingNumbered(ctx, f.Number.String())
			j.must(err)
			if after.Status != "FILED" || len(after.Sites) != 1 {
				t.Errorf("the register has %+v", after)
			}
			j.must(j.applicant.Resubmit(ctx, j.id))
			j.awaitStep(filing.AwaitConfirmation, filing.Returned)
			j.must(j.applicant.Abandon(ctx, j.id))
			j.awaitStep(filing.Done, filing.Abandoned)
		})
	}
}

// TestWrongCancellations: all problems of a request are reported at once, and another account's filing does not exist.
func TestWrongCancellations(t *testing.T) {
	j, f := filedJourney(t, 1320)
	ctx := t.Context()
	site := f.Sites[0].Number.String()
	for name, tc := range map[string]struct {
		body map[string]any
		want []string
	}{
		"nothing":         {map[string]any{}, []string{"kind-not-offered /kind", "cancellation-reason-unknown /reason"}},
		"a first filing":  {map[string]any{"kind": "FIRST", "reason": 77}, []string{"kind-not-offered /kind", "cancellation-reason-unknown /reason"}},
		"no site":         {map[string]any{"kind": "CANCEL_SITE", "reason": 2}, []string{"cancellation-one-site /site"}},
		"an unknown site": {map[string]any{"kind": "CANCEL_SITE", "site": "京ICP备2000000001号-1", "reason": 55}, []string{"cancellation-reason-unknown /reason", "filing-site-unknown /site"}},
		"no number":       {map[string]any{"kind": "CANCEL_ACCESS", "site": "0", "reason": 2}, []string{"filing-site-unknown /site"}},
		"a site with all": {map[string]any{"kind": "CANCEL_SUBJECT", "site": site, "reason": 2}, []string{"cancellation-of-whole-subject /site"}},
		"unconfirmed": {map[string]any{"kind": "CANCEL_SUBJECT", "reason": 2, "confirmed": []string{"ends-all-sites", "ends-last-site"}},
			[]string{"cancellation-unconfirmed /confirmed", "cancellation-unconfirmed /confirmed", "cancellation-confirms-other /confirmed/1"}},
		"unreadable": {map[string]any{"kind": "CANCEL_ACCESS", "site": site, "reason": 2, "remark": "示𪚥", "confirmed": []string{"ends-only-access", "ends-without-refund"}}, []string{"character-unreadable /remark"}},
	} {
		tc.body["contact"] = j.app.Contact
		_, err := j.applicant.OpenCancellation(ctx, f.ID, tc.body)
		t.Run(name, func(t *testing.T) { wantProblem(t, err, 422, tc.want...) })
	}
	other, err := client.Login(ctx, scenario.Invented(1321).Login)
	j.must(err)
	_, err = other.OpenCancellation(ctx, f.ID, map[string]any{"kind": "CANCEL_SUBJECT", "reason": 2})
	wantProblem(t, err, 404)
	_, err = other.Cancellations(ctx, f.ID)
	wantProblem(t, err, 404)
	j.cancel(f, filing.CancelSite) // a second order of the subject waits for the end of the first
	_, err = j.applicant.Cancel(ctx, f.ID, j.offerOf(f, filing.CancelSubject), j.app.Contact)
	if refusal, ok := errors.AsType[*scenario.Problem](err); !ok || refusal.Status != 409 {
		t.Errorf("a second order: %v", err)
	}
	j.must(j.applicant.Withdraw(ctx, j.id))
	j.awaitStep(filing.Done, filing.Withdrawn)
}
