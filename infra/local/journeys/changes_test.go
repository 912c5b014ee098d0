package journeys_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
)

// secondServer adds another server of the applicant to the inventory, and returns its id.
func (j *journey) secondServer() string {
	j.t.Helper()
	server := j.app.Server
	server.ID, server.IPs = server.ID+"-b", []string{"8.130.2.2"}
	j.listServer(server)
	return server.ID
}

// complete gives everything that the change still asks for, and submits it.
func (j *journey) complete() {
	j.t.Helper()
	ctx := j.t.Context()
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("change", 9)))
	if j.order().Step == filing.VerifyAuthenticity {
		j.must(j.applicant.PassLiveness(ctx, j.id, 0))
	}
	j.awaitMachine(filing.AwaitConfirmation)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
}

// enter enters the journey's details, and submits the change.
func (j *journey) enter() {
	j.t.Helper()
	j.must(j.applicant.EnterDetails(j.t.Context(), j.id, j.app.Details))
	j.complete()
}

// awaitIssued waits until the order has the codes by SMS: the machine issues them after the step has begun.
func (j *journey) awaitIssued() (o scenario.Order) {
	j.t.Helper()
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) {
		o = j.order()
		return o.SMS != nil && len(o.SMS.Codes) > 0, nil
	}))
	return o
}

// passAndReply passes the review, checks who gets a code, and answers all codes.
func (j *journey) passAndReply(roles ...string) {
	j.t.Helper()
	ctx := j.t.Context()
	sent := len(j.sentCodes())
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	var got []string
	for _, code := range j.awaitIssued().SMS.Codes {
		got = append(got, code.Roles...)
	}
	if !slices.Equal(got, roles) {
		j.t.Errorf("codes of %q, want %q", got, roles)
	}
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) > sent, nil }))
	j.replySMS()
}

// returnFor returns the order for a reason at a place.
func (j *journey) returnFor(pointer string) {
	j.t.Helper()
	j.must(reviewer.Claim(j.t.Context(), j.id))
	j.must(reviewer.Review(j.t.Context(), j.id, "return", scenario.Remark{Pointer: pointer, Message: map[string]string{"zh-CN": "与电话中说的不一致，请核对。"}}))
}

// wantUnchanged checks that the filing is as it was.
func (j *journey) wantUnchanged(before register.ID, version int) {
	j.t.Helper()
	if f := j.filing(); f.ID != before || f.Version != version {
		j.t.Errorf("the filing has version %d, want %d", f.Version, version)
	}
}

var (
	confirmedChange = []string{"confirm", "check-domains"}
	backToChange    = []string{"Return", "Step", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview"}
	agreed          = []string{"agree"}
)

// TestChangeOfSite: the name of a site changes. Only the site's form is asked for and only its leader answers a code. The reviewer returns the change
// once; the approval renames the site in the register (变更网站).
func TestChangeOfSite(t *testing.T) {
	j := fileCompany(t, 2300)
	before := j.openChange(nil)
	j.app.Details.Sites[0]["name"] = "样例科技服务"
	j.must(j.applicant.EnterDetails(t.Context(), j.id, j.app.Details))
	if missing, err := j.applicant.MissingPapers(t.Context(), j.id); err != nil || !slices.Equal(missing, []string{"sites/0/verification-form"}) {
		t.Errorf("papers %q, %v", missing, err)
	}
	j.complete()
	j.returnFor("/sites/0/name")
	j.awaitStep(filing.CollectDetails, filing.Returned)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned)
	j.wantUnchanged(before.ID, before.Version)
	j.app.Details.Sites[0]["name"] = "样例科技资讯"
	j.enter()
	j.passAndReply("/sites/0/leader")
	j.awaitStep(filing.Done, filing.Approved)
	j.wantPath(1, changeToReview, backToChange, bySMS, toEnd)
	entered := []string{"open", "enter-details", "accept-evidence", "confirm", "check-domains"}
	j.wantLedger(entered, []string{"claim", "return", "enter-details"}, confirmedChange[:1], reviewed, answered, transmitted, agreed, filed)
	j.wantNotices(filing.NoticeSubmitted, filing.NoticeReturned, filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeTransmitted, filing.NoticeApproved)
	if f := j.filing(); f.Version != before.Version+1 || f.Sites[0].Details.Name != "样例科技资讯" || f.Sites[0].Number != before.Sites[0].Number || f.Subject.Name != before.Subject.Name {
		t.Errorf("register: version %d, %s", f.Version, f.Sites[0].Details.Name)
	}
}

