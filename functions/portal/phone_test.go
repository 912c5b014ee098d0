package portal

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/process/session"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// TestOnPhone: a browser is on a phone or a tablet as it says, unless the person says otherwise.
func TestOnPhone(t *testing.T) {
	const (
		windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
		android = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"
		tablet  = "Mozilla/5.0 (Linux; Android 13; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
		iphone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
		wechat  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x1800322e) NetType/WIFI Language/zh_CN"
		mac     = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
	)
	for _, c := range []struct {
		agent, hint, cookie string
		want                bool
	}{
		{agent: windows, hint: "?0"}, {agent: mac}, {},
		{agent: android, hint: "?1", want: true}, {agent: tablet, hint: "?0", want: true}, {agent: iphone, want: true}, {agent: wechat, want: true}, {agent: windows, hint: "?1", want: true},
		{agent: mac, cookie: "phone", want: true}, // an iPad
		{agent: android, cookie: "pc"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("User-Agent", c.agent)
		r.Header.Set("Sec-CH-UA-Mobile", c.hint)
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: deviceCookie, Value: c.cookie})
		}
		if got := own(newFixture(t).portal.Visit(r, "zh-CN")).OnPhone(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	f := newFixture(t)
	f.portal.config.PCUploads = true
	pc := f.at("/", "zh-CN")
	if !pc.MayUpload() || pc.OnPhone() {
		t.Error("the setting does not permit uploads on a PC")
	}
}

// TestPhoneMayDoOneStep: the session of a phone opens the pages and calls the operations of its step of its order, and no others.
func TestPhoneMayDoOneStep(t *testing.T) {
	papers, check := session.Grant{Order: "01A", Step: session.Papers}, session.Grant{Order: "01A", Step: session.Liveness}
	for path, steps := range map[string]string{
		"/orders/01A/papers": "papers", "/orders/01A/papers/sites/0/verification-form": "papers", "/orders/01A/copies/other": "papers",
		"/orders/01A/liveness": "liveness", "/orders/01A/liveness/0": "liveness", "/orders/01A/liveness/0/CHALLENGE": "liveness",
		"/orders/01A": "", "/orders/01A/": "", "/orders/01A/papersx": "", "/orders/01A/papers/phone": "", "/orders/01A/liveness/phone/end": "", "/orders/01A/check": "",
		"/orders/01AB/papers": "", "/orders/01B/papers": "", "/orders/": "", "/filings": "", "/x/orders/01A/papers": "",
	} {
		if covers(papers, path) != (steps == "papers") || covers(check, path) != (steps == "liveness") {
			t.Errorf("%s is open to the wrong step", path)
		}
	}
	for operation, steps := range map[string]string{
		"GET /orders/01A": "papers liveness", "GET /orders/01A/evidence": "papers", "POST /orders/01A/evidence": "papers", "PUT /orders/01A/evidence": "papers",
		"POST /orders/01A/evidence/explanations": "papers", "GET /orders/01A/evidence/copy?slot=other": "papers",
		"POST /orders/01A/challenges": "liveness", "PUT /orders/01A/challenges/C": "liveness",
		"PUT /orders/01A": "", "GET /orders/01A/summary": "", "POST /orders/01A/confirmation": "", "PUT /orders/01A/details": "", "POST /orders/01A/withdrawal": "", "PUT /orders/01A/appointments/0": "", "DELETE /orders/01A/appointments/0": "", "GET /orders/01B": "",
		"GET /orders/01AB": "", "GET /orders": "", "GET /filings": "", "POST /orders": "", "GET /orders/01A/timeline": "", "GET /orders/01A/forms": "",
	} {
		method, path, _ := strings.Cut(operation, " ")
		if permits(papers, method, path) != strings.Contains(steps, "papers") || permits(check, method, path) != strings.Contains(steps, "liveness") {
			t.Errorf("%s is permitted to the wrong step", operation)
		}
	}
	v := newFixture(t).at("/", "zh-CN")
	v.Session = session.Session{Account: "a", Grant: &papers}
	if _, err := v.Send(pages.Request{Method: http.MethodPost, Path: "/orders/01A/confirmation"}); v.StatusOf(err) != http.StatusForbidden {
		t.Errorf("a call outside the step: %v", err)
	}
}

// TestCheckOnPC: a PC shows the camera only if the provider permits it, and always the way to a phone.
func TestCheckOnPC(t *testing.T) {
	for name, c := range map[string]struct {
		device        string
		permitted     bool
		camera, phone bool
	}{
		"phone": {"phone", false, true, false}, "PC": {"pc", false, false, true}, "PC with the setting": {"pc", true, true, true},
	} {
		f := newFixture(t)
		f.portal.config.PCUploads = c.permitted
		v := own(f.portal.Visit(&http.Request{URL: &url.URL{Path: "/orders/01A/liveness/0"}, Header: http.Header{"Cookie": {deviceCookie + "=" + c.device}}}, "zh-CN"))
		var out bytes.Buffer
		if err := f.portal.Templates()["liveness-check"].ExecuteTemplate(&out, "main", page{v, livenessSite{Leader: "<i>示例人"}}); err != nil {
			t.Fatal(err)
		}
		if camera := strings.Contains(out.String(), "data-begin"); camera != c.camera || strings.Contains(out.String(), "用手机做真人核验") != c.phone {
			t.Errorf("%s: the page is\n%s", name, out.String())
		}
	}
}

// tries counts in memory.
type tries map[limits.Key]int

func (c tries) Count(_ context.Context, _ limits.Action, key limits.Key, _ time.Time, limit int) (bool, error) {
	if c[key] >= limit {
		return false, nil
	}
	c[key]++
	return true, nil
}

func (tries) CountDrafts(context.Context, filing.Account) (int, error) { return 0, nil }

// TestGuessedCodes: an address can try a limited number of codes a day.
func TestGuessedCodes(t *testing.T) {
	f := newFixture(t)
	settings := limits.Settings{Actions: map[limits.Action]map[limits.Scope]int{limits.PhoneCode: {limits.Address: 3}}}
	f.portal.config.API = web.New(web.Config{Limits: &limits.Limiter{Store: tries{}, Settings: settings, Now: f.portal.config.Now}})
	for _, route := range []string{"GET /phone/A", "POST /phone/B", "GET /phone/C"} {
		f.want(f.visit(route), 410, "没有这个代码")
	}
	for _, route := range []string{"GET /phone/D", "POST /phone/E"} {
		f.want(f.visit(route), 429, "操作太频繁了")
	}
}
