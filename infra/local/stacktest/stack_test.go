package stacktest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/system"
)

// The one system of these tests, and the template of the stateless stack. The template is read first: the evidence store
// goes into a folder of its own.
var (
	sys      *system.System
	template map[string]resource
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if template, err = read("../../stack/testdata/golden/default-system.json"); err != nil {
		return 1, err
	}
	folder, err := os.MkdirTemp("", "beian-stack-")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	ctx := context.Background()
	sys, err = system.Start(ctx, system.Config{
		Folder: folder, Clock: clock.StandingAt(demo.Day), Staff: demo.Staff, ReviewDelay: 10 * time.Millisecond,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, sys.Close()) }()
	return m.Run(), nil
}

type resource struct {
	Type       string
	Properties struct {
		RouteKey, AuthorizationType string // of a route
	}
}

func read(path string) (map[string]resource, error) {
	doc, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var made struct{ Resources map[string]resource }
	err = json.Unmarshal(doc, &made)
	return made.Resources, err
}

// TestRoutes knocks at every route of the template without a token: the laptop turns away whom the gateway on AWS would.
func TestRoutes(t *testing.T) {
	values := strings.NewReplacer("{proxy+}", "orders", "{code}", "110000", "{file}", "docs.js")
	routes := 0
	for id, r := range template {
		if r.Type != "AWS::ApiGatewayV2::Route" {
			continue
		}
		routes++
		method, path, _ := strings.Cut(r.Properties.RouteKey, " ")
		if method == "ANY" {
			method = http.MethodGet
		}
		request, err := http.NewRequestWithContext(t.Context(), method, sys.PortalURL+values.Replace(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		// The gateway refuses with a challenge; a function that refuses has none.
		refused := answer.StatusCode == http.StatusUnauthorized && strings.HasPrefix(answer.Header.Get("WWW-Authenticate"), "Bearer")
		if refused != (r.Properties.AuthorizationType == "JWT") {
			t.Errorf("%s (%s): %d at the laptop, %s on AWS", r.Properties.RouteKey, id, answer.StatusCode, r.Properties.AuthorizationType)
		}
		if answer.StatusCode == http.StatusNotFound {
			t.Errorf("%s is nowhere on the laptop", r.Properties.RouteKey)
		}
	}
	if routes < 5 {
		t.Errorf("%d routes", routes)
	}
}
