package journeys_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// send sends a request and checks the status and the findings, as "code pointer".
func (j *journey) send(q scenario.Request, status int, want ...string) scenario.Answer {
	j.t.Helper()
	a, err := client.Send(j.t.Context(), j.applicant, q)
	j.must(err)
	refusal := a.Problem()
	if got := findingPlaces(refusal.Findings); a.Status != status || !slices.Equal(got, sortedCopy(want)) {
		j.t.Errorf("%s %s: %d %q, want %d %q", q.Method, q.Path, a.Status, got, status, sortedCopy(want))
	}
	if status >= 400 && (a.Header.Get("Content-Type") != "application/problem+json" || refusal.Title == "" || refusal.Detail == "") {
		j.t.Errorf("%s %s: the error is not a problem document: %s", q.Method, q.Path, a.Body)
	}
	for _, f := range refusal.Findings {
		if f.Message.Chinese == "" || f.Message.English == "" || f.Remedy.Chinese == "" || f.Remedy.English == "" {
			j.t.Errorf("%s at %s has no message", f.Code, f.Pointer)
		}
	}
	return a
}

func jsonBody(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// opening returns the body that opens the order, with some fields changed.
func (j *journey) opening(change map[string]any) map[string]any {
	all := maps.Clone(j.app.Open)
	all["language"], all["contact"] = j.app.Language, j.app.Contact
	maps.Copy(all, change)
	return all
}

// residentID returns a resident ID with a number.
func residentID(number string) map[string]any { return map[string]any{"kind": 2, "number": number} }

// TestBadOpenings checks that all mistakes in the data that opens an order are reported at once, each with its pointer.
func TestBadOpenings(t *testing.T) {
	j := newJourney(t, 700)
	good := j.certificate()
	for name, tc := range map[string]struct {
		change map[string]any
		want   []string
	}{
		"a wrong check digit":      {map[string]any{"certificate": residentID(good[:17] + string('0'+(good[17]-'0'+1)%10))}, []string{"resident-id-check-digit /certificate/number"}},
		"an impossible birth date": {map[string]any{"certificate": residentID(scenario.WithCheckDigit("11010119800230001"))}, []string{"resident-id-birth-date /certificate/number"}},
		"born tomorrow":            {map[string]any{"certificate": residentID(scenario.WithCheckDigit("11010129900101001"))}, []string{"resident-id-birth-future /certificate/number"}},
		"fifteen digits":           {map[string]any{"certificate": residentID("110101800101001")}, []string{"resident-id-15-digits /certificate/number"}},
		"a company's wrong code": {map[string]any{"entityKind": 4, "name": "北京示例有限公司", "certificate": map[string]any{"kind": 1, "number": "91110108MA01EX1A22"}},
			[]string{"unified-code-check-digit /certificate/number"}},
		"www":                                   {map[string]any{"domains": []string{"www.invented-700-example.com"}}, []string{"domain-with-www /domains/0"}},
		"a URL":                                 {map[string]any{"domains": []string{"https://invented-700-example.com/"}}, []string{"domain-is-url /domains/0"}},
		"a suffix":                              {map[string]any{"domains": []string{"com.cn"}}, []string{"domain-is-suffix /domains/0"}},
		"a subdomain":                           {map[string]any{"domains": []string{"blog.invented-700-example.com"}}, []string{"domain-not-registrable /domains/0"}},
		"no such suffix":                        {map[string]any{"domains": []string{"example.nosuchsuffix"}}, []string{"domain-suffix-unknown /domains/0"}},
		"an address":                            {map[string]any{"domains": []string{"8.8.8.8"}}, []string{"domain-is-ip /domains/0"}},
		"twice":                                 {map[string]any{"domains": []string{"a-example.com", "A-Example.com"}}, []string{"domain-twice /domains/1"}},
		"none":                                  {map[string]any{"domains": []string{}}, []string{"domains-missing /domains"}},
		"no province":                           {map[string]any{"province": "99"}, []string{"province-unknown /province"}},
		"an unknown language":                   {map[string]any{"language": "fr"}, []string{"language-unknown /language"}},
		"a wrong phone":                         {map[string]any{"contact": map[string]any{"mobile": "123", "email": "nobody"}}, []string{"email-format /contact/email", "mobile-format /contact/mobile"}},
		"a name that the bureau cannot read":    {map[string]any{"name": "示例𬭎"}, []string{"character-unreadable /name"}},
		"a name that only some tables can read": {map[string]any{"name": "示例䶮"}, []string{"character-unreadable /name"}},
		"all at once": {map[string]any{"province": "00", "name": "!", "certificate": residentID("1"), "domains": []string{"www.invented-700-example.com", "8.8.8.8"}, "language": "x",
			"contact": map[string]any{"mobile": "1", "email": "nobody at home"}}, []string{"province-unknown /province", "person-name-characters /name", "resident-id-length /certificate/number",
			"domain-with-www /domains/0", "domain-is-ip /domains/1", "language-unknown /language", "mobile-format /contact/mobile", "email-format /contact/email"}},
	} {
		t.Run(name, func(t *testing.T) {
			j.t = t
			j.send(scenario.Request{Method: "POST", Path: "/orders", Body: jsonBody(t, j.opening(tc.change))}, 422, tc.want...)
		})
	}
	j.t = t
	var list struct{ Items []any }
	j.must(j.applicant.Call(t.Context(), "GET", "/orders", nil, &list))
	if len(list.Items) != 0 {
		t.Errorf("%d orders were opened", len(list.Items))
	}
}

// TestBadRequests checks that malformed requests are rejected before their content is checked.
func TestBadRequests(t *testing.T) {
	j := newJourney(t, 701)
	post := func(text string) scenario.Request {
		return scenario.Request{Method: "POST", Path: "/orders", Body: []byte(text)}
	}
	j.send(post(`{"province":"11","surprise":1,"certificate":{"kind":2,"extra":true}}`), 422, "field-unknown /surprise", "field-unknown /certificate/extra")
	j.send(post(`{"province":11,"domains":"example.cn","entityKind":"five"}`), 422, "field-type /province", "field-type /domains", "field-type /entityKind")
	j.send(post(`{"province":`), 422, "body-not-json ")
	j.send(post(`null`), 422, "field-type ")
	j.send(post(``), 422, "body-missing ")
	j.send(post("{\"name\":\"\xff\xfe\"}"), 422, "body-not-utf-8 ")
	j.send(post(`{"name":"示例\u0000人"}`), 422, "field-characters /name")
	j.send(post(`{"name":"`+strings.Repeat("长", 700_000)+`"}`), 413, "body-too-large ")
	j.send(scenario.Request{Method: "POST", Path: "/orders", Body: []byte("province=11"),
		Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, 415, "content-type ")
	j.send(scenario.Request{Method: "PATCH", Path: "/orders"}, 405)
	j.send(scenario.Request{Method: "GET", Path: "/nowhere"}, 404)
	j.send(scenario.Request{Method: "GET", Path: "/orders?colour=red"}, 422, "parameter-unknown ")
	for _, tc := range []struct {
		route  string
		status int
		allow  string
	}{
		{"GET /orders", 401, ""}, {"PATCH /orders", 401, ""}, {"GET /nowhere", 401, ""},
		{"POST /health", 405, "GET, HEAD"}, {"DELETE /provinces/11", 405, "GET, HEAD"}, {"PUT /openapi.json", 405, "GET, HEAD"},
		{"POST /docs", 405, "GET, HEAD"}, {"POST /docs/docs.js", 405, "GET, HEAD"}, {"POST /evidence-views/token", 405, "GET, HEAD"},
		{"HEAD /health", 200, ""}, {"HEAD /docs", 200, ""}, {"HEAD /provinces", 200, ""}, {"HEAD /evidence-views/token", 404, ""},
	} {
		method, path, _ := strings.Cut(tc.route, " ")
		a, err := client.Send(t.Context(), nil, scenario.Request{Method: method, Path: path})
		if err != nil || a.Status != tc.status || a.Header.Get("Allow") != tc.allow {
			t.Errorf("%s without a token: %d, Allow %q, %v", tc.route, a.Status, a.Header.Get("Allow"), err)
		}
	}
	english := j.send(scenario.Request{Method: "GET", Path: "/orders/01JCZK3V7M8N9P0Q1R2S3T4V5W", Header: map[string]string{"Accept-Language": "en"}}, 404)
	if r := english.Problem(); r.Title != "Not found" {
		t.Errorf("in English: %q", r.Title)
	}
}

// TestRoot checks that the address without a path is the first page of the portal, with other methods refused.
func TestRoot(t *testing.T) {
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405} {
		request, err := http.NewRequestWithContext(t.Context(), method, sys.PortalURL, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || want == 200 && !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %s from %s", method, answer.Status, answer.Request.URL.Path)
		}
	}
}

// TestTenMistakesAtOnce checks that a document with ten mistakes gets ten findings and changes nothing.
func TestTenMistakesAtOnce(t *testing.T) {
	j := journeyAt(t, 702, filing.CollectDetails)
	before := j.order()
	d := j.details(map[string]any{
		"division": "330106", "address": "", "certificateAddress": "", "investor": "",
	}, map[string]any{
		"mobile": "1380000", "emergencyPhone": "12", "email": "nobody",
	}, map[string]any{
		"name": "12345", "serviceContent": []int{8}, "languages": []int{99}, "domains": []string{"other-example.com"},
	})
	want := []string{
		"place-not-inside /subject/division", "address-missing /subject/address", "address-missing /subject/certificateAddress",
		"investor-missing /subject/investor", "mobile-format /subject/leader/mobile", "phone-area-code /subject/leader/emergencyPhone",
		"email-format /subject/leader/email", "site-name-only-digits /sites/0/name",
		"service-content-not-for-individuals /sites/0/serviceContent/0", "site-language-unknown /sites/0/languages/0", "domains-not-covered /sites",
	}
	j.send(scenario.Request{Method: "PUT", Path: fmt.Sprintf("/orders/%s/details", j.id), Body: jsonBody(t, d)}, 422, want...)
	if after := j.order(); after.Version != before.Version || after.Step != filing.CollectDetails {
		t.Errorf("the order changed: version %d, at %s", after.Version, after.Step)
	}
	j.must(j.applicant.EnterDetails(t.Context(), j.id, j.app.Details))
	j.must(j.applicant.Abandon(t.Context(), j.id))
}

// details returns the application's details with fields of the subject, its leader and the first site changed.
func (j *journey) details(subject, leader, site map[string]any) scenario.Details {
	d := scenario.Details{Subject: maps.Clone(j.app.Details.Subject)}
	for _, s := range j.app.Details.Sites {
		d.Sites = append(d.Sites, maps.Clone(s))
	}
	head, _ := d.Subject["leader"].(map[string]any)
	head = maps.Clone(head)
	maps.Copy(head, leader)
	d.Subject["leader"] = head
	maps.Copy(d.Subject, subject)
	maps.Copy(d.Sites[0], site)
	return d
}

// TestBadDetails checks the pointer of each mistake in the details.
func TestBadDetails(t *testing.T) {
	j := journeyAt(t, 703, filing.CollectDetails)
	mobile := fmt.Sprint(j.app.Contact["mobile"])
	paper := func(validity map[string]any) map[string]any {
		return map[string]any{"certificate": map[string]any{"kind": 2, "number": j.certificate(), "validity": validity}}
	}
	for name, tc := range map[string]struct {
		subject, leader, site map[string]any
		want                  []string
	}{
		"an emoji in the remark":       {subject: map[string]any{"remark": "🪵"}, want: []string{"character-unreadable /subject/remark"}},
		"a rare character in the site": {site: map[string]any{"remark": "𰻝𰻝"}, want: []string{"character-unreadable /sites/0/remark"}},
		"an expired certificate": {subject: paper(map[string]any{"from": "2000-01-01", "to": "2020-01-01"}),
			want: []string{"certificate-expired /subject/certificate/validity/to", "certificate-expired /subject/leader/certificate/validity/to", "certificate-expired /sites/0/leader/certificate/validity/to"}},
		"one's own mobile for emergencies": {leader: map[string]any{"emergencyPhone": mobile}, want: []string{"emergency-phone-same /subject/leader/emergencyPhone"}},
		"the same with blanks":             {leader: map[string]any{"emergencyPhone": "+86 " + mobile[:3] + "-" + mobile[3:]}, want: []string{"emergency-phone-same /subject/leader/emergencyPhone"}},
		"another leader than the subject":  {leader: map[string]any{"name": "别的人"}, want: []string{"leader-not-subject /subject/leader/name"}},
		"another person's certificate": {subject: map[string]any{"certificate": map[string]any{"kind": 2, "number": scenario.WithCheckDigit("11010119800101999"), "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}},
			want: []string{"subject-changed /subject/certificate/number"}},
		"中国":                   {site: map[string]any{"name": "中国木作手记"}, want: []string{"site-name-national /sites/0/name"}},
		"digits only":          {site: map[string]any{"name": "2021 0301"}, want: []string{"site-name-only-digits /sites/0/name"}},
		"Latin only":           {site: map[string]any{"name": "Woodwork"}, want: []string{"site-name-only-latin /sites/0/name"}},
		"the domain itself":    {site: map[string]any{"name": j.domain()}, want: []string{"site-name-is-domain /sites/0/name", "site-name-signs /sites/0/name"}},
		"one's own name":       {site: map[string]any{"name": "示例人的木作"}, want: []string{"site-name-is-person /sites/0/name"}},
		"no sites' name":       {site: map[string]any{"name": " "}, want: []string{"site-name-missing /sites/0/name"}},
		"another's home page":  {site: map[string]any{"homeUrl": "https://www.other-example.com"}, want: []string{"home-url-other-domain /sites/0/homeUrl"}},
		"a remark without end": {subject: map[string]any{"remark": strings.Repeat("长", 1025)}, want: []string{"text-too-long /subject/remark"}},
	} {
		t.Run(name, func(t *testing.T) {
			j.t = t
			d := j.details(tc.subject, tc.leader, tc.site)
			j.send(scenario.Request{Method: "PUT", Path: fmt.Sprintf("/orders/%s/details", j.id), Body: jsonBody(t, d)}, 422, tc.want...)
		})
	}
	j.t = t
	huge := bytes.Repeat([]byte(" "), 2<<20)
	j.send(scenario.Request{Method: "PUT", Path: fmt.Sprintf("/orders/%s/details", j.id), Body: append(huge, []byte("{}")...)}, 413, "body-too-large ")
	j.must(j.applicant.EnterDetails(t.Context(), j.id, j.app.Details))
	j.must(j.applicant.Abandon(t.Context(), j.id))
}

// TestLeaderTooYoung checks the minimum age of leaders in a province.
func TestLeaderTooYoung(t *testing.T) {
	app := scenario.Invented(704)
	number := scenario.WithCheckDigit("11010120100601001") // ten years old
	app.Open["certificate"] = residentID(number)
	app.Details.Subject["certificate"] = map[string]any{"kind": 2, "number": number, "validity": map[string]any{"from": "2019-05-01", "to": "2035-05-01"}}
	j := startJourney(t, app)
	j.advanceTo(filing.CollectDetails)
	wantProblem(t, j.applicant.EnterDetails(t.Context(), j.id, app.Details), 422, "leader-too-young /subject/leader/certificate/number", "leader-too-young /sites/0/leader/certificate/number")
	j.must(j.applicant.Abandon(t.Context(), j.id))
}
