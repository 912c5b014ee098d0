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

// exams are run by TestAPI, each in a world of its own.
var exams = []struct {
	name string
	run  func(*testing.T, *world)
}{
	{"an application from the first form to the bureau's door", application},
	{"opening", opens},
	{"whose order it is", ownership},
	{"deciding on what one saw", preconditions},
	{"the same request twice", repetition},
	{"out of order", outOfOrder},
	{"what hosts the sites", products},
	{"papers, good and bad", papers},
	{"presence", presence},
	{"answering the SMS", smsAnswers},
	{"the SMS check lapses", smsLapses},
	{"giving up and taking back", closings},
	{"lists in parts", pages},
	{"the ledger", ledgers},
	{"the reviewer's desk", review},
	{"reasons", reasons},
	{"the inventory", stock},
	{"what went to the bureau", sendings},
	{"erasure", erasure},
	{"what came from the bureau", receipts},
	{"when the engine does not answer", unavailable},
}

func application(t *testing.T, w *world) {
	me, app := w.applicant(), filingtest.EnterpriseBeijing()
	opened := me.do("POST /orders", opening(app)).is(201)
	id := opened.id()
	order := "/orders/" + id
	if opened.headers["Location"] != web.Prefix+order || opened.headers["Etag"] != `"1"` || opened.headers["Cache-Control"] != "no-store" {
		t.Errorf("headers %v", opened.headers)
	}
	opened.wants("VerifyType", "step").wants("nobody", "next", "who").wants("en", "language").wants("19900000001", "contact", "mobile")
	w.typed(id)
	me.do("GET "+order, nil).is(200).wants("VerifyProduct", "step").wants("applicant", "next", "who").
		wants(web.Prefix+order+"/product", "next", "href")
	w.server("server-1", "account-1")
	me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}).is(200).wants("CollectDetails", "step").wants("server-1", "product", "server")
	// Everything wrong with the details at once, and nothing of it is kept.
	wrong := me.do("PUT "+order+"/details", map[string]any{"subject": map[string]any{}, "sites": []any{}}).is(422)
	if !wrong.findings().Has(filing.CodeSitesMissing) || !wrong.findings().Has(filing.CodeAddressMissing) {
		t.Errorf("findings %s", wrong.text)
	}
	me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).is(200).wants("CollectEvidence", "step").
		wants("样例科技", "sites", 0, "name").wants(true, "detailed")
	w.papers(me, order)
	for i := range app.Sites {
		w.prove(me, id, i).is(200)
	}
	summary := me.do("GET "+order+"/summary", nil).is(200).wants("样例投资人", "subject", "investor")
	me.do("POST "+order+"/confirmation", map[string]any{"digest": "0"}).is(409, "summary-changed /digest")
	me.do("POST "+order+"/confirmation", map[string]any{"digest": summary.at("digest")}).is(200).wants("SUBMITTED", "status").
		wants("reviewer", "next", "who")

	staff := w.reviewer()
	queue := staff.do("GET /review/orders", nil).is(200).wants(id, "items", 0, "id")
	if strings.Contains(queue.text, "示例") || strings.Contains(queue.text, "1990") {
		t.Error("the queue shows personal data")
	}
	staff.do("POST "+order+"/claim", nil).is(200).wants("reviewer-1", "claim", "reviewer")
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass", "documents": []string{"sites/0/verification-form"}}).is(200).
		wants("MAIL_PENDING", "status")
	me.do("PUT "+order+"/papers", map[string]any{}).is(422, "courier-missing /courier", "tracking-number-missing /tracking")
	me.do("PUT "+order+"/papers", map[string]any{"courier": "示例快递", "tracking": "EX0001"}).is(200).wants("reviewer", "next", "who")
	staff.do("GET /review/orders?step=MailDocuments", nil).is(200).wants(id, "items", 0, "id")
	staff.do("POST "+order+"/claim", nil).is(200)
	staff.do("POST "+order+"/papers/receipt", nil).is(200).wants("Transmit", "step")

	ledger := staff.do("GET "+order+"/ledger", nil).is(200).wants(true, "verified").wants("open", "entries", 0, "decision")
	if n := len(ledger.at("entries").([]any)); n < 12 {
		t.Errorf("%d entries", n)
	}
	w.admin().do("GET "+order+"/ledger", nil).is(200).wants(true, "verified")
	if lines := me.do("GET "+order+"/timeline", nil).is(200).at("items").([]any); len(lines) < 5 {
		t.Errorf("timeline %v", lines)
	}
	for _, secret := range []string{"示例", "样例", string(filingtest.Woman), "19900000001", "contact@", "leader1@", "证件路"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
	if !strings.Contains(w.log.String(), `"route":"/orders/{id}/details","status":200`) {
		t.Error("the log has no line for each request")
	}
}

