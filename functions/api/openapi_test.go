package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"beian/functions/accesscheck"
	"beian/functions/operator"
	"beian/functions/reviewer"
	"beian/shared/web"
	"beian/shared/workflow"
)

var update = flag.Bool("update", false, "write the OpenAPI document")

// functions are all functions behind the HTTP API.
func functions(t *testing.T) map[string]*web.API {
	return map[string]*web.API{
		"api":         newWithoutEngine(t, silent),
		"reviewer":    reviewer.New(reviewer.Config{Config: configWithoutEngine(silent)}),
		"operator":    operator.New(operator.Config{Config: configWithoutEngine(silent)}),
		"accesscheck": accesscheck.New(accesscheck.Config{Config: configWithoutEngine(silent)}).API,
	}
}

// operations yields the operations of a function by method and path.
func operations(a *web.API) func(func(string, *huma.Operation) bool) {
	return func(yield func(string, *huma.Operation) bool) {
		for _, path := range slices.Sorted(maps.Keys(a.OpenAPI().Paths)) {
			item := a.OpenAPI().Paths[path]
			for method, op := range map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post,
				http.MethodPut: item.Put, http.MethodDelete: item.Delete, http.MethodPatch: item.Patch} {
				if op != nil && !yield(method+" "+path, op) {
					return
				}
			}
		}
	}
}

// openAPIFile is the document of all functions, which the function apidocs serves.
const openAPIFile = "../apidocs/openapi.json"

