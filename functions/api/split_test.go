package api_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/domainfacts"
)

// splitOrder: the order shows the split of its domains; one request accepts it, once, for its owner.
func splitOrder(t *testing.T, f *fixture) {
	me, stranger := f.applicant(), f.clientAs("account-2", "applicant")
	id := me.do("POST /orders", openingBody(filingtest.EnterpriseJiangsu())).wantStatus(201).id()
	path := "POST /orders/" + id + "/split"
	me.do(path, map[string]any{"digest": "?"}, "if-match", "*").wantStatus(409, "split-not-offered ")
	o, err := f.store.Order(t.Context(), filing.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	facts, ofDomains := map[filing.Domain]filing.Facts{}, map[filing.Domain]domainfacts.Facts{}
	for i, d := range o.Domains {
		facts[d] = filing.Facts{DomainFiled: i == 1}
	}
	f.decide(id, filing.DetermineType{Facts: facts, DomainFacts: ofDomains})
	order := me.do("GET /orders/"+id, nil).wantStatus(200).wantValue("ADD_ACCESS_FOREIGN", "split", "orders", 0, "type").
		wantValue(string(o.Domains[0]), "split", "orders", 1, "domains", 0).wantValue("/api/v1/orders/"+id+"/split", "next", "href")
	accept := map[string]any{"digest": order.value("split", "digest")}
	me.do(path, map[string]any{"digest": "another"}).wantStatus(409, "split-changed /digest")
	me.do(path, map[string]any{}).wantStatus(422)
	stranger.do(path, accept).wantStatus(404)
	f.reviewer().do(path, accept).wantStatus(403)
	me.do(path, accept, "if-match", `"1"`).wantStatus(412)
	for range 2 {
		me.do(path, accept, "idempotency-key", "split-1").wantStatus(200).wantValue(id, "plan").wantValue(string(o.Domains[1]), "domains", 0)
	}
	me.do(path, accept).wantStatus(409, "split-not-offered ")
	me.do("GET /accepted-plans/"+id, nil).wantStatus(200).wantValue("open", "orders", 0, "state").wantValue("waiting", "orders", 1, "state").
		wantValue("ADD_SITE_OWN", "orders", 1, "type")
}
