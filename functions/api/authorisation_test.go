package api_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"
)

const authorisation = "../../.github/docs/authorisation.md"

const authorisationHead = `# Who may call what

Each row is an operation of the API, each column a caller. The table is made from the declarations in the OpenAPI document (x-roles, x-owner, x-claim):
` + "`go test ./functions/api -run Authorisation -update`" + `. ` + "`TestMatrix` in `infra/local/attacks`" + ` sends each operation as each caller to a running system.

| Cell | Meaning |
| --- | --- |
| yes | Allowed. The answer depends on the data, such as the order's step. |
| brief | Allowed, but the answer has no personal data: only what the queue shows. |
| 401 | The caller is not logged in, or the request of a machine is not signed. |
| 403 | The caller lacks the role, or works for the provider and the order is their own. |
| 404 | For this caller, there is no such order. |
| 409 | The reviewer has to claim the order first. |

Reviewers can claim an order only while it waits for the review, for originals, for the decision on an appeal or for an appointment, and not if they rejected it. At other steps a reviewer gets 409 instead of *yes*, too. An
order is somebody's own if their account opened it, or if its contact, now or before, or a leader has the mobile or
the email address of their login.
Administrators read orders for support, but no papers. Each read of staff on an order is recorded; its owner lists them with
` + "`GET /orders/{id}/staff-reads`" + `.

| Operation | not logged in | owner | another applicant | reviewer without claim | reviewer with claim | reviewer, own order | administrator |
| --- | --- | --- | --- | --- | --- | --- | --- |
`

// TestAuthorisation compares authorisation.md with the declarations of the operations (S5).
func TestAuthorisation(t *testing.T) {
	var rows []string
	for _, a := range functions(t) {
		for route, op := range operations(a) {
			rows = append(rows, authorisationRow(route, op))
		}
	}
	byPath := func(row string) string {
		method, path, _ := strings.Cut(strings.Split(row, "`")[1], " ")
		return path + " " + method
	}
	slices.SortFunc(rows, func(a, b string) int { return strings.Compare(byPath(a), byPath(b)) })
	text := authorisationHead + strings.Join(rows, "")
	if *update {
		if err := os.WriteFile(authorisation, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(authorisation)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(stored), text); diff != "" {
		t.Errorf("authorisation.md is out of date; run go test ./functions/api -run Authorisation -update (-file +declarations):\n%s", diff)
	}
}

func authorisationRow(route string, op *huma.Operation) string {
	roles, _ := op.Extensions["x-roles"].([]string)
	may := func(role string) bool { return slices.Contains(roles, role) }
	if may("public") {
		return fmt.Sprintf("| `%s`%s\n", route, strings.Repeat(" | yes", 7)+" |")
	}
	if may("machine") {
		return fmt.Sprintf("| `%s`%s\n", route, strings.Repeat(" | 401", 7)+" |")
	}
	yes := func(allowed bool) string {
		if allowed {
			return "yes"
		}
		return "403"
	}
	owner, other, claimed, admin := yes(may("applicant")), yes(may("applicant")), yes(may("reviewer")), yes(may("admin"))
	unclaimed, own := claimed, yes(may("applicant") || may("reviewer"))
	if op.Extensions["x-owner"] != nil {
		own = yes(may("applicant"))
		if may("applicant") {
			other = "404"
		}
		switch {
		case !may("reviewer"):
		case op.Extensions["x-claim"] == true:
			unclaimed = "409"
		case op.Extensions["x-reads"] == "order":
			unclaimed = "brief"
		}
	}
	return fmt.Sprintf("| `%s` | 401 | %s | %s | %s | %s | %s | %s |\n", route, owner, other, unclaimed, claimed, own, admin)
}