// TestChangeOfAccess: a site moves to another server of ours. The bureau refuses the change once; the second round is approved, and the access keeps
// its place in the register (变更接入).
func TestChangeOfAccess(t *testing.T) {
	j := fileCompany(t, 2301)
	ctx, server := t.Context(), j.secondServer()
	before := j.openChange(map[string]any{"access": []int{0}})
	wantProblem(t, j.applicant.EnterDetails(ctx, j.id, j.app.Details), 409, "step-out-of-order ")
	j.must(j.applicant.ChooseServer(ctx, j.id, server))
	j.enter()
	if places := j.changedPlaces(j.applicant); !slices.Contains(places, "/accesses/0/server") || slices.ContainsFunc(places, func(p string) bool { return !strings.HasPrefix(p, "/accesses/0") }) {
		t.Errorf("the applicant sees changes of %q", places)
	}
	j.refuseByBureau()
	j.passAndReply("/sites/0/leader")
	j.awaitStep(filing.Done, filing.BureauRejected)
	j.wantUnchanged(before.ID, before.Version)
	mails := j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeRefused)...)
	if last := mails[len(mails)-1]; !strings.Contains(last.Subject, "变更备案未获管局通过") {
		t.Errorf("the email is about %s", last.Subject)
	}
	j.must(j.applicant.Resubmit(ctx, j.id))
	j.awaitMachine(j.order().Step)
	j.complete()
	j.passAndReply("/sites/0/leader")
	j.awaitStep(filing.Done, filing.Approved)
	f := j.filing()
	was, is := before.Sites[0].Accesses, f.Sites[0].Accesses
	if f.Version != before.Version+1 || len(is) != 1 || !is[0].Ours || is[0].Server != server || was[0].Server == server || !slices.Equal(is[0].IPs, []string{"8.130.2.2"}) {
		t.Errorf("register: version %d, accesses %+v", f.Version, is)
	}
	for id, want := range map[string]int{server: 1, j.app.Server.ID: 1} { // the slot of a filing is not given back
		if used, err := admin.UsedSlots(ctx, id); err != nil || used != want {
			t.Errorf("%s: %d slots in use, %v; want %d", id, used, err, want)
		}
	}
}

// TestChangeOfEverything: subject, site and access change in one order. The reviewer returns it once, the bureau refuses it once, and the approval
// brings all of it into the register at once; both leaders answer a code, and the bureau gets the whole filing.
func TestChangeOfEverything(t *testing.T) {
	j := fileCompany(t, 2302)
	ctx, server := t.Context(), j.secondServer()
	before := j.openChange(map[string]any{"access": []int{0}})
	j.must(j.applicant.ChooseServer(ctx, j.id, server))
	j.app.Details.Subject["address"] = "示例路9号2幢202室"
	j.app.Details.Sites[0]["name"] = "样例科技服务"
	j.enter()
	places := j.changedPlaces(j.applicant)
	for _, want := range []string{"/subject/address", "/sites/0/name", "/accesses/0/server"} {
		if !slices.Contains(places, want) {
			t.Errorf("the applicant sees changes of %q, not of %s", places, want)
		}
	}
	j.returnFor("/subject/address")
	j.awaitStep(filing.CollectDetails, filing.Returned)
	j.enter()
	j.refuseByBureau()
	j.passAndReply("/subject/leader", "/sites/0/leader")
	j.awaitStep(filing.Done, filing.BureauRejected)
	j.wantUnchanged(before.ID, before.Version)
	j.must(j.applicant.Resubmit(ctx, j.id))
	j.awaitMachine(j.order().Step)
	j.complete()
	j.passAndReply("/subject/leader", "/sites/0/leader")
	j.awaitStep(filing.Done, filing.Approved)
	f := j.filing()
	if f.Version != before.Version+1 || f.Subject.Address != "示例路9号2幢202室" || f.Sites[0].Details.Name != "样例科技服务" || f.Sites[0].Accesses[0].Server != server ||
		f.Number != before.Number || f.Sites[0].Number != before.Sites[0].Number {
		t.Errorf("register: version %d, %s, %+v", f.Version, f.Sites[0].Details.Name, f.Sites[0].Accesses)
	}
	if r := lastRecord(t); r.Operation != document.ChangeOperation {
		t.Errorf("the bureau got %+v", r)
	}
}

