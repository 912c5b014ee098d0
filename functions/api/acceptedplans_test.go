package api_test

import (
	"fmt"
	"testing"

	"beian/shared/filing/filingtest"
)

// acceptedPlans: accepting a plan opens its first order; the plan is its owner's, and the rest can be cancelled.
func acceptedPlans(t *testing.T, f *fixture) {
	me, stranger := f.applicant(), f.clientAs("account-2", "applicant")
	app := filingtest.EnterpriseBeijing()
	subject := openingBody(app)
	delete(subject, "domains")
	many := []string{}
	for i := range 11 {
		many = append(many, fmt.Sprintf("plan-example-%d.cn", i))
	}
	request := map[string]any{"subject": subject, "domains": planned(many...), "digest": "?"}
	me.do("POST /accepted-plans", request).wantStatus(409, "plan-changed /digest")
	delete(request, "digest")
	seen := me.do("POST /plans", request).wantStatus(200).wantValue(true, "ready")
	request["digest"] = seen.value("digest")
	a := me.do("POST /accepted-plans", request, "idempotency-key", "accept-1").wantStatus(201).wantValue("open", "orders", 0, "state").
		wantValue("waiting", "orders", 1, "state").wantValue("ADD_SITE_OWN", "orders", 1, "type")
	id := a.id()
	me.do("POST /accepted-plans", request, "idempotency-key", "accept-1").wantStatus(201).wantValue(id, "id")
	if order := me.do("GET /orders/"+id, nil).wantStatus(200); order.value("plan") != id || len(order.value("domains").([]any)) != 10 {
		t.Errorf("the first order: %.600s", order.text)
	}
	me.do("POST /accepted-plans", request).wantStatus(422, "plan-order-open /subject")

	for _, route := range []string{"GET /accepted-plans/" + id, "POST /accepted-plans/" + id + "/cancellation"} {
		stranger.do(route, nil).wantStatus(404)
		f.reviewer().do(route, nil).wantStatus(403)
	}
	me.do("GET /accepted-plans/01JCZK3V7M8N9P0Q1R2S3T4V5W", nil).wantStatus(404)
	plain := me.do("POST /orders", openingBody(filingtest.EnterpriseJiangsu())).wantStatus(201).id()
	me.do("GET /accepted-plans/"+plain, nil).wantStatus(404)
	me.do("GET /accepted-plans/"+id, nil).wantStatus(200)
	for range 2 {
		me.do("POST /accepted-plans/"+id+"/cancellation", nil).wantStatus(200).wantValue("cancelled", "ended").wantValue("cancelled", "orders", 1, "state")
	}
}

// acceptedPlanRefused: a plan with findings is not accepted; all of them come at once.
func acceptedPlanRefused(_ *testing.T, f *fixture) {
	me := f.applicant()
	request := map[string]any{"subject": map[string]any{"province": "11", "entityKind": 4}, "domains": planned("a-example.cn", "bad domain"), "digest": "?"}
	me.do("POST /accepted-plans", request).wantStatus(422, "plan-assumes-subject /subject", "domain-malformed /domains/1/domain")
	subject := openingBody(filingtest.EnterpriseBeijing())
	delete(subject, "domains")
	subject["filedElsewhere"] = true
	moved := planned("moved-example.cn")
	moved[0]["filed"] = "elsewhere"
	me.do("POST /accepted-plans", map[string]any{"subject": subject, "domains": moved, "digest": "?"}).wantStatus(409, "plan-changed /digest")
}
