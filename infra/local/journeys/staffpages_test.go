package journeys_test

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/session"
	"beian/shared/rules/workday"
)

// A desk is a browser of a member of staff, without script.
type desk struct {
	t      *testing.T
	cookie string
}

// deskOf returns a browser in which a member of staff is logged in.
func deskOf(t *testing.T, u *scenario.User, group string) desk {
	return deskOfAccount(t, u.Account(), group)
}

// deskOfAccount returns a browser in which an account is logged in, with a token from an hour ago.
func deskOfAccount(t *testing.T, account, group string) desk {
	t.Helper()
	hour := sys.Parts.Wall().Add(-time.Hour).Unix()
	secret, err := session.Sessions{Store: sys.Parts.Store(), Now: sys.Parts.Wall, Site: "staff"}.Begin(t.Context(), filing.Account(account),
		map[string]string{"sub": account, "cognito:groups": "[" + group + "]", "email": group + "@provider.example", "auth_time": strconv.FormatInt(hour, 10)})
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, "__Host-staff-session=" + secret}
}

// open opens a page, or with fields sends a form and follows it, and requires a status and texts.
func (d desk) open(path string, fields url.Values, status int, texts ...string) string {
	d.t.Helper()
	method := http.MethodGet
	if fields != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(d.t.Context(), method, sys.PortalURL+path, strings.NewReader(fields.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", d.cookie)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := (&http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error { r.Header.Set("Cookie", d.cookie); return nil }}).Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	text := html.UnescapeString(string(body))
	if answer.StatusCode != status {
		d.t.Fatalf("%s %s: status %d, want %d: %.1500s", method, path, answer.StatusCode, status, text)
	}
	for _, want := range texts {
		if !strings.Contains(text, want) {
			d.t.Errorf("%s %s lacks %q", method, path, want)
		}
	}
	return text
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="(once|etag)" value="("[^"]*"|[^"]*)">`) // an ETag is in quotes

// hidden returns the hidden fields of the first form of a page, with others.
func hidden(page string, others ...string) url.Values {
	fields := url.Values{}
	for _, found := range hiddenField.FindAllStringSubmatch(page, -1) {
		if !fields.Has(found[1]) {
			fields.Set(found[1], found[2])
		}
	}
	for i := 0; i+1 < len(others); i += 2 {
		fields.Set(others[i], others[i+1])
	}
	return fields
}

// TestPagesOfPeople: an operator enters the absence and the organisations of a colleague, sees who read what, and nobody else gets these pages.
func TestPagesOfPeople(t *testing.T) {
	j := newJourney(t, 10202)
	j.advanceTo(filing.InitialReview)
	colleague, err := client.Login(t.Context(), secondReviewer)
	j.must(err)
	room, bench := deskOf(t, admin, "admin"), deskOf(t, colleague, "reviewer")
	bench.open("/staff/orders/"+string(j.id), nil, 200)
	person := "/staff/people/" + url.PathEscape(colleague.Account())
	room.open("/staff/people", nil, 200, "审核员")
	page := room.open(person, nil, 200, "所在单位的账号")
	today := string(workday.DateOf(sys.Clock.Now()))
	room.open(person, hidden(page, "accounts", "", "from-0", today, "to-0", "2001-01-01"), 422, "休假的起止日期不对", `value="2001-01-01"`)
	page = room.open(person, hidden(page, "accounts", "nobody-1", "from-0", today, "to-0", today), 200, "nobody-1", "休假", "所在单位的账号")
	room.open(person+"/subjects", hidden(page, "kind", "2", "number", "110105", "label", "家里的公司"), 422, `value="家里的公司"`)
	room.open(person, hidden(page, "accounts", ""), 200)
	room.open("/staff/audit", nil, 200, "查询")
	room.open("/staff/audit?account="+url.QueryEscape(colleague.Account())+"&from="+today+"&to="+today, nil, 200, string(j.id), "一致")
	room.open("/staff/audit?order="+string(j.id), nil, 200, "一致", url.PathEscape(colleague.Account()))
	room.open("/staff/audit?order=x", nil, 404)
	room.open("/staff/audit?account=x&from="+today+"&to=2001-01-01", nil, 422, "查询的起止日期不对")
	room.open("/staff/coaching", nil, 200, "全组")
	bench.open("/staff/coaching", nil, 200, "我的审核", "不到十件")
	for _, path := range []string{"/staff/people", person, "/staff/audit"} {
		bench.open(path, nil, 403)
	}
}

// TestCaseCallsAndPreview: a reviewer records a call, sees it, and previews what the applicant reads before returning the application.
func TestCaseCallsAndPreview(t *testing.T) {
	j := newJourney(t, 10203)
	j.advanceTo(filing.InitialReview)
	bench, order := deskOf(t, reviewer, "reviewer"), "/staff/orders/"+string(j.id)
	bench.open(order+"/calls", nil, 200, "领取以后才能看到资料")
	bench.open(order+"/claim", url.Values{}, 200, "您已领取")
	page := bench.open(order+"/calls", nil, 200, "还没有打过电话", "没有。")
	bench.open(order+"/calls", hidden(page, "person", "0", "outcome", "reached", "note", strings.Repeat("长", 501)), 422, "备注太长")
	bench.open(order+"/calls", hidden(page, "person", "0", "outcome", "no-answer-twice", "note", "下午再打"), 200, "两次没有接听", "已通知申请人", "下午再打")
	page = bench.open(order, nil, 200, "form-code-not-found · 本系统的规则", "备案查询", "未备案", "的答复")
	fields := hidden(page, "verdict", "return", "reason-0-pointer", "/sites/0/name", "reason-0-code", "site-name-signs", "reason-0-words", "请打 13900001234 找我", "reason-0-english", "")
	bench.open(order+"/preview", fields, 200, "申请人会看到", "需要您修改 1 处", "申请里没有填写", "请打 13900001234 找我</textarea>")
	fields.Set("reason-0-words", strings.Repeat("长", 10_000))
	bench.open(order+"/preview", fields, 422)
	fields.Set("reason-0-words", "请改网站名称")
	bench.open(order+"/review", fields, 200)
	j.awaitStep(filing.CollectDetails, filing.Returned)
	if mails := j.wantNotices(filing.NoticeSubmitted, filing.NoticeCalled, filing.NoticeReturned); !strings.Contains(mails[2].Text, "请改网站名称") {
		t.Errorf("the mail:\n%s", mails[2].Text)
	}
}

// status returns the status of a page, without following where it leads.
func (d desk) status(path string) int {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, sys.PortalURL+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Cookie", d.cookie)
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		d.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// awaitStatus waits until a page has a status: a process knows a person for two seconds at most.
func (d desk) awaitStatus(path string, status int) {
	d.t.Helper()
	if err := scenario.Poll(d.t.Context(), func() (bool, error) { return d.status(path) == status, nil }); err != nil {
		d.t.Fatalf("%s never has status %d: %v", path, status, err)
	}
}

// TestLockedOut: the open page of a person who is locked out, or whose sessions are ended, leads to the log-in, and another session with an older token does, too. Who is
// unlocked and logs in again may work.
func TestLockedOut(t *testing.T) {
	room := deskOf(t, admin, "admin")
	for _, one := range []struct {
		account, form string
		fields        []string
		again         int // of another session with an older token
	}{
		{"left-the-provider", "", []string{"accounts", "", "disabled", "true"}, 403},
		{"lost-a-phone", "/sessions", nil, 303},
	} {
		person := "/staff/people/" + one.account
		desk := deskOfAccount(t, one.account, "reviewer")
		desk.open("/staff/queue", nil, 200)
		room.open(person+one.form, hidden(room.open(person, nil, 200), one.fields...), 200)
		if got := desk.status("/staff/queue"); got != 303 {
			t.Errorf("%s: the open page has status %d", one.account, got)
		}
		deskOfAccount(t, one.account, "reviewer").awaitStatus("/staff/queue", one.again)
		room.open(person, hidden(room.open(person, nil, 200), "accounts", ""), 200)
	}
	deskOfAccount(t, "left-the-provider", "reviewer").awaitStatus("/staff/queue", 200)
}
