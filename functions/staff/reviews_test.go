package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAnnualReviews: an operator enters a review that a bureau announced, and changes its last day; what is wrong stays in the form.
func TestAnnualReviews(t *testing.T) {
	r := newRoom(t)
	r.wants(r.send(http.MethodGet, "/staff/duties", nil), `href="/staff/duties/reviews"`)
	r.wants(r.send(http.MethodGet, "/staff/duties/reviews", nil), "Hubei", "2020-01-15", "The system")
	entered := url.Values{"/province": {"33"}, "/from": {"2020-03-01"}, "/until": {"2022-05-31"}, "/numbers": {"10690661740694920"}, "/source": {"浙通管网安〔2020〕1号"}}
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, "/staff/duties/reviews", entered), "not valid", `value="2022-05-31"`, "data-focus open")
	entered.Set("/until", "2020-05-31")
	r.wants(r.send(http.MethodPost, "/staff/duties/reviews", entered), "2020-05-31", "10690661740694920", "浙通管网安〔2020〕1号", `href="/staff/people/admin-1"`)
	entered.Set("/until", "2020-04-30")
	if page := r.send(http.MethodPost, "/staff/duties/reviews", entered); !strings.Contains(page, "2020-04-30") || strings.Contains(page, "2020-05-31") {
		t.Errorf("the review was not changed: %s", page)
	}
	entered.Set("/from", "2020-04-01")
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, "/staff/duties/reviews", entered), "2020-03-01", "already")
	entered.Del("/from")
	r.exchange(http.StatusUnprocessableEntity, http.MethodPost, "/staff/duties/reviews", entered)
	r.logIn("reviewer-1", "[reviewer]")
	r.sendFor(http.StatusForbidden, http.MethodGet, "/staff/duties/reviews")
}
