package api_test

import (
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	provider "beian/shared/partners/liveness"
	"beian/shared/web"
)

// apiTests are run by TestAPI, each with a new fixture.
var apiTests = []struct {
	name string
	run  func(*testing.T, *fixture)
}{
	{"an application from creation to transmission", fileApplication},
	{"create an order", createOrder},
	{"ownership", foreignOrders},
	{"the queue", reviewQueue},
	{"the next order", nextOrder},
	{"what determined the type", lookedUp},
	{"figures", providerFigures},
	{"flow", flowOfProvider},
	{"found findings", foundFindings},
	{"preconditions", preconditions},
	{"repeated requests", repeatedRequests},
	{"a request that is repeated meanwhile", repeatedMeanwhile},
	{"wrong step", wrongStep},
	{"products", products},
	{"inventory files", inventoryFiles},
	{"papers", paperUploads},
	{"papers that were inspected when they arrived", inspectedUploads},
	{"papers near the timeout", papersNearTheTimeout},
	{"printed forms", printedForms},
	{"liveness checks", livenessChecks},
	{"SMS answers", smsAnswers},
	{"failed SMS check", failedSMSCheck},
	{"abandonment and withdrawal", closings},
	{"pages of lists", listPages},
	{"ledger", ledgerChanges},
	{"initial review", initialReview},
	{"orders of the own organisation", ownOrganisation},
	{"register of staff", staffRegister}, {"endpoints of events", endpointsOfEvents}, {"replays of events", replaysOfEvents},
	{"link of a locked reviewer", linkOfLocked},
	{"links of a locked operator", sheetOfLocked},
	{"repair of an own order", repairOfOwn},
	{"audit search", auditSearch},
	{"calls", calls}, {"links that turn reminders off", reminderLinks}, {"a leader who left", leaderLeft},
	{"previews of verdicts", previews},
	{"figures of reviewers", coachingFigures},
	{"verdicts taken back", verdictsTakenBack},
	{"second readings", secondReadings},
	{"hidden readings", hiddenReadings},
	{"second readings without a second reviewer", singleReadings},
	{"earlier orders", earlierOrders},
	{"reasons of a review", reviewReasons},
	{"inventory", inventoryOperations},
	{"files sent to the bureau", sentFiles},
	{"erasure", eraseAndRestore},
	{"pasted texts", pastedTexts},
	{"verified contacts", verifiedContacts},
	{"details drafts", detailsDrafts},
	{"filing passwords", filingPasswords},
	{"domain checks", domainChecks},
	{"typed texts", textsEncrypted},
	{"keyed digests", keyedDigests},
	{"lost key", eraseWithoutKey},
	{"restored while open", eraseRestoredOrder},
	{"a leader of two subjects", leaderOfTwoSubjects},
	{"matches of leaders by kind", matchesByKind},
	{"corrected leaders", correctedLeader},
	{"erased leaders", erasedLeader},
	{"replaced leaders", replacedLeaders},
	{"files received from the bureau", receivedFiles},
	{"tasks of the bureau", bureauTasks},
	{"the register and the bureau compared", reconciliation},
	{"templates of an import", importTemplates},
	{"explanations and overrides", overrides},
	{"overrides that survive", overrideSurvives},
	{"explained openings", explainedOpenings},
	{"erased explanations", explanationsErased},
	{"explained papers", explainedPapers},
	{"overridable rules", overridableRules},
	{"plans", plans},
	{"plans at a filing", plansAtFiling},
	{"upkeep of strangers", upkeepOfStrangers},
	{"accepted plans", acceptedPlans},
	{"a split order", splitOrder},
	{"accepted plan refused", acceptedPlanRefused},
	{"store unavailable", storeUnavailable},
}

