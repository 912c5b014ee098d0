package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
)

// The pages of letters, and of the link that turns reminders off, for [TestEveryPage].
func init() {
	looks = append(looks,
		look{name: "filing-letter", path: "/filings/{filing}/upkeep/letter-term/0", step: filedSubject},
		look{name: "filing-letter-wrong", path: "/filings/{filing}/upkeep/letter-term/0", step: filedSubject, act: func(v visitor) { v.ask("/validUntil", "2020-13-45") }},
		look{name: "mute-invalid", path: "/mute/x"},
		look{name: "mute", path: "/filings/{filing}", step: filedSubject, act: func(v visitor) { v.visit(v.muteLink(upkeep.ServerExpires)) }},
		look{name: "mute-done", path: "/filings/{filing}", step: filedSubject, act: func(v visitor) {
			link := v.muteLink(upkeep.DomainExpires)
			v.must(suite.System.Parts.Duties().MuteByLink(v.Context(), strings.TrimPrefix(link, "/mute/")))
			v.visit(link)
		}},
	)
}

// muteLink returns the path of the link in an email about the filing of the page, which turns off the reminders of a kind.
func (v visitor) muteLink(kind upkeep.Key) string {
	v.Helper()
	address, err := v.page.Address()
	v.must(err)
	at, err := url.Parse(address)
	v.must(err)
	return muteLink(v.T, strings.TrimPrefix(at.Path, "/filings/"), kind)
}

func muteLink(t *testing.T, id string, kind upkeep.Key) string {
	t.Helper()
	f, err := suite.System.Parts.Store().Filing(t.Context(), register.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	token, err := suite.System.Parts.Duties().MuteToken(t.Context(), f, []upkeep.Duty{{Key: kind}, {Key: upkeep.PublicSecurity}})
	if err != nil {
		t.Fatal(err)
	}
	return "/mute/" + token
}

// TestMuteByMail: the program of a mail provider turns reminders off with one request, without a cookie or a redirect (RFC 8058); opening the link does not.
func TestMuteByMail(t *testing.T) {
	a := scenario.Invented(10910)
	applicant := account(t, a)
	finish(t, applicant, a, mustOpen(t, applicant, a))
	id := filingOf(t, 10910)
	link := suite.System.PortalURL + muteLink(t, id, upkeep.DomainExpires)
	muted := func() bool {
		u, err := suite.System.Parts.Store().Upkeep(t.Context(), register.ID(id))
		if err != nil {
			t.Fatal(err)
		}
		return len(u.Muted) == 1
	}
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	send := func(method, address string, want int) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := noRedirect.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want || len(response.Cookies()) > 0 {
			t.Errorf("%s: %s, %d cookies", method, response.Status, len(response.Cookies()))
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		send(method, link, 200)
	}
	send(http.MethodPost, link+"0", 404)
	if muted() {
		t.Error("opening the link turned reminders off")
	}
	for range 2 {
		send(http.MethodPost, link, 200)
	}
	if !muted() {
		t.Error("the reminders are on")
	}
	owner := newVisitor(t, browser.Desktop)
	owner.logIn(strings.TrimPrefix(a.Login, "+86"))
	owner.visit("/filings/" + id)
	owner.unfold("已关闭的提醒")
	owner.press("重新提醒")
	if muted() {
		t.Error("the account could not turn the reminders on again")
	}
}
