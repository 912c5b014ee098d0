package staff_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

// newDesk returns the pages of a reviewer who is logged in, with an order at the review.
func newDesk(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	r.logIn("reviewer-1", "[reviewer]")
	r.At(filing.InitialReview)
	return r
}

const previousOrder = "01M8HQR02PFRC1GR50C58D3WRC"

var (
	formField  = regexp.MustCompile(`<input type="hidden" name="(once|etag)" value="([^"]*)"`)
	formAction = func(operation string) *regexp.Regexp {
		return regexp.MustCompile(`action="(/staff/orders/[^"]*/` + operation + `[^"]*)"`)
	}
)

// post sends the form of a page whose action ends with an operation.
func (r *room) post(page, operation string, form url.Values) string {
	r.T.Helper()
	action := formAction(operation).FindStringSubmatch(page)
	if action == nil {
		r.T.Fatalf("the page has no form for %s: %.3000s", operation, page)
	}
	for _, field := range formField.FindAllStringSubmatch(page, -1) {
		if !form.Has(field[1]) {
			form.Set(field[1], html.UnescapeString(field[2]))
		}
	}
	return r.send(http.MethodPost, html.UnescapeString(action[1]), form)
}

func (r *room) wants(page string, texts ...string) {
	r.T.Helper()
	for _, want := range texts {
		if !strings.Contains(page, want) {
			r.T.Errorf("the page does not have %q: %.6000s", want, page)
		}
	}
}

// TestFilterStays: the filter of the queue is still set after a case that was claimed with it, whether a verdict was given or the case was released. The verdict on the case
// before can be taken back on the next one.
func TestFilterStays(t *testing.T) {
	const chosen = `<option value="12" selected>`
	r := newDesk(t)
	next := url.Values{"province": {"12"}, "kind": {"FIRST"}, "decided": {previousOrder}}
	page := r.send(http.MethodPost, "/staff/queue/next", next)
	r.wants(page, "Claimed by you", `action="/staff/orders/`+previousOrder+`/undo?kind=FIRST&amp;province=12"`, "Your decision on the previous filing")
	r.wants(r.post(page, "release", url.Values{}), chosen, `name="skip" value="01JCZK3V7M8N9P0Q1R2S3T4V5W"`)
	r.wants(r.send(http.MethodPost, "/staff/queue/next", url.Values{"skip": {"01JCZK3V7M8N9P0Q1R2S3T4V5W"}}), "There is no filing to claim")
	r.wants(r.send(http.MethodGet, "/staff/queue?province=12&kind=FIRST", nil), `href="/staff/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W?kind=FIRST&amp;province=12"`)
	page = r.send(http.MethodPost, "/staff/queue/next", next)
	history := r.send(http.MethodGet, "/staff/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W/history?kind=FIRST&province=12", nil)
	r.wants(history, `href="/staff/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W?kind=FIRST&amp;province=12"`)
	page = r.post(page, "review", url.Values{"verdict": {"return"}, "reason-0-words": {"请按执照改。"}})
	r.wants(page, chosen, "Your decision goes out in 10 seconds")
	page = r.send(http.MethodPost, "/staff/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W/undo?kind=FIRST&province=12", url.Values{})
	r.wants(page, "Claimed by you")
	r.wants(r.post(page, "release", url.Values{}), chosen)
}

// TestNumbersToCall: the page of calls has the numbers of the people whom the form offers.
func TestNumbersToCall(t *testing.T) {
	r := newDesk(t)
	r.wants(r.send(http.MethodPost, "/staff/queue/next", url.Values{}), "Claimed by you")
	page := r.send(http.MethodGet, "/staff/orders/"+string(steptest.OrderID)+"/calls", nil)
	o := r.Order()
	r.wants(page, o.Private.Contact.Mobile.Reveal(), o.Private.Subject.Leader.Mobile.Reveal(), o.Private.Subject.Leader.OfficePhone.Reveal(), o.Private.Sites[0].Leader.EmergencyPhone.Reveal())
}

// TestOperatorOfOrder: an operator who has an order on the screen gets to its execution and back, and learns who reviews orders where the queue is.
func TestOperatorOfOrder(t *testing.T) {
	r := newRoom(t)
	r.At(filing.InitialReview)
	r.DeliverAll(decide.StartExecution)
	const order = "/staff/orders/" + string(steptest.OrderID)
	r.wants(r.send(http.MethodGet, order, nil), `href="`+order+`/machine"`)
	r.wants(r.send(http.MethodGet, order+"/machine", nil), `href="`+order+`"`)
	r.wants(r.send(http.MethodGet, order+"/history", nil), "As the applicant reads it")
}