func fileApplication(t *testing.T, f *fixture) {
	me, app := f.applicant(), filingtest.EnterpriseBeijing()
	opened := me.do("POST /orders", openingBody(app)).wantStatus(201)
	id := opened.id()
	order := "/orders/" + id
	if opened.headers["Location"] != web.Prefix+order || opened.headers["Etag"] != `"1"` || opened.headers["Cache-Control"] != "no-store" {
		t.Errorf("headers %v", opened.headers)
	}
	opened.wantValue("VerifyType", "step").wantValue("nobody", "next", "who").wantValue("en", "language").wantValue("19900000001", "contact", "mobile")
	f.determineType(id)
	me.do("GET "+order, nil).wantStatus(200).wantValue("VerifyProduct", "step").wantValue("applicant", "next", "who").
		wantValue(web.Prefix+order+"/product", "next", "href")
	f.putServer("server-1", "account-1")
	me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}).wantStatus(200).wantValue("CollectDetails", "step").wantValue("server-1", "product", "server")
	// All problems of the details are reported at once, and nothing is stored.
	wrong := me.do("PUT "+order+"/details", map[string]any{"subject": map[string]any{}, "sites": []any{}}).wantStatus(422)
	if !wrong.findings().Has(filing.CodeSitesMissing) || !wrong.findings().Has(filing.CodeAddressMissing) {
		t.Errorf("findings %s", wrong.text)
	}
	me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).wantStatus(200).wantValue("CollectEvidence", "step").
		wantValue("样例科技", "sites", 0, "name").wantValue(true, "detailed")
	f.uploadRequired(me, order)
	for i := range app.Sites {
		f.passLiveness(me, id, i).wantStatus(200)
	}
	summary := me.do("GET "+order+"/summary", nil).wantStatus(200).wantValue("样例投资人", "subject", "investor")
	me.do("POST "+order+"/confirmation", map[string]any{"digest": "0"}).wantStatus(409, "summary-changed /digest")
	me.do("POST "+order+"/confirmation", map[string]any{"digest": summary.value("digest")}).wantStatus(200).wantValue("SUBMITTED", "status").
		wantValue("reviewer", "next", "who")

	staff := f.reviewer()
	queue := staff.do("GET /review/orders", nil).wantStatus(200).wantValue(id, "items", 0, "id")
	if strings.Contains(queue.text, "示例") || strings.Contains(queue.text, "1990") {
		t.Error("the queue shows personal data")
	}
	staff.do("POST "+order+"/claim", nil).wantStatus(200).wantValue("reviewer-1", "claim", "reviewer")
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass", "documents": []string{"sites/0/verification-form"}}).wantStatus(200).
		wantValue("MAIL_PENDING", "status")
	me.do("PUT "+order+"/papers", map[string]any{}).wantStatus(422, "courier-missing /courier", "tracking-number-missing /tracking")
	me.do("PUT "+order+"/papers", map[string]any{"courier": "示例快递", "tracking": "EX0001"}).wantStatus(200).wantValue("reviewer", "next", "who")
	staff.do("GET /review/orders?step=MailDocuments", nil).wantStatus(200).wantValue(id, "items", 0, "id")
	staff.do("POST "+order+"/claim", nil).wantStatus(200)
	staff.do("POST "+order+"/papers/receipt", nil).wantStatus(200).wantValue("Transmit", "step")

	ledger := staff.do("GET "+order+"/ledger", nil).wantStatus(200).wantValue(true, "verified").wantValue("open", "entries", 0, "decision")
	if n := len(ledger.value("entries").([]any)); n < 12 {
		t.Errorf("%d entries", n)
	}
	f.admin().do("GET "+order+"/ledger", nil).wantStatus(200).wantValue(true, "verified")
	if lines := me.do("GET "+order+"/timeline", nil).wantStatus(200).value("items").([]any); len(lines) < 5 {
		t.Errorf("timeline %v", lines)
	}
	for _, secret := range []string{"示例", "样例", string(filingtest.Woman), "19900000001", "contact@", "leader1@", "证件路"} {
		if strings.Contains(f.log.String(), secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
	if !strings.Contains(f.log.String(), `"route":"/orders/{id}/details","status":200`) {
		t.Error("the log has no line for each request")
	}
}

func createOrder(t *testing.T, f *fixture) {
	me, app := f.applicant(), filingtest.EnterpriseBeijing()
	me.do("POST /orders", map[string]any{}).wantStatus(422)
	body := openingBody(app)
	body["contact"] = map[string]any{"mobile": "139 0000 0001", "email": "W@EXAMPLE.com"}
	body["language"] = "fr"
	me.do("POST /orders", body).wantStatus(422, "language-unknown /language")
	body["language"] = "zh-CN"
	opened := me.do("POST /orders", body).wantStatus(201).wantValue("13900000001", "contact", "mobile").wantValue("W@example.com", "contact", "email").wantValue("zh-CN", "language")
	me.do("POST /orders", body).wantStatus(409, "subject-has-open-order /certificate/number", "domain-has-open-order /domains").
		wantValue(opened.id(), "findings", 0, "order").wantValue(opened.id(), "findings", 1, "order")
	f.clientAs("account-2", "applicant").do("POST /orders", body).wantStatus(201)
	anonymous := f.clientAs("account-3", "applicant")
	delete(anonymous.claims, "phone_number")
	anonymous.do("POST /orders", openingBody(filingtest.NumberedEnterprise(1))).wantStatus(422, "contact-missing /contact")

	// The type cannot be determined, so the opening is corrected.
	order := "/orders/" + opened.id()
	o, err := f.decisions.Store.Order(t.Context(), filing.ID(opened.id()))
	if err != nil {
		t.Fatal(err)
	}
	f.decide(opened.id(), filing.DetermineType{Facts: map[filing.Domain]filing.Facts{o.Domains[0]: {DomainBlacklisted: true}}})
	me.do("GET "+order, nil).wantStatus(200).wantValue(web.Prefix+order+"/type", "next", "href").wantValue("applicant", "next", "who")
	corrected := openingBody(app)
	corrected["domains"] = []string{"WWW.other-example.com"}
	corrected["province"] = "99"
	me.do("PUT "+order+"/type", corrected).wantStatus(422)
	corrected["province"] = "11"
	corrected["domains"] = []string{"other-example.com"}
	me.do("PUT "+order+"/type", corrected).wantStatus(200).wantValue("other-example.com", "domains", 0).wantValue("nobody", "next", "who")
}

// foreignOrders: all operations answer an applicant with 404 for the order of another applicant.
func foreignOrders(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.CollectEvidence)
	other := f.clientAs("account-2", "applicant")
	app := filingtest.EnterpriseBeijing()
	for route, body := range map[string]any{
		"GET ": nil, "GET /evidence": nil, "GET /summary": nil, "GET /timeline": nil,
		"PUT /type": openingBody(app), "PUT /product": map[string]any{"server": "server-1"},
		"PUT /details":        map[string]any{"subject": app.Subject, "sites": app.Sites},
		"POST /evidence":      map[string]any{"slots": []any{map[string]any{"slot": "other", "contentType": "image/jpeg"}}},
		"PUT /evidence":       map[string]any{"papers": []any{map[string]any{"slot": "other", "key": "k"}}},
		"POST /challenges":    map[string]any{"site": 0},
		"PUT /challenges/abc": captureBody([]byte("x")),
		"POST /confirmation":  map[string]any{"digest": "0"},
		"PUT /papers":         map[string]any{"courier": "a", "tracking": "b"},
		"POST /sms-answers":   map[string]any{"mobile": "19900000001", "code": "1", "tail": "2"},
		"POST /sms-codes":     map[string]any{"index": 0},
		"POST /withdrawal":    nil, "POST /abandonment": nil, "POST /resubmission": nil,
	} {
		method, rest, _ := strings.Cut(route, " ")
		there := other.do(method+" /orders/"+id+rest, body).wantStatus(404)
		nowhere := other.do(method+" /orders/01JCZK3V7M8N9P0Q1R2S3T4V5W"+rest, body).wantStatus(404)
		if there.text != nowhere.text {
			t.Errorf("%s shows that the order exists: %s", route, there.text)
		}
	}
	f.reviewer().do("GET /orders/"+id, nil).wantStatus(200).wantValue(true, "withheld")
	f.admin().do("GET /orders/"+id, nil).wantStatus(200).wantValue("样例投资人", "subject", "investor")
	if items := other.do("GET /orders", nil).wantStatus(200).value("items").([]any); len(items) != 0 {
		t.Errorf("the other applicant sees %v", items)
	}
}

