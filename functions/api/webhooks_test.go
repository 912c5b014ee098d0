package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/partners/dialguard"
	"beian/shared/partners/webhook"
	"beian/shared/process/event"
	"beian/shared/process/subscription"
)

// webhooks returns what changes the endpoints of events.
func (f *fixture) webhooks(clock func() time.Time) subscription.Service {
	return subscription.Service{Store: f.store, Now: clock, CheckHost: dialguard.Guard{}.CheckHost,
		NewSecret: func() subscription.Secret { return subscription.Secret(webhook.NewSecret().Reveal()) }}
}

// endpointsOfEvents: an administrator adds, reads, changes, rotates, disables and deletes endpoints. The secret is shown where it was made, and nowhere else.
func endpointsOfEvents(t *testing.T, f *fixture) {
	admin := f.admin()
	f.reviewer().do("GET /webhooks", nil).wantStatus(403)
	f.applicant().do("POST /webhooks", map[string]any{"url": "https://portal.example/events", "types": []string{}}).wantStatus(403)
	for body, finding := range map[string]string{
		`{"url":"http://portal.example/events","types":[]}`:                                             "webhook-url /url",
		`{"url":"https://user:word@portal.example/","types":[]}`:                                        "webhook-url /url",
		`{"url":"https://portal.example/#part","types":[]}`:                                             "webhook-url /url",
		`{"url":"https://","types":[]}`:                                                                 "webhook-url /url",
		`{"url":"ftp://portal.example","types":[]}`:                                                     "webhook-url /url",
		`{"url":"https://127.0.0.1/","types":[]}`:                                                       "webhook-url-private /url",
		`{"url":"https://localhost/","types":[]}`:                                                       "webhook-url-private /url",
		`{"url":"https://169.254.169.254/latest","types":[]}`:                                           "webhook-url-private /url",
		`{"url":"https://[::ffff:10.0.0.1]/","types":[]}`:                                               "webhook-url-private /url",
		`{"url":"https://2130706433/","types":[]}`:                                                      "webhook-url-private /url",
		`{"url":"https://metadata.google.internal/","types":[]}`:                                        "webhook-url-private /url",
		`{"url":"https://portal.example/","types":["beian.order.unknown"]}`:                             "webhook-type /types/0",
		`{"url":"https://portal.example/","types":[],"description":"` + strings.Repeat("备", 101) + `"}`: "webhook-description /description",
		`{"url":"https://portal.example/","types":[],"url":"https://other.example"}`:                    "",
		`{"url":"https://portal.example/` + strings.Repeat("x", 2000) + `","types":[]}`:                 "",
	} {
		a := admin.do("POST /webhooks", json.RawMessage(body))
		if finding == "" {
			a.wantStatus(422)
			continue
		}
		a.wantStatus(422, finding)
	}
	added := admin.do("POST /webhooks", map[string]any{"url": "https://portal.example/events", "types": []string{"beian.order.approved", "beian.order.approved"}, "description": " our portal "}).wantStatus(201)
	secret, _ := added.value("secret").(string)
	if !strings.HasPrefix(secret, "whsec_") || added.value("description") != "our portal" || len(added.value("types").([]any)) != 1 {
		t.Errorf("%v", added.text)
	}
	admin.do("POST /webhooks", map[string]any{"url": "https://portal.example/events", "types": []string{}}).wantStatus(409, "webhook-url-used /url")
	path := "/webhooks/" + added.id()
	for _, a := range []answer{admin.do("GET /webhooks", nil), admin.do("GET "+path, nil)} {
		a.wantStatus(200)
		if strings.Contains(a.text, "whsec_") {
			t.Error("a secret is shown again")
		}
	}
	changed := admin.do("PUT "+path, map[string]any{"url": "https://portal.example/new", "types": []string{}, "disabled": true}, "If-Match", `"1"`).wantStatus(200).wantValue(true, "disabled").wantValue("admin-1", "changedBy")
	admin.do("PUT "+path, map[string]any{"url": "https://portal.example/newer", "types": []string{}}, "If-Match", `"1"`).wantStatus(412)
	rotated := admin.do("POST "+path+"/secrets", map[string]any{}, "If-Match", changed.headers["Etag"]).wantStatus(200)
	if rotated.value("secret") == secret || rotated.value("previousUntil") == nil {
		t.Errorf("%v", rotated.value("previousUntil"))
	}
	admin.do("POST "+path+"/secrets", map[string]any{}, "If-Match", changed.headers["Etag"]).wantStatus(412)
	admin.do("POST "+path+"/secrets", map[string]any{"endPrevious": true}).wantStatus(200).wantValue(nil, "previousUntil")
	admin.do("GET /webhooks/01JCZK3V7M8N9P0Q1R2S3T4V5W", nil).wantStatus(404)
	if n := len(admin.do("DELETE "+path, nil).wantStatus(200).value("items").([]any)); n != 0 {
		t.Errorf("%d endpoints are left", n)
	}
	admin.do("DELETE "+path, nil).wantStatus(404)
	f.reviewer().do("GET /webhook-changes", nil).wantStatus(403)
	changes := admin.do("GET /webhook-changes?limit=4", nil).wantStatus(200).wantValue("deleted", "items", 0, "what").wantValue("admin-1", "items", 0, "by").wantValue("https://portal.example/new", "items", 0, "url").
		wantValue(true, "items", 0, "verified").wantValue("leaked", "items", 1, "what").wantValue("new-secret", "items", 2, "what").wantValue("paused", "items", 3, "what")
	admin.do("GET /webhook-changes?cursor="+changes.value("next").(string), nil).wantStatus(200).wantValue("added", "items", 0, "what")
	admin.do("GET /webhook-changes?cursor=x", nil).wantStatus(422, "cursor-unknown ")
	if strings.Contains(f.log.String(), "whsec_") {
		t.Error("a secret is in the log")
	}
	for i := range subscription.MaxEndpoints {
		admin.do("POST /webhooks", map[string]any{"url": fmt.Sprintf("https://portal.example/%d", i), "types": []string{}}).wantStatus(201)
	}
	admin.do("POST /webhooks", map[string]any{"url": "https://portal.example/last", "types": []string{}}).wantStatus(409, "webhook-limit ")
}

