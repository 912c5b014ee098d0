package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
)

// upkeepOfStrangers: what an account records about a filing is checked, whatever it sends: each refusal is a problem with a pointer in both languages, and nothing
// of another account's filing is read or changed.
func upkeepOfStrangers(t *testing.T, f *fixture) {
	filed := f.file("account-1", filingtest.EnterpriseBeijing(), "owing-example.cn")
	site := filed.Sites[0].Number.String()
	path := "/filings/" + string(filed.ID)
	me := f.applicant()
	day := f.now.AddDate(1, 0, 0).Format("2006-01-02")
	good := map[string]map[string]any{
		"public-security": {"site": site, "number": "京公网安备11010502030123号"},
		"commercial":      {"site": site, "commercial": true},
		"licence":         {"site": site, "number": "京B2-20200001", "validUntil": day},
		"licence-report":  {"site": site},
		"annual-review":   {"site": site, "status": "unchanged"},
		"letter-term":     {"letter": "commitment-letter", "validUntil": day},
		"reminders":       {"kind": "domain-expires", "muted": true},
	}
	bad := []any{nil, "", "\x00", "京ICP备99999999号-1", strings.Repeat("x", 100_000), "0001-01-01", "9999-12-31", "2020-02-30", "2020-13-01", "10000-01-01", "0000-00-00", day + "T00:00:00Z",
		"'; --", "<script>", "${x}", -1, 1e300, true, []any{}, map[string]any{}, "\u202e", "１２３"}
	for what, body := range good {
		route := "PUT " + path + "/" + what
		f.clientAs("account-2", "applicant").do(route, body).wantStatus(404)
		f.reviewer().do(route, body).wantStatus(403)
		f.clientAs("", "").do(route, body).wantStatus(401)
		for name := range body {
			for _, value := range bad {
				changed := map[string]any{}
				for k, v := range body {
					changed[k] = v
				}
				changed[name] = value
				a := me.do(route, changed)
				switch {
				case a.status == http.StatusOK: // an empty number, or the opposite of a choice
				case a.status >= 500 || a.status < 400:
					t.Errorf("%s with %s = %.40v: %d %.300s", what, name, value, a.status, a.text)
				case len(a.findings()) == 0 && a.status == 400:
					t.Errorf("%s with %s = %.40v: no finding: %.300s", what, name, value, a.text)
				}
				for _, one := range a.findings() {
					if one.Message.Chinese == "" || one.Message.English == "" || one.Pointer == "" && a.status != 409 || strings.Contains(fmt.Sprint(one), strings.Repeat("x", 500)) {
						t.Errorf("%s with %s = %.40v: %.300v", what, name, value, one)
					}
				}
			}
		}
		for _, text := range []string{"", "null", "[]", "{", `{"site":"a","site":"b"}`, strings.Repeat("[", 100_000), "\xff"} {
			if a := me.do(route, text); a.status < 400 || a.status >= 500 {
				t.Errorf("%s with %.20q: %d %.300s", what, text, a.status, a.text)
			}
		}
	}
	// A filing that was cancelled owes nothing.
	after := filed
	after.Status = register.Cancelled
	change, _ := filed.Replace(after, register.Source{Kind: register.FromDownload, ID: "2"}, f.now)
	if err := f.store.CommitFiling(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	for what, body := range good {
		me.do("PUT "+path+"/"+what, body).wantStatus(409)
	}
	if a := me.do("GET "+path+"/upkeep", nil).wantStatus(200); len(a.value("duties").([]any)) != 0 {
		t.Errorf("%.300s", a.text)
	}
	for _, id := range []string{"01JCZK3V7M8N9P0Q1R2S3T4V5X", "x", "%00", strings.Repeat("0", 500)} {
		if a := me.do("GET /filings/"+id+"/upkeep", nil); !slices.Contains([]int{400, 404, 422}, a.status) {
			t.Errorf("%.20s: %d", id, a.status)
		}
	}
}
