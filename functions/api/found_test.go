package api_test

import (
	"testing"

	"beian/shared/filing"
)

// foundFindings: staff see how often applicants' requests were refused for a finding. Malformed requests, and those of staff, do not count.
func foundFindings(t *testing.T, f *fixture) {
	for n, account := range []string{"account-1", "account-2"} {
		order := f.orderOf(account, queued(61+n), filing.CollectDetails)
		f.clientAs(account, "applicant").do("PUT /orders/"+order+"/details", map[string]any{"subject": map[string]any{}, "sites": []any{}}).wantStatus(422)
		f.clientAs(account, "applicant").do("PUT /orders/"+order+"/details", map[string]any{"subject": 1}).wantStatus(422)
	}
	order := f.orderOf("account-3", queued(60), filing.InitialReview)
	f.reviewer().do("POST /orders/"+order+"/review", map[string]any{"verdict": "pass", "findings": []any{}}).wantStatus(409)
	all := f.admin().do("GET /found-findings", nil).wantStatus(200).wantValue("2019-01", "from").wantValue("2019-12", "to").
		wantValue("address-missing", "items", 0, "code")
	items := all.value("items").([]any)
	if len(items) != 12 { // of 14 findings; two codes are found twice
		t.Errorf("%d findings", len(items))
	}
	for _, item := range items {
		if one := item.(map[string]any); one["requests"] != 2.0 {
			t.Errorf("%v", one)
		}
	}
	f.reviewer().do("GET /found-findings", nil).wantStatus(200)
	f.applicant().do("GET /found-findings", nil).wantStatus(403)
}
