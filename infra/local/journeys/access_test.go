package journeys_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"beian/functions/accesscheck"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
	checks "beian/shared/process/accesscheck"
	"beian/shared/rules/finding"
)

// wantAccess waits until the answer for the application's host on an address has a reason, and returns it. Facts may be two seconds old.
func (j *journey) wantAccess(address string, reason finding.Code) (c accesscheck.AccessCheck) {
	j.t.Helper()
	ctx, path := j.t.Context(), "/access-checks?"+url.Values{"host": {"www." + j.domain()}, "address": {address}}.Encode()
	if err := scenario.Poll(ctx, func() (bool, error) { err := admin.Call(ctx, "GET", path, nil, &c); return c.Reason == reason, err }); err != nil {
		j.t.Fatalf("%s on %s: %s, want %s: %v", j.domain(), address, c.Reason, reason, err)
	}
	return c
}

// askAsMachine sends a signed request of one of the provider's systems.
func (j *journey) askAsMachine(path string, body []byte, secret webhook.Secret, at time.Time) scenario.Answer {
	j.t.Helper()
	a, err := client.Send(j.t.Context(), nil, scenario.Request{Method: "POST", Path: path, Body: body, Header: webhook.Sign("question-1", body, at, secret).Map()})
	j.must(err)
	return a
}

// TestAccessChecks: a host may be served on its filed address from the approval on, until its access ends or its subject is blacklisted. The feed has each change.
func TestAccessChecks(t *testing.T) {
	j := journeyAt(t, 8850, filing.VerifySMS)
	ctx := t.Context()
	j.wantAccess("8.130.1.1", checks.OrderOpen)
	j.replySMS()
	o := j.awaitApproved()
	if c := j.wantAccess("8.130.1.1", checks.Filed); !c.Allowed || c.Number != o.Bureau.Sites[0].Number || string(c.Domain) != j.domain() {
		t.Errorf("%+v", c)
	}
	if c := j.wantAccess("8.130.1.2", checks.OtherAddress); c.Allowed {
		t.Errorf("%+v", c)
	}
	j.wantAccess("2400:3200::1", checks.IPv6)
	for _, ask := range []func(string) (*http.Response, error){http.Get, http.Head} {
		page, err := ask(client.Portal + "/badge/www." + j.domain())
		j.must(err)
		page.Body.Close()
		if page.StatusCode != http.StatusOK || page.Header.Get("Content-Type") != "text/html; charset=utf-8" || page.Header.Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("the badge: %s %d %v", page.Request.Method, page.StatusCode, page.Header)
		}
	}

	// A machine asks for several hosts at once, with its own secret.
	batch := fmt.Appendf(nil, `{"items":[{"host":%q,"address":"8.130.1.1"},{"host":"unfiled-8850.com"}]}`, j.domain())
	var answers struct{ Items []accesscheck.AccessCheck }
	a := j.askAsMachine("/webhooks/access-checks", batch, system.AccessSecret, time.Now())
	j.must(json.Unmarshal(a.Body, &answers))
	if a.Status != http.StatusOK || len(answers.Items) != 2 || !answers.Items[0].Allowed || answers.Items[1].Reason != checks.NotFiled {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	for _, wrong := range []scenario.Answer{j.askAsMachine("/webhooks/access-checks", batch, system.SMSSecret, time.Now()),
		j.askAsMachine("/webhooks/access-checks", batch, system.AccessSecret, time.Now().Add(-6*time.Minute))} {
		if wrong.Status != http.StatusUnauthorized {
			t.Errorf("a wrong signature: %d %s", wrong.Status, wrong.Body)
		}
	}

	// The access ends.
	f, err := j.applicant.FilingNumbered(ctx, o.Bureau.SubjectNumber)
	j.must(err)
	j.must(sys.Bureau.Apply(simulator.Scenario{Hosted: []simulator.Hosting{{Site: f.Sites[0].Number.String()}}}))
	j.cancel(f, filing.CancelAccess)
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.Done, filing.Approved)
	j.wantAccess("8.130.1.1", checks.NotOurs)

	// Another subject is blacklisted.
	k, _ := filedJourney(t, 8851)
	k.wantAccess("8.130.1.1", checks.Filed)
	number := fmt.Sprint(k.app.Open["certificate"].(map[string]any)["number"])
	k.must(sys.Bureau.Apply(simulator.Scenario{Issue: []simulator.Issue{{Provider: system.BureauProvider, ICP: &document.ICPDownload{Blacklist: &document.Blacklist{
		Subjects: []document.BlacklistedSubject{{Entry: document.AddEntry, Subject: &document.BlacklistSubject{Name: "示例人", Certificate: document.BlacklistCertificate{Kind: 2, Number: number}}}},
	}}}}}))
	k.wantAccess("8.130.1.1", checks.BlackSubject)

	// The feed ends with what happened, and each change has the answer of now.
	got := map[string][]string{}
	cursor := ""
	want := map[string][]string{j.domain(): {"filed", "access-ended"}, k.domain(): {"filed", "blacklisted"}}
	k.must(scenario.Poll(ctx, func() (bool, error) {
		var page accesscheck.AccessChanges
		if err := admin.Call(ctx, "GET", "/access-changes?"+url.Values{"cursor": {cursor}}.Encode(), nil, &page); err != nil {
			return false, err
		}
		cursor = page.Next
		for _, c := range page.Items {
			got[string(c.Domain)] = append(got[string(c.Domain)], string(c.Change))
			if _, ours := want[string(c.Domain)]; ours && c.Allowed {
				t.Errorf("%+v", c)
			}
		}
		return len(got[k.domain()]) == 2, nil
	}))
	for domain, changes := range want {
		if !slices.Equal(got[domain], changes) {
			t.Errorf("%s: %q, want %q", domain, got[domain], changes)
		}
	}
	if a := j.askAsMachine("/webhooks/access-changes", []byte(`{"cursor":"x"}`), system.AccessSecret, time.Now()); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown cursor: %d %s", a.Status, a.Body)
	}
}