func preconditions(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.VerifyProduct)
	me, order := f.applicant(), "/orders/"+id
	f.putServer("server-1", "account-1")
	tag := me.do("GET "+order, nil).wantStatus(200).headers["Etag"]
	for _, header := range []string{tag, "W/" + tag, `"99", ` + tag, "*"} {
		if a := me.do("GET "+order, nil, "if-none-match", header).wantStatus(304); a.text != "" || a.headers["Etag"] != tag {
			t.Errorf("304 with %q %v", a.text, a.headers)
		}
	}
	me.do("GET "+order, nil, "if-none-match", `"99"`).wantStatus(200)
	choice := map[string]any{"server": "server-1"}
	me.do("PUT "+order+"/product", choice, "if-match", `"1"`).wantStatus(412)
	me.do("POST "+order+"/abandonment", nil, "if-match", `"999999999999999999999"`).wantStatus(422, "parameter-invalid ")
	if after := me.do("PUT "+order+"/product", choice, "if-match", tag).wantStatus(200); after.headers["Etag"] == tag {
		t.Error("a decision does not change the ETag")
	}
	me.do("PUT "+order+"/product", choice, "if-match", tag).wantStatus(412)
	me.do("PUT "+order+"/product", choice, "if-match", "*").wantStatus(200)
}

