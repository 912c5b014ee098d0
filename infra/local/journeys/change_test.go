package journeys_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// company returns the application of an invented company in Beijing. Its legal representative is both leaders.
func company(n int) scenario.Application {
	app := soleTrader(n, "110105")
	app.Open["name"] = "北京样例科技有限公司"
	app.Open["certificate"] = map[string]any{"kind": 1, "number": unifiedCode("91110105" + fmt.Sprintf("%08d", n))}
	app.Details.Subject["investor"] = "北京样例科技有限公司"
	app.Details.Sites[0]["name"] = "样例科技"
	return app
}

// clerk returns a leader who leads nothing yet.
func clerk(n int) map[string]any {
	return map[string]any{"name": "样例戊", "legalRepresentative": false, "mobile": fmt.Sprintf("187%08d", 2*n), "emergencyPhone": fmt.Sprintf("187%08d", 2*n+1),
		"email": fmt.Sprintf("clerk%d@invented-example.com", n), "officePhone": "010-82000009", "certificate": map[string]any{"kind": 2,
			"number": scenario.WithCheckDigit(fmt.Sprintf("11010519881%03d%03d", 101+n%28, n%999+1)), "validity": map[string]any{"from": "2016-05-01", "to": "2036-05-01"}}}
}

// fileCompany files a company, and returns its journey.
func fileCompany(t *testing.T, n int) *journey {
	t.Helper()
	j := startJourney(t, company(n))
	j.advanceTo(filing.VerifySMS)
	j.replySMS()
	j.awaitApproved()
	j.wantNotices(append(slices.Clone(noticesToBureau), filing.NoticeApproved)...)
	return j
}

// openChange opens a change of the account's filing, and makes it the journey's order. The journey's details are then those that the order has.
func (j *journey) openChange(body map[string]any) web.Filing {
	j.t.Helper()
	ctx, f := j.t.Context(), j.filing()
	var o struct {
		ID      filing.ID
		Type    filing.Type
		Subject map[string]any
		Sites   []map[string]any
	}
	request := map[string]any{"language": "zh-CN", "contact": j.app.Contact}
	maps.Copy(request, body)
	j.must(j.applicant.Call(ctx, http.MethodPost, "/filings/"+string(f.ID)+"/changes", request, &o))
	j.id, j.app.Details = o.ID, scenario.Details{Subject: o.Subject, Sites: o.Sites}
	if o.Type != filing.ChangeFiling || len(o.Sites) != len(f.Sites) {
		j.t.Fatalf("the order is a %s of %d sites", o.Type, len(o.Sites))
	}
	j.smsBefore, j.mailsBefore = len(j.noticesTo(j.phone())), len(j.noticesTo(j.mailbox()))
	return f
}

// changedPlaces returns the pointers of what the order changes, as the summary shows them to everybody who reads it.
func (j *journey) changedPlaces(reader *scenario.User) []string {
	j.t.Helper()
	var summary struct{ Changes []register.Difference }
	j.must(reader.Call(j.t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/summary", nil, &summary))
	var places []string
	for _, d := range summary.Changes {
		places = append(places, d.Pointer)
	}
	return places
}

// replyFrom replies to the codes of the order.
func (j *journey) replyFrom(mobiles ...string) {
	j.t.Helper()
	for _, mobile := range mobiles {
		code := j.awaitCode(mobile)
		j.must(client.ReplySMS(j.t.Context(), fmt.Sprintf("reply-%s-%s-%s", j.id, mobile[7:], code), mobile, code))
	}
}

// lastRecord returns the newest record that the bureau got.
func lastRecord(t *testing.T) simulator.Record {
	t.Helper()
	all, err := sys.Bureau.Records(0, 0)
	if err != nil || len(all) == 0 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	return all[len(all)-1]
}

// States and decisions of a change of a leader.
var (
	changeToReview = []string{"Step", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview"}
	changeEntered  = []string{"open", "enter-details", "accept-evidence", "issue-challenge", "answer-challenge", "confirm", "check-domains"}
)

// changeLeader enters another leader of the first site, and submits the change.
func (j *journey) changeLeader(n int) (mobile string) {
	j.t.Helper()
	ctx, leader := j.t.Context(), clerk(n)
	j.app.Details.Sites[0]["leader"] = leader
	j.must(j.applicant.EnterDetails(ctx, j.id, j.app.Details))
	missing, err := j.applicant.MissingPapers(ctx, j.id)
	j.must(err)
	slices.Sort(missing)
	if want := []string{"sites/0/leader-certificate-back", "sites/0/leader-certificate-front", "sites/0/verification-form"}; !slices.Equal(missing, want) {
		j.t.Errorf("papers %q, want those of the new leader %q", missing, want)
	}
	j.must(j.applicant.UploadMissing(ctx, j.id, scenario.SamplePicture("change", 7)))
	j.must(j.applicant.PassLiveness(ctx, j.id, 0))
	j.awaitMachine(filing.AwaitConfirmation)
	j.must(j.applicant.Confirm(ctx, j.id))
	j.awaitMachine(filing.InitialReview)
	return leader["mobile"].(string)
}

// TestChangeOfLeader: another person becomes the leader of a site. Only that person shows papers and face and answers a code, the bureau gets the whole
// filing, and the register has the new leader.
func TestChangeOfLeader(t *testing.T) {
	j := fileCompany(t, 1700)
	ctx := t.Context()
	before := j.openChange(nil)
	mobile := j.changeLeader(1700)
	j.must(reviewer.Claim(ctx, j.id))
	if places := j.changedPlaces(reviewer); !slices.Contains(places, "/sites/0/leader/name") || slices.ContainsFunc(places, func(p string) bool { return strings.HasPrefix(p, "/subject") }) {
		t.Errorf("the reviewer sees changes of %q", places)
	}
	j.must(reviewer.Review(ctx, j.id, "pass"))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	if codes := j.awaitIssued().SMS.Codes; len(codes) != 1 || !slices.Equal(codes[0].Roles, []string{"/sites/0/leader"}) {
		t.Errorf("codes %+v", codes)
	}
	j.replyFrom(mobile)
	j.awaitStep(filing.Done, filing.Approved)
	j.wantPath(1, changeToReview, bySMS, toEnd)
	j.wantLedger(changeEntered, reviewed, answered, transmitted, []string{"agree"}, filed)
	if r := lastRecord(t); r.Operation != document.ChangeOperation || r.Attachments != 3 {
		t.Errorf("the bureau got %+v", r)
	}
	after := j.filing()
	if after.Version != before.Version+1 || after.Sites[0].Details.Leader.Mobile.Reveal() != mobile || after.Number != before.Number ||
		after.Sites[0].Number != before.Sites[0].Number || after.Sites[0].Accesses[0].Server != before.Sites[0].Accesses[0].Server {
		t.Errorf("register: version %d, %+v", after.Version, after.Sites[0].Accesses)
	}
}
