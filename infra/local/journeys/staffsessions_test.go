package journeys_test

import (
	"io"
	"net/http"
	"net/url"
	"testing"

	"beian/shared/filing"
	"beian/shared/process/session"
)

// TestStaffPagesForStaff: an applicant who logs in at the pages of staff gets none of them. A cookie of the portal is no session of staff, and the other way round.
func TestStaffPagesForStaff(t *testing.T) {
	j := newJourney(t, 10420)
	d := deskOf(t, j.applicant, "applicant")
	for _, path := range []string{"/staff/", "/staff/queue", "/staff/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W", "/staff/people"} {
		d.open(path, nil, 403, "不能这样提交")
	}
	d.open("/staff/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W/claim", url.Values{}, 403)

	claims := map[string]string{"sub": reviewer.Account(), "cognito:groups": "[reviewer]"}
	for _, c := range []struct{ site, cookie, path, login string }{
		{"", "__Host-staff-session", "/staff/queue", "/staff/login?to=%2Fstaff%2Fqueue"}, {"staff", "__Host-session", "/filings", "/login?to=%2Ffilings"},
	} {
		secret, err := session.Sessions{Store: sys.Parts.Store(), Now: sys.Parts.Wall, Site: c.site}.Begin(t.Context(), filing.Account(reviewer.Account()), claims)
		j.must(err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sys.PortalURL+c.path, nil)
		j.must(err)
		r.Header.Set("Cookie", c.cookie+"="+secret)
		answer, err := http.DefaultTransport.RoundTrip(r)
		j.must(err)
		_, _ = io.Copy(io.Discard, answer.Body)
		j.must(answer.Body.Close())
		if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther || to != c.login {
			t.Errorf("%s with a cookie of another site: %d, %q", c.path, answer.StatusCode, to)
		}
	}
}

// TestVerdictOnMovedOrder: a verdict on an order that has changed since the page was shown is refused, and what was typed stays on the page.
func TestVerdictOnMovedOrder(t *testing.T) {
	j := newJourney(t, 10421)
	j.advanceTo(filing.InitialReview)
	d, order := deskOf(t, reviewer, "reviewer"), "/staff/orders/"+string(j.id)
	page := d.open(order+"/claim", url.Values{}, 200, "您已领取")
	verdict := hidden(page, "once", "of-the-verdict", "verdict", "return", "reason-0-pointer", "/sites/0/name", "reason-0-words", "<b>名称</b>不对")
	d.open(order+"/calls", hidden(page, "person", "0", "outcome", "reached"), 200)
	d.open(order+"/review", verdict, 412, "<b>名称</b>不对</textarea>")
	j.awaitStep(filing.InitialReview, filing.Submitted)
	d.open(order+"/review", hidden(d.open(order, nil, 200), "verdict", "maybe"), 422)
	d.open(order+"/review", hidden(d.open(order, nil, 200), "verdict", "return", "reason-0-pointer", "/nothing", "reason-0-code", "no-such-code"), 422, "no-such-code")
	d.open(order+"/papers", url.Values{"slot": {"nothing"}}, 404)
	d.open("/staff/orders/..%2F..%2Fpeople", nil, 404)
	d.open(order+"/review", hidden(d.open(order, nil, 200), "verdict", "return", "reason-0-pointer", "/sites/0/name", "reason-0-words", "名称不对"), 200, "待审的备案")
	j.awaitStep(filing.CollectDetails, filing.Returned)
}

// TestNotesOfTasks: an operator's note about a task that an order does not haveis refused on the page of the tasks.
func TestNotesOfTasks(t *testing.T) {
	j := newJourney(t, 10422)
	j.advanceTo(filing.InitialReview)
	room := deskOf(t, admin, "admin")
	room.open("/staff/bureau", nil, 200, "运营人员的任务")
	for kind, status := range map[string]int{"second-reading": 409, "check-approval": 409, "nothing": 422} {
		room.open("/staff/tasks/"+kind+"/"+string(j.id), url.Values{"note": {"核对过了"}}, status, "运营人员的任务", "有 1 处需要处理")
	}
	room.open("/staff/tasks/second-reading/"+string(j.id), url.Values{}, 409, "运营人员的任务")
	room.open("/staff/tasks/second-reading/01JCZK3V7M8N9P0Q1R2S3T4V5W", url.Values{"note": {"核对过了"}}, 404)
}
