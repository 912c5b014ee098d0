package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/finding"
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

// TestLeaderLeft: the account says on the page of its filing that a leader has left, and takes it back; an operator records it after a call. Each time the change of the filing
// becomes a duty.
func TestLeaderLeft(t *testing.T) {
	a := scenario.Invented(10911)
	applicant := account(t, a)
	unowned := storeUnowned(t, 9912, "13700009912")
	owned := unowned
	owned.Account = register.Account(applicant.Account())
	owned.Sites[0].Accesses = []register.Access{{Ours: true}}
	change, _ := unowned.Replace(owned, register.Source{Kind: register.FromAccount, ID: "claim-1", To: owned.Account}, suite.System.Clock.Now())
	owner := newVisitor(t, browser.Phone)
	owner.must(suite.System.Parts.Store().CommitFiling(t.Context(), change))
	owner.logIn(strings.TrimPrefix(a.Login, "+86"))
	page := "/filings/" + string(owned.ID)
	owner.visit(page)
	owner.press("主体负责人已离职")
	owner.sees("负责人已经离职", "办理变更备案")
	owner.shoot("left")
	owner.press("负责人没有离职")
	owner.sees("主体负责人已离职")
	operator := newVisitor(t, browser.Desktop)
	operator.visit("/staff/login")
	operator.enterCode(demo.AdminLogin)
	operator.visit("/staff/duties/" + string(owned.ID))
	operator.press("已离职")
	operator.sees("负责人已经离职")
	operator.shoot("duties")
	owner.visit(page)
	owner.sees("负责人已经离职")
}

// TestProposedChange: a change begins with what no longer matches: the site whose addresses changed is chosen, its server is entered, and the field to correct is marked.
func TestProposedChange(t *testing.T) {
	a := scenario.Invented(10912)
	applicant := account(t, a)
	finish(t, applicant, a, mustOpen(t, applicant, a))
	id := filingOf(t, 10912)
	owner := newVisitor(t, browser.Phone)
	owner.logIn(strings.TrimPrefix(a.Login, "+86"))
	f, err := suite.System.Parts.Store().Filing(t.Context(), register.ID(id))
	owner.must(err)
	found := finding.List{finding.New(upkeep.CodeServerAddress, "", "part", a.Server.ID), finding.New(upkeep.CodeContactDead, "")}
	_, err = suite.System.Parts.Duties().Record(t.Context(), f.ID, upkeep.SetFindings{Site: f.Sites[0].Number.String(), Found: found})
	owner.must(err)
	dead := found[1].Message.Chinese
	owner.visit("/filings/" + id + "/change")
	owner.sees("以下内容与备案不一致", dead)
	owner.shoot("change")
	owner.press("开始变更")
	owner.must(scenario.Poll(t.Context(), func() (bool, error) {
		owner.visit(mustAddress(owner))
		text, err := owner.page.Text()
		return strings.Contains(text, "服务器"), err
	}))
	order := mustAddress(owner)
	owner.visit(order + "/product")
	owner.sees("我们已经填好")
	owner.shoot("product")
	owner.press("保存并继续")
	owner.sees("以下内容与备案不一致", dead)
	owner.shoot("order")
	owner.press(dead)
	owner.sees(dead, "手机号码")
	owner.shoot("leader")
}

// mustAddress returns the address of the page without its query.
func mustAddress(v visitor) string {
	v.Helper()
	address, err := v.page.Address()
	v.must(err)
	address, _, _ = strings.Cut(address, "?")
	return address
}