func repeatedRequests(t *testing.T, f *fixture) {
	me, app := f.applicant(), filingtest.EnterpriseBeijing()
	key := []string{"idempotency-key", "k1"}
	first := me.do("POST /orders", openingBody(app), key...).wantStatus(201)
	again := me.do("POST /orders", openingBody(app), key...).wantStatus(201)
	if first.id() != again.id() || first.headers["Location"] != again.headers["Location"] {
		t.Errorf("two orders: %s, %s", first.id(), again.id())
	}
	other := openingBody(app)
	other["language"] = "zh-CN"
	me.do("POST /orders", other, key...).wantStatus(422, "idempotency-key-reused ")
	f.clientAs("account-2", "applicant").do("POST /orders", openingBody(filingtest.NumberedEnterprise(2)), key...).wantStatus(201)

	order := "/orders/" + first.id()
	f.determineType(first.id())
	f.putServer("server-1", "account-1")
	tag := me.do("GET "+order, nil).headers["Etag"]
	for range 3 { // the repeated request succeeds, although If-Match names the old version
		me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}, "idempotency-key", "k2", "if-match", tag).wantStatus(200)
	}
	me.do("PUT "+order+"/product", map[string]any{"server": "server-2"}, "idempotency-key", "k2").wantStatus(422, "idempotency-key-reused ")
	me.do("POST "+order+"/abandonment", nil, "idempotency-key", "k2").wantStatus(422, "idempotency-key-reused ")
	me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).wantStatus(200)
	challenge := map[string]any{"site": 0}
	f.uploadRequired(me, order)
	one := me.do("POST "+order+"/challenges", challenge, "idempotency-key", "k3").wantStatus(201)
	two := me.do("POST "+order+"/challenges", challenge, "idempotency-key", "k3").wantStatus(201)
	if one.id() != two.id() {
		t.Error("a repeated request started another check")
	}
	wrong := captureBody([]byte(`{"actions":[],"face":"nobody"}`))
	for range 2 {
		me.do("PUT "+order+"/challenges/"+one.id(), wrong, "idempotency-key", "k4").wantStatus(422, "liveness-face-mismatch /sites/0", "liveness-simulated /sites/0")
	}
	c := f.startChallenge(me, first.id(), 0)
	for range 2 {
		me.do("PUT "+order+"/challenges/"+c.ID, captureBody(provider.PassingCapture(c)), "idempotency-key", "k5").wantStatus(200)
	}
	entries := f.reviewer().do("GET "+order+"/ledger", nil).value("entries").([]any)
	if len(entries) != 9 { // open, type, product, details, papers, two challenges, two answers
		t.Errorf("%d entries: %v", len(entries), entries)
	}
}

