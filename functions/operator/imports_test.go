package operator_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/operator"
	"beian/infra/local/scenario"
	"beian/infra/local/steptest"
	"beian/shared/process/exchange"
	"beian/shared/process/importing"
	"beian/shared/rules/pack"
	"beian/shared/web"
)

// TestImportByHand: a provider without a link to the bureau, and without a number at the ministry, imports a table, and has nothing to reconcile.
func TestImportByHand(t *testing.T) {
	w := steptest.New(t)
	w.Service.Log = slog.New(slog.DiscardHandler)
	bureau := &exchange.Operator{Decisions: w.Service, Store: w.Store, ByHand: true, Now: w.Clock.Now, Log: w.Service.Log}
	a := operator.New(operator.Config{Config: web.Config{Decisions: w.Service, Wall: w.Clock.Now}, Store: w.Store, Bureau: bureau, Rules: pack.Load})
	post := func(path string, body any) string {
		t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + path, Body: string(text), Headers: map[string]string{"content-type": "application/json"}}
		e.RequestContext.HTTP.Method = "POST"
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "op", "cognito:groups": "[admin]", "email": "op@provider.example", "email_verified": "true"}}}
		out, err := a.Handle(t.Context(), e)
		if err != nil || out.StatusCode != 200 {
			t.Fatalf("POST %s: %d %v %s", path, out.StatusCode, err, out.Body)
		}
		return out.Body
	}
	table := scenario.FiledTable(scenario.Invented(1))
	got := post("/imports", map[string]any{"file": strings.Repeat("0", 64), "portion": 1, "header": table[0], "rows": []operator.ImportRow{{Row: 2, Cells: table[1]}}})
	var results operator.ImportResults
	if err := json.Unmarshal([]byte(got), &results); err != nil || len(results.Subjects) != 1 || results.Subjects[0].Outcome != importing.Created {
		t.Errorf("the import: %v %s", err, got)
	}
	if got := post("/reconciliation/import", map[string]any{"numbers": []string{"京ICP备19000001号"}}); !strings.Contains(got, `"items":[]`) {
		t.Errorf("the reconciliation: %s", got)
	}
}
