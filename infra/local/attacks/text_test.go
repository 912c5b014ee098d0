package attacks_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// hidden are characters that nobody sees: zero-width, direction controls, fillers, tags, variation selectors and others.
const hidden = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2066\u2067\u2068\u2069\ufeff\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e" +
	"\u3164\uffa0\ufff9\ufffa\ufffb\ufe0f\U000e0001\U000e0041\U000e0100\U0001d173\u0007\u001b\u206a"

// A view is an order as a client reads it.
type view struct {
	Findings finding.List
	Subject  filing.Subject
	Sites    []filing.Site
	Papers   struct{ Courier, Tracking string }
}

// read reads an order and its answer as text.
func read(t *testing.T, u *scenario.User, id filing.ID) (view, string) {
	t.Helper()
	answer := send(t, u, scenario.Request{Method: "GET", Path: "/orders/" + string(id)}, 200)
	var v view
	if err := json.Unmarshal(answer.Body, &v); err != nil {
		t.Fatal(err)
	}
	return v, string(answer.Body)
}

// enter sends the details of an application.
func enter(t *testing.T, u *scenario.User, id filing.ID, d scenario.Details, status int, want ...string) scenario.Answer {
	t.Helper()
	body, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, u, scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/details", Body: body}, status, want...)
}

// hide writes hidden characters between the characters of each text of a value, and around it. Each text gets others.
func hide(value any) any {
	switch v := value.(type) {
	case string:
		some := []rune(hidden)
		text := string(some[:3])
		for i, r := range v {
			text += string(r) + string(some[(len(v)+i)%len(some)])
		}
		return text + string(some[len(some)-3:])
	case []string:
		var all []any
		for _, one := range v {
			all = append(all, hide(one))
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for name, one := range v {
			all[name] = hide(one)
		}
		return all
	}
	return value
}

// TestInvisibleText: characters that nobody sees are in no text that is stored, shown or sent, whatever the field.
func TestInvisibleText(t *testing.T) {
	app := scenario.Invented(490).WithExplainedName()
	app.Details.Subject["remark"] = "主体备注"
	app.Details.Sites[0]["homeUrl"] = "http://" + app.Open["domains"].([]string)[0] + "/"
	app.Details.Explanations[0].Text = hide("作品名就是 2046。").(string)
	app.Open, app.Contact = hide(app.Open).(map[string]any), hide(app.Contact).(map[string]any)
	app.Details.Subject, app.Details.Sites[0] = hide(app.Details.Subject).(map[string]any), hide(app.Details.Sites[0]).(map[string]any)
	applicant, err := client.LoginApplicant(t.Context(), admin, scenario.Invented(490), sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), applicant, reviewer, filing.InitialReview)
	if err != nil {
		t.Fatal(err)
	}
	path := "/orders/" + string(id)
	send(t, reviewer, scenario.Request{Method: "POST", Path: path + "/claim"}, 200)
	body, err := json.Marshal(map[string]any{"verdict": "pass", "documents": []string{"sites/0/verification-form"},
		"overrides": []any{map[string]any{"code": "site-name-only-digits", "pointer": "/sites/0/name", "reason": hide("名称属实。")}}})
	if err != nil {
		t.Fatal(err)
	}
	send(t, reviewer, scenario.Request{Method: "POST", Path: path + "/review", Body: body}, 200)
	if err := applicant.MailOriginals(t.Context(), id, hide("示例快递").(string), hide("SF 123").(string)); err != nil {
		t.Fatal(err)
	}
	v, text := read(t, admin, id)
	plain := scenario.Invented(490)
	if v.Subject.Remark != "主体备注" || v.Subject.Address != plain.Details.Subject["address"] || v.Subject.Investor != "示例人" ||
		v.Sites[0].Name != "2046" || v.Sites[0].Remark != plain.Details.Sites[0]["remark"] || v.Sites[0].HomeURL != "http://"+plain.Open["domains"].([]string)[0]+"/" ||
		v.Papers.Courier != "示例快递" || v.Papers.Tracking != "SF 123" {
		t.Errorf("the administrator reads %q", []string{v.Subject.Remark, v.Subject.Address, v.Subject.Investor, v.Sites[0].Name, v.Sites[0].Remark,
			v.Sites[0].HomeURL, v.Papers.Courier, v.Papers.Tracking})
	}
	for _, path := range []string{"/summary", "/timeline", "/evidence"} {
		text += string(send(t, admin, scenario.Request{Method: "GET", Path: "/orders/" + string(id) + path}, 200).Body)
	}
	if i := strings.IndexAny(text, hidden); i >= 0 {
		t.Errorf("an answer has %U", []rune(text[i:])[0])
	}
}

