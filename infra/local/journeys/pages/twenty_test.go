package pages_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/chromedp/kb"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A reviewedCase is an order at the review with the verdict that it is to get.
type reviewedCase struct {
	id      filing.ID
	kind    filing.Type
	verdict filing.Verdict
	first   *scenario.User // who read it first, so that it is now read blind; nil if it is read once
}

// blindCase is the case that is read twice, because only its applicant explained a finding.
const blindCase = 16

// seedCases brings twenty orders of six kinds to the review, the number of the first invented person given.
func seedCases(t *testing.T, first int) []reviewedCase {
	t.Helper()
	verdicts := map[int]filing.Verdict{2: filing.VerdictReturn, 6: filing.VerdictReturn, 9: filing.VerdictReject, 11: filing.VerdictReturn, 16: filing.VerdictReturn}
	var all []reviewedCase
	for n := range 20 {
		a := scenario.Invented(first + n)
		u := account(t, a)
		c := reviewedCase{kind: filing.First, verdict: filing.VerdictPass}
		if verdict, other := verdicts[n]; other {
			c.verdict = verdict
		}
		if n < len(kindsAtFiling) {
			finish(t, u, a, mustOpen(t, u, a))
			c.kind = kindsAtFiling[n].kind
			c.id = kindsAtFiling[n].open(t, u, a, first+n)
		} else {
			if n == blindCase {
				a = a.WithExplainedName()
			}
			c.id = mustOpen(t, u, a)
		}
		if _, err := (scenario.Course{Applicant: u, Server: a.Server.ID, Details: a.Details}).ToReview(t.Context(), c.id); err != nil {
			t.Fatalf("%s: %v", c.kind, err)
		}
		if n == blindCase {
			c.first = readFirst(t, c)
		}
		all = append(all, c)
	}
	return all
}

// firstWords are the reason of the first reader, which the second reader must not see.
const firstWords = "网站名称请写作品名。"

