package api_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// filingPasswords: a new access requires the filing password before 2020-08-17. It is stored encrypted, and neither shown nor logged.
func filingPasswords(t *testing.T, f *fixture) {
	me, app := f.applicant(), filingtest.EnterpriseBeijing()
	const secret = "Beian@2016"
	password := map[string]any{"password": secret}
	id := me.do("POST /orders", openingBody(app)).wantStatus(201).id()
	order := "/orders/" + id
	me.do("PUT "+order+"/filing-password", password).wantStatus(409, "step-out-of-order ")
	facts := map[filing.Domain]filing.Facts{}
	for _, d := range f.readOrder(id).Domains {
		facts[d] = filing.Facts{SubjectFiled: true, DomainFiled: true, SameSubject: true, SubjectNumber: "京ICP备2015000009号", SiteNumber: "京ICP备2015000009号-1"}
	}
	f.decide(id, filing.DetermineType{Facts: facts})
	has := func(answer answer) bool { return strings.Contains(answer.text, `"filing-password-missing"`) }
	if !has(me.do("GET "+order, nil).wantStatus(200)) {
		t.Error("the order does not say that the password is required")
	}
	me.do("PUT "+order+"/filing-password", map[string]any{}).wantStatus(422, "filing-password-missing /password")
	me.do("PUT "+order+"/filing-password", map[string]any{"password": "密码😀"}).wantStatus(422, "character-unreadable /password")
	f.clientAs("account-2", "applicant").do("PUT "+order+"/filing-password", password).wantStatus(404)
	f.reviewer().do("PUT "+order+"/filing-password", password).wantStatus(403)
	entered := me.do("PUT "+order+"/filing-password", password).wantStatus(200)
	again := me.do("PUT "+order+"/filing-password", password).wantStatus(200) // entered before: no effect
	for _, one := range []answer{entered, again, me.do("GET "+order, nil).wantStatus(200), me.do("GET "+order+"/timeline", nil).wantStatus(200)} {
		if strings.Contains(one.text, secret) || has(one) {
			t.Errorf("answered %s", one.text)
		}
	}
	f.wantNotStored(secret)
	first := "/orders/" + f.orderAt(filingtest.NumberedEnterprise(7), filing.CollectDetails)
	me.do("PUT "+first+"/filing-password", password).wantStatus(409, "filing-password-not-asked-for ")
}