// TestReasonInWords: a reviewer enters a reason as it reads, in the language of the page. Words that are no reason are refused, and stay in the form.
func TestReasonInWords(t *testing.T) {
	const words = "The address has no house number."
	r := newDesk(t)
	page := r.send(http.MethodPost, "/staff/queue/next", url.Values{})
	r.wants(page, `<option value="`+words+`"`)
	reason := url.Values{"verdict": {"return"}, "reason-0-pointer": {"/subject/address"}, "reason-0-code": {words}, "reason-0-words": {"请写到门牌号。"}, "reason-0-english": {"Add it."}}
	r.wants(r.post(page, "preview", reason), "What the applicant will read", `name="reason-0-code" value="`+words+`"`, "地址里没有门牌号。请写到门牌号。")
	r.wants(r.post(page, "review", reason), "Your decision goes out")
	if given := r.Order().Private.Waiting; given == nil || len(given.Findings) != 1 || given.Findings[0].Code != "address-without-number" || given.Findings[0].Message.Chinese != "地址里没有门牌号。请写到门牌号。" {
		t.Errorf("the verdict is %+v", given)
	}
}

// TestReasonsOfPapers: what reviewers find on papers, and no check can find, is in the list of reasons, first for a paper.
func TestReasonsOfPapers(t *testing.T) {
	r := newDesk(t)
	page := r.send(http.MethodPost, "/staff/queue/next", url.Values{})
	r.wants(page, `value="The picture is not legible." data-fields="/evidence/* "`, `value="This differs from the certificate." data-fields="/subject/name /subject/certificate `)
	if strings.Index(page, `value="The picture is not legible."`) > strings.Index(page, `value="The picture is incomplete or damaged and cannot be opened."`) {
		t.Error("what a check finds comes first")
	}
}

// TestFindOrder: each page opens an order by its number, typed or within a pasted address.
func TestFindOrder(t *testing.T) {
	r := newDesk(t)
	r.wants(r.send(http.MethodGet, "/staff/coaching", nil), `name="number"`)
	for _, given := range []string{string(steptest.OrderID), " " + strings.ToLower(string(steptest.OrderID)) + " ", "https://beian.example/orders/" + string(steptest.OrderID) + "?x=1"} {
		r.wants(r.send(http.MethodGet, "/staff/find?"+url.Values{"number": {given}}.Encode(), nil), "beijing-example.com")
	}
	r.wants(r.sendFor(http.StatusNotFound, http.MethodGet, "/staff/find?number=12345"), "There is no such order.")
}

// TestEndedClaim: a claim that has ended is shown neither in the queue nor on the case.
func TestEndedClaim(t *testing.T) {
	r := newDesk(t)
	r.wants(r.send(http.MethodPost, "/staff/queue/next", url.Values{}), "Claimed by you until 09:30")
	r.wants(r.send(http.MethodGet, "/staff/queue", nil), "reviewer-1 · until 09:30")
	r.Clock.Advance(filing.ClaimDuration + time.Second)
	r.logIn("reviewer-1", "[reviewer]") // a session ends after half an hour, too
	for _, path := range []string{"/staff/queue", "/staff/orders/" + string(steptest.OrderID)} {
		if page := r.send(http.MethodGet, path, nil); strings.Contains(page, "until 09:30") {
			t.Errorf("%s shows a claim that has ended", path)
		}
	}
}

// TestRulesInWords: the page of rules names families and rules in words.
func TestRulesInWords(t *testing.T) {
	page := newRoom(t).send(http.MethodGet, "/staff/rules?family=sms", nil)
	if strings.Contains(page, ">sms<") {
		t.Error("a family has its identifier for a name")
	}
	if strings.Count(page, "erification by SMS code") < 2 {
		t.Errorf("the page does not name the family and its rules: %.3000s", page)
	}
}

// TestUsesInWords: the page of a server says in words where the orders that use it stand.
func TestUsesInWords(t *testing.T) {
	r := newRoom(t)
	r.At(filing.InitialReview)
	r.wants(r.send(http.MethodGet, "/staff/servers/at/server-1", nil), "<td>Initial review</td>")
}