// TestLookAlikeText: a letter of another script is replaced where the right one is sure. Otherwise the applicant types it again or explains it, and
// the reviewer reads which scripts are mixed, and where. Texts that are really in another script pass.
func TestLookAlikeText(t *testing.T) {
	applicant, app, id := applicantAt(t, 491, filing.CollectDetails)
	with := func(remark string) scenario.Details {
		d := app.Details
		d.Subject = maps.Clone(d.Subject)
		d.Subject["remark"] = remark
		return d
	}
	site := maps.Clone(app.Details.Sites[0])
	site["name"] = "\u3164木作А手\u3164记" // А is Cyrillic
	d := with("А公司的 Gооglе 业务")        // А, о, о and е are Cyrillic
	d.Sites = []map[string]any{site}
	enter(t, applicant, id, d, 200)
	if v, _ := read(t, admin, id); v.Subject.Remark != "A公司的 Google 业务" || v.Sites[0].Name != "木作A手记" {
		t.Errorf("stored as %+q and %+q", v.Subject.Remark, v.Sites[0].Name)
	}

	answer := enter(t, applicant, id, with("代理 ЯндексGo"), 422, "text-mixed-scripts /subject/remark")
	if f := answer.Problem().Findings[0]; !f.Overridable || !strings.Contains(f.Message.Chinese, "第 7 个字“е”（U+0435）") ||
		!strings.Contains(f.Message.Chinese, "拉丁字母（英文）、西里尔字母（俄文等）") || !strings.Contains(f.Message.English, "mixes Latin and Cyrillic") {
		t.Errorf("the applicant reads %+v", f)
	}
	d = with("代理 ЯндексGo")
	d.Explanations = []filing.Explanation{{Code: filing.CodeMixedScripts, Pointer: "/subject/remark", Text: "品牌名称就是这样写的。"}}
	enter(t, applicant, id, d, 200)
	v, text := read(t, admin, id)
	if !has(v.Findings, filing.CodeMixedScripts, "/subject/remark") || !strings.Contains(text, "品牌名称就是这样写的。") {
		t.Errorf("the administrator reads %+v", v.Findings)
	}

	for remark, warned := range map[string]bool{
		"СССР": true, "Москва": false, "ООО Ромашка 的示例": false, "α粒子 5μm": false, "买买提·艾力的小店": false, "株式会社サンプル": false, "Example示例": false,
	} {
		enter(t, applicant, id, with(remark), 200)
		v, _ := read(t, admin, id)
		if has(v.Findings, filing.CodeLookAlikes, "/subject/remark") != warned || v.Subject.Remark != remark {
			t.Errorf("%q is stored as %q with %v", remark, v.Subject.Remark, v.Findings)
		}
	}
}

