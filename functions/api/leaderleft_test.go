package api_test

import (
	"testing"

	"beian/shared/filing/filingtest"
)

// leaderLeft: the account and operators say that a leader has left, and that it was a mistake; strangers and reviewers cannot.
func leaderLeft(t *testing.T, f *fixture) {
	filed := f.file("account-1", filingtest.EnterpriseBeijing(), "filed-example.cn")
	site := filed.Sites[0].Number.String()
	mine, operators := "PUT /filings/"+string(filed.ID)+"/leader-left", "PUT /duties/"+string(filed.ID)+"/leader-left"
	left := map[string]any{"left": true}
	f.clientAs("account-2", "applicant").do(mine, left).wantStatus(404)
	f.reviewer().do(operators, left).wantStatus(403)
	f.applicant().do(operators, left).wantStatus(403)
	f.admin().do("PUT /duties/01JCZK3V7M8N9P0Q1R2S3T4V5X/leader-left", left).wantStatus(404)
	f.applicant().do(mine, map[string]any{"site": "京ICP备12345678号-9", "left": true}).wantStatus(422, "upkeep-site-unknown /site")
	f.applicant().do(mine, map[string]any{}).wantStatus(422)
	for range 2 {
		f.applicant().do(mine, left).wantStatus(200).wantValue("changed-leader-left", "duties", 0, "code").wantValue("change", "duties", 0, "act")
	}
	for range 2 {
		a := f.applicant().do(mine, map[string]any{"left": false}).wantStatus(200)
		if n := len(a.value("duties").([]any)); n != 0 {
			t.Errorf("%d duties after it was a mistake", n)
		}
	}
	f.admin().do(operators, map[string]any{"site": site, "left": true}).wantStatus(200).wantValue(site, "duties", 0, "site")
}
