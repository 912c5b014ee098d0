package staff_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/shared/process/event"
	"beian/shared/process/subscription"
)

var (
	secretShown = regexp.MustCompile(`whsec_[A-Za-z0-9+/=&#;]+`)
	webhookETag = regexp.MustCompile(`name="etag" value="([^"]*)"`)
)

// webhookForm returns a form with the version that a page shows.
func webhookForm(page string, others ...string) url.Values {
	form := url.Values{}
	if found := webhookETag.FindStringSubmatch(page); found != nil {
		form.Set("etag", strings.ReplaceAll(found[1], "&#34;", `"`))
	}
	for i := 0; i+1 < len(others); i += 2 {
		form.Add(others[i], others[i+1])
	}
	return form
}

// TestWebhooks: an operator adds an endpoint, sees its secret once, pauses and resumes it, replaces the secret, and deletes it. Who did what is listed, and stays.
func TestWebhooks(t *testing.T) {
	r := newRoom(t)
	r.wants(r.send(http.MethodGet, "/staff/webhooks", nil), "There is no endpoint", "Add an endpoint", "Order approved")
	entered := url.Values{"/url": {"https://10.0.0.1/events"}, "/description": {"portal"}, "/types": {"beian.order.approved", "beian.duty.near"}}
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, "/staff/webhooks", entered), `value="https://10.0.0.1/events"`, `data-focus open`, `value="beian.duty.near" checked`)
	entered.Set("/url", "https://portal.example/events")
	page := r.send(http.MethodPost, "/staff/webhooks", entered)
	secret := secretShown.FindString(page)
	r.wants(page, "shown this once", "Active", "Order approved", "Duty near", "Nothing was sent")
	r.wants(r.exchange(http.StatusConflict, http.MethodPost, "/staff/webhooks", entered), "portal.example/events") // pressed twice
	list := r.send(http.MethodGet, "/staff/webhooks", nil)
	at := regexp.MustCompile(`/staff/webhooks/[0-9A-Z]{26}`).FindString(list)
	if at == "" || secret == "" || secretShown.MatchString(list) {
		t.Fatalf("the secret %q is shown again, or there is no link: %s", secret, list)
	}
	page = r.send(http.MethodGet, at, nil)
	if secretShown.MatchString(page) {
		t.Error("the secret is shown again")
	}
	paused := r.send(http.MethodPost, at+"/state", webhookForm(page, "disabled", "true"))
	r.wants(paused, "Paused", "Resume")
	r.wants(r.exchange(http.StatusPreconditionFailed, http.MethodPost, at+"/state", webhookForm(page, "disabled", "true")), "Paused") // the version before
	page = r.send(http.MethodPost, at+"/state", webhookForm(paused, "disabled", "false"))
	r.wants(page, "Active")
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, at, webhookForm(page, "/url", "http://portal.example", "/description", "")), `value="http://portal.example"`)
	page = r.send(http.MethodPost, at, webhookForm(page, "/url", "https://portal.example/new", "/description", ""))
	r.wants(page, "https://portal.example/new", "Every event")
	page = r.send(http.MethodPost, at+"/secret", webhookForm(page))
	r.wants(page, "signs until", "shown this once")
	if next := secretShown.FindString(page); next == secret || next == "" {
		t.Errorf("the secret %q is not new", next)
	}
	page = r.send(http.MethodPost, at+"/secret", webhookForm(page, "leaked", "true"))
	if strings.Contains(page, "signs until") {
		t.Error("the leaked secret still signs")
	}
	list = r.send(http.MethodPost, at+"/deletion", webhookForm(page))
	r.wants(list, "There is no endpoint", "Deleted", "New secret, the one before ended at once", "Paused", "Resumed", "Changed", "Added", `href="/staff/people/admin-1"`)
	r.sendFor(http.StatusNotFound, http.MethodGet, at)
	if strings.Contains(r.log.String(), "whsec_") {
		t.Error("a secret is in the log")
	}
	r.logIn("reviewer-1", "[reviewer]")
	r.sendFor(http.StatusForbidden, http.MethodGet, "/staff/webhooks")
	r.sendFor(http.StatusForbidden, http.MethodPost, "/staff/webhooks")
}

// TestDeadLetters: the page of an endpoint lists what was not delivered with the reason, and sends it again, one or all since a time.
func TestDeadLetters(t *testing.T) {
	r := newRoom(t)
	r.send(http.MethodPost, "/staff/webhooks", url.Values{"/url": {"https://portal.example/events"}})
	at := regexp.MustCompile(`/staff/webhooks/[0-9A-Z]{26}`).FindString(r.send(http.MethodGet, "/staff/webhooks", nil))
	id, begin := at[len("/staff/webhooks/"):], r.Clock.Now()
	for i, result := range []subscription.Result{{Status: 204}, {Status: 500}, {Problem: subscription.Timeout}, {Problem: subscription.NotPublic}} {
		e := event.Duty{Key: "annual-review", Kind: "annual-review", Filing: "01EXAMPLE", Due: "2027-01-01", At: begin.Add(time.Duration(i-4) * time.Hour)}.Near()
		d := subscription.NewDelivery(id, e, begin)
		for version := 1; version <= 2; version++ {
			if d.Version = version; version == 2 {
				for d.State == subscription.Pending {
					d = d.After(result, begin, 0)
				}
			}
			if err := r.Store.PutDelivery(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.wants(r.send(http.MethodGet, "/staff/webhooks", nil), "Has dead letters", at+"?dead=true")
	r.wants(r.send(http.MethodGet, at, nil), "Delivered", "Given up", "204", "500", "No answer within 15 seconds", "Not a public address", "/filings/01EXAMPLE")
	dead := r.send(http.MethodGet, at+"?dead=true", nil)
	if n := strings.Count(dead, "Given up"); n != 3 || strings.Contains(dead, ">204<") {
		t.Errorf("%d dead letters", n)
	}
	one := regexp.MustCompile(`name="delivery" value="([^"]+)"`).FindStringSubmatch(dead)[1]
	r.wants(r.send(http.MethodPost, at+"/replays?dead=true", url.Values{"delivery": {one}}), "1 events are sent again")
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, at+"/replays", url.Values{"since": {"soon"}}), `value="soon"`)
	r.wants(r.send(http.MethodPost, at+"/replays", url.Values{"since": {begin.Add(-150 * time.Minute).In(time.FixedZone("", 8*3600)).Format("2006-01-02T15:04")}}), "2 events are sent again")
	r.wants(r.send(http.MethodGet, at+"?dead=true", nil), "There are no dead letters")
}