// changeAtBureau makes the bureau report other data of a filing, as after a change that another provider sent.
func (j *journey) changeAtBureau(id register.ID, version int, edit func(*document.FiledData)) {
	j.t.Helper()
	f, err := sys.Parts.Store().Filing(j.t.Context(), id)
	j.must(err)
	data := filedData(f)
	edit(&data)
	j.must(sys.Bureau.Apply(simulator.Scenario{Issue: []simulator.Issue{{Provider: system.BureauProvider, ICP: &document.ICPDownload{Filed: []document.FiledData{data}}}}}))
	j.must(scenario.Poll(j.t.Context(), func() (bool, error) { return j.filing().Version == version, nil }))
}

// filedData returns a filing as the bureau reports it.
func filedData(f register.Filing) document.FiledData {
	id := func(text string) int64 { n, _ := strconv.ParseInt(text, 10, 64); return n }
	s, day := f.Private.Subject, document.FormatDate(sys.Clock.Now())
	data := document.FiledData{Subject: document.FiledSubject{
		BureauID: id(f.MinistryID), Name: s.Name.Reveal(), Nature: int64(f.Entity), Number: f.Number.String(), ReportMode: 1, Reported: day, Changed: day, Investor: s.Investor,
		Address:     document.FiledAddress{Province: id(string(f.Province) + "0000"), County: id(s.Division), Detail: s.Address},
		Certificate: document.FiledCertificate{Kind: int64(s.Certificate.Kind), Number: s.Certificate.Number.Reveal(), Address: s.CertificateAddress},
		Leader: document.FiledLeader{Name: s.Leader.Name.Reveal(), OfficePhone: s.Leader.OfficePhone.Reveal(), Mobile: s.Leader.Mobile.Reveal(), Email: s.Leader.Email.Reveal(),
			CertificateKind: int64(s.Leader.Certificate.Kind), CertificateNumber: s.Leader.Certificate.Number.Reveal()},
	}}
	for i, site := range f.Sites {
		details := f.Private.Sites[i]
		l := details.Leader
		one := document.FiledSite{BureauID: id(site.MinistryID), Name: details.Name, Number: site.Number.String(), HomeURL: register.WithoutScheme(details.HomeURL), Remark: details.Remark,
			Leader: document.FiledSiteLeader{Name: l.Name.Reveal(), OfficePhone: l.OfficePhone.Reveal(), Mobile: l.Mobile.Reveal(), Email: l.Email.Reveal(),
				CertificateKind: int64(l.Certificate.Kind), CertificateNumber: l.Certificate.Number.Reveal()}}
		for _, n := range details.ServiceContent {
			one.Services = append(one.Services, int64(n))
		}
		for _, n := range details.Languages {
			one.Languages = append(one.Languages, int64(n))
		}
		for _, d := range site.Domains {
			one.Domains = append(one.Domains, document.FiledDomain{BureauID: id(d.MinistryID), Name: string(d.Name)})
		}
		for _, a := range site.Accesses {
			access := document.FiledAccess{BureauID: id(a.MinistryID), Provider: a.Provider, Locations: a.Locations, Modes: a.Modes}
			for _, r := range a.IPs {
				first, _ := document.IPv4From(netip.MustParseAddr(r.First))
				last, _ := document.IPv4From(netip.MustParseAddr(r.Last))
				access.IPs = append(access.IPs, document.FiledIPRange{BureauID: id(r.MinistryID), First: first, Last: last})
			}
			one.Accesses = append(one.Accesses, access)
		}
		data.Sites = append(data.Sites, one)
	}
	return data
}

