package attacks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/number"
)

// An operation is one of the OpenAPI document.
type operation struct {
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
}

// A schema is a JSON schema, as far as a smallest value needs it.
type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"` // a name, or a list of names
	Format     string            `json:"format"`
	Enum       []any             `json:"enum"`
	Required   []string          `json:"required"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	MinItems   int               `json:"minItems"`
	MinLength  int               `json:"minLength"`
	Minimum    int               `json:"minimum"`
}

// smallest returns the smallest value that fits the schema.
func (s schema) smallest(all map[string]schema) any {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return all[name].smallest(all)
	}
	kind, _ := s.Type.(string)
	if kinds, ok := s.Type.([]any); ok {
		kind, _ = kinds[0].(string)
	}
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "date-time":
		return "2026-12-01T02:00:00Z"
	case s.Format == "date":
		return "2026-12-01"
	case kind == "object":
		value := map[string]any{}
		for _, name := range s.Required {
			value[name] = s.Properties[name].smallest(all)
		}
		return value
	case kind == "array":
		value := []any{}
		for range s.MinItems {
			value = append(value, s.Items.smallest(all))
		}
		return value
	case kind == "integer":
		return s.Minimum
	case kind == "boolean":
		return false
	}
	return strings.Repeat("0", s.MinLength)
}

var parameter = regexp.MustCompile(`\{\w+\}`)

// TestMatrix sends every operation of the OpenAPI document as every caller of authorisation.md, and compares what happens with the cells. The
// requests on orders have an old ETag, so that the allowed ones change nothing.
func TestMatrix(t *testing.T) {
	var document struct {
		Paths      map[string]map[string]operation
		Components struct{ Schemas map[string]schema }
	}
	if err := json.Unmarshal(send(t, nil, scenario.Request{Method: "GET", Path: "/openapi.json"}, 200).Body, &document); err != nil {
		t.Fatal(err)
	}
	owner, _, order := applicantAt(t, 340, filing.InitialReview)
	self, _, own := applicantAt(t, 341, filing.InitialReview)
	other, _, _ := applicantAt(t, 342, filing.VerifyProduct)
	claimant := login(t, secondReviewer)
	if err := claimant.Claim(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	callers := []struct {
		user  *scenario.User
		order filing.ID
	}{{nil, order}, {owner, order}, {other, order}, {reviewer, order}, {claimant, order}, {self, own}, {admin, order}}
	filings := map[filing.ID]string{order: filingOf(t, 1, owner), own: filingOf(t, 2, self)}
	rows := matrixRows(t)
	count := 0
	for path, methods := range document.Paths {
		for method, op := range methods {
			count++
			route := strings.ToUpper(method) + " " + path
			want := rows[route]
			if len(want) != len(callers) {
				t.Errorf("authorisation.md has %d cells for %s, want %d", len(want), route, len(callers))
				continue
			}
			for i, caller := range callers {
				place := strings.Replace(path, "/orders/{id}", "/orders/"+string(caller.order), 1)
				place = strings.Replace(place, "/filings/{id}", "/filings/"+filings[caller.order], 1)
				q := scenario.Request{Method: strings.ToUpper(method), Path: parameter.ReplaceAllString(place, "1")}
				if content, has := op.RequestBody.Content["application/json"]; has {
					q.Body, _ = json.Marshal(content.Schema.smallest(document.Components.Schemas))
				}
				onOrder := strings.HasPrefix(path, "/orders/{id}")
				if onOrder && method != "get" {
					q.Header = map[string]string{"If-Match": `"1"`}
				}
				answer, err := client.Send(t.Context(), caller.user, q)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(path, "/accepted-plans/{id}") && answer.Status == 404 && (want[i] == "yes" || want[i] == "404") {
					continue // no plan was accepted: it is found by no account
				}
				if got := cellOf(answer, onOrder || strings.HasPrefix(path, "/filings/{id}")); got != want[i] || answer.Status >= 500 {
					t.Errorf("%s as caller %d: %s, want %s: %d %.300s", route, i+1, got, want[i], answer.Status, answer.Body)
				}
			}
		}
	}
	// The owner of another order, who is a reviewer, too, is no owner and no administrator.
	send(t, self, scenario.Request{Method: "GET", Path: "/orders/" + string(order) + "/staff-reads"}, 404)
	if count != len(rows) {
		t.Errorf("the document has %d operations, authorisation.md %d", count, len(rows))
	}
}

// filingOf stores the n-th filing of an account, which offers it to another one.
func filingOf(t *testing.T, n int, owner *scenario.User) string {
	t.Helper()
	subject, err := number.ParseSubject(fmt.Sprintf("京ICP备%d号", 61000000+n))
	if err != nil {
		t.Fatal(err)
	}
	f := register.Filing{ID: register.ID(fmt.Sprintf("01KJZ2Y0M0QK8W3V5T7R9Q%04d", n)), Account: register.Account(owner.Account()), SubjectKey: fmt.Sprintf("matrix-%d", n),
		Province: "11", Number: subject}
	change, _ := register.Filing{}.Replace(f, register.Source{Kind: register.FromImport, ID: "import-1"}, sys.Clock.Now())
	if err := sys.Parts.Store().CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.OfferTransfer(t.Context(), f.ID); err != nil {
		t.Fatal(err)
	}
	return string(f.ID)
}

// cellOf returns the cell of authorisation.md for an answer.
func cellOf(a scenario.Answer, onOrder bool) string {
	switch {
	case a.Status == http.StatusUnauthorized:
		return "401"
	case a.Status == http.StatusForbidden:
		return "403"
	case a.Status == http.StatusNotFound && onOrder:
		return "404"
	case a.Problem().Findings.Has(filing.CodeNotClaimed):
		return "409"
	case onOrder && strings.Contains(string(a.Body), `"withheld":true`):
		return "brief"
	}
	return "yes"
}

// The table is read before the system starts: its S3 gateway changes the working directory.
var authorisation, errAuthorisation = os.ReadFile("../../../.github/docs/authorisation.md")

// matrixRows returns the cells of authorisation.md by operation.
func matrixRows(t *testing.T) map[string][]string {
	t.Helper()
	if errAuthorisation != nil {
		t.Fatal(errAuthorisation)
	}
	rows := map[string][]string{}
	for line := range strings.Lines(string(authorisation)) {
		if row, ok := strings.CutPrefix(line, "| `"); ok {
			cells := strings.Split(strings.TrimSuffix(strings.TrimSpace(row), " |"), " | ")
			rows[strings.TrimSuffix(cells[0], "`")] = cells[1:]
		}
	}
	return rows
}
