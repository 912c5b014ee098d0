package pages_test

import (
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// A look is one page in one state.
type look struct {
	name string
	path string // of the portal; {order} is the order of the step, {filing} the filing of its account
	step filing.Step
	// act does something on the page before it is looked at; nil does nothing.
	act func(visitor)
}

// looks are the pages in the states that people see. A step brings an order there; "" needs no log-in.
var looks = []look{
	{name: "home", path: "/"},
	{name: "not-found", path: "/nothing"},
	{name: "need", path: "/need"},
	{name: "need-unanswered", path: "/need", act: func(v visitor) { v.pressFirst() }},
	{name: "need-enterprise", path: "/need", act: func(v visitor) { v.visit("/need?province=32&entityKind=4&type=FIRST&serviceKind=site") }},
	{name: "need-individual", path: "/need", act: func(v visitor) { v.visit("/need?province=31&entityKind=5&type=FIRST&serviceKind=site&trade=news") }},
	{name: "need-cancellation", path: "/need", act: func(v visitor) { v.visit("/need?province=44&entityKind=4&type=CANCEL_SITE&serviceKind=app") }},
	{name: "domain", path: "/domain"},
	{name: "domain-fit", path: "/domain", act: func(v visitor) { v.ask("/province", "32", "/domain", "example.cn") }},
	{name: "domain-unfit", path: "/domain", act: func(v visitor) { v.ask("/domain", "http://www.example.cn/") }},
	{name: "domain-unanswered", path: "/domain", act: func(v visitor) { v.pressFirst() }},
	{name: "number", path: "/number"},
	{name: "number-good", path: "/number", act: func(v visitor) { v.ask("/number", "粤B2-20090059-5A") }},
	{name: "number-wrong", path: "/number", act: func(v visitor) { v.ask("/number", "京公网安备11010502030123号") }},
	{name: "state", path: "/state"},
	{name: "state-wrong", path: "/state", act: func(v visitor) { v.ask("/order", "12345") }},
	{name: "state-code", path: "/state", act: func(v visitor) { v.ask("/order", "01JCZK3V7M8N9P0Q1R2S3T4V5W") }},
	{name: "state-code-wrong", path: "/state/code?id=01JCZK3V7M8N9P0Q1R2S3T4V5W", act: func(v visitor) { v.ask("/code", "000000") }},
	{name: "filings", path: "/filings", step: filing.VerifyProduct},
	{name: "begin", path: "/begin", step: filing.VerifyProduct},
	{name: "begin-unanswered", path: "/begin", step: filing.VerifyProduct, act: func(v visitor) { v.pressFirst() }},
	{name: "order-product", path: "/orders/{order}", step: filing.VerifyProduct},
	{name: "product", path: "/orders/{order}/product", step: filing.VerifyProduct},
	{name: "product-wrong", path: "/orders/{order}/product", step: filing.VerifyProduct, act: func(v visitor) { v.pressFirst() }},
	{name: "order-details", path: "/orders/{order}", step: filing.CollectDetails},
	{name: "subject", path: "/orders/{order}/subject", step: filing.CollectDetails},
	{name: "subject-wrong", path: "/orders/{order}/subject", step: filing.CollectDetails, act: func(v visitor) { v.pressFirst() }},
	{name: "leader", path: "/orders/{order}/subject/leader", step: filing.CollectDetails},
	{name: "site", path: "/orders/{order}/sites/0", step: filing.CollectDetails},
	{name: "order-papers", path: "/orders/{order}", step: filing.CollectEvidence},
	{name: "papers", path: "/orders/{order}/papers", step: filing.CollectEvidence},
	{name: "paper", path: "/orders/{order}/papers/subject-certificate-front", step: filing.CollectEvidence},
	{name: "paper-uploaded", path: "/orders/{order}/papers/subject-certificate-front?key=x", step: filing.CollectEvidence},
	{name: "paper-refused", path: "/orders/{order}/papers/subject-certificate-front?key=x", step: filing.CollectEvidence, act: func(v visitor) { v.pressFirst() }},
	{name: "form", path: "/orders/{order}/forms/sites/0/verification-form", step: filing.CollectEvidence},
	{name: "papers-given", path: "/orders/{order}/papers", step: filing.VerifyAuthenticity},
	{name: "paper-given", path: "/orders/{order}/papers/sites/0/verification-form", step: filing.VerifyAuthenticity},
	{name: "liveness", path: "/orders/{order}/liveness", step: filing.VerifyAuthenticity},
	{name: "liveness-check", path: "/orders/{order}/liveness/0", step: filing.VerifyAuthenticity},
	{name: "appointment-wrong", path: "/orders/{order}/liveness/0/appointment", step: filing.VerifyAuthenticity, act: func(v visitor) { v.pressFirst() }},
	{name: "liveness-passed", path: "/orders/{order}/liveness", step: filing.AwaitConfirmation},
	{name: "handoff", path: "/orders/{order}/papers/phone", step: filing.CollectEvidence},
	{name: "handoff-code", path: "/orders/{order}/papers/phone", step: filing.CollectEvidence, act: func(v visitor) { v.pressFirst() }},
	{name: "handoff-done", path: "/orders/{order}/liveness/phone", step: filing.AwaitConfirmation},
	{name: "phone", path: "/phone"},
	{name: "phone-unknown", path: "/phone/BCDFGHJK"},
	{name: "order-review", path: "/orders/{order}", step: filing.InitialReview},
	{name: "sms-hour", path: "/orders/{order}/sms-hour", step: filing.InitialReview},
	{name: "order-hour", path: "/orders/{order}/sms-hour", step: filing.InitialReview, act: func(v visitor) { v.choose("15:00"); v.pressFirst(); v.sees("15:00") }},
	{name: "order-sms", path: "/orders/{order}", step: filing.VerifySMS},
	{name: "details-several", path: "/orders/{order}", step: severalSites},
	{name: "sites", path: "/orders/{order}/sites", step: severalSites},
	{name: "sites-explain", path: "/orders/{order}/sites/1", step: severalSites, act: func(v visitor) { v.setName("2046"); v.pressSave() }},
	{name: "app", path: "/orders/{order}/sites/0", step: anApp, act: func(v visitor) { v.unfoldAll() }},
	{name: "order-returned", path: "/orders/{order}", step: returnedOrder},
	{name: "subject-returned", path: "/orders/{order}/subject", step: returnedOrder},
	{name: "leader-returned", path: "/orders/{order}/subject/leader", step: returnedOrder},
	{name: "site-returned-open", path: "/orders/{order}/sites/0?open=all", step: returnedOrder},
	{name: "type", path: "/orders/{order}/type", step: filing.VerifyType},
	{name: "password", path: "/orders/{order}/password", step: filing.CollectDetails},
	{name: "filing-acts", path: "/filings/{filing}", step: filedSubject},
	{name: "filing-add", path: "/filings/{filing}/add", step: filedSubject},
	{name: "filing-add-wrong", path: "/filings/{filing}/add", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "filing-change", path: "/filings/{filing}/change", step: filedSubject},
	{name: "filing-evidence-parts", path: "/filings/{filing}/evidence", step: filedSubject},
	{name: "filing-evidence", path: "/filings/{filing}/evidence/subject", step: filedSubject},
	{name: "filing-evidence-wrong", path: "/filings/{filing}/evidence/0", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "filing-cancel", path: "/filings/{filing}/cancel", step: filedSubject},
	{name: "filing-cancel-subject", path: "/filings/{filing}/cancel/CANCEL_SUBJECT/subject", step: filedSubject},
	{name: "filing-cancel-site-wrong", path: "/filings/{filing}/cancel/CANCEL_SITE/0", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "filing-public-security-wrong", path: "/filings/{filing}/upkeep/public-security/0", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "filing-commercial-wrong", path: "/filings/{filing}/upkeep/commercial/0", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "filing-licence-wrong", path: "/filings/{filing}/upkeep/licence/0", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "filing-licence-report", path: "/filings/{filing}/upkeep/licence-report/0", step: filedSubject},
	{name: "filing-transfer", path: "/filings/{filing}/transfer", step: filedSubject},
	{name: "filing-transfer-code", path: "/filings/{filing}/transfer", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "transfer-compare", path: "/filings/{filing}/transfer", step: takenTransfer},
	{name: "transfer-unticked", path: "/filings/{filing}/transfer", step: takenTransfer, act: func(v visitor) { v.pressFirst() }},
	{name: "transfer", path: "/transfer", step: filedSubject},
	{name: "transfer-wrong", path: "/transfer", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "claim", path: "/claim", step: filedSubject},
	{name: "claim-code-wrong", path: "/claim/code", step: filedSubject, act: func(v visitor) { v.pressFirst() }},
	{name: "filing-busy", path: "/filings/{filing}/change", step: openCancellation},
	{name: "check-cancellation", path: "/orders/{order}/check", step: openCancellation},
	{name: "reason", path: "/orders/{order}/reason", step: openCancellation},
}

// TestEveryPage looks at each page on a phone, in Chinese and light, and on a PC, in English and dark: axe finds nothing wrong, and nobody has to scroll
// sideways, not even at 320 pixels or with text of twice the size. With SCREENSHOTS, it stores a picture of each.
func TestEveryPage(t *testing.T) {
	orders, numbers := map[filing.Step]filing.ID{}, map[filing.Step]int{}
	visitors := map[string]visitor{}
	for _, one := range []struct {
		size     browser.Size
		language string
		dark     bool
	}{{browser.Phone, "zh-CN", false}, {browser.Desktop, "en", true}} {
		for _, l := range looks {
			t.Run(one.size.Name+" "+l.name, func(t *testing.T) {
				if l.step != "" && orders[l.step] == "" {
					numbers[l.step] = 9700 + len(orders)
					orders[l.step] = openAt(t, numbers[l.step], l.step)
				}
				key := one.size.Name + string(l.step)
				v, known := visitors[key]
				v.T = t
				if !known {
					page, err := chromium.NewPage(one.size)
					v.page = page
					v.must(err)
					v.must(page.SetDark(one.dark))
					if l.step != "" {
						v.logIn(strings.TrimPrefix(scenario.Invented(numbers[l.step]).Login, "+86"))
					}
					visitors[key] = v
				}
				path := strings.ReplaceAll(l.path, "{order}", string(orders[l.step]))
				if strings.Contains(path, "{filing}") {
					path = strings.ReplaceAll(path, "{filing}", filingOf(t, numbers[l.step]))
				}
				v.visit(path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "lang=" + one.language)
				if l.act != nil {
					l.act(v)
				}
				v.shoot("look")
				found, err := v.page.Violations(string(modules))
				v.must(err)
				if len(found) > 0 {
					t.Errorf("%s:\n%s", path, strings.Join(found, "\n"))
				}
				if one.size == browser.Phone {
					v.must(v.page.Resize(320, 740))
					v.must(v.page.Overflow())
					v.must(v.page.Resize(browser.Phone.Width, browser.Phone.Height))
					return
				}
				v.must(v.page.EnlargeText(2))
				v.must(v.page.Overflow())
				v.must(v.page.EnlargeText(1))
			})
		}
	}
	for _, v := range visitors {
		v.page.Close()
	}
}

// openAt opens the order of invented person n and brings it to a step through the API.
func openAt(t *testing.T, n int, step filing.Step) filing.ID {
	t.Helper()
	if open, special := openings[step]; special {
		return open(t, n)
	}
	return applicantAt(t, n, step).id
}

// pressFirst presses the first button of the form in the main part.
func (v visitor) pressFirst() { v.Helper(); v.must(v.page.PressFirst("main form button")) }
