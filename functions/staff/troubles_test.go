package staff_test

import (
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/functions/api"
	"beian/functions/operator"
	"beian/functions/reviewer"
	"beian/functions/staff"
	"beian/infra/local/machinetest"
	"beian/infra/local/recordedlog"
	"beian/infra/local/scenario"
	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/partners/dialguard"
	"beian/shared/partners/webhook"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/exchange"
	"beian/shared/process/late"
	"beian/shared/process/people"
	"beian/shared/process/session"
	"beian/shared/process/subscription"
	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A room is the pages of an operator who is logged in, with a table and a state machine.
type room struct {
	*machinetest.System
	pages    *staff.Staff
	sessions session.Sessions
	cookie   string
	log      recordedlog.Log
}

func newRoom(t *testing.T) *room {
	t.Helper()
	s := machinetest.New(t)
	sessions := session.Sessions{Store: s.Store, Now: s.Clock.Now}
	r := &room{System: s, sessions: sessions}
	log := slog.New(slog.NewJSONHandler(&r.log, nil))
	s.Service.Log = log
	config := web.Config{Decisions: s.Service, Wall: s.Clock.Now, People: &people.Register{Store: s.Store, Now: s.Clock.Now, Log: log}, Retention: filing.DefaultRetention}
	r.pages = staff.New(staff.Config{
		API: api.New(api.Config{Config: config, Store: s.Store}), Reviewer: reviewer.New(reviewer.Config{Config: config, Store: s.Store}),
		Operator: operator.New(operator.Config{Config: config, Store: s.Store, Bureau: s.Finder.Bureau, Late: s.Finder, Rules: pack.Load, Objects: envelope.Objects{Encrypter: s.Store.Encrypter},
			Webhooks: subscription.Service{Store: s.Store, Now: s.Clock.Now, CheckHost: dialguard.Guard{}.CheckHost,
				NewSecret: func() subscription.Secret { return subscription.Secret(webhook.NewSecret().Reveal()) }}}),
		Sessions: sessions, Issuer: pages.Issuer{Pages: "https://login.example"}, Origin: "https://staff.example", Provider: finding.Words{Chinese: "示例云", English: "Example Cloud"},
		Now: s.Clock.Now, Wall: s.Clock.Now, Log: log})
	r.logIn("admin-1", "[admin]")
	return r
}

// logIn makes the browser that of another person.
func (r *room) logIn(account filing.Account, groups string) {
	r.T.Helper()
	cookie, err := r.sessions.Begin(r.T.Context(), account, map[string]string{"sub": string(account), "cognito:groups": groups, "email": string(account) + "@provider.example", "email_verified": "true"})
	if err != nil {
		r.T.Fatal(err)
	}
	r.cookie = "__Host-staff-session=" + cookie
}

// send sends a request of the browser and returns the page; a redirection is followed.
func (r *room) send(method, path string, form url.Values) string {
	r.T.Helper()
	return r.exchange(http.StatusOK, method, path, form)
}

// sendFor is like send, for a page with another status.
func (r *room) sendFor(status int, method, path string) string {
	r.T.Helper()
	return r.exchange(status, method, path, nil)
}

func (r *room) exchange(status int, method, path string, form url.Values) string {
	r.T.Helper()
	path, query, _ := strings.Cut(path, "?")
	e := apigateway.Event{RawPath: path, RawQueryString: query, Body: form.Encode(), Cookies: []string{r.cookie},
		Headers: map[string]string{"host": "staff.example", "accept-language": "en", "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	out, err := r.pages.Handle(r.T.Context(), e)
	if err != nil {
		r.T.Fatal(err)
	}
	if out.StatusCode == http.StatusSeeOther {
		return r.exchange(status, "GET", out.Headers["Location"], nil)
	}
	if out.StatusCode != status {
		r.T.Fatalf("%s %s: %d %.9000s", method, path, out.StatusCode, out.Body)
	}
	return out.Body
}

var repairButton = regexp.MustCompile(`action="(/staff/late/[^"]+/repair)"`)

// watch runs the watch over the executions once.
func (r *room) watch() {
	r.T.Helper()
	if err := r.Watch.Run(r.T.Context()); err != nil {
		r.T.Fatal(err)
	}
}

// repairAll presses the buttons of the page of what is late, the first first, until none is left. It returns the pages that it saw.
func (r *room) repairAll() (seen string) {
	r.T.Helper()
	r.watch()
	for range 10 {
		page := html.UnescapeString(r.send("GET", "/staff/late", nil))
		seen += page
		button := repairButton.FindStringSubmatch(page)
		if button == nil {
			return seen
		}
		if after := r.send("POST", button[1], url.Values{}); !strings.Contains(after, "It is repaired.") {
			r.T.Fatalf("after %s: %.3000s", button[1], after)
		}
	}
	r.T.Fatal("ten repairs were not enough")
	return ""
}

// TestLateRepaired: an operator finds what is late on the page, with its cause, and repairs it there. Nothing is late afterwards. journeys/pages has other troubles.
func TestLateRepaired(t *testing.T) {
	waiting := func(r *room) {
		r.At(filing.VerifyProduct)
		r.DeliverAll(decide.StartExecution)
		r.AwaitTask()
		r.Lose(decide.ResumeExecution)
	}
	for name, c := range map[string]struct {
		harm  func(*room)
		wants []string // texts on the page
		check func(*room)
	}{
		"the execution was not started": {func(r *room) { r.At(filing.VerifyType) }, []string{"its execution has not started"}, (*room).awaitTask},
		"the execution was not notified": {func(r *room) {
			waiting(r)
			r.At(filing.CollectDetails)
			r.Clock.Advance(late.WatchPatience + time.Second)
			r.watch() // notifies the execution, which follows soon; the entry stays
			r.AwaitTask()
		}, []string{"the execution was not notified"}, (*room).awaitTask},
		"the execution missed a decision": {func(r *room) { waiting(r); r.LoseTask(); r.At(filing.CollectDetails); r.Lose(decide.ResumeExecution) },
			[]string{"the execution has not", "Choose the server"}, (*room).awaitTask},
		"a step fails": {func(r *room) {
			r.At(filing.VerifyType)
			r.SetFailing(true)
			r.Clock.Advance(late.Grace / 2)
			r.DeliverAll(decide.StartExecution)
			r.AwaitState("Pause")
			r.SetFailing(false)
			r.Clock.Advance(late.Grace/2 + time.Second)
		}, []string{"A step failed in all its retries"}, (*room).awaitTask},
		"an order does not close": {func(r *room) {
			waiting(r)
			r.LoseTask()
			r.Do(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
			r.Lose(decide.ResumeExecution)
		}, []string{"Restart the execution"}, func(r *room) {
			if err := scenario.Poll(r.T.Context(), func() (bool, error) { return r.Order().Status == filing.Abandoned, nil }); err != nil {
				r.T.Errorf("%v; the order is %s", err, r.Order().Status)
			}
		}},
		"uploads have stopped": {func(r *room) {
			link := r.Finder.Bureau.Link
			_, err := r.Store.AcquireLink(r.T.Context(), link, "test")
			if err == nil {
				err = r.Store.ReleaseLink(r.T.Context(), link, "test", exchange.LinkState{Next: 8, Flight: &exchange.Sent{Sequence: 7}, Upload: exchange.LinkResponse{Code: 6, Since: r.Clock.Now()}})
			}
			if err != nil {
				r.T.Fatal(err)
			}
		}, []string{"Uploads have stopped until an operator acts", "Send the file again"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			c.harm(r)
			if name != "a step fails" {
				r.Clock.Advance(late.Grace + time.Minute)
			}
			seen := r.repairAll()
			for _, want := range c.wants {
				if !strings.Contains(seen, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			if c.check != nil {
				c.check(r)
			}
		})
	}
}

func (r *room) awaitTask() { r.AwaitTask() }
