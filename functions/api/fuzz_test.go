package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"beian/shared/web"
)

// FuzzBody sends arbitrary bodies to operations without a store: the answer is a 4xx problem, never a 5xx.
func FuzzBody(f *testing.F) {
	a := newWithoutEngine(f, silent)
	for _, seed := range []string{``, `{}`, `null`, `[]`, `{"digest":"a"}`, `{"site":0}`, `{"subject":{"leader":{"mobile":1}},"sites":[{}]}`,
		`{"digest":"\u0000"}`, `{"sites":[{"domains":["\ud800"]}]}`, "{\"\xff\":1}", `{"a.b[0]":{"~/":[[[]]]}}`, `{"index":1e999}`,
		`{"papers":[{"slot":"other","key":"k"}]}`, `{"verdict":"return","findings":[{"pointer":"/subject"}]}`} {
		f.Add(uint8(0), seed, "application/json", `"1"`)
	}
	routes := []string{"POST /orders/x/confirmation", "PUT /orders/x/details", "POST /orders/x/challenges", "PUT /orders/x/evidence", "PUT /orders/x/product"}
	f.Fuzz(func(t *testing.T, route uint8, body, kind, match string) {
		method, path, _ := strings.Cut(routes[int(route)%len(routes)], " ")
		e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + path, Body: body, Headers: map[string]string{"content-type": kind, "if-match": match}}
		e.RequestContext.HTTP.Method = method
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: claimsOf("applicant")}}
		out, err := a.Handle(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		switch out.StatusCode {
		case http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		default:
			t.Fatalf("status %d: %s", out.StatusCode, out.Body)
		}
		var p web.Problem
		if err := json.Unmarshal([]byte(out.Body), &p); err != nil || p.Status != out.StatusCode {
			t.Fatalf("not a problem: %v %s", err, out.Body)
		}
		for _, one := range p.Findings {
			if one.Pointer != "" && !strings.HasPrefix(one.Pointer, "/") || one.Message.Chinese == "" || strings.Contains(one.Message.English, "{") {
				t.Errorf("finding %+v", one)
			}
		}
	})
}
