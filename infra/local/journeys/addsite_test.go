package journeys_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// fileFirst files a first site for an invented applicant.
func fileFirst(t *testing.T, n int) *journey {
	t.Helper()
	j := journeyAt(t, n, filing.VerifySMS)
	j.replySMS()
	j.awaitApproved()
	j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	return j
}

// secondSite starts a journey of the same applicant with another domain, for which only the site is entered.
func (j *journey) secondSite(n int) *journey {
	j.t.Helper()
	app := j.app
	domain := fmt.Sprintf("invented-%d-second-example.com", n)
	app.Open = maps.Clone(app.Open)
	app.Open["domains"] = []string{domain}
	site := maps.Clone(app.Details.Sites[0])
	site["name"], site["domains"], site["remark"] = "山行手记", []string{domain}, "记录山间徒步的路线。"
	app.Details = scenario.Details{Sites: []map[string]any{site}}
	second := &journey{t: j.t, applicant: j.applicant, app: app}
	second.smsBefore, second.mailsBefore = len(j.noticesTo(j.phone())), len(j.noticesTo(j.mailbox()))
	return second
}

// recordsOf returns the operations of the uploads for a number of sites filed by the bureau under a subject.
func recordsOf(t *testing.T, subject string) []simulator.Record {
	t.Helper()
	all, err := sys.Bureau.Records(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(r simulator.Record) bool {
		return !slices.ContainsFunc(r.Numbers, func(n string) bool { return strings.HasPrefix(n, subject+"-") })
	})
}

// TestAddSite: a subject that is filed here adds a site: the type is determined, the subject is that of the register, papers and codes are
// those of the site, and the register has both sites at the end (S28).
func TestAddSite(t *testing.T) {
	first := fileFirst(t, 1200)
	before := first.filing()
	j := first.secondSite(1200)
	j.advanceTo(filing.CollectDetails)
	o := j.order()
	if o.Type != filing.AddSiteOwn {
		t.Fatalf("type %s with %v", o.Type, o.Findings)
	}
	changed := j.app.Details
	changed.Subject = map[string]any{"address": "东城区示例胡同2号"}
	wantProblem(t, j.applicant.EnterDetails(t.Context(), j.id, changed), 422, "subject-not-changed-here /subject/address")
	j.must(j.applicant.EnterDetails(t.Context(), j.id, j.app.Details))
	slots, err := j.applicant.MissingPapers(t.Context(), j.id)
	j.must(err)
	if slices.ContainsFunc(slots, func(s string) bool { return !strings.HasPrefix(s, "sites/0/") }) || len(slots) == 0 {
		t.Errorf("papers of the subject are required: %v", slots)
	}
	j.must(j.applicant.UploadMissing(t.Context(), j.id, scenario.SamplePicture("second", 1)))
	j.must(j.applicant.PassLiveness(t.Context(), j.id, 0))
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(t.Context(), j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.awaitCode(scenario.LeaderMobiles(j.app.Details)[0])
	sms := j.order()
	if roles := sms.SMS.Codes[0].Roles; len(sms.SMS.Codes) != 1 || !slices.Equal(roles, []string{"/sites/0/leader"}) {
		t.Errorf("codes %+v", sms.SMS.Codes)
	}
	j.replySMS()
	o = j.awaitApproved()
	j.wantPath(1, toReview, bySMS, toEnd)
	j.wantLedger(opened, collected, reviewed, answered, transmitted, filed)
	mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	if strings.Contains(mails[1].Text, "主体负责人") || !strings.Contains(mails[1].Text, "每位网站负责人的手机") {
		t.Errorf("the email names leaders who get no code:\n%s", mails[1].Text)
	}
	after := j.filing()
	if after.ID != before.ID || after.Version != before.Version+1 || after.Number != before.Number || len(after.Sites) != 2 {
		t.Fatalf("filing %+v", after)
	}
	if got := after.Sites[1]; got.Number.String() != o.Bureau.Sites[0].Number || got.Number.Subject != before.Number || got.Number.Running != 2 ||
		len(got.Accesses) != 1 || !got.Accesses[0].Ours || got.Details.Name != "山行手记" {
		t.Errorf("the new site is %+v", got)
	}
	records := recordsOf(t, before.Number.String())
	if len(records) != 2 || records[1].Operation != document.AddSiteOperation || records[1].Attachments != len(slots) {
		t.Errorf("sent %+v", records)
	}
}

// TestAddSiteReturnedAndRefused: the reviewer returns the new site, then the bureau refuses it. The filing does not change, and the corrected
// application is approved in the second round.
func TestAddSiteReturnedAndRefused(t *testing.T) {
	first := fileFirst(t, 1201)
	before := first.filing()
	j := first.secondSite(1201)
	j.advanceTo(filing.InitialReview)
	ctx := t.Context()
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Review(ctx, j.id, "return", scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "网站名称与内容不符。", "en": "The name does not fit the content."}}))
	j.awaitStep(filing.CollectDetails, filing.Returned)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned)
	j.correctAll(filing.CollectDetails)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.nextBureauAction(simulator.Action{Decision: simulator.Refuse, Codes: []int64{1055}})
	j.replySMS()
	o := j.awaitStep(filing.Done, filing.BureauRejected)
	if f := j.filing(); !slices.Equal(o.Bureau.Codes, []int{1055}) || f.Version != before.Version || len(f.Sites) != 1 {
		t.Errorf("codes %v; the filing has version %d with %d sites", o.Bureau.Codes, f.Version, len(f.Sites))
	}
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned, filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeRefused)
	sent := len(j.sentCodes())
	j.must(j.applicant.Resubmit(ctx, j.id))
	j.correctAll(j.order().Step)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) > sent, nil }))
	j.replySMS()
	j.awaitApproved()
	if f := j.filing(); f.Version != before.Version+1 || len(f.Sites) != 2 {
		t.Errorf("the filing has version %d with %d sites", f.Version, len(f.Sites))
	}
}

