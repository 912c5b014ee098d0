package staff

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/rules/finding"
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