// TestLookAlikeDomain: a domain with letters that look Latin is filed with a warning, which names the letter and the domain in ASCII.
func TestLookAlikeDomain(t *testing.T) {
	for _, tc := range []struct {
		n                      int
		domain, ascii, scripts string
	}{
		{492, "invented-аpple-492.com", "xn--invented-pple-492-04n.com", "Latin and Cyrillic"},
		{493, "аррӏе.com", "xn--80ak6aa92e.com", "Cyrillic"},
		{515, "раураӏ-login-494.com", "xn---login-494-yqia0sb8b64o.com", "Cyrillic"},
	} {
		app := scenario.Invented(tc.n)
		app.Open["domains"] = []string{tc.domain}
		applicant, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		order, err := applicant.OpenOrder(t.Context(), app)
		if err != nil {
			t.Fatal(err)
		}
		v, text := read(t, admin, order.ID)
		if !has(v.Findings, "domain-mixed-scripts", "/domains/0") || !strings.Contains(text, "The domain is really "+tc.ascii+".") ||
			!strings.Contains(text, "its label is in "+tc.scripts+")") {
			t.Errorf("%s: %v", tc.domain, v.Findings)
		}
	}
}

// TestLookAlikeEmail: an address with a letter that looks Latin, to which mail would go to somebody else, is refused.
func TestLookAlikeEmail(t *testing.T) {
	applicant, app, id := applicantAt(t, 495, filing.CollectDetails)
	leader := maps.Clone(app.Details.Subject["leader"].(map[string]any))
	leader["email"] = "person@exаmple.com" // а is Cyrillic
	d := app.Details
	d.Subject = maps.Clone(d.Subject)
	d.Subject["leader"] = leader
	enter(t, applicant, id, d, 422, "email-mixed-scripts /subject/leader/email")
	send(t, applicant, scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/contact", Body: []byte(`{"email":"person@exаmple.com"}`)}, 422)
}

// TestDamagedText: noncharacters and piles of marks are refused at their field in every operation, with words.
func TestDamagedText(t *testing.T) {
	applicant, app, id := applicantAt(t, 494, filing.CollectDetails)
	path := "/orders/" + string(id)
	for _, bad := range []string{"a\ufffe", "\ufdd0", "\U0001ffff", "\U0010fffe", "e" + strings.Repeat("\u0301", 40), "a\x00"} {
		for pointer, q := range map[string]struct {
			user         *scenario.User
			method, path string
			body         any
		}{
			"/name":                     {applicant, "POST", "/orders", map[string]any{"name": bad}},
			"/contact/email":            {applicant, "POST", "/orders", map[string]any{"contact": map[string]any{"email": bad}}},
			"/subject/remark":           {applicant, "PUT", path + "/details", scenario.Details{Subject: map[string]any{"remark": bad}, Sites: app.Details.Sites}},
			"/sites/0/name":             {applicant, "PUT", path + "/details", scenario.Details{Subject: app.Details.Subject, Sites: []map[string]any{{"name": bad}}}},
			"/courier":                  {applicant, "PUT", path + "/papers", map[string]any{"courier": bad, "tracking": "1"}},
			"/server":                   {applicant, "PUT", path + "/product", map[string]any{"server": bad}},
			"/code":                     {applicant, "POST", path + "/sms-answers", map[string]any{"mobile": "1", "code": bad, "tail": "1"}},
			"/findings/0/message/zh-CN": {reviewer, "POST", path + "/review", map[string]any{"verdict": "return", "findings": []any{map[string]any{"pointer": "", "message": map[string]any{"zh-CN": bad, "en": "x"}}}}},
			"/overrides/0/reason":       {reviewer, "POST", path + "/review", map[string]any{"verdict": "pass", "overrides": []any{map[string]any{"code": "x", "pointer": "", "reason": bad}}}},
			"/placement":                {admin, "PUT", "/servers/ecs-494", map[string]any{"account": "a", "placement": bad, "mode": 5, "ips": []string{"8.130.1.1"}, "quota": 1}},
		} {
			body, err := json.Marshal(q.body)
			if err != nil {
				t.Fatal(err)
			}
			send(t, q.user, scenario.Request{Method: q.method, Path: q.path, Body: body}, 422, "field-characters "+pointer)
		}
	}
}