func opens(t *testing.T, w *world) {
	me, app := w.applicant(), filingtest.EnterpriseBeijing()
	me.do("POST /orders", map[string]any{}).is(422)
	body := opening(app)
	body["contact"] = map[string]any{"mobile": "139 0000 0001", "email": "W@EXAMPLE.com"}
	body["language"] = "fr"
	me.do("POST /orders", body).is(422, "language-unknown /language")
	body["language"] = "zh-CN"
	opened := me.do("POST /orders", body).is(201).wants("13900000001", "contact", "mobile").wants("W@example.com", "contact", "email").wants("zh-CN", "language")
	w.as("account-2", "applicant").do("POST /orders", body).is(409, "subject-has-open-order /certificate/number", "domain-has-open-order /domains")
	anonymous := w.as("account-3", "applicant")
	delete(anonymous.claims, "phone_number")
	anonymous.do("POST /orders", opening(filingtest.Numbered(1))).is(422, "contact-missing /contact")

	// The type cannot be determined, so the opening is corrected.
	order := "/orders/" + opened.id()
	o, err := w.desk.Store.Order(t.Context(), filing.ID(opened.id()))
	if err != nil {
		t.Fatal(err)
	}
	w.decide(opened.id(), filing.DetermineType{Facts: map[filing.Domain]filing.Facts{o.Domains[0]: {DomainBlacklisted: true}}})
	me.do("GET "+order, nil).is(200).wants(web.Prefix+order+"/type", "next", "href").wants("applicant", "next", "who")
	corrected := opening(app)
	corrected["domains"] = []string{"WWW.other-example.com"}
	corrected["province"] = "99"
	me.do("PUT "+order+"/type", corrected).is(422)
	corrected["province"] = "11"
	corrected["domains"] = []string{"other-example.com"}
	me.do("PUT "+order+"/type", corrected).is(200).wants("other-example.com", "domains", 0).wants("nobody", "next", "who")
}

// ownership: to an applicant, the orders of others do not exist, whatever is tried.
func ownership(t *testing.T, w *world) {
	id := w.to(filingtest.EnterpriseBeijing(), filing.CollectEvidence)
	other := w.as("account-2", "applicant")
	app := filingtest.EnterpriseBeijing()
	for route, body := range map[string]any{
		"GET ": nil, "GET /evidence": nil, "GET /summary": nil, "GET /timeline": nil,
		"PUT /type": opening(app), "PUT /product": map[string]any{"server": "server-1"},
		"PUT /details":        map[string]any{"subject": app.Subject, "sites": app.Sites},
		"POST /evidence":      map[string]any{"slots": []any{map[string]any{"slot": "other", "contentType": "image/jpeg"}}},
		"PUT /evidence":       map[string]any{"papers": []any{map[string]any{"slot": "other", "key": "k"}}},
		"POST /challenges":    map[string]any{"site": 0},
		"PUT /challenges/abc": capture([]byte("x")),
		"POST /confirmation":  map[string]any{"digest": "0"},
		"PUT /papers":         map[string]any{"courier": "a", "tracking": "b"},
		"POST /sms-answers":   map[string]any{"mobile": "19900000001", "code": "1", "tail": "2"},
		"POST /sms-codes":     map[string]any{"index": 0},
		"POST /withdrawal":    nil, "POST /abandonment": nil, "POST /resubmission": nil,
	} {
		method, rest, _ := strings.Cut(route, " ")
		there := other.do(method+" /orders/"+id+rest, body).is(404)
		nowhere := other.do(method+" /orders/01JCZK3V7M8N9P0Q1R2S3T4V5W"+rest, body).is(404)
		if there.text != nowhere.text {
			t.Errorf("%s tells that the order exists: %s", route, there.text)
		}
	}
	w.reviewer().do("GET /orders/"+id, nil).is(200).wants("样例投资人", "subject", "investor")
	w.admin().do("GET /orders/"+id, nil).is(200)
	if items := other.do("GET /orders", nil).is(200).at("items").([]any); len(items) != 0 {
		t.Errorf("the other has %v", items)
	}
}

