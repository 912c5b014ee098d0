package operator_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/operator"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/rules/evidence"
	"beian/shared/rules/pack"
	"beian/shared/web"
)

// otherPack is the version of a pack that no program has.
const otherPack = "00000000000000ff"

// TestPackChanges: an order that another pack checked last is listed with what this one says differently, and its applicant is notified once.
func TestPackChanges(t *testing.T) {
	w := steptest.New(t)
	const id filing.ID = "01JCZK3V7M8N9P0Q1R2S3T4V5W"
	letter := filing.VerdictChange{Part: filing.PartDocument, Name: string(evidence.CommitmentLetter), After: "required"}
	var checked filing.CheckedVerdict
	store := func(c filing.Change) filing.Order {
		if c.Order.Step == filing.CollectEvidence {
			checked = *c.Order.Checked
			c.Order.Checked = &filing.CheckedVerdict{Pack: otherPack, On: checked.On, Parts: append(slices.Clone(checked.Parts), letter)}
		}
		if _, err := w.Store.Commit(t.Context(), c, decide.Request{}); err != nil {
			t.Fatal(err)
		}
		return c.Order
	}
	app := filingtest.EnterpriseBeijing()
	app.Opening.Province, app.Subject.Division = "12", "120101" // Tianjin
	w.Walk = &filingtest.Walk{T: t, App: app, At: w.Clock.Now(), Store: store}
	w.Walk.ContinueWith(filing.Open(app.OpenInput(id), filingtest.Applicant, w.Walk.At))
	w.Walk.AdvanceTo(filing.CollectEvidence)

	var log bytes.Buffer
	w.Service.Log = slog.New(slog.NewJSONHandler(&log, nil))
	a := operator.New(operator.Config{Config: web.Config{Decisions: w.Service, Wall: w.Clock.Now}, Store: w.Store, Bureau: &exchange.Operator{}, Rules: pack.Load})
	call := func(method, path, query, body string, status int, into any) string {
		t.Helper()
		e := events.APIGatewayV2HTTPRequest{RawPath: web.Prefix + path, RawQueryString: query, Body: body, Headers: map[string]string{"content-type": "application/json"}}
		e.RequestContext.HTTP.Method = method
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "op", "cognito:groups": "[admin]", "email": "op@provider.example", "email_verified": "true"}}}
		out, err := a.Handle(t.Context(), e)
		if err != nil || out.StatusCode != status {
			t.Fatalf("%s %s?%s: %d %v %s", method, path, query, out.StatusCode, err, out.Body)
		}
		if into != nil {
			if err := json.Unmarshal([]byte(out.Body), into); err != nil {
				t.Fatal(err)
			}
		}
		return out.Body
	}
	var page struct {
		Items []operator.PackChange
		Next  string
	}
	list := func(query string) []operator.PackChange {
		t.Helper()
		page.Items, page.Next = nil, ""
		call("GET", "/pack-changes", query, "", 200, &page)
		return page.Items
	}
	want := filing.VerdictChange{Part: filing.PartDocument, Name: letter.Name, Before: "required"}
	found := list("limit=50")
	if len(found) != 1 || found[0].Order != id || found[0].Pack != otherPack || found[0].CheckedOn != checked.On ||
		len(found[0].Changes) != 1 || found[0].Changes[0].VerdictChange != want || found[0].Changes[0].Cause != operator.CausePack {
		t.Fatalf("%+v, want one change of %s: %v", found, id, want)
	}
	if got := list("pack=" + otherPack); len(got) != 1 {
		t.Errorf("the version of the check: %d orders", len(got))
	}
	if got := list("pack=0000000000000001"); len(got) != 0 {
		t.Errorf("another version: %d orders", len(got))
	}
	// Tianjin began the SMS check in 2018; before, the day makes a difference, too.
	before := list("on=2017-01-01")
	if len(before) != 1 || !slices.ContainsFunc(before[0].Changes, func(c operator.ChangeSinceCheck) bool {
		return c.Part == filing.PartSMS && c.Before == "required" && c.Cause == operator.CauseDay
	}) {
		t.Errorf("on a day before the SMS check: %+v", before)
	}
	if body := call("GET", "/pack-changes", "on=2021-02-30", "", 422, nil); !strings.Contains(body, "parameter-invalid") {
		t.Error(body)
	}
	call("GET", "/pack-changes", "cursor=Elsewhere.", "", 422, nil)

	notify := func(version string) string {
		t.Helper()
		var out operator.RuleNotices
		call("POST", "/pack-changes/notices", "", `{"pack":"`+version+`","orders":["`+string(id)+`"]}`, 200, &out)
		return string(out.Items[0].Result)
	}
	for _, c := range [][2]string{{"0000000000000001", "nothing-to-do"}, {pack.Version(), "nothing-to-do"}, {otherPack, "notified"}, {otherPack, "nothing-to-do"}} {
		if got := notify(c[0]); got != c[1] {
			t.Errorf("notices about %s: %s, want %s", c[0], got, c[1])
		}
	}
	call("POST", "/pack-changes/notices", "", `{"pack":"old","orders":["`+string(id)+`"]}`, 422, nil)
	for _, path := range []string{"/pack-changes/notices", "/rule-changes/notices"} {
		of := `"pack":"` + otherPack + `"`
		if path == "/rule-changes/notices" {
			of = `"from":"2021-01-01","to":"2022-01-01"`
		}
		if body := call("POST", path, "", `{`+of+`,"orders":["`+string(id)+`","no order"]}`, 422, nil); !strings.Contains(body, `"/orders/1"`) {
			t.Errorf("an order with no id: %s", body)
		}
		call("POST", path, "", `{`+of+`,"orders":null}`, 422, nil)
	}
	if sent := w.Notices()[filing.NoticeRulesChanged]; sent != 1 {
		t.Errorf("%d notices", sent)
	}
	for _, text := range []string{`"does":"notified of changed rules"`, `"pack":"` + otherPack + `"`, `"orders":1`, `"notified":1`, `"actor":"op"`} {
		if !strings.Contains(log.String(), text) {
			t.Errorf("the log has no %s:\n%s", text, log.String())
		}
	}
	reads, _, err := w.Store.Reads(t.Context(), id, "", 50)
	if err != nil || !slices.ContainsFunc(reads, func(r filing.StaffRead) bool { return r.What == filing.ReadVerdict }) {
		t.Errorf("reads of the order: %v, %v", reads, err)
	}
	if w.Order().Checked.Pack != otherPack {
		t.Error("the notice counts as a check")
	}
}
