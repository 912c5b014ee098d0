package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/people"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// ownOrganisation: a reviewer neither lists nor claims nor reads the orders of their organisation's accounts and subjects, and an administrator does not read theirs.
func ownOrganisation(t *testing.T, f *fixture) {
	first, second := filingtest.NumberedEnterprise(10200), filingtest.NumberedEnterprise(10201)
	of := map[string]string{"account-1": f.orderOf("account-1", first, filing.InitialReview), "account-2": f.orderOf("account-2", second, filing.InitialReview)}
	listed := func(c client) int { return len(c.do("GET /review/orders", nil).wantStatus(200).value("items").([]any)) }
	admin, reviewer := f.admin(), f.reviewer()
	if n := listed(reviewer); n != 2 {
		t.Fatalf("%d orders are listed before the reviewer has an organisation", n)
	}
	admin.do("PUT /people/reviewer-1", map[string]any{"accounts": []string{"account-1"}, "absences": []any{}, "disabled": false}).wantStatus(200)
	if n := listed(reviewer); n != 1 {
		t.Errorf("%d orders are listed, want that of the other account", n)
	}
	refuse := func(account string) {
		order := "/orders/" + of[account]
		for _, route := range []string{"POST " + order + "/claim", "GET " + order, "GET " + order + "/ledger", "GET " + order + "/timeline"} {
			reviewer.do(route, nil).wantStatus(403, "own-order ")
		}
	}
	refuse("account-1")
	subjects := admin.do("POST /people/reviewer-1/subjects", map[string]any{"label": "family firm",
		"certificate": map[string]any{"kind": second.Opening.Certificate.Kind, "number": second.Opening.Certificate.Number}}).wantStatus(200)
	if n := listed(reviewer); n != 0 {
		t.Errorf("%d orders are listed, though both are the reviewer's", n)
	}
	refuse("account-2")
	reviewer.do("POST /review/next", map[string]any{}).wantStatus(404)
	f.staffAs("reviewer-2", "reviewer").do("POST /orders/"+of["account-2"]+"/claim", nil).wantStatus(200)

	again := admin.do("POST /people/reviewer-1/subjects", map[string]any{"certificate": map[string]any{"kind": second.Opening.Certificate.Kind, "number": second.Opening.Certificate.Number}}).wantStatus(200)
	if again.value("version") != subjects.value("version") {
		t.Error("a subject was added twice")
	}
	admin.do("DELETE /people/reviewer-1/subjects/"+subjects.value("subjects", 0, "id").(string), nil).wantStatus(200)
	if n := listed(reviewer); n != 1 {
		t.Errorf("%d orders are listed after the subject was removed", n)
	}
	admin.do("DELETE /people/reviewer-1/subjects/01JCZK3V7M8N9P0Q1R2S3T4V5W", nil).wantStatus(404, "staff-subject-unknown ")
	f.staffAs("admin-2", "admin").do("PUT /people/admin-1", map[string]any{"accounts": []string{"account-2"}, "absences": []any{}, "disabled": false}).wantStatus(200)
	admin.do("GET /orders/"+of["account-2"], nil).wantStatus(403, "own-order ")
}

