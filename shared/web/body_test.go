package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/shared/process/decide"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

type input struct {
	Body struct {
		Name string `json:"name"`
	}
}

// TestManyFindings: a body with more unknown fields than a response of Lambda could report gets the first of them, and the number of the rest.
func TestManyFindings(t *testing.T) {
	a := web.New(web.Config{Decisions: &decide.Service{Log: slog.New(slog.DiscardHandler)}, Wall: time.Now})
	web.Register(a, web.Operation{Roles: web.Public, Route: "POST /names"},
		func(context.Context, *web.Call, *input) (*struct{}, error) { return nil, nil })
	var body strings.Builder
	body.WriteString(`{"name":"\u0000"`)
	for i := range 50_000 {
		fmt.Fprintf(&body, `,"unknown-%d":0`, i)
	}
	body.WriteString("}")
	e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + "/names", Body: body.String()}
	e.RequestContext.HTTP.Method = "POST"
	response, err := a.Handle(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	var problem web.Problem
	if err := json.Unmarshal([]byte(response.Body), &problem); err != nil {
		t.Fatal(err)
	}
	if len(problem.Findings) != 100 || response.StatusCode != 422 {
		t.Fatalf("status %d with %d findings in %d bytes, want 422 with 100 findings", response.StatusCode, len(problem.Findings), len(response.Body))
	}
	if last := problem.Findings[99]; last.Code != finding.CodeMore || !strings.Contains(last.Message.English, "49902") {
		t.Errorf("the last finding is %+v", last)
	}
}
