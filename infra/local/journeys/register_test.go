package journeys_test

import (
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// filing waits until the account has one filing, and returns it.
func (j *journey) filing() web.Filing {
	j.t.Helper()
	all, err := j.applicant.Filings(j.t.Context())
	j.must(err)
	if len(all) != 1 {
		j.t.Fatalf("the account has %d filings, want 1: %+v", len(all), all)
	}
	f, err := j.applicant.Filing(j.t.Context(), all[0].ID)
	j.must(err)
	return f
}

// TestFirstFilingInRegister: an approved first filing is in the register, for its owner only (S25).
func TestFirstFilingInRegister(t *testing.T) {
	j := journeyAt(t, 1100, filing.InitialReview)
	j.must(reviewer.Approve(t.Context(), j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	o := j.awaitApproved()
	f := j.filing()
	if f.Status != register.Filed || f.Version != 1 || f.Number.String() != o.Bureau.SubjectNumber || len(f.Sites) != 1 || !slices.Equal(f.Domains, f.Sites[0].Details.Domains) {
		t.Errorf("filing %+v", f)
	}
	if access := f.Sites[0].Accesses; len(access) != 1 || !access[0].Ours || access[0].Server != o.Product.Server || len(access[0].IPs) == 0 {
		t.Errorf("accesses %+v", access)
	}
	other := newJourney(t, 1101)
	_, err := other.applicant.Filing(t.Context(), f.ID)
	wantProblem(t, err, 404)
	if all, err := other.applicant.Filings(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("another account has the filings %+v, %v", all, err)
	}
}

// newFiling files an invented application, and returns its journey and the filing.
func newFiling(t *testing.T, n int) (*journey, web.Filing) {
	t.Helper()
	j := journeyAt(t, n, filing.InitialReview)
	j.must(reviewer.Approve(t.Context(), j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitApproved()
	return j, j.filing()
}

// TestRegisterForOwner: the owner reads papers by name, what made each version, what can begin and the ETag; other accounts read nothing.
func TestRegisterForOwner(t *testing.T) {
	j, f := newFiling(t, 1102)
	if len(f.Papers) == 0 || f.Papers[0].Words.Chinese == "" || f.Papers[0].Order != j.id || f.OpenOrder != "" {
		t.Errorf("papers %+v, open order %q", f.Papers, f.OpenOrder)
	}
	versions, err := j.applicant.FilingVersions(t.Context(), f.ID)
	j.must(err)
	if v := versions.Items; !versions.Verified || len(v) != 1 || v[0].Source != register.FromOrder || v[0].ID != string(j.id) || !slices.Contains(v[0].Changed, "/number") {
		t.Errorf("versions %+v", versions)
	}
	path := "/filings/" + string(f.ID)
	first, err := client.Send(t.Context(), j.applicant, scenario.Request{Method: "GET", Path: path})
	j.must(err)
	again, err := client.Send(t.Context(), j.applicant, scenario.Request{Method: "GET", Path: path, Header: map[string]string{"If-None-Match": first.Header.Get("ETag")}})
	j.must(err)
	if again.Status != 304 || len(again.Body) > 0 {
		t.Errorf("read again: %d %s", again.Status, again.Body)
	}
	other, err := client.Login(t.Context(), scenario.Invented(1103).Login)
	j.must(err)
	for _, rest := range []string{"", "/versions", "/staff-reads"} {
		answer, err := client.Send(t.Context(), other, scenario.Request{Method: "GET", Path: path + rest})
		if err != nil || answer.Status != 404 {
			t.Errorf("another account reads %s: %d, %v", rest, answer.Status, err)
		}
	}
}

// TestRegisterForStaff: staff find a filing by number, domain and name. A reviewer reads no personal data, an administrator all; the owner sees who
// read.
func TestRegisterForStaff(t *testing.T) {
	j, f := newFiling(t, 1104)
	for field, value := range map[string]string{"number": f.Sites[0].Number.String(), "domain": string(f.Domains[0]), "name": f.Subject.Name.Reveal()} {
		found, err := reviewer.SearchRegister(t.Context(), map[string]string{field: value})
		if field == "name" && len(found) > 1 { // other tests file subjects of this name, and the answer has the first of them
			continue
		}
		if err != nil || !slices.ContainsFunc(found, func(b web.FilingBrief) bool { return b.ID == f.ID }) {
			t.Errorf("found by %s: %+v, %v", field, found, err)
		}
	}
	_, err := reviewer.SearchRegister(t.Context(), map[string]string{"number": "x", "domain": "example.cn"})
	wantProblem(t, err, 422, "filing-search-one-of-three ")
	_, err = reviewer.SearchRegister(t.Context(), map[string]string{"number": "no number"})
	wantProblem(t, err, 422, "filing-search-number /number")
	if found, err := admin.SearchRegister(t.Context(), map[string]string{"domain": "never-filed.example.cn"}); err != nil || len(found) != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
	secret := f.Subject.Leader.Name.Reveal()
	for _, c := range []struct {
		user  *scenario.User
		shown bool
	}{{reviewer, false}, {admin, true}} {
		answer, err := client.Send(t.Context(), c.user, scenario.Request{Method: "GET", Path: "/register/" + string(f.ID)})
		if err != nil || answer.Status != 200 || strings.Contains(string(answer.Body), secret) != c.shown {
			t.Errorf("%d, %v: %s", answer.Status, err, answer.Body)
		}
		answer, err = client.Send(t.Context(), c.user, scenario.Request{Method: "GET", Path: "/register?limit=100"})
		if err != nil || answer.Status != 200 || !strings.Contains(string(answer.Body), string(f.ID)) || strings.Contains(string(answer.Body), secret) {
			t.Errorf("the list: %d, %v", answer.Status, err)
		}
	}
	var reads web.Page[struct {
		What    filing.ReadPart `json:"what"`
		Account string          `json:"account"`
	}]
	j.must(j.applicant.Call(t.Context(), "GET", "/filings/"+string(f.ID)+"/staff-reads", nil, &reads))
	var what []filing.ReadPart
	for _, r := range reads.Items {
		what = append(what, r.What)
		if r.Account != "" {
			t.Error("the owner sees the account of staff")
		}
	}
	if i := slices.Index(what, filing.ReadFiling); i < 0 || len(what) < 4 || slices.Contains(what[i+1:], filing.ReadFiling) {
		t.Errorf("reads %v, want one of all data and at least three without personal data", what)
	}
	wantProblem(t, j.applicant.Call(t.Context(), "GET", "/register", nil, nil), 403)
}