// TestAddSiteOpenedOtherwise: an opening that says otherwise than the filing is answered before anything else is asked.
func TestAddSiteOpenedOtherwise(t *testing.T) {
	j := fileFirst(t, 1202).secondSite(1202)
	j.app.Open["province"] = "33"
	o, err := j.applicant.OpenOrder(t.Context(), j.app)
	j.must(err)
	j.id = o.ID
	j.wantBlocked("filed-in-other-province /province")
	blocked := j.order()
	if i := slices.IndexFunc(blocked.Findings, func(f finding.Finding) bool { return f.Code == filing.CodeFiledProvince }); !strings.Contains(blocked.Findings[i].Message.Chinese, "北京") {
		t.Errorf("findings %v", blocked.Findings)
	}
	j.app.Open["province"] = "11"
	j.must(j.applicant.Call(t.Context(), "PUT", fmt.Sprintf("/orders/%s/type", j.id), j.app.Open, nil))
	j.awaitStep(filing.VerifyProduct, filing.TypeVerified)
	j.must(j.applicant.Abandon(t.Context(), j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
}

// seedElsewhere files a site of the applicant at another provider.
func (j *journey) seedElsewhere(domain string) {
	j.t.Helper()
	certificate, _ := j.app.Open["certificate"].(map[string]any)
	number, _ := certificate["number"].(string)
	j.must(sys.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{{Name: "示例人", Nature: 5, CertificateKind: 2,
		CertificateNumber: number, Division: 110101, Sites: []simulator.SeedSite{{Name: "样例旧站", Domains: []string{domain}}}}}}))
}

// file takes an order at the confirmation to the approval. The reviewer returns it once, and the bureau refuses it once, before.
func (j *journey) file() scenario.Order {
	j.t.Helper()
	ctx := j.t.Context()
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitStep(filing.InitialReview, filing.Submitted)
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Review(ctx, j.id, "return", scenario.Remark{Pointer: "/evidence/sites~10~1verification-form", Message: map[string]string{"zh-CN": "看不清。", "en": "It is not legible."}}))
	j.awaitStep(filing.CollectEvidence, filing.Returned)
	for refused := true; ; refused = false {
		j.correctAll(j.order().Step)
		j.must(j.applicant.Confirm(ctx, j.id))
		j.awaitMachine(filing.InitialReview)
		sent := len(j.sentCodes())
		j.must(reviewer.Approve(ctx, j.id))
		j.awaitStep(filing.VerifySMS, filing.SMSPending)
		j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) > sent, nil }))
		if refused {
			j.refuseByBureau()
		}
		j.replySMS()
		if !refused {
			return j.awaitApproved()
		}
		j.awaitStep(filing.Done, filing.BureauRejected)
		j.must(j.applicant.Resubmit(ctx, j.id))
	}
}

