package reviewer_test

import (
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/reviewer"
	"beian/shared/process/decide"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// TestVerdicts: a verdict with wrong parts is refused with all findings before the order is read. The reviews themselves are
// tested with the whole API in functions/api.
func TestVerdicts(t *testing.T) {
	a := reviewer.New(reviewer.Config{Config: web.Config{Decisions: &decide.Service{Log: slog.New(slog.DiscardHandler)}, Wall: time.Now}})
	for body, want := range map[string][]string{
		`{"verdict":"maybe"}`: {"field-value /verdict"},
		`{"verdict":"pass","findings":[{"pointer":"/subject","code":"address-missing"}]}`:                           {"verdict-with-wrong-parts /findings"},
		`{"verdict":"return","documents":["other"],"findings":[{"pointer":"/x","code":"y"}]}`:                       {"verdict-with-wrong-parts /documents", "reason-pointer /findings/0/pointer", "reason-code-unknown /findings/0/code"},
		`{"verdict":"return","findings":[{"pointer":"","code":"evidence-small"},{"pointer":"","code":"reviewer"}]}`: {"reason-code-incomplete /findings/0/code", "reason-code-incomplete /findings/1/code"},
		`{"verdict":"reject","findings":[{"pointer":""}]}`:                                                          {"reason-code-or-message /findings/0"},
		`{"verdict":"return","findings":[{"pointer":"/sites/0","message":{"zh-CN":" "}}]}`:                          {"reason-words /findings/0/message/zh-CN"},
		`{"verdict":"return","findings":[{"pointer":"/siteswrong","message":{"zh-CN":"重填"}}]}`:                      {"reason-pointer /findings/0/pointer"},
	} {
		e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + "/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W/review", Body: body}
		e.RequestContext.HTTP.Method = "POST"
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "r1", "cognito:groups": "[reviewer]"}}}
		out, err := a.Handle(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		if got := codes(t, out.Body); out.StatusCode != 422 || !slices.Equal(got, want) {
			t.Errorf("%s: %d %q, want %q", body, out.StatusCode, got, want)
		}
	}
}

// codes lists the findings of a problem as "code pointer".
func codes(t *testing.T, body string) []string {
	t.Helper()
	var p struct{ Findings finding.List }
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range p.Findings {
		all = append(all, string(f.Code)+" "+f.Pointer)
	}
	return all
}