func readOpenAPI(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(openAPIFile)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestOpenAPIGolden compares openapi.json with the document of all functions. A difference in it is a change for callers.
func TestOpenAPIGolden(t *testing.T) {
	all := functions(t)
	text, err := json.MarshalIndent(documentOf(all["api"], all["reviewer"], all["operator"], all["accesscheck"]), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, '\n')
	if *update {
		if err := os.WriteFile(openAPIFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(strings.Split(string(readOpenAPI(t)), "\n"), strings.Split(string(text), "\n")); diff != "" {
		t.Errorf("openapi.json is out of date; run go test ./functions/api -update (-file +document):\n%s", diff)
	}
}

var inBraces = regexp.MustCompile(`\{[a-z]+\}`)

// TestEveryOperationHasItsRoles: each operation declares its roles, and callers with other roles are refused.
func TestEveryOperationHasItsRoles(t *testing.T) {
	count := 0
	for _, a := range functions(t) {
		count += checkRoles(t, a)
	}
	if count < 38 {
		t.Errorf("%d operations", count)
	}
}

func checkRoles(t *testing.T, a *web.API) (count int) {
	for route, op := range operations(a) {
		count++
		roles, ok := op.Extensions["x-roles"].([]string)
		if !ok || len(roles) == 0 {
			t.Errorf("%s declares no roles", route)
			continue
		}
		filled := inBraces.ReplaceAllString(route, "01JCZK3V7M8N9P0Q1R2S3T4V5W")
		public := slices.Equal(roles, []string{"public"})
		if public != (len(op.Security) == 0) {
			t.Errorf("%s: roles %q, but security %v", route, roles, op.Security)
		}
		if public {
			continue
		}
		out := sendEvent(t, a, filled, "{", nil)
		if bearer := out.Headers["Www-Authenticate"] == "Bearer"; out.StatusCode != http.StatusUnauthorized || bearer == slices.Contains(roles, "machine") {
			t.Errorf("%s without a token: status %d", route, out.StatusCode)
		}
		problemIn(t, out)
		if slices.Equal(roles, []string{"machine"}) { // a token does not count
			if out := sendEvent(t, a, filled, "{", claimsOf("admin")); out.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with a token: status %d", route, out.StatusCode)
			}
			continue
		}
		for _, role := range []string{"applicant", "reviewer", "admin", "system", "public", ""} {
			if slices.Contains(roles, role) {
				continue
			}
			if out := sendEvent(t, a, filled, "{", claimsOf(role)); out.StatusCode != http.StatusForbidden {
				t.Errorf("%s as %q: status %d", route, role, out.StatusCode)
			}
		}
	}
	return count
}

// TestEveryDecisionTakesItsConditions: every operation that changes an order takes If-Match and Idempotency-Key.
func TestEveryDecisionAcceptsPreconditions(t *testing.T) {
	for _, a := range functions(t) {
		for route, op := range operations(a) {
			if strings.HasPrefix(route, "GET ") || !strings.Contains(route, " /orders") {
				continue
			}
			var names []string
			for _, p := range op.Parameters {
				names = append(names, p.Name)
			}
			if !slices.Contains(names, "Idempotency-Key") || route != "POST /orders" && !slices.Contains(names, "If-Match") {
				t.Errorf("%s takes %q", route, names)
			}
		}
	}
}

func TestOpenAPI(t *testing.T) {
	text := readOpenAPI(t)
	var document struct {
		OpenAPI string
		Servers []struct{ URL string }
		Paths   map[string]map[string]struct {
			Summary     string
			Description string
			Responses   map[string]struct {
				Ref string `json:"$ref"`
			}
		}
		Components struct {
			Schemas   map[string]any
			Responses map[string]any
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.1") || len(document.Servers) != 1 || document.Servers[0].URL != web.Prefix {
		t.Errorf("version %q, servers %v", document.OpenAPI, document.Servers)
	}
	for path, methods := range document.Paths {
		for method, op := range methods {
			if op.Summary == "" {
				t.Errorf("%s %s has no summary", method, path)
			}
			if op.Description == "" || strings.Contains(op.Summary, op.Description) || strings.Contains(op.Description, op.Summary) {
				t.Errorf("%s %s has no description beside its summary", method, path)
			}
			if op.Responses["422"].Ref == "" {
				t.Errorf("%s %s lists no errors", method, path)
			}
			for status, response := range op.Responses {
				name := strings.TrimPrefix(response.Ref, "#/components/responses/")
				if status >= "400" && document.Components.Responses[name] == nil {
					t.Errorf("%s %s: the response %s is %q", method, path, status, response.Ref)
				}
			}
		}
	}
	if bytes.Contains(text, []byte("$schema\"")) || bytes.Contains(text, []byte("Api")) {
		t.Error("the document shows inner names")
	}
}

func TestReference(t *testing.T) {
	a := newWithoutEngine(t, silent)
	for route, has := range map[string]string{
		"GET /health":                    `"ok"`,
		"GET /provinces":                 `"abbreviation":"京"`,
		"GET /provinces/44":              `"requirements":[{`,
		"GET /provinces/32?entityKind=5": `"requirements":[{`,
		"GET /divisions":                 `"330000"`,
		"GET /divisions?parent=330100":   `"西湖区"`,
		"GET /divisions?parent=460300":   `"西沙群岛"`, // until 2020
		"GET /divisions?parent=330106":   `"items":[]`,
		"GET /pre-approvals":             `"radio-film-tv"`,
		"GET /service-contents":          `{"number":24,"words":{"zh-CN":"其他","en":"Other"}}`,
		"GET /site-languages":            `"朝鲜语"`,
		"GET /service-kinds":             `{"kind":"app","words":{"zh-CN":"APP","en":"app"},"letter":"A","byHand":true,"systems":[{"id":"android"`,
		"GET /kinds":                     `"services":["site","app","mini-program","quick-app"]`,
		"GET /access-modes":              `"Cloud"`,
		"GET /entity-kinds":              `"certificates":[{`,
		"GET /findings":                  `"field-unknown"`,
	} {
		out := sendEvent(t, a, route, "", nil)
		if out.StatusCode != http.StatusOK || !strings.Contains(out.Body, has) || out.Headers["Cache-Control"] != "no-store" {
			t.Errorf("%s: %d %.200s", route, out.StatusCode, out.Body)
		}
	}
	for route, status := range map[string]int{
		"GET /provinces/99":                404,
		"GET /provinces/1":                 422,
		"GET /provinces/44?entityKind=7":   422,
		"GET /provinces/44?entityKind=4.5": 422,
		"GET /divisions?parent=999999":     404,
		"GET /divisions?parent=3301060":    422,
	} {
		if out := sendEvent(t, a, route, "", nil); out.StatusCode != status {
			t.Errorf("%s: %d %s", route, out.StatusCode, out.Body)
		} else {
			problemIn(t, out)
		}
	}
}

// TestNextActions: each next action in the table of steps names an operation on the order that its party may use.
func TestNextActions(t *testing.T) {
	roles := map[string][]string{}
	for _, a := range functions(t) {
		for route, op := range operations(a) {
			_, path, _ := strings.Cut(route, " ")
			roles[path] = append(roles[path], op.Extensions["x-roles"].([]string)...)
		}
	}
	for _, s := range workflow.Steps {
		for _, action := range s.NextActions {
			party := action.Party
			if party == "" {
				party = s.WaitsFor
			}
			if party == workflow.Leaders {
				party = workflow.Applicant // leaders have no account
			}
			if party == workflow.Operator {
				party = "admin"
			}
			if action.Path != "" && !slices.Contains(roles["/orders/{id}"+action.Path], string(party)) {
				t.Errorf("%s: the %s may use no operation %s of an order", s.Name, party, action.Path)
			}
		}
	}
}
