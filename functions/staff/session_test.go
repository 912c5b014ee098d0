package staff_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
)

// TestTypedBeforeLogIn: what a reviewer typed when the session ended is on the page of the case after the log-in, although the form has another address. Another
// person who logs in there does not see it.
func TestTypedBeforeLogIn(t *testing.T) {
	r := newRoom(t)
	r.At(filing.InitialReview)
	order := "/staff/orders/" + string(r.Order().ID)
	for _, account := range []filing.Account{"reviewer-9", "reviewer-8"} {
		form := url.Values{"verdict": {"return"}, "reason-0-pointer": {"/subject/address"}, "reason-0-words": {"地址缺少门牌号"}, "etag": {`"1"`}}
		e := apigateway.Event{RawPath: order + "/review", Body: form.Encode(), Cookies: []string{"__Host-staff-session=" + base64.RawURLEncoding.EncodeToString([]byte("reviewer-9")) + ".x"},
			Headers: map[string]string{"host": "staff.example", "sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}}
		e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = http.MethodPost, e.RawPath
		out, err := r.pages.Handle(t.Context(), e)
		if err != nil || out.StatusCode != http.StatusSeeOther || out.Headers["Location"] != "/staff/login?"+(url.Values{"to": {order}}).Encode() {
			t.Fatalf("%d to %s, %v", out.StatusCode, out.Headers["Location"], err)
		}
		r.logIn(account, "[reviewer]")
		if a := r.ask("POST", order+"/claim", url.Values{}); a.status != http.StatusSeeOther {
			t.Fatalf("claim: %d", a.status)
		}
		for _, c := range out.Cookies {
			if kept, _, _ := strings.Cut(c, ";"); strings.HasPrefix(kept, "__Host-staff-typed=") {
				r.cookie += "; " + kept
			}
		}
		page := r.ask("GET", order, nil)
		if shown := strings.Contains(page.body, "地址缺少门牌号"); page.status != http.StatusOK || shown != (account == "reviewer-9") {
			t.Errorf("%s: status %d, shown: %t", account, page.status, shown)
		}
		r.ask("POST", order+"/release", url.Values{})
	}
}
