package journeys_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/rulesdiff"
	"beian/shared/filing"
	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
)

// A ruleChange is a difference with the rules that it may come from.
type ruleChange struct {
	filing.VerdictChange
	Rules []string
}

// ruleChanges returns what the operator's list says about the order of the journey: the changes between the rules of two days.
func (j *journey) ruleChanges(from, to string) []ruleChange {
	j.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				Order   filing.ID
				Changes []ruleChange
			}
			Next string
		}
		j.must(admin.Call(j.t.Context(), http.MethodGet, "/rule-changes?limit=50&from="+from+"&to="+to+"&cursor="+cursor, nil, &page))
		for _, item := range page.Items {
			if item.Order == j.id {
				return item.Changes
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// TestRuleChanges: the operator lists the open orders on which the rules of two days differ, with what changes for each.
func TestRuleChanges(t *testing.T) {
	j := journeyAt(t, 980, filing.CollectEvidence)
	later := workday.DateOf(sys.Clock.Now()).AddDays(100) // the domain was not verified shortly before, and does not expire soon
	if same := j.ruleChanges(string(later), string(later.AddDays(1))); len(same) > 0 {
		t.Errorf("the rules did not change, but the list has %v", same)
	}
	// Beijing began the SMS check on 2020-08-17, and the liveness check replaced the photograph in front of the curtain on 2019-07-29.
	got := j.ruleChanges("2018-09-01", "2021-03-01")
	for _, want := range []ruleChange{
		{filing.VerdictChange{Part: filing.PartSMS, After: "required"}, []string{"11.sms.1"}},
		{filing.VerdictChange{Part: filing.PartDocument, Name: "sites/0/leader-photo", Before: "required"}, []string{}},
	} {
		if !slices.ContainsFunc(got, func(c ruleChange) bool {
			return c.VerdictChange == want.VerdictChange && slices.Equal(c.Rules, want.Rules)
		}) {
			t.Errorf("%v is missing in %v", want, got)
		}
	}
	wantProblem(t, admin.Call(t.Context(), http.MethodGet, "/rule-changes?from=2021-02-30&to=2021-03-01", nil, nil), 422, "parameter-invalid ")
	wantProblem(t, admin.Call(t.Context(), http.MethodGet, "/rule-changes?from=2021-03-01&to=2021-03-01&cursor=Elsewhere.", nil, nil), 422, "parameter-invalid ")
	wantProblem(t, j.applicant.Call(t.Context(), http.MethodGet, "/rule-changes?from=2021-03-01&to=2021-03-01", nil, nil), 403)
}

// TestRules: staff list the rules that were in force in a province on a day.
func TestRules(t *testing.T) {
	var rules struct {
		Version string
		Items   []struct{ ID, Family, From, Source string }
	}
	list := func(on string) []string {
		t.Helper()
		if err := reviewer.Call(t.Context(), http.MethodGet, "/rules?province=11&on="+on, nil, &rules); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, r := range rules.Items {
			ids = append(ids, r.ID)
		}
		return ids
	}
	for on, want := range map[string]bool{"2019-12-25": false, "2020-08-16": false, "2020-08-17": true, "2026-11-27": true} {
		if got := slices.Contains(list(on), "11.sms.1"); got != want {
			t.Errorf("the SMS rule of Beijing is in force on %s: %t, want %t", on, got, want)
		}
	}
	if rules.Version == "" {
		t.Error("the pack has no version")
	}
	wantProblem(t, reviewer.Call(t.Context(), http.MethodGet, "/rules?province=99", nil, nil), 422, "parameter-invalid ")
	wantProblem(t, reviewer.Call(t.Context(), http.MethodGet, "/rules?on=2021-02-30", nil, nil), 422, "parameter-invalid ")
}

// TestRuleNotices: on request, the applicants of such orders are notified once of the same two days, with what the rules require now.
func TestRuleNotices(t *testing.T) {
	j := journeyAt(t, 981, filing.CollectEvidence)
	ctx := t.Context()
	notify := func(from, to string, id filing.ID) string {
		t.Helper()
		var out struct{ Items []struct{ Result string } }
		j.must(admin.Call(ctx, http.MethodPost, "/rule-changes/notices", map[string]any{"from": from, "to": to, "orders": []filing.ID{id}}, &out))
		return out.Items[0].Result
	}
	for _, c := range []struct {
		from, to string
		id       filing.ID
		want     string
	}{
		{"2021-03-01", "2021-03-02", j.id, "nothing-to-do"}, {"2018-09-01", "2021-03-01", j.id, "notified"}, {"2018-09-01", "2021-03-01", j.id, "nothing-to-do"},
		{"2018-09-01", "2021-03-01", "01JCZK3V7M8N9P0Q1R2S3T4V5W", "unknown"},
	} {
		if got := notify(c.from, c.to, c.id); got != c.want {
			t.Errorf("%s to %s, order %s: %q, want %q", c.from, c.to, c.id, got, c.want)
		}
	}
	wantProblem(t, admin.Call(ctx, http.MethodPost, "/rule-changes/notices", map[string]any{"from": "2018-09-01", "to": "2021-03-01", "orders": []string{string(j.id), "no id"}}, nil),
		422, "field-value /orders/1")
	mails := j.wantNotices(filing.NoticeRulesChanged)
	for _, want := range []string{"负责人需要完成短信验证。", "2021年3月1日的规则多了", "请打开订单核对"} {
		if !strings.Contains(mails[0].Text, want) {
			t.Errorf("the email lacks %q:\n%s", want, mails[0].Text)
		}
	}
	j.must(j.applicant.Abandon(ctx, j.id))
	j.awaitStep(filing.Done, filing.Abandoned)
	if got := notify("2018-09-01", "2021-03-02", j.id); got != "closed" {
		t.Errorf("a closed order: %q", got)
	}
	l, err := reviewer.Ledger(ctx, j.id)
	if j.must(err); !l.Verified || !slices.Contains(l.Decisions(), "announce-rules") {
		t.Errorf("ledger %v, verified %t", l.Decisions(), l.Verified)
	}
}

// TestRulesDiff: the command of the operator lists the order on which the rules of two days differ. No order was checked by another version of
// the rules, and only an operator asks.
func TestRulesDiff(t *testing.T) {
	j := journeyAt(t, 1900, filing.CollectEvidence)
	ctx := t.Context()
	orders, err := rulesdiff.OrdersOfDays(ctx, admin, "2018-09-01", "2021-03-01")
	j.must(err)
	i := slices.IndexFunc(orders, func(o rulesdiff.Order) bool { return o.ID == j.id })
	if i < 0 || !strings.Contains(orders[i].String(), "\n      sms: nothing → required 11.sms.1") {
		t.Errorf("the order of the journey: %v", orders)
	}
	version, err := rulesdiff.SystemVersion(ctx, admin)
	if j.must(err); version != pack.Version() {
		t.Errorf("version %q, want %q", version, pack.Version())
	}
	for _, other := range []string{version, "00000000000000ff"} {
		orders, err := rulesdiff.OrdersOfVersion(ctx, admin, other)
		if j.must(err); len(orders) > 0 {
			t.Errorf("orders checked by %s: %v", other, orders)
		}
	}
	notices := map[string]any{"pack": "00000000000000ff", "orders": []filing.ID{j.id, "01JCZK3V7M8N9P0Q1R2S3T4V5W"}}
	var out struct{ Items []struct{ Result string } }
	j.must(admin.Call(ctx, http.MethodPost, "/pack-changes/notices", notices, &out))
	if len(out.Items) != 2 || out.Items[0].Result != "nothing-to-do" || out.Items[1].Result != "unknown" {
		t.Errorf("notices: %v", out.Items)
	}
	wantProblem(t, admin.Call(ctx, http.MethodGet, "/pack-changes?on=2021-02-30", nil, nil), 422, "parameter-invalid ")
	wantProblem(t, j.applicant.Call(ctx, http.MethodGet, "/pack-changes", nil, nil), 403)
	wantProblem(t, reviewer.Call(ctx, http.MethodPost, "/pack-changes/notices", notices, nil), 403)
}