func wrongStep(t *testing.T, f *fixture) {
	app := filingtest.EnterpriseBeijing()
	id := f.orderAt(app, filing.VerifyType)
	me, staff, order := f.applicant(), f.reviewer(), "/orders/"+id
	f.putServer("server-1", "account-1")
	for route, body := range map[string]any{
		"PUT /product":       map[string]any{"server": "server-1"},
		"PUT /details":       map[string]any{"subject": app.Subject, "sites": app.Sites},
		"POST /evidence":     map[string]any{"slots": []any{map[string]any{"slot": "other", "contentType": "image/jpeg"}}},
		"PUT /evidence":      map[string]any{"papers": []any{map[string]any{"slot": "other", "key": "k"}}},
		"POST /challenges":   map[string]any{"site": 0},
		"POST /confirmation": map[string]any{"digest": "0"},
		"PUT /papers":        map[string]any{"courier": "a", "tracking": "b"},
		"POST /sms-answers":  map[string]any{"mobile": "19900000001", "code": "1", "tail": "2"},
		"POST /sms-codes":    map[string]any{"index": 0},
		"POST /withdrawal":   nil, "POST /resubmission": nil,
	} {
		method, rest, _ := strings.Cut(route, " ")
		if a := me.do(method+" "+order+rest, body); a.status != 409 || !a.findings().Has(filing.CodeStepOutOfOrder) {
			t.Errorf("%s: %d %s", route, a.status, a.text)
		}
	}
	staff.do("POST "+order+"/claim", nil).wantStatus(409, "step-out-of-order ")
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(409, "step-out-of-order ")
	staff.do("POST "+order+"/papers/receipt", nil).wantStatus(409, "step-out-of-order ")
	staff.do("DELETE "+order+"/claim", nil).wantStatus(409, "step-out-of-order ")
	me.do("GET "+order, nil).wantStatus(200).wantValue(float64(1), "version")
}

func products(t *testing.T, f *fixture) {
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.VerifyProduct)
	me, admin, order := f.applicant(), f.admin(), "/orders/"+id
	f.putServer("server-1", "account-1")
	f.putServer("foreign", "account-2")
	for _, tc := range []struct {
		body map[string]any
		want string
	}{
		{map[string]any{}, "server-or-service-code "},
		{map[string]any{"server": "server-1", "serviceCode": "CODE-0001"}, "server-or-service-code "},
		{map[string]any{"server": "nothing"}, "server-unknown /server"},
		{map[string]any{"server": "foreign"}, "server-unknown /server"},
		{map[string]any{"serviceCode": "CODE-9999"}, "server-unknown /serviceCode"},
	} {
		me.do("PUT "+order+"/product", tc.body).wantStatus(422, tc.want)
	}
	admin.do("PUT /service-codes/CODE-0001", map[string]any{"server": "foreign"}).wantStatus(200)
	for range 2 {
		me.do("PUT "+order+"/product", map[string]any{"serviceCode": "CODE-0001"}).wantStatus(200).wantValue("foreign", "product", "server")
	}
	admin.do("GET /service-codes/CODE-0001", nil).wantStatus(200).wantValue(id, "order")
	admin.do("GET /servers/foreign", nil).wantStatus(200).wantValue(float64(1), "used")
	me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}).wantStatus(200).wantValue("server-1", "product", "server")
	admin.do("GET /servers/foreign", nil).wantStatus(200).wantValue(float64(0), "used")
	f.now = f.now.AddDate(2, 0, 0)
	me.do("PUT "+order+"/product", map[string]any{"server": "foreign"}).wantStatus(422, "server-unknown /server")
}

