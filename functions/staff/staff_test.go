package staff

import (
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/functions/operator"
	"beian/functions/reviewer"
	"beian/shared/aws/apigateway"
	"beian/shared/bureau/result"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/event"
	"beian/shared/process/exchange"
	"beian/shared/process/late"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/pagestest"
)

func newStaff() *Staff {
	now := func() time.Time { return time.Date(2026, 11, 30, 2, 0, 0, 0, time.UTC) }
	return New(Config{Origin: "https://staff.example", Issuer: pages.Issuer{Pages: "https://login.example"}, Provider: finding.Words{Chinese: "示例云", English: "Example Cloud"}, Now: now, Wall: now, Log: slog.New(slog.DiscardHandler)})
}

func TestWordsAndTemplates(t *testing.T) { pagestest.Check(t, newStaff().Site) }

// TestLogInFirst: without a session, each page leads to the log-in of staff and back.
func TestLogInFirst(t *testing.T) {
	e := apigateway.Event{RawPath: "/staff/queue", Headers: map[string]string{"host": "staff.example"}}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = "GET", "/staff/queue"
	r, err := newStaff().Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if to := r.Headers["Location"]; r.StatusCode != 303 || to != "/staff/login?to=%2Fstaff%2Fqueue" {
		t.Errorf("status %d, location %q", r.StatusCode, to)
	}
	if policy := r.Headers["Permissions-Policy"]; !strings.HasPrefix(policy, "camera=()") {
		t.Errorf("a desk needs no camera: %q", policy)
	}
}

// TestWordsOfValues: each value that an operation can answer has words where a page names it.
func TestWordsOfValues(t *testing.T) {
	words := newStaff().Words()
	for prefix, of := range map[string]struct {
		response any
		field    string
	}{
		"bureau.task-": {web.Task{}, "Kind"}, "case.match-": {web.Match{}, "Kind"}, "case.holder-": {web.DomainFacts{}, "Holder"}, "case.verified-": {web.DomainFacts{}, "Verified"},
		"case.facts-": {web.DomainFacts{}, "Source"}, "case.ministry-": {web.LookUp{}, "Ministry"}, "case.subject-": {web.LookUp{}, "Subject"}, "case.filed-": {web.LookedUpDomain{}, "State"},
		"figures.by-": {operator.Refusal{}, "By"}, "bureautasks.kind-": {operator.BureauTask{}, "Kind"}, "bureautasks.about-": {operator.BureauTask{}, "Kind"}, "bureautasks.state-": {operator.BureauTask{}, "State"},
		"bureautasks.finding-": {operator.BureauTask{}, "Finding"}, "bureautasks.owner-": {operator.BureauTask{}, "Owner"},
		"webhooks.what-": {operator.WebhookChange{}, "What"}, "webhooks.delivery-": {operator.WebhookDelivery{}, "State"}, "webhooks.problem-": {operator.WebhookDelivery{}, "Problem"},
		"calls.outcome-": {reviewer.NewCall{}, "Outcome"}, "appointments.reason-": {web.Appointment{}, "Reason"},
	} {
		field, has := reflect.TypeOf(of.response).FieldByName(of.field)
		values := strings.Split(field.Tag.Get("enum"), ",")
		if !has || len(values) < 2 {
			t.Errorf("%T.%s lists no values", of.response, of.field)
		}
		for _, value := range values {
			if _, has := words[prefix+value]; !has {
				t.Errorf("no words %s%s", prefix, value)
			}
		}
	}
	var kinds []string
	for _, k := range filing.NoticeKinds {
		kinds = append(kinds, string(k))
	}
	for _, k := range register.NoticeKinds {
		kinds = append(kinds, string(k))
	}
	for i, kind := range kinds {
		if _, has := words["figures.message-"+kind]; !has || slices.Contains(kinds[:i], kind) {
			t.Errorf("the message %q has no words, or is the name of two", kind)
		}
	}
	for _, kind := range event.Types {
		if _, has := words["webhooks.type-"+string(kind)]; !has {
			t.Errorf("the event %q has no words", kind)
		}
	}
	keys := []string{"bureau.state-" + string(exchange.Accepted), "bureau.state-" + string(exchange.Processed), "bureau.state-" + string(exchange.Acknowledged), "bureau.state-" + string(exchange.Poison)}
	for _, d := range []result.Disposition{result.Done, result.RetryLater, result.FixAndResend, result.Settle, result.Stop} {
		keys = append(keys, "bureau.does-"+string(d))
	}
	for _, c := range late.Clocks(filing.DefaultReviewPromise) {
		switch {
		case c.Entry != "" && c.Entry != decide.DeadLetter:
			keys = append(keys, "late.entry-"+string(c.Entry))
		case c.Step == "" && c.Name != "execution" && c.Name != "second-reading" && c.Name != "by-hand": // has no order, and is named by its clock
			keys = append(keys, "late.clock-"+string(c.Name))
		}
	}
	for _, key := range keys {
		if _, has := words[key]; !has {
			t.Errorf("no words %s", key)
		}
	}
}

// TestSamePart: a part with the labels and values of an earlier one says so.
func TestSamePart(t *testing.T) {
	rows := func(name string) []caseRow {
		return []caseRow{{Label: "Name", Pointer: "/" + name, Value: []string{name}}}
	}
	earlier := []caseSection{{Title: "Subject", Rows: rows("firm")}, {Title: "Subject leader", Rows: rows("person")}}
	for name, want := range map[string]string{"person": "Subject leader", "other": ""} {
		if got := sameAs(earlier, caseSection{Rows: rows(name)}); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