// replaysOfEvents: dead deliveries are listed and sent again, one or all since a time.
func replaysOfEvents(t *testing.T, f *fixture) {
	admin := f.admin()
	path := "/webhooks/" + admin.do("POST /webhooks", map[string]any{"url": "https://portal.example/events", "types": []string{}}).wantStatus(201).id()
	begin := f.now
	for i := range 5 {
		e := event.Duty{Key: "annual-review", Kind: "annual-review", Filing: "01EXAMPLE", Due: "2027-01-01", At: begin.Add(time.Duration(i) * 24 * time.Hour)}.Near()
		d := subscription.NewDelivery(path[len("/webhooks/"):], e, begin)
		if err := f.store.PutDelivery(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		result := subscription.Result{Status: 500}
		if i == 0 {
			result.Status = 204
		}
		for d.State == subscription.Pending {
			d = d.After(result, f.now, 0)
		}
		d.Version++
		if err := f.store.PutDelivery(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	count := func(query string) int {
		t.Helper()
		return len(admin.do("GET "+path+"/deliveries"+query, nil).wantStatus(200).value("items").([]any))
	}
	if all, dead := count(""), count("?dead=true"); all != 5 || dead != 4 {
		t.Errorf("%d deliveries, %d dead", all, dead)
	}
	page := admin.do("GET "+path+"/deliveries?dead=true&limit=3", nil).wantStatus(200)
	if n := count("?dead=true&limit=3&cursor=" + page.value("next").(string)); n != 1 {
		t.Errorf("%d on the second page", n)
	}
	one := page.value("items", 0, "id").(string)
	admin.do("POST "+path+"/replays", map[string]any{"delivery": one}).wantStatus(200).wantValue(1.0, "replayed")
	admin.do("POST "+path+"/replays", map[string]any{"delivery": one}).wantStatus(200).wantValue(0.0, "replayed")
	since := begin.Add(3 * 24 * time.Hour).Format(time.RFC3339)
	if n := count("?since=" + since); n != 2 {
		t.Errorf("%d deliveries since", n)
	}
	admin.do("POST "+path+"/replays", map[string]any{"since": since}).wantStatus(200).wantValue(2.0, "replayed")
	admin.do("POST "+path+"/replays", map[string]any{"since": begin.Format(time.RFC3339), "delivered": true}).wantStatus(200).wantValue(2.0, "replayed")
	if dead := count("?dead=true"); dead != 0 {
		t.Errorf("%d dead", dead)
	}
	admin.do("POST "+path+"/replays", map[string]any{}).wantStatus(422, "webhook-replay ")
	admin.do("POST "+path+"/replays", map[string]any{"delivery": one, "since": since}).wantStatus(422, "webhook-replay ")
	admin.do("POST "+path+"/replays", map[string]any{"delivery": "no such"}).wantStatus(404)
	admin.do("GET "+path+"/deliveries?cursor=foreign", nil).wantStatus(422, "cursor-unknown ")
	admin.do("GET /webhooks/01JCZK3V7M8N9P0Q1R2S3T4V5W/deliveries", nil).wantStatus(404)
}

// TestEventSchemas: the schemas are public, and each is described as a webhook in the OpenAPI document.
func TestEventSchemas(t *testing.T) {
	a := newWithoutEngine(t, silent)
	for _, kind := range event.Types {
		out := sendEvent(t, a, "GET /events/schemas/"+string(kind), "", nil)
		var schema map[string]any
		if err := json.Unmarshal([]byte(out.Body), &schema); err != nil || out.StatusCode != 200 || out.Headers["content-type"] != "application/schema+json" && out.Headers["Content-Type"] != "application/schema+json" {
			t.Errorf("%s: %d %v %s, %v", kind, out.StatusCode, out.Headers, out.Body, err)
		}
		if a.OpenAPI().Webhooks[string(kind)] == nil {
			t.Errorf("%s is not in the document", kind)
		}
	}
	if out := sendEvent(t, a, "GET /events/schemas/beian.order.unknown", "", nil); out.StatusCode != 404 {
		t.Errorf("an unknown type: %d", out.StatusCode)
	}
	if out := sendEvent(t, a, "GET /events/schemas", "", nil); out.StatusCode != 200 || strings.Count(out.Body, `"schema":"/api/v1/events/schemas/beian.`) != len(event.Types) {
		t.Errorf("%d %s", out.StatusCode, out.Body)
	}
}
