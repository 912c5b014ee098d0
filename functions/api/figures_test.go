package api_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/figures"
)

// providerFigures: the operator reads the backlog of each day and the durations of the steps, also as CSV; below 20 visits there are no percentiles.
func providerFigures(t *testing.T, f *fixture) {
	f.orderOf("account-1", queued(40), filing.InitialReview)
	counts, err := figures.Count(t.Context(), f.store, filing.DefaultReviewPromise, f.now)
	for range 2 {
		if err != nil || f.store.PutCounts(t.Context(), counts) != nil {
			t.Fatal(err)
		}
	}
	for n := range 20 {
		o := filingtest.OpenAt(t, filingtest.NumberedEnterprise(10150+n), f.now, filing.InitialReview).Order
		o.ID += filing.ID(rune('A' + n))
		visits := []filing.Visit{{Step: filing.AwaitBureau, Days: n}}
		if n == 0 {
			visits = append(visits, filing.Visit{Step: filing.InitialReview, Days: 1})
		}
		if err := f.store.AddVisits(t.Context(), o, f.now.Year(), visits); err != nil {
			t.Fatal(err)
		}
	}
	admin, days := f.admin(), "?from=2019-12-01&to=2019-12-31"
	got := admin.do("GET /figures"+days, nil).wantStatus(200).wantValue("2019-12-26", "backlog", 0, "day").wantValue(1.0, "backlog", 0, "review").
		wantValue("InitialReview", "steps", 0, "step").wantValue(1.0, "steps", 0, "count").
		wantValue(20.0, "steps", 1, "count").wantValue(9.0, "steps", 1, "p50").wantValue(15.0, "steps", 1, "p80").wantValue(18.0, "steps", 1, "p95")
	if strings.Count(got.text, "p50") != 1 || len(got.value("backlog").([]any)) != 1 {
		t.Errorf("%s", got.text)
	}
	admin.do("GET /figures"+days+"&province=54", nil).wantStatus(200)
	for path, want := range map[string]string{"backlog": "\ufeff日期,未办结,待审,超期,管局审核中\r\n2019-12-26,1,1,0,0\r\n", "steps": "\ufeff步骤,次数,50%工作日,80%工作日,95%工作日\r\nInitialReview,1,,,\r\nAwaitBureau,20,9,15,18\r\n"} {
		if out := admin.do("GET /figures/"+path+days, nil).wantStatus(200); out.text != want {
			t.Errorf("%s: %q, want %q", path, out.text, want)
		}
	}
	for _, wrong := range []string{"", "?from=2019-12-01", "?from=2019-12-02&to=2019-12-01", "?from=2019-02-30&to=2019-12-01", "?from=2018-12-01&to=2019-12-02", "?from=2019-12-01&to=2019-12-02&province=10", "?from=x&to=y"} {
		admin.do("GET /figures"+wrong, nil).wantStatus(422)
	}
	f.reviewer().do("GET /figures"+days, nil).wantStatus(403)
}
