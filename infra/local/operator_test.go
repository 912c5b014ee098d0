package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestRunningOperator: all commands for operators find the system in one way: at API, with or without the path of the API, with TOKEN on another machine; else at
// PORTAL_PORT.
func TestRunningOperator(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":")+1:]
	for name, c := range map[string]struct {
		api, token, port string
		want             string // address; "" if it fails, or none runs
		err              string
	}{
		"another system":           {"https://beian.provider.example", "token", "", "https://beian.provider.example", ""},
		"with the path of the API": {"https://beian.provider.example/api/v1/", "token", "", "https://beian.provider.example", ""},
		"without a token":          {"https://beian.provider.example", "", "", "", "set TOKEN"},
		"this machine":             {server.URL + "/api/v1", "", "", "", "no system answers at " + server.URL + ";"},
		"the port of make run":     {"", "token", port, "http://127.0.0.1:" + port, ""},
		"nothing runs":             {"", "", "1", "", ""},
		"no port":                  {"", "", "x", "", "PORTAL_PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("API", c.api)
			t.Setenv("TOKEN", c.token)
			t.Setenv("PORTAL_PORT", c.port)
			operator, err := runningOperator(t.Context())
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Fatalf("error %v, want %q", err, c.err)
			}
			if got := operator != nil; got != (c.want != "") || got && operator.Client.Portal != c.want {
				t.Errorf("operator %v, want %q", operator, c.want)
			}
		})
	}
}
