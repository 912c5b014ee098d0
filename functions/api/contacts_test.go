package api_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
)

// verifiedContacts: an address that the identity provider did not verify needs a code, once for an account. The code is not shown.
func verifiedContacts(t *testing.T, f *fixture) {
	me, other := f.applicant(), f.clientAs("account-2", "applicant")
	open := func(c client, app filingtest.Application, email string) (order string) {
		t.Helper()
		body := openingBody(app)
		body["contact"] = map[string]any{"email": email}
		return "/orders/" + c.do("POST /orders", body).wantStatus(201).id()
	}
	order := open(me, filingtest.NumberedEnterprise(1), "w@example.cn")
	email := map[string]any{"channel": "email"}
	me.do("GET "+order, nil).wantStatus(200).wantValue(true, "channels", 0, "verified").wantValue("199****0001", "channels", 0, "inUse").
		wantValue(false, "channels", 1, "verified").wantValue("contact-unverified", "findings", 0, "code")
	me.do("POST "+order+"/contact-codes", map[string]any{"channel": "fax"}).wantStatus(422)
	other.do("POST "+order+"/contact-codes", email).wantStatus(404)
	f.reviewer().do("POST "+order+"/contact-codes", email).wantStatus(403)
	me.do("POST "+order+"/contact-answers", map[string]any{"channel": "email", "code": "777777"}).wantStatus(409, "contact-code-expired /code")
	sent := me.do("POST "+order+"/contact-codes", email).wantStatus(202).wantValue(float64(filing.MaxWrongCodes+1), "channels", 1, "triesLeft")
	if strings.Contains(sent.text, "777777") {
		t.Error("the order shows the code")
	}
	if soon := me.do("POST "+order+"/contact-codes", email).wantStatus(429, "contact-code-too-soon "); soon.headers["Retry-After"] != "60" {
		t.Errorf("headers %v", soon.headers)
	}
	me.do("POST "+order+"/contact-answers", map[string]any{"channel": "email", "code": "000000"}).wantStatus(422, "contact-code-wrong /code")
	me.do("POST "+order+"/contact-answers", map[string]any{"channel": "email", "code": "７７７ ７７７"}).wantStatus(200).
		wantValue(true, "channels", 1, "verified").wantValue("w***@example.cn", "channels", 1, "inUse")
	me.do("POST "+order+"/contact-codes", email).wantStatus(202) // nothing to do
	second := open(me, filingtest.NumberedEnterprise(2), "w@example.cn")
	me.do("GET "+second, nil).wantStatus(200).wantValue(true, "channels", 1, "verified")
	foreign := open(other, filingtest.NumberedEnterprise(3), "w@example.cn")
	other.do("GET "+foreign, nil).wantStatus(200).wantValue(false, "channels", 1, "verified")
	me.do("PUT "+second+"/contact", map[string]any{"email": "x@example.cn"}).wantStatus(200).wantValue(false, "channels", 1, "verified").
		wantValue("w***@example.cn", "channels", 1, "inUse")
	me.do("PUT "+second+"/contact", map[string]any{"email": "w@example.cn"}).wantStatus(200).wantValue(true, "channels", 1, "verified")
	f.now = f.now.AddDate(0, 0, 91)
	third := open(me, filingtest.NumberedEnterprise(4), "w@example.cn")
	me.do("GET "+third, nil).wantStatus(200).wantValue(false, "channels", 1, "verified")
}
