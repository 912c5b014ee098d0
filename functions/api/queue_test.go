package api_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/figures"
)

// queued returns one of the invented applicants of this file.
func queued(n int) filingtest.Application { return filingtest.NumberedEnterprise(10100 + n) }

// reviewQueue: the queue has promise and risks of each order, and its filters choose.
func reviewQueue(t *testing.T, f *fixture) {
	first := f.orderOf("account-1", queued(1), filing.InitialReview)
	f.now = f.now.Add(time.Hour)
	second := f.orderOf("account-2", filingtest.IndividualZhejiang(), filing.InitialReview)
	one, two := f.reviewer(), f.staffAs("reviewer-2", "reviewer")
	all := one.do("GET /review/orders", nil).wantStatus(200).wantValue(first, "items", 0, "id").wantValue(second, "items", 1, "id").
		wantValue(false, "items", 0, "promise", "late").wantValue("2019-12-30T16:00:00Z", "items", 0, "promise", "due")
	if risks := all.value("items", 0, "risks").([]any); len(risks) != 0 {
		t.Errorf("the enterprise has risks: %v", risks)
	}
	all.wantValue("individual", "items", 1, "risks", 0, "risk").wantValue("low", "items", 1, "risks", 0, "level").wantValue("个人", "items", 1, "risks", 0, "words", "zh-CN")
	want := func(c client, query string, ids ...string) {
		t.Helper()
		items := c.do("GET /review/orders?"+query, nil).wantStatus(200).value("items").([]any)
		got := []string{}
		for _, item := range items {
			got = append(got, item.(map[string]any)["id"].(string))
		}
		if fmt.Sprint(got) != fmt.Sprint(ids) {
			t.Errorf("%s: %v, want %v", query, got, ids)
		}
	}
	one.do("POST /orders/"+first+"/claim", nil).wantStatus(200)
	kind := all.value("items", 0, "type").(string)
	for query, ids := range map[string][]string{
		"province=11": {first}, "province=33": {second}, "province=44": {}, "kind=" + kind: {first, second}, "risk=individual": {second}, "risk=explained": {},
		"claimed=free": {second}, "claimed=mine": {first}, "claimed=all&limit=1": {first}, "province=11&risk=individual": {}, "step=MailDocuments": {},
	} {
		want(one, query, ids...)
	}
	want(two, "claimed=mine")
	for _, query := range []string{"kind=x", "risk=x", "province=x", "province=110", "due=x", "due=late&step=MailDocuments", "claimed=theirs", "step=Transmit"} {
		one.do("GET /review/orders?"+query, nil).wantStatus(422)
	}
	one.do("GET /review/counts", nil).wantStatus(404)
	counts, err := figures.Count(t.Context(), f.store, filing.DefaultReviewPromise, f.now)
	if err != nil || f.store.PutCounts(t.Context(), counts) != nil {
		t.Fatal(err)
	}
	for _, c := range []client{one, f.admin()} {
		c.do("GET /review/counts", nil).wantStatus(200).wantValue(2.0, "open").wantValue(1.0, "provinces", "33").wantValue(1.0, "risks", "individual").wantValue(1.0, "claimed").wantValue(0.0, "late")
	}
	want(one, "due=today")
	f.now = time.Date(2019, 12, 29, 16, 0, 0, 0, time.UTC) // the begin of Monday in Shanghai
	third := f.orderOf("account-3", queued(2), filing.InitialReview)
	want(one, "due=late")
	want(one, "due=today", first, second)
	want(one, "due=today&limit=1&risk=individual", second)
	f.now = time.Date(2019, 12, 30, 16, 0, 0, 0, time.UTC) // its end
	one.do("GET /review/orders", nil).wantStatus(200).wantValue(true, "items", 0, "promise", "late").wantValue(false, "items", 2, "promise", "late").wantValue(third, "items", 2, "id")
	want(one, "due=late", first, second)
	one.do("POST /review/next?due=late&risk=individual", nil).wantStatus(200).wantValue(second, "id")
	one.do("POST /review/next?due=late&province=44", nil).wantStatus(404)
}

// nextOrder: the next order is free and not the reviewer's own; two reviewers never get the same, and a repeated request gets the same again.
func nextOrder(t *testing.T, f *fixture) {
	var ids []string
	for n := range 4 {
		f.now = f.now.Add(time.Minute)
		ids = append(ids, f.orderOf(fmt.Sprintf("account-%d", n+1), queued(20+n), filing.InitialReview))
	}
	one, two := f.reviewer(), f.staffAs("reviewer-2", "reviewer")
	f.admin().do("PUT /people/reviewer-1", map[string]any{"accounts": []string{"account-1"}, "absences": []any{}, "disabled": false}).wantStatus(200)
	one.do("POST /review/next", nil, "idempotency-key", "next-1").wantStatus(200).wantValue(ids[1], "id").wantValue("reviewer-1", "claim", "reviewer")
	one.do("POST /review/next", nil, "idempotency-key", "next-1").wantStatus(200).wantValue(ids[1], "id")
	two.do("POST /review/next?skip="+ids[0], nil).wantStatus(200).wantValue(ids[2], "id")
	two.do("DELETE /orders/"+ids[2]+"/claim", nil).wantStatus(200)
	one.do("POST /review/next?province=33", nil).wantStatus(404)
	one.do("POST /review/next?risk=explained", nil).wantStatus(404)

	three := f.staffAs("reviewer-3", "reviewer")
	got := make([]answer, 3)
	var pressed sync.WaitGroup
	for i, c := range []client{one, two, three} {
		pressed.Go(func() { got[i] = c.do("POST /review/next", nil) })
	}
	pressed.Wait()
	seen := map[string]bool{}
	for _, a := range got {
		if a.status == 200 {
			if seen[a.id()] {
				t.Errorf("two reviewers got %s", a.id())
			}
			seen[a.id()] = true
		}
	}
	if !seen[ids[2]] || !seen[ids[3]] || seen[ids[1]] {
		t.Errorf("claimed at once: %v, want the free ones of %v", seen, ids)
	}
	one.do("POST /review/next", nil).wantStatus(404)
}
