package operator_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/operator"
	"beian/shared/process/decide"
	"beian/shared/rules/codes"
	"beian/shared/web"
)

// embeddedTables is a store that has only the embedded code tables.
type embeddedTables struct{ operator.Store }

func (embeddedTables) CodeTables(context.Context) (codes.Tables, error) { return codes.Tables{}, nil }

// TestServers: a server with wrong data is refused with all findings, and nothing is stored: the store has only code tables. Inventory and
// exchange are tested with the whole API in functions/api.
func TestServers(t *testing.T) {
	a := operator.New(operator.Config{Config: web.Config{Decisions: &decide.Service{Log: slog.New(slog.DiscardHandler)}, Wall: time.Now}, Store: embeddedTables{}})
	for name, c := range map[string]struct {
		body, group string
		status      int
		want        []string
	}{
		"wrong data": {`{"account":"a","placement":"99","mode":5,"ips":["8.130.1"],"rentedAt":"2020-12-01T00:00:00Z","expiresAt":"2019-12-01T00:00:00Z","quota":5}`,
			"admin", 422, []string{`"server-province-unknown"`, `"/ips/0"`, `"server-dates"`}},
		"times that no year of four digits has": {`{"account":"a","mode":5,"ips":[],"rentedAt":"0000-01-01T00:00:00+23:59","expiresAt":"9999-12-31T23:59:59-12:00","quota":5}`,
			"admin", 422, []string{`"/rentedAt"`, `"/expiresAt"`}},
		"an address with a zone":       {`{"account":"a","mode":5,"ips":["fe80::1%eth0"],"rentedAt":"2019-12-01T00:00:00Z","expiresAt":"2020-12-01T00:00:00Z","quota":5}`, "admin", 422, []string{`"/ips/0"`}},
		"an account that no token has": {`{"account":"a#b","mode":5,"ips":[],"rentedAt":"2019-12-01T00:00:00Z","expiresAt":"2020-12-01T00:00:00Z","quota":5}`, "admin", 422, []string{`"/account"`}},
		"another mode":                 {`{"account":"a","mode":6,"ips":[],"rentedAt":"2019-12-01T00:00:00Z","expiresAt":"2020-12-01T00:00:00Z","quota":5}`, "admin", 422, []string{`"/mode"`}},
		"reviewers may not":            {`{}`, "reviewer", 403, nil},
	} {
		e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + "/servers/ecs-1", Body: c.body}
		e.RequestContext.HTTP.Method = "PUT"
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "a1", "cognito:groups": "[" + c.group + "]"}}}
		out, err := a.Handle(t.Context(), e)
		if err != nil || out.StatusCode != c.status {
			t.Errorf("%s: %d %v %s", name, out.StatusCode, err, out.Body)
		}
		for _, text := range c.want {
			if !strings.Contains(out.Body, text) {
				t.Errorf("%s: no %s in %s", name, text, out.Body)
			}
		}
	}
}