func preconditions(t *testing.T, w *world) {
	id := w.to(filingtest.EnterpriseBeijing(), filing.VerifyProduct)
	me, order := w.applicant(), "/orders/"+id
	w.server("server-1", "account-1")
	tag := me.do("GET "+order, nil).is(200).headers["Etag"]
	for _, header := range []string{tag, "W/" + tag, `"99", ` + tag, "*"} {
		if a := me.do("GET "+order, nil, "if-none-match", header).is(304); a.text != "" || a.headers["Etag"] != tag {
			t.Errorf("304 with %q %v", a.text, a.headers)
		}
	}
	me.do("GET "+order, nil, "if-none-match", `"99"`).is(200)
	choice := map[string]any{"server": "server-1"}
	me.do("PUT "+order+"/product", choice, "if-match", `"1"`).is(412)
	me.do("POST "+order+"/abandonment", nil, "if-match", `"999999999999999999999"`).is(422, "parameter-invalid ")
	if after := me.do("PUT "+order+"/product", choice, "if-match", tag).is(200); after.headers["Etag"] == tag {
		t.Error("a decision leaves the tag as it was")
	}
	me.do("PUT "+order+"/product", choice, "if-match", tag).is(412)
	me.do("PUT "+order+"/product", choice, "if-match", "*").is(200)
}

func repetition(t *testing.T, w *world) {
	me, app := w.applicant(), filingtest.EnterpriseBeijing()
	key := []string{"idempotency-key", "k1"}
	first := me.do("POST /orders", opening(app), key...).is(201)
	again := me.do("POST /orders", opening(app), key...).is(201)
	if first.id() != again.id() || first.headers["Location"] != again.headers["Location"] {
		t.Errorf("two orders: %s, %s", first.id(), again.id())
	}
	other := opening(app)
	other["language"] = "zh-CN"
	me.do("POST /orders", other, key...).is(422, "idempotency-key-reused ")
	w.as("account-2", "applicant").do("POST /orders", opening(filingtest.Numbered(2)), key...).is(201)

	order := "/orders/" + first.id()
	w.typed(first.id())
	w.server("server-1", "account-1")
	tag := me.do("GET "+order, nil).headers["Etag"]
	for range 3 { // a repetition is none the worse for the version that it was held to
		me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}, "idempotency-key", "k2", "if-match", tag).is(200)
	}
	me.do("PUT "+order+"/product", map[string]any{"server": "server-2"}, "idempotency-key", "k2").is(422, "idempotency-key-reused ")
	me.do("POST "+order+"/abandonment", nil, "idempotency-key", "k2").is(422, "idempotency-key-reused ")
	me.do("PUT "+order+"/details", map[string]any{"subject": app.Subject, "sites": app.Sites}).is(200)
	challenge := map[string]any{"site": 0}
	one := me.do("POST "+order+"/challenges", challenge, "idempotency-key", "k3").is(201)
	two := me.do("POST "+order+"/challenges", challenge, "idempotency-key", "k3").is(201)
	if one.id() != two.id() {
		t.Error("a repeated request began another check")
	}
	wrong := capture([]byte(`{"actions":[],"face":"nobody"}`))
	for range 2 {
		me.do("PUT "+order+"/challenges/"+one.id(), wrong, "idempotency-key", "k4").is(422, "liveness-face-mismatch /sites/0", "liveness-simulated /sites/0")
	}
	c := w.challenge(me, first.id(), 0)
	for range 2 {
		me.do("PUT "+order+"/challenges/"+c.ID, capture(provider.Document(c)), "idempotency-key", "k5").is(200)
	}
	entries := w.reviewer().do("GET "+order+"/ledger", nil).at("entries").([]any)
	if len(entries) != 8 { // open, type, product, details, two challenges, two answers
		t.Errorf("%d entries: %v", len(entries), entries)
	}
}

func outOfOrder(t *testing.T, w *world) {
	app := filingtest.EnterpriseBeijing()
	id := w.to(app, filing.VerifyType)
	me, staff, order := w.applicant(), w.reviewer(), "/orders/"+id
	w.server("server-1", "account-1")
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
	staff.do("POST "+order+"/claim", nil).is(409, "step-out-of-order ")
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).is(409, "step-out-of-order ")
	staff.do("POST "+order+"/papers/receipt", nil).is(409, "step-out-of-order ")
	staff.do("DELETE "+order+"/claim", nil).is(409, "not-claimed ")
	me.do("GET "+order, nil).is(200).wants(float64(1), "version")
}