// staffRegister: requests enter a person, operators edit the entry, and a disabled person or an ended session is refused.
func staffRegister(t *testing.T, f *fixture) {
	admin, reviewer := f.admin(), f.reviewer()
	admin.do("GET /people/reviewer-1", nil).wantStatus(404)
	reviewer.do("GET /review/orders", nil).wantStatus(200)
	admin.do("GET /people/reviewer-1", nil).wantStatus(200).wantValue("reviewer-1", "name").wantValue("reviewer", "roles", 0).wantValue(0.0, "version")
	if all := admin.do("GET /people", nil).wantStatus(200).value("items").([]any); len(all) != 2 {
		t.Errorf("%d people, want the reviewer and the administrator", len(all))
	}
	entry := func(disabled bool, absences ...map[string]any) map[string]any {
		return map[string]any{"accounts": []string{}, "absences": append([]map[string]any{}, absences...), "disabled": disabled}
	}
	today := string(workday.DateOf(f.now))
	away := admin.do("PUT /people/reviewer-1", entry(false, map[string]any{"from": today, "to": today})).wantStatus(200)
	away.wantValue(true, "absent").wantValue("absences", "changes", 0, "what", 0).wantValue("admin-1", "changes", 0, "by")
	admin.do("PUT /people/reviewer-1", entry(false, map[string]any{"from": today, "to": "2018-01-01"})).wantStatus(422, "staff-absence /absences/0")
	admin.do("PUT /people/reviewer-1", entry(false), "If-Match", `"7"`).wantStatus(412)
	admin.do("PUT /people/reviewer-1", map[string]any{"accounts": []string{"a b"}, "absences": []any{}, "disabled": false}).wantStatus(422, "field-value /accounts/0")
	admin.do("PUT /people/admin-1", entry(true)).wantStatus(409, "staff-own-entry ")
	admin.do("PUT /people/admin-1", entry(false, map[string]any{"from": today, "to": today})).wantStatus(200)
	admin.do("POST /people/reviewer-1/subjects", map[string]any{"certificate": map[string]any{"kind": 2, "number": "1"}}).wantStatus(422)

	admin.do("PUT /people/reviewer-1", entry(true)).wantStatus(200).wantValue(true, "disabled")
	reviewer.do("GET /review/orders", nil).wantStatus(403, "staff-disabled ")
	both := f.clientAs("reviewer-1", "reviewer applicant")
	both.do("GET /orders", nil).wantStatus(200) // what applicants do
	both.do("GET /review/orders", nil).wantStatus(403, "staff-disabled ")
	admin.do("PUT /people/reviewer-1", entry(false)).wantStatus(200)
	reviewer.do("GET /review/orders", nil).wantStatus(200)

	admin.do("DELETE /people/reviewer-1/sessions", nil).wantStatus(200)
	reviewer.do("GET /review/orders", nil).wantStatus(401, "staff-sessions-ended ") // a token without a time
	reviewer.claims["auth_time"] = fmt.Sprint(f.now.Unix())
	reviewer.do("GET /review/orders", nil).wantStatus(401, "staff-sessions-ended ")
	f.now = f.now.Add(time.Minute)
	reviewer.claims["auth_time"] = fmt.Sprint(f.now.Unix())
	reviewer.do("GET /review/orders", nil).wantStatus(200)

	// Another function, which has the person in memory, notices within MaxAge.
	other := &people.Register{Store: f.store, Now: func() time.Time { return f.now }, Log: silent}
	request := people.Request{Account: "reviewer-1", Name: "reviewer-1", Roles: []filing.Role{filing.Reviewer}, TokenAt: f.now}
	if _, err := other.Admit(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	admin.do("PUT /people/reviewer-1", entry(true)).wantStatus(200)
	f.now = f.now.Add(people.MaxAge)
	if _, err := other.Admit(t.Context(), request); err == nil {
		t.Error("a disabled person was admitted after MaxAge")
	}
}

// linkOfLocked: the link to a paper ends when the reviewer who opened it is locked out.
func linkOfLocked(t *testing.T, f *fixture) {
	order := "/orders/" + f.orderAt(filingtest.NumberedEnterprise(10207), filing.InitialReview)
	f.reviewer().do("POST "+order+"/claim", nil).wantStatus(200)
	view := f.reviewer().do("POST "+order+"/evidence/views", map[string]any{"slot": "subject-certificate-front"}).wantStatus(201)
	link := "GET " + strings.TrimPrefix(view.value("url").(string), web.Prefix)
	client{fixture: f}.do(link, nil).wantStatus(200)
	f.admin().do("DELETE /people/reviewer-1/sessions", nil).wantStatus(200) // of a lost device
	client{fixture: f}.do(link, nil).wantStatus(404)
	f.admin().do("PUT /people/reviewer-1", map[string]any{"accounts": []string{}, "absences": []any{}, "disabled": true}).wantStatus(200)
	client{fixture: f}.do(link, nil).wantStatus(404)
}

// repairOfOwn: an operator does not repair an order of their own, and none at all with a token of which that cannot be known.
func repairOfOwn(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.NumberedEnterprise(10853), filing.InitialReview)
	entries, err := f.store.Outbox(t.Context(), decide.SendNotice, 1)
	if err == nil {
		err = f.store.MoveToDeadLetters(t.Context(), entries[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	item := f.admin().do("GET /late", nil).wantStatus(200).wantValue(id, "items", 0, "order").value("items", 0, "id").(string)
	repair := "POST /late/" + item + "/repair"
	unknown := client{fixture: f, claims: map[string]string{"sub": "admin-3", "cognito:groups": "[admin]"}} // an access token of Cognito
	unknown.do(repair, nil).wantStatus(403)
	f.clientAs("admin-4", "admin").do(repair, nil).wantStatus(403, "own-order ") // the mobile of the order's contact
	f.admin().do(repair, nil).wantStatus(200).wantValue(true, "done")
}

// sheetOfLocked: the links to a sheet, to its papers and to the differences, which need no token, end when the operator who asked for them is locked out.
func sheetOfLocked(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.NumberedEnterprise(10852), filing.InitialReview)
	f.reviewer().do("POST /orders/"+id+"/claim", nil).wantStatus(200)
	f.reviewer().do("POST /orders/"+id+"/review", map[string]any{"verdict": "pass"}).wantStatus(200)
	f.decide(id, filing.QueueUpload{ByHand: true})
	leaver, other := f.staffAs("admin-9", "admin"), f.staffAs("admin-8", "admin")
	links := map[string]string{}
	read := func(who string, c client) {
		page := c.do("GET /orders/"+id+"/sheet", nil).wantStatus(200)
		for name, url := range map[string]any{"sheet": page.value("page", "url"), "paper": page.value("papers", 0, "url"), "differences": c.do("GET /reconciliation", nil).wantStatus(200).value("page", "url")} {
			links[who+" "+name] = "GET " + strings.TrimPrefix(url.(string), web.Prefix)
		}
	}
	read("leaver", leaver)
	read("other", other)
	public := client{fixture: f}
	for _, link := range links {
		public.do(link, nil).wantStatus(200)
	}
	f.admin().do("DELETE /people/admin-9/sessions", nil).wantStatus(200)
	for name, link := range links {
		if strings.HasPrefix(name, "leaver") {
			public.do(link, nil).wantStatus(404)
		}
	}
	f.admin().do("PUT /people/admin-9", map[string]any{"accounts": []string{}, "absences": []any{}, "disabled": true}).wantStatus(200)
	for name, link := range links {
		want := 200
		if strings.HasPrefix(name, "leaver") {
			want = 404
		}
		public.do(link, nil).wantStatus(want)
	}
	public.do(strings.Replace(links["other sheet"], "/sheets/", "/evidence-views/", 1), nil).wantStatus(404)
	public.do(strings.Replace(links["other sheet"], "/sheets/", "/reconciliation-pages/", 1), nil).wantStatus(404)
}

// auditSearch: an administrator lists what a person read in a period; the search is recorded for the administrator.
func auditSearch(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.InitialReview)
	reviewer, admin := f.reviewer(), f.admin()
	day := string(workday.DateOf(f.now))
	reviewer.do("GET /orders/"+id, nil).wantStatus(200)
	f.now = f.now.Add(48 * time.Hour)
	reviewer.do("GET /orders/"+id+"/ledger", nil).wantStatus(200)
	later := string(workday.DateOf(f.now))
	search := "GET /people/reviewer-1/reads?from=" + day + "&to=" + later
	found := admin.do(search, nil).wantStatus(200)
	found.wantValue("ledger", "items", 0, "what").wantValue(id, "items", 0, "order").wantValue(true, "items", 0, "verified").wantValue("brief", "items", 1, "what")
	if n := len(found.value("items").([]any)); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
	page := admin.do(search+"&limit=1", nil).wantStatus(200)
	rest := admin.do(search+"&limit=1&cursor="+page.value("next").(string), nil).wantStatus(200)
	rest.wantValue("brief", "items", 0, "what")
	admin.do("GET /people/admin-1/reads?from="+later+"&to="+later, nil).wantStatus(200).wantValue("person", "items", 0, "what").wantValue("reviewer-1", "items", 0, "person")
	admin.do("GET /people/reviewer-1/reads?from="+later+"&to="+day, nil).wantStatus(422, "audit-period ")
	admin.do("GET /people/reviewer-1/reads?from=2019-01-01&to=2019-02-01", nil).wantStatus(422, "audit-period ")
	admin.do(search+"&cursor=x", nil).wantStatus(422)
	reviewer.do(search, nil).wantStatus(403)
}