// readFirst gives a case the verdict of the second reviewer of the demo, who is returned. It does not take effect before another reads the case.
func readFirst(t *testing.T, c reviewedCase) *scenario.User {
	t.Helper()
	ctx := t.Context()
	first, err := suite.Client.Login(ctx, demo.SecondReviewerLogin)
	if err == nil {
		err = first.Claim(ctx, c.id)
	}
	if err == nil {
		err = first.Review(ctx, c.id, string(c.verdict), scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": firstWords}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return first
}

// wantBlind checks that neither the pages nor the API show the reviewer what the first reader of a case did.
func (k *keyboard) wantBlind(c reviewedCase) {
	k.Helper()
	order := "/orders/" + string(c.id)
	seen := map[string]string{}
	for _, page := range []string{"/staff" + order, "/staff" + order + "/history", "/staff" + order + "/calls"} {
		text, err := browser.Evaluate[string](k.page, `fetch("`+page+`").then(answer => answer.ok ? answer.text() : Promise.reject(answer.status))`)
		k.must(err)
		seen[page] = text
	}
	for _, path := range []string{order, order + "/summary", order + "/ledger", order + "/timeline", order + "/evidence", order + "/calls"} {
		answer, err := suite.Client.Send(k.Context(), suite.Reviewer, scenario.Request{Method: http.MethodGet, Path: path})
		k.must(err)
		if answer.Status != http.StatusOK {
			k.Errorf("GET %s: %d %s", path, answer.Status, answer.Body)
		}
		seen["GET "+path] = string(answer.Body)
	}
	var queue struct{ Items []json.RawMessage }
	k.must(suite.Reviewer.Call(k.Context(), http.MethodGet, "/review/orders?limit=100", nil, &queue))
	for _, item := range queue.Items { // others may be claimed by the first reader
		if strings.Contains(string(item), string(c.id)) {
			seen["the queue"] = string(item)
		}
	}
	if seen["the queue"] == "" {
		k.Error("the case is not in the queue of its second reader")
	}
	for where, text := range seen {
		for _, secret := range []string{firstWords, c.first.Account(), demo.SecondReviewerLogin, "keep-reading"} {
			if strings.Contains(text, secret) {
				k.Errorf("%s shows the second reader %q", where, secret)
			}
		}
	}
}

// wantReadings checks that the ledger has the verdicts of both readers, and that the agreement of reviewers counts them.
func wantReadings(t *testing.T, c reviewedCase, l scenario.Ledger) {
	t.Helper()
	want := fmt.Sprintf("%s:%s %s:%s", c.first.Account(), c.verdict, suite.Reviewer.Account(), c.verdict)
	if !slices.Contains(l.Decisions(), "keep-reading") || l.Entries[len(l.Entries)-1].Facts["readings"] != want {
		t.Errorf("the ledger of the case that was read twice has %v, facts %v; want %q", l.Decisions(), l.Entries[len(l.Entries)-1].Facts, want)
	}
	month := suite.System.Clock.Now().In(workday.Shanghai).Format("2006-01")
	var a operator.Agreement
	if err := suite.Admin.Call(t.Context(), http.MethodGet, "/review-agreement?from="+month+"&to="+month, nil, &a); err != nil {
		t.Fatal(err)
	}
	if a.Orders != 1 || len(a.Readers) != 1 || a.Readers[0].N != 1 || a.Readers[0].Agreed != 1 {
		t.Errorf("the agreement of reviewers is %+v", a)
	}
}

// kindsAtFiling are kinds of application at a filing that stands, each with how it is opened.
var kindsAtFiling = []struct {
	kind filing.Type
	open func(t *testing.T, u *scenario.User, a scenario.Application, n int) filing.ID
}{
	{filing.AddSiteOwn, func(t *testing.T, u *scenario.User, a scenario.Application, n int) filing.ID {
		domain := fmt.Sprintf("invented-%d-b-example.com", n)
		a.Open["domains"] = []string{domain}
		a.Details.Sites[0]["domains"] = []string{domain}
		return mustOpen(t, u, a)
	}},
	{filing.ChangeFiling, func(t *testing.T, u *scenario.User, a scenario.Application, n int) filing.ID {
		o, err := u.OpenChange(t.Context(), register.ID(filingOf(t, n)), a)
		if err != nil {
			t.Fatal(err)
		}
		a.Details.Subject["address"] = "示例胡同2号"
		return o.ID
	}},
	{filing.SubmitEvidence, func(t *testing.T, u *scenario.User, a scenario.Application, n int) filing.ID {
		o, err := u.OpenSubmission(t.Context(), register.ID(filingOf(t, n)), a, "subject-certificate-front", "subject-certificate-back")
		if err != nil {
			t.Fatal(err)
		}
		return o.ID
	}},
	{filing.CancelSite, openCancellationOf(filing.CancelSite)},
	{filing.CancelSubject, openCancellationOf(filing.CancelSubject)},
}

func openCancellationOf(kind filing.Type) func(*testing.T, *scenario.User, scenario.Application, int) filing.ID {
	return func(t *testing.T, u *scenario.User, a scenario.Application, n int) filing.ID {
		id := register.ID(filingOf(t, n))
		offers, err := u.Cancellations(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(offers, func(o api.CancellationOffer) bool { return o.Kind == kind })
		o, err := u.Cancel(t.Context(), id, offers[i], a.Contact)
		if err != nil {
			t.Fatal(err)
		}
		return o.ID
	}
}

// takeOthers lets the second reviewer claim what other tests left at the review, until the test ends.
func takeOthers(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	second, err := suite.Client.Login(ctx, demo.SecondReviewerLogin)
	if err != nil {
		t.Fatal(err)
	}
	var list web.Page[web.Brief]
	err = scenario.Poll(ctx, func() (bool, error) { // the verdict of an earlier test takes effect after some seconds; until then its order cannot be claimed
		if err := second.Call(ctx, http.MethodGet, "/review/orders?limit=100", nil, &list); err != nil {
			return false, err
		}
		for _, o := range list.Items {
			err := second.Claim(ctx, o.ID)
			if p, refused := errors.AsType[*scenario.Problem](err); refused && p.Status == http.StatusConflict {
				return false, nil
			}
			if err != nil {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list.Items {
		t.Cleanup(func() {
			if err := second.Call(context.WithoutCancel(ctx), http.MethodDelete, "/orders/"+string(o.ID)+"/claim", nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// A keyboard counts the keys that a reviewer presses.
type keyboard struct {
	visitor
	strokes int
}

func (k *keyboard) press(key string) {
	k.Helper()
	k.strokes++
	if key >= " " && key <= "~" {
		k.must(k.page.Shortcut(key))
		return
	}
	k.key(key)
}

// leave presses a key that leads to another page.
func (k *keyboard) leave(key string) {
	k.Helper()
	k.strokes++
	k.follow(key)
}

const reasonWords = "请按执照改。"

// TestTwentyCases: by the keyboard alone, a reviewer decides twenty cases of six kinds, of which four are returned and one is rejected. One is a second reading,
// blind. The ledgers show it. It prints the keys of each case.
func TestTwentyCases(t *testing.T) {
	takeOthers(t)
	cases := seedCases(t, 10430)
	k := &keyboard{visitor: staffAt(t, browser.Desktop, demo.ReviewerLogin)}
	for n, c := range cases {
		k.strokes = 0
		k.leave("n")
		k.await("您已领取")
		address, err := k.page.Address()
		k.must(err)
		path, _, _ := strings.Cut(address, "?")
		i := slices.IndexFunc(cases, func(c reviewedCase) bool { return path == "/staff/orders/"+string(c.id) })
		if i < 0 {
			t.Fatalf("case %d is at %s", n, address)
		}
		c = cases[i]
		if c.kind == filing.CancelSite || c.kind == filing.CancelSubject {
			k.sees("注销对象")
		}
		if c.first != nil {
			k.wantBlind(c)
		}
		for range 3 {
			k.press("j") // looks at three parts, and at the paper of each
		}
		switch c.verdict {
		case filing.VerdictPass:
			k.press("p")
			k.leave(kb.Enter)
		default:
			k.press("x")
			k.press(kb.Tab)
			k.strokes += utf8.RuneCountInString(reasonWords)
			k.key(reasonWords)
			if c.verdict == filing.VerdictReturn {
				k.strokes++
				k.must(k.page.PressCtrlEnter())
			} else {
				k.press(kb.Escape)
				k.leave("R")
			}
		}
		t.Logf("%s %s, read before: %t: %d keys", c.kind, c.verdict, c.first != nil, k.strokes)
		if c.verdict == filing.VerdictPass && k.strokes >= 15 {
			t.Errorf("passing took %d keys", k.strokes)
		}
	}
	for _, c := range cases {
		l, err := suite.Admin.AwaitDecision(t.Context(), c.id, string(c.verdict)) // after the time in which the verdict can be taken back
		k.must(err)
		if made := l.Decisions(); !l.Verified || !slices.Contains(made, string(c.verdict)) {
			t.Errorf("the ledger of a case to %s has %v, verified: %t", c.verdict, made, l.Verified)
		}
		if c.first != nil {
			wantReadings(t, c, l)
		}
	}
}