func products(t *testing.T, w *world) {
	id := w.to(filingtest.EnterpriseBeijing(), filing.VerifyProduct)
	me, admin, order := w.applicant(), w.admin(), "/orders/"+id
	w.server("server-1", "account-1")
	w.server("foreign", "account-2")
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
		me.do("PUT "+order+"/product", tc.body).is(422, tc.want)
	}
	admin.do("PUT /service-codes/CODE-0001", map[string]any{"server": "foreign"}).is(200)
	for range 2 {
		me.do("PUT "+order+"/product", map[string]any{"serviceCode": "CODE-0001"}).is(200).wants("foreign", "product", "server")
	}
	admin.do("GET /service-codes/CODE-0001", nil).is(200).wants(id, "order")
	admin.do("GET /servers/foreign", nil).is(200).wants(float64(1), "used")
	me.do("PUT "+order+"/product", map[string]any{"server": "server-1"}).is(200).wants("server-1", "product", "server")
	admin.do("GET /servers/foreign", nil).is(200).wants(float64(0), "used")
	w.now = w.now.AddDate(2, 0, 0)
	me.do("PUT "+order+"/product", map[string]any{"server": "foreign"}).is(422, "server-unknown /server")
}

func smsAnswers(t *testing.T, w *world) {
	app := filingtest.IndividualZhejiang()
	id := w.to(app, filing.VerifySMS)
	me, order := w.applicant(), "/orders/"+id
	me.do("GET "+order, nil).is(200).wants("nobody", "next", "who")
	w.decide(id, filing.IssueCodes{Draw: func() string { return "654321" }})
	shown := me.do("GET "+order, nil).is(200).wants("199****0003", "sms", "codes", 0, "mobile").wants("applicant", "next", "who")
	if strings.Contains(shown.text, "654321") {
		t.Error("the order shows the code")
	}
	mobile, tail := app.Subject.Leader.Mobile.Reveal(), string(filingtest.Hangzhou[12:])
	say := func(mobile, code, tail string) answer {
		return me.do("POST "+order+"/sms-answers", map[string]any{"mobile": mobile, "code": code, "tail": tail})
	}
	say("13900000000", "654321", tail).is(422, "sms-mobile-unknown /mobile")
	for range filing.WrongLimit {
		say(mobile, "000000", tail).is(422, "sms-wrong /code")
	}
	me.do("POST "+order+"/sms-codes", map[string]any{"index": 7}).is(422, "sms-mobile-unknown /index")
	if soon := me.do("POST "+order+"/sms-codes", map[string]any{"index": 0}).is(429, "sms-resend-too-soon "); soon.headers["Retry-After"] != "60" {
		t.Errorf("headers %v", soon.headers)
	}
	w.now = w.now.Add(2 * time.Minute)
	me.do("POST "+order+"/sms-codes", map[string]any{"index": 0}).is(202)
	say("+86 "+mobile, " 777777 ", tail).is(200).wants("Transmit", "step")
	say(mobile, "777777", tail).is(409)
}

// smsLapses: one wrong answer too many, or the end of the time, gives the order back to the reviewer.
func smsLapses(t *testing.T, w *world) {
	app := filingtest.IndividualZhejiang()
	id := w.to(app, filing.VerifySMS)
	me, staff, order := w.applicant(), w.reviewer(), "/orders/"+id
	w.decide(id, filing.IssueCodes{Draw: func() string { return "654321" }})
	body := map[string]any{"mobile": app.Subject.Leader.Mobile, "code": "000000", "tail": "000000"}
	for range filing.WrongLimit {
		me.do("POST "+order+"/sms-answers", body).is(422, "sms-wrong /code")
	}
	me.do("POST "+order+"/sms-answers", body).is(409, "sms-too-many-wrong ")
	me.do("GET "+order, nil).is(200).wants("InitialReview", "step")
	staff.do("POST "+order+"/claim", nil).is(200)
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass"}).is(200)
	w.decide(id, filing.IssueCodes{Draw: func() string { return "654321" }})
	w.now = w.now.Add(filing.SMSHours*time.Hour + time.Second)
	body["code"] = "654321"
	me.do("POST "+order+"/sms-answers", body).is(409, "sms-expired ")
	me.do("GET "+order, nil).is(200).wants("InitialReview", "step")
}