// TestChangeOfStaleFiling: the bureau reports other data of a filing while an order changes it, first before the confirmation, then before the upload.
// The applicant looks at the filing as it is now, keeps the own change, and the approval has both.
func TestChangeOfStaleFiling(t *testing.T) {
	j := fileCompany(t, 2303)
	ctx := t.Context()
	before := j.openChange(nil)
	j.app.Details.Sites[0]["name"] = "样例科技服务"
	j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("change", 9)))
	j.awaitMachine(filing.AwaitConfirmation)
	j.changeAtBureau(before.ID, before.Version+1, func(d *document.FiledData) { d.Subject.Address.Detail = "示例路7号" })
	wantProblem(t, j.applicant.Confirm(ctx, j.id), 409, "filing-changed-since /subject")
	j.enterAsRebased("示例路7号")
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.changeAtBureau(before.ID, before.Version+2, func(d *document.FiledData) { d.Subject.Address.Detail = "示例路8号" })
	j.replySMS()
	j.awaitStep(filing.CollectDetails, filing.Returned)
	mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticePassed, filing.NoticeReturned)
	if last := mails[len(mails)-1]; !strings.Contains(last.Text, "备案") || !strings.Contains(last.Text, "怎么办") {
		t.Errorf("the email says %s", last.Text)
	}
	j.enterAsRebased("示例路8号")
	j.passAndReply("/sites/0/leader")
	j.awaitStep(filing.Done, filing.Approved)
	if f := j.filing(); f.Version != before.Version+3 || f.Subject.Address != "示例路8号" || f.Sites[0].Details.Name != "样例科技服务" {
		t.Errorf("register: version %d, %s", f.Version, f.Sites[0].Details.Name)
	}
}

// enterAsRebased checks that the order has the filing's new address and the applicant's own change, and submits it as it is.
func (j *journey) enterAsRebased(address string) {
	j.t.Helper()
	var o struct {
		Subject map[string]any
		Sites   []map[string]any
	}
	j.must(j.applicant.Call(j.t.Context(), http.MethodGet, fmt.Sprintf("/orders/%s", j.id), nil, &o))
	if o.Subject["address"] != address || o.Sites[0]["name"] != "样例科技服务" {
		j.t.Errorf("the order has %v and %v", o.Subject["address"], o.Sites[0]["name"])
	}
	j.app.Details = scenario.Details{Subject: maps.Clone(o.Subject), Sites: o.Sites}
	if missing, err := j.applicant.MissingPapers(j.t.Context(), j.id); err != nil || len(missing) > 0 {
		j.t.Errorf("papers are asked for again: %q, %v", missing, err)
	}
	j.enter()
}

// TestChangeOfAddresses: a site stays on its server, whose addresses changed and whose last slot it has. The change reserves no second slot, and the register
// has the new addresses.
func TestChangeOfAddresses(t *testing.T) {
	j := fileCompany(t, 3630)
	ctx, server := t.Context(), j.app.Server
	server.Quota, server.IPs = 1, []string{"8.130.2.9"}
	j.listServer(server)
	before := j.openChange(map[string]any{"access": []int{0}})
	j.must(j.applicant.ChooseServer(ctx, j.id, server.ID))
	j.enter()
	j.passAndReply("/sites/0/leader")
	j.awaitStep(filing.Done, filing.Approved)
	if used, err := admin.UsedSlots(ctx, server.ID); err != nil || used != 1 {
		t.Errorf("%d slots in use, %v; want 1", used, err)
	}
	if f := j.filing(); f.Version != before.Version+1 || f.Sites[0].Accesses[0].Server != server.ID || !slices.Equal(f.Sites[0].Accesses[0].IPs, server.IPs) {
		t.Errorf("register: version %d, accesses %+v", f.Version, f.Sites[0].Accesses)
	}
	j.openChange(map[string]any{"access": []int{0}})
	j.must(j.applicant.ChooseServer(ctx, j.id, server.ID))
	j.must(j.applicant.Abandon(ctx, j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
	if used, err := admin.UsedSlots(ctx, server.ID); err != nil || used != 1 {
		t.Errorf("after an abandoned change: %d slots in use, %v; want 1", used, err)
	}
}