// TestAddSiteForeign: a subject that is filed at another provider adds a site here: the applicant learns it at the confirmation, and enters nothing
// twice. The register then has the other provider's site too; it gets our access by an order for which only papers and liveness are asked (S27, S26).
func TestAddSiteForeign(t *testing.T) {
	j := newJourney(t, 1210)
	old := "invented-1210-old-example.com"
	j.seedElsewhere(old)
	j.advanceTo(filing.AwaitConfirmation)
	if o := j.order(); o.Type != filing.First {
		t.Errorf("a stranger sees the type %s", o.Type)
	}
	j.must(j.applicant.Confirm(t.Context(), j.id))
	j.must(scenario.Poll(t.Context(), func() (bool, error) {
		o := j.order()
		return o.Type == filing.AddSiteForeign && o.Step == filing.AwaitConfirmation, nil
	}))
	j.awaitMachine(filing.AwaitConfirmation)
	o := j.file()
	f := j.filing()
	if f.Number.String() != o.Bureau.SubjectNumber || len(f.Sites) != 2 || f.Sites[0].Accesses[0].Ours || !f.Sites[1].Accesses[0].Ours {
		t.Fatalf("filing %+v", f)
	}
	access := &journey{t: t, applicant: j.applicant, app: j.app}
	access.app.Open = maps.Clone(j.app.Open)
	access.app.Open["domains"] = []string{old}
	access.app.Details = scenario.Details{Sites: []map[string]any{{"domains": []string{old}, "leader": map[string]any{"mobile": f.Sites[0].Details.Leader.Mobile.Reveal()}}}}
	access.addAccess(f.Sites[0].Number.String())
}

// addAccess files our access to a site of the register. The reviewer returns the order once, and the bureau refuses it once, before.
func (j *journey) addAccess(number string) {
	j.t.Helper()
	ctx := j.t.Context()
	o, err := j.applicant.OpenOrder(ctx, j.app)
	j.must(err)
	j.id = o.ID
	if o = j.awaitStep(filing.VerifyProduct, filing.TypeVerified); o.Type != filing.AddAccess {
		j.t.Fatalf("type %s with %v", o.Type, o.Findings)
	}
	j.must(j.applicant.ChooseServer(ctx, j.id, j.app.Server.ID))
	j.awaitMachine(filing.CollectEvidence)
	wantProblem(j.t, j.applicant.EnterDetails(ctx, j.id, j.app.Details), 409, "step-out-of-order ")
	j.correctAll(filing.CollectEvidence)
	j.awaitMachine(filing.AwaitConfirmation)
	before := j.filing()
	if o = j.file(); o.Bureau.Sites[0].Number != number || o.Round != 2 {
		j.t.Errorf("round %d, numbers %+v", o.Round, o.Bureau.Sites)
	}
	j.wantUnchanged(before.ID, before.Version+1) // the refusal changed nothing
	f := j.filing()
	if accesses := f.Sites[0].Accesses; len(f.Sites) != 2 || len(accesses) != 2 || accesses[0].Ours || !accesses[1].Ours || accesses[1].Server != j.app.Server.ID {
		j.t.Errorf("accesses %+v", accesses)
	}
	if records := recordsOf(j.t, f.Number.String()); records[len(records)-1].Operation != document.AddAccessOperation {
		j.t.Errorf("sent %+v", records)
	}
	for _, duty := range o.Duties {
		if duty.Code == string(filing.DutyPublicSecurity) {
			j.t.Error("the open site has to be filed with the police again")
		}
	}
}

// TestAddAccessForeign: a site that is filed at another provider moves in: subject and site are entered and proved again, and the site keeps its
// number (S26).
func TestAddAccessForeign(t *testing.T) {
	j := newJourney(t, 1211)
	j.seedElsewhere(j.domain())
	j.advanceTo(filing.AwaitConfirmation)
	o := j.order()
	if o.Type != filing.AddAccessForeign || !slices.Contains(findingPlaces(o.Findings), "domain-filed-elsewhere /domains/0") && o.Findings.Blocking() {
		t.Fatalf("%s with %v", o.Type, o.Findings)
	}
	o = j.file()
	f := j.filing()
	if accesses := f.Sites[0].Accesses; len(f.Sites) != 1 || len(accesses) != 2 || accesses[0].Ours || !accesses[1].Ours || f.Sites[0].Number.String() != o.Bureau.Sites[0].Number {
		t.Errorf("filing %+v", f)
	}
	var text string
	j.must(scenario.Poll(t.Context(), func() (bool, error) { // the order may be approved before the email is sent
		mails := j.noticesTo(j.mailbox())
		i := slices.IndexFunc(mails, func(m outbox.Message) bool { return kindOf(m) == filing.NoticeTransmitted })
		if i >= 0 {
			text = mails[i].Text
		}
		return i >= 0, nil
	}))
	if !strings.Contains(text, "正在审核") || !strings.Contains(text, "照常可以访问") {
		t.Errorf("the email does not say that the site must stay reachable:\n%s", text)
	}
}