func smsAnswers(t *testing.T, f *fixture) {
	app := filingtest.IndividualZhejiang()
	id := f.orderAt(app, filing.VerifySMS)
	me, order := f.applicant(), "/orders/"+id
	me.do("GET "+order, nil).wantStatus(200).wantValue("nobody", "next", "who")
	f.decide(id, filing.IssueCodes{NewCode: func() string { return "654321" }})
	shown := me.do("GET "+order, nil).wantStatus(200).wantValue("199****0003", "sms", "codes", 0, "mobile").wantValue("applicant", "next", "who")
	if strings.Contains(shown.text, "654321") {
		t.Error("the order shows the code")
	}
	mobile, tail := app.Subject.Leader.Mobile.Reveal(), string(filingtest.Hangzhou[12:])
	say := func(mobile, code, tail string) answer {
		return me.do("POST "+order+"/sms-answers", map[string]any{"mobile": mobile, "code": code, "tail": tail})
	}
	say("13900000000", "654321", tail).wantStatus(422, "sms-mobile-unknown /mobile")
	for range filing.MaxWrongCodes {
		say(mobile, "000000", tail).wantStatus(422, "sms-wrong /code")
	}
	me.do("POST "+order+"/sms-codes", map[string]any{"index": 7}).wantStatus(422, "sms-mobile-unknown /index")
	if soon := me.do("POST "+order+"/sms-codes", map[string]any{"index": 0}).wantStatus(429, "sms-resend-too-soon "); soon.headers["Retry-After"] != "60" {
		t.Errorf("headers %v", soon.headers)
	}
	f.now = f.now.Add(2 * time.Minute)
	me.do("POST "+order+"/sms-codes", map[string]any{"index": 0}).wantStatus(202)
	say("+86 "+mobile, " 777777 ", tail).wantStatus(200).wantValue("Transmit", "step")
	say(mobile, "777777", tail).wantStatus(409)
}

// failedSMSCheck: after too many wrong answers, or after the deadline, the order returns to the reviewer.
func failedSMSCheck(t *testing.T, f *fixture) {
	app := filingtest.IndividualZhejiang()
	id := f.orderAt(app, filing.VerifySMS)
	me, staff, order := f.applicant(), f.reviewer(), "/orders/"+id
	f.decide(id, filing.IssueCodes{NewCode: func() string { return "654321" }})
	body := map[string]any{"mobile": app.Subject.Leader.Mobile, "code": "000000", "tail": "000000"}
	for range filing.MaxWrongCodes {
		me.do("POST "+order+"/sms-answers", body).wantStatus(422, "sms-wrong /code")
	}
	me.do("POST "+order+"/sms-answers", body).wantStatus(409, "sms-too-many-wrong ")
	me.do("GET "+order, nil).wantStatus(200).wantValue("InitialReview", "step")
	staff.do("POST "+order+"/claim", nil).wantStatus(200)
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).wantStatus(200)
	f.decide(id, filing.IssueCodes{NewCode: func() string { return "654321" }})
	f.now = f.now.Add(filing.SMSHours*time.Hour + time.Second)
	body["code"] = "654321"
	me.do("POST "+order+"/sms-answers", body).wantStatus(409, "sms-expired ")
	me.do("GET "+order, nil).wantStatus(200).wantValue("InitialReview", "step")
}
