package journeys_test

import (
	"net/http"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/upkeep"
	"beian/shared/web"
)

// TestDutiesOfFiling: an approved filing owes its public-security filing, until the account records the number; operators list what filings owe.
func TestDutiesOfFiling(t *testing.T) {
	j := journeyAt(t, 10901, filing.VerifySMS)
	ctx := t.Context()
	j.replySMS()
	j.awaitApproved()
	all, err := j.applicant.Filings(ctx)
	j.must(err)
	path := "/filings/" + string(all[0].ID)
	owes := func(kind upkeep.Key) bool {
		var u web.Upkeep
		j.must(j.applicant.Call(ctx, http.MethodGet, path+"/upkeep", nil, &u))
		for _, d := range u.Duties {
			if d.Kind == kind {
				return true
			}
		}
		return false
	}
	j.must(scenario.Poll(ctx, func() (bool, error) { j.runReminders(); return owes(upkeep.PublicSecurity), nil }))
	f, err := j.applicant.Filing(ctx, all[0].ID)
	j.must(err)
	site := f.Sites[0].Number.String()
	put := func(what string, body map[string]any) error {
		return j.applicant.Call(ctx, http.MethodPut, path+"/"+what, body, nil)
	}
	wantProblem(t, put("public-security", map[string]any{"site": site, "number": "已办理"}), 422, "upkeep-police-number /number")
	wantProblem(t, put("public-security", map[string]any{"site": "京ICP备2021000001号-9", "number": "京公网安备11010502030123号"}), 422, "upkeep-site-unknown /site")
	wantProblem(t, put("reminders", map[string]any{"kind": "public-security", "muted": true}), 409, "upkeep-reminders-needed /kind")
	wantProblem(t, put("licence-report", map[string]any{"site": site}), 409, "upkeep-no-licence /site")
	for range 2 {
		j.must(put("public-security", map[string]any{"site": site, "number": "京公网安备 11010502030123 号"}))
	}
	if owes(upkeep.PublicSecurity) {
		t.Error("it still owes the public-security filing")
	}
	var list web.Page[struct{ Filing string }]
	if err := admin.Call(ctx, http.MethodGet, "/duties?limit=100", nil, &list); err != nil || len(list.Items) == 0 {
		t.Errorf("%d filings, %v", len(list.Items), err)
	}
	wantProblem(t, admin.Call(ctx, http.MethodGet, "/duties?cursor=nothing", nil, nil), 422, "cursor-unknown ")
}
