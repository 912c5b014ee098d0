// Package shell_test files, cancels, changes and files again in 2026, when there is a source for what bureaus ask of a subject without sites (空壳主体) and of changes.
package shell_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/infra/local/systemtest"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// day is when the journeys start, a Monday.
var day = time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)

// The system of all tests.
var (
	sys             *system.System
	client          *scenario.Client
	reviewer, admin *scenario.User
)

func TestMain(m *testing.M) {
	config := system.Config{Programs: os.Getenv("PROGRAMS"), Clock: clock.StandingAt(day), Limits: system.Unlimited}
	systemtest.Main(m, config, "../../../stack/testdata/golden", func(s *systemtest.Suite) {
		sys, client, reviewer, admin = s.System, s.Client, s.Reviewer, s.Admin
	})
}

// An applicant files and cancels.
type applicant struct {
	*scenario.User
	t    *testing.T
	app  scenario.Application
	code string // with which the leader replied last
}

func (a *applicant) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// finish answers the SMS of an order, and waits until it is filed.
func (a *applicant) finish(id filing.ID) scenario.Order {
	a.t.Helper()
	ctx, mobile := a.t.Context(), scenario.LeaderMobiles(a.app.Details)[0]
	var code string
	a.must(scenario.Poll(ctx, func() (bool, error) {
		var err error
		code, err = client.AwaitOrderCode(ctx, mobile, id)
		return code != a.code, err
	}))
	a.code = code
	a.must(client.ReplySMS(ctx, fmt.Sprintf("reply-%s", id), mobile, code))
	return a.await(id, func(o scenario.Order) bool { return o.Status == filing.Approved && o.Step == filing.Done })
}

func (a *applicant) await(id filing.ID, is func(scenario.Order) bool) (o scenario.Order) {
	a.t.Helper()
	err := scenario.Poll(a.t.Context(), func() (bool, error) {
		var err error
		o, err = a.Order(a.t.Context(), id)
		return err == nil && is(o), err
	})
	if err != nil {
		a.t.Fatalf("the order is %s at %s with %v: %v", o.Status, o.Step, o.Findings, err)
	}
	return o
}

// withoutSite files the only site of an application, and cancels it.
func withoutSite(t *testing.T, app scenario.Application) *applicant {
	t.Helper()
	ctx := t.Context()
	user, err := client.LoginApplicant(ctx, admin, app, sys.Clock.Now())
	a := &applicant{User: user, t: t, app: app}
	a.must(err)
	id, err := app.AdvanceTo(ctx, user, reviewer, filing.VerifySMS)
	a.must(err)
	filed := a.finish(id)
	f, err := user.FilingNumbered(ctx, filed.Bureau.SubjectNumber)
	a.must(err)
	offers, err := user.Cancellations(ctx, f.ID)
	a.must(err)
	for _, offer := range offers {
		if offer.Kind != filing.CancelSite {
			continue
		}
		o, err := user.Cancel(ctx, f.ID, offer, app.Contact)
		a.must(err)
		_, err = user.AwaitStep(ctx, o.ID, filing.AwaitConfirmation)
		a.must(errors.Join(err, user.Confirm(ctx, o.ID)))
		_, err = user.AwaitStep(ctx, o.ID, filing.InitialReview)
		a.must(errors.Join(err, reviewer.Approve(ctx, o.ID)))
		a.finish(o.ID)
	}
	if f, err = user.FilingNumbered(ctx, f.Number.String()); err != nil || f.Status != "SHELL" {
		t.Fatalf("the register has %+v, %v", f, err)
	}
	return a
}

// openSecond opens an order for another site.
func (a *applicant) openSecond(domain string) filing.ID {
	a.t.Helper()
	a.app.Open = maps.Clone(a.app.Open)
	a.app.Open["domains"] = []string{domain}
	site := maps.Clone(a.app.Details.Sites[0])
	site["name"], site["domains"], site["remark"] = "山行手记", []string{domain}, "记录山间徒步的路线。"
	a.app.Details = scenario.Details{Sites: []map[string]any{site}}
	o, err := a.OpenOrder(a.t.Context(), a.app)
	a.must(err)
	return o.ID
}

// TestProvinceAddsSite: in Beijing, a subject whose only site was cancelled adds a new one (icp-filing 2.2, row 3).
func TestProvinceAddsSite(t *testing.T) {
	a := withoutSite(t, scenario.Invented(2402))
	id := a.openSecond("invented-2402-second-example.com")
	o := a.await(id, func(o scenario.Order) bool { return o.Step == filing.VerifyProduct })
	if o.Type != filing.AddSiteOwn || o.Findings.Has(filing.CodeShell) || o.Findings.Has(filing.CodeShellUnsure) {
		t.Errorf("%s with %v", o.Type, o.Findings)
	}
	a.must(a.app.Advance(t.Context(), id, a.User, reviewer, filing.VerifySMS))
	filed := a.finish(id)
	if f, err := a.FilingNumbered(t.Context(), filed.Bureau.SubjectNumber); err != nil || f.Status != "FILED" || len(f.Sites) != 1 {
		t.Errorf("the register has %+v, %v", f, err)
	}
}

// TestProvinceCancelsFirst: in Guangdong, the bureau cancels such a subject first. The way out is in the finding. A subject that has sites at other
// providers enters its number and goes on, with a warning for the reviewer.
func TestProvinceCancelsFirst(t *testing.T) {
	app := scenario.Invented(2403)
	number := scenario.WithCheckDigit("44010419800102403")
	certificate := map[string]any{"kind": 2, "number": number}
	app.Open["province"], app.Open["certificate"] = "44", certificate
	subject := app.Details.Subject
	subject["certificate"] = map[string]any{"kind": 2, "number": number, "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}
	subject["certificateAddress"], subject["division"], subject["address"] = "广东省广州市越秀区示例路1号", "440104", "越秀区示例路1号"
	a := withoutSite(t, app)
	id := a.openSecond("invented-2403-second-example.com")
	var shell finding.Finding
	o := a.await(id, func(o scenario.Order) bool {
		for _, f := range o.Findings {
			if f.Code == filing.CodeShell {
				shell = f
			}
		}
		return o.Findings.Blocking()
	})
	if o.Type != "" || o.Step != filing.VerifyType || shell.Severity != finding.Block || shell.Remedy.Chinese == "" || shell.Pointer != "/certificate/number" {
		t.Fatalf("%q at %s with %v", o.Type, o.Step, o.Findings)
	}
	var page struct{ Items []web.Filing }
	a.must(a.Call(t.Context(), "GET", "/filings", nil, &page))
	a.app.Open["filingNumber"] = page.Items[0].Number
	a.must(a.Call(t.Context(), "PUT", "/orders/"+string(id)+"/type", a.app.Open, nil))
	o = a.await(id, func(o scenario.Order) bool { return o.Step == filing.VerifyProduct })
	if o.Type != filing.AddSiteOwn || !o.Findings.Has(filing.CodeShellUnsure) {
		t.Errorf("%s with %v", o.Type, o.Findings)
	}
}
