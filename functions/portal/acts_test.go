package portal

import (
	"net/http"
	"strings"
	"testing"

	"beian/shared/workflow"
)

// TestNextHasPage: each operation that an applicant or a leader has to use next has a page.
func TestNextHasPage(t *testing.T) {
	f := newFixture(t)
	for _, step := range workflow.Steps {
		for _, action := range step.NextActions {
			party := action.Party
			if party == "" {
				party = step.WaitsFor
			}
			if action.Path == "" || party != workflow.Applicant && party != workflow.Leaders {
				continue
			}
			page, has := pagesOfOperations[action.Path]
			if !has {
				t.Errorf("%s: no page for %s", step.Name, action.Path)
				continue
			}
			address := "/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV" + page
			if page == "/sms" {
				address = "/sms/01ARZ3NDEKTSV4RRFFQ69G5FAV"
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
			if err != nil {
				t.Fatal(err)
			}
			if pattern := f.portal.Pattern(r); !strings.HasPrefix(pattern, "GET ") && !unbuilt[page] {
				t.Errorf("%s: %s is not a page", step.Name, address)
			}
		}
	}
}

// unbuilt are pages that another change brings.
var unbuilt = map[string]bool{"/type": true}
