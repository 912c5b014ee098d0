package journeys_test

import (
	"bytes"
	"encoding/base64"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/domainfacts"
	"beian/shared/web"
)

// watchSites lets a day pass, and visits the sites that are due.
func (j *journey) watchSites() {
	j.t.Helper()
	sys.Clock.Advance(sitewatch.Period)
	_, err := sys.Functions.Invoke(j.t.Context(), "sitewatch", []byte("{}"))
	j.must(err)
}

// TestSiteWatch: the site of an approved filing is visited within a day. That its number is missing becomes a duty of the applicant and a signed statement; the
// watch ends with the filing, and its history stays.
func TestSiteWatch(t *testing.T) {
	j := withDomain(t, 8870, "no-number-8870-example.com")
	ctx := t.Context()
	j.advanceTo(filing.VerifySMS)
	j.replySMS()
	o := j.awaitApproved()
	f, err := j.applicant.FilingNumbered(ctx, o.Bureau.SubjectNumber)
	j.must(err)
	watched := func() (all operator.WatchedSites) {
		t.Helper()
		j.must(admin.Call(ctx, "GET", "/site-watch/"+string(f.ID), nil, &all))
		return all
	}
	if all := watched().Items; len(all) != 1 || all[0].Host != j.domain() || len(all[0].Findings) != 0 || !all[0].CheckedAt.IsZero() {
		t.Fatalf("%+v", all)
	}
	j.watchSites()
	site := watched().Items[0]
	if len(site.Findings) != 1 || site.Findings[0].Code != sitewatch.NumberMissing || site.CheckedAt.IsZero() || site.Changes != 1 {
		t.Errorf("%+v", site)
	}
	var owed web.Upkeep
	j.must(j.applicant.Call(ctx, "GET", "/filings/"+string(f.ID)+"/upkeep", nil, &owed))
	snippet := `<a href="https://beian.miit.gov.cn/" target="_blank" rel="noopener">` + f.Sites[0].Number.String() + "</a>"
	if !slices.ContainsFunc(owed.Duties, func(d web.UpkeepDuty) bool {
		return d.Code == sitewatch.NumberMissing && strings.Contains(d.How.Chinese, snippet)
	}) {
		t.Errorf("the applicant sees %+v", owed)
	}

	// The history is proved by the file and the key.
	prove := func() []sitewatch.Statement {
		t.Helper()
		file, err := client.Send(ctx, admin, scenario.Request{Method: "GET", Path: "/site-watch/" + string(f.ID) + "/" + j.domain() + "/history"})
		j.must(err)
		var key operator.WatchKey
		j.must(admin.Call(ctx, "GET", "/site-watch-key", nil, &key))
		public, err := base64.StdEncoding.DecodeString(key.PublicKey)
		j.must(err)
		statements, err := sitewatch.Verify(file.Body, public)
		if err != nil {
			t.Fatalf("%v: %s", err, file.Body)
		}
		if bytes.Contains(file.Body, []byte("示例")) {
			t.Error("the history names somebody")
		}
		return statements
	}
	if s := prove(); len(s) != 1 || s[0].Host != j.domain() || s[0].Number != f.Sites[0].Number.String() || s[0].Findings[0].Code != sitewatch.NumberMissing {
		t.Errorf("%+v", s)
	}
	err = admin.Call(ctx, "GET", "/site-watch/"+string(f.ID)+"/other-example.cn/history", nil, nil)
	wantProblem(t, err, 404)
	err = j.applicant.Call(ctx, "GET", "/site-watch/"+string(f.ID), nil, nil)
	wantProblem(t, err, 403)

	j.cancel(f, filing.CancelSubject)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitStep(filing.Done, filing.Approved)
	j.watchSites()
	if all := watched().Items; len(all) != 0 || len(prove()) != 1 {
		t.Errorf("%+v", all)
	}
}

// TestScriptNumber: Chromium shows a number that only a script adds, where it is installed; elsewhere it could not be seen.
func TestScriptNumber(t *testing.T) {
	j := withDomain(t, 10912, "script-number-10912-example.com")
	j.advanceTo(filing.VerifySMS)
	j.replySMS()
	f, err := j.applicant.FilingNumbered(t.Context(), j.awaitApproved().Bureau.SubjectNumber)
	j.must(err)
	j.watchSites()
	var all operator.WatchedSites
	j.must(admin.Call(t.Context(), "GET", "/site-watch/"+string(f.ID), nil, &all))
	_, err = exec.LookPath("chromium")
	seen := err == nil
	if len(all.Items) != 1 || all.Items[0].CheckedAt.IsZero() || seen != (len(all.Items[0].Findings) == 0) {
		t.Errorf("%+v, with Chromium: %t", all, seen)
	}
}

// TestOpenBeforeApproval: a site that is open while its application is at the bureau becomes one message to the applicant, and a warning in the order, which
// the reviewer sees too.
func TestOpenBeforeApproval(t *testing.T) {
	j := withDomain(t, 10911, "has-page-10911-example.com")
	j.advanceTo(filing.VerifySMS)
	opened := func() (n int) {
		for _, m := range j.noticesTo(j.phone()) {
			if kindOf(m) == filing.NoticeSiteOpen {
				n++
			}
		}
		return n
	}
	j.watchSites()
	j.watchSites()
	j.must(scenario.Poll(t.Context(), func() (bool, error) { return opened() > 0, nil }))
	if n := opened(); n != 1 {
		t.Errorf("%d messages", n)
	}
	if !j.order().Findings.Has(domainfacts.CodeHasPage) {
		t.Errorf("the applicant sees %v", j.order().Findings)
	}
}
