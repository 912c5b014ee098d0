package attacks_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// maxAnswer is the largest answer in JSON that is not a list of reference data, whatever the request.
const maxAnswer = 256 << 10

// repeat returns n texts of a format that has the number, separated by commas.
func repeat(n int, format string) string {
	var text strings.Builder
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString(strings.ReplaceAll(format, "%d", fmt.Sprint(i)))
	}
	return text.String()
}

// TestManyFindings: a request with thousands of mistakes gets a short answer, with the first findings and the number of the rest.
func TestManyFindings(t *testing.T) {
	me, _, id := applicantAt(t, 440, filing.CollectDetails)
	order := "/orders/" + string(id)
	for name, q := range map[string]struct {
		user                *scenario.User
		method, path, body  string
		status, atMostBytes int
	}{
		"unknown fields, 99 KB":  {me, "PUT", order + "/details", "{" + repeat(10_000, `"x%d":0`) + "}", 422, 64 << 10},
		"unknown fields, 209 KB": {me, "PUT", order + "/details", "{" + repeat(20_000, `"x%d":0`) + "}", 422, 64 << 10},
		"unknown fields, 1 MB":   {me, "POST", "/orders", "{" + repeat(90_000, `"x%d":0`) + "}", 422, 64 << 10},
		"unknown names, long":    {me, "PUT", order + "/details", `{"sites":[{` + repeat(120, `"%d`+strings.Repeat("n", 1500)+`":0`) + "}]}", 422, 96 << 10},
		"fields twice":           {me, "PUT", order + "/details", "{" + strings.TrimSuffix(strings.Repeat(`"sites":[],`, 20_000), ",") + "}", 422, 64 << 10},
		"twice, deep":            {me, "PUT", order + "/details", strings.Repeat(`{"`+strings.Repeat("n", 60)+`":`, 90) + "{" + repeat(200, `"a":%d`) + "}" + strings.Repeat("}", 90), 422, 128 << 10},
		"wrong types":            {me, "POST", "/orders", `{"domains":[` + repeat(200_000, "1") + "]}", 422, 64 << 10},
		"damaged characters":     {me, "PUT", order + "/details", `{"sites":[` + repeat(20_000, `"\u0000"`) + "]}", 422, 64 << 10},
		"9,000 wrong codes": {me, "PUT", order + "/details", `{"sites":[` + repeat(64, `{"serviceContent":[`+repeat(64, "9%d")+`],"languages":[`+repeat(64, "9%d")+
			`],"preApprovals":[`+repeat(10, `{"trade":"x%d","number":""}`)+`],"domains":[`+repeat(20, `"x%d"`)+`]}`) + "]}", 422, 128 << 10},
		"100 wrong domains": {me, "POST", "/orders", `{"domains":[` + repeat(100, `"x%dé"`) + "]}", 422, 96 << 10},
		"reasons of a review": {reviewer, "POST", order + "/review", `{"verdict":"return","findings":[` +
			repeat(32, `{"pointer":"/subject","message":{"zh-CN":"`+strings.Repeat("字", 5000)+`"}}`) + "]}", 422, 64 << 10},
		"fields of a review": {reviewer, "POST", order + "/review", `{"verdict":"return","findings":[` + repeat(32, "{"+repeat(900, `"u%d":1`)+"}") + "]}", 422, 64 << 10},
		"addresses":          {admin, "PUT", "/servers/s", `{"ips":[` + repeat(80_000, `"x"`) + "]}", 422, 64 << 10},
		"a long query":       {me, "GET", "/orders?" + strings.TrimSuffix(strings.Repeat("a=1&", 2000), "&"), "", 422, 8 << 10},
		"many parameters":    {me, "GET", "/orders?" + strings.ReplaceAll(repeat(1200, "a%d=1"), ",", "&"), "", 422, 64 << 10},
	} {
		began := time.Now()
		a := send(t, q.user, scenario.Request{Method: q.method, Path: q.path, Body: []byte(q.body)}, q.status)
		found := a.Problem().Findings
		if len(a.Body) > q.atMostBytes || len(found) > finding.MaxListed || len(found) == 0 {
			t.Errorf("%s: %d bytes of answer with %d findings to %d bytes, want at most %d", name, len(a.Body), len(found), len(q.body), q.atMostBytes)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: %s", name, took)
		}
		if last := len(found) - 1; len(found) == finding.MaxListed && found[last].Code != finding.CodeMore {
			t.Errorf("%s: the last finding is %+v", name, found[last])
		}
	}
	send(t, me, scenario.Request{Method: "PUT", Path: order + "/details", Body: []byte(`{` + repeat(150, `"x%d":0`) + "}")}, 422, "findings-more ")
}

// TestNamesAreNotQuoted: an answer shows a long or hostile name of the request shortened, and without signs that change what is displayed.
func TestNamesAreNotQuoted(t *testing.T) {
	me, _, id := applicantAt(t, 441, filing.CollectDetails)
	path := "/orders/" + string(id) + "/details"
	long := strings.Repeat("n", 50_000)
	for _, body := range []string{
		`{"` + long + `":1}`, `{"sites":[{"` + long + `":1,"` + long + `":2}]}`, `{"a\u202eb\u200bc\u0007d":1}`, `{"sites":[{"\u2028\u2066":1,"\u2028\u2066":1}]}`,
		`{"` + strings.Repeat("/~", 20_000) + `":1}`, `{"a":{"` + strings.Repeat(`b":{"`, 80) + `":1,"":2}` + strings.Repeat("}", 81),
	} {
		a := send(t, me, scenario.Request{Method: "PUT", Path: path, Body: []byte(body)}, 422)
		if len(a.Body) > 8<<10 || strings.ContainsAny(string(a.Body), "\u202e\u200b\u2028\u2066\u0007") {
			t.Errorf("%.60s: %d bytes: %.300s", body, len(a.Body), a.Body)
		}
		for _, f := range a.Problem().Findings {
			if len(f.Pointer) > 256 || strings.ContainsAny(f.Pointer, "\u202e\u200b\u2028\u2066\u0007") {
				t.Errorf("%.60s: pointer %q", body, f.Pointer)
			}
		}
	}
	a := send(t, me, scenario.Request{Method: "GET", Path: "/orders?" + strings.Repeat("%E2%80%AE", 500) + "=1"}, 422)
	if strings.Contains(string(a.Body), "\u202e") || len(a.Body) > 2<<10 {
		t.Errorf("%.300s", a.Body)
	}
}

// TestLargeAnswers: no list and no order has a large answer, not even the largest order.
func TestLargeAnswers(t *testing.T) {
	app, err := demo.Application("enterprise-beijing")
	if err != nil {
		t.Fatal(err)
	}
	app.Login = "+8613700000442"
	var domains []string
	for i := range filing.DomainLimit {
		domains = append(domains, fmt.Sprintf("large-%d-example.com", i))
	}
	app.Open, app.Server.ID, app.Server.Quota = maps.Clone(app.Open), "ecs-large", filing.DomainLimit
	app.Open["domains"] = domains
	site := app.Details.Sites[0]
	app.Details.Sites = nil
	for _, d := range domains {
		one := maps.Clone(site)
		one["domains"], one["remark"] = []string{d}, strings.Repeat("样", 1024)
		delete(one, "homeUrl")
		app.Details.Sites = append(app.Details.Sites, one)
	}
	me, err := client.LoginApplicant(t.Context(), admin, app, sys.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := app.AdvanceTo(t.Context(), me, reviewer, filing.CollectDetails)
	if err != nil {
		t.Fatal(err)
	}
	path := "/orders/" + string(id)
	details, err := json.Marshal(app.Details)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		a, err := client.Send(t.Context(), me, scenario.Request{Method: "PUT", Path: path + "/details", Body: details})
		if err != nil || a.Status != 200 || len(a.Body) > maxAnswer {
			t.Fatalf("%d with %d bytes, %v: %.2000s", a.Status, len(a.Body), err, a.Body)
		}
	}
	for user, paths := range map[*scenario.User][]string{
		me:       {path, path + "/evidence", path + "/timeline", path + "/summary", "/orders?limit=100"},
		reviewer: {path, path + "/timeline", path + "/ledger", path + "/ledger?cursor=1", "/review/orders?limit=100"},
		admin:    {path, path + "/evidence", path + "/summary", "/bureau", "/bureau/issues", "/bureau/code-tables", "/servers/ecs-large"},
		nil:      {"/divisions", "/divisions?parent=330000", "/pre-approvals", "/provinces", "/provinces/44", "/entity-kinds", "/service-contents"},
	} {
		for _, p := range paths {
			if a := send(t, user, scenario.Request{Method: "GET", Path: p}, 200); len(a.Body) > maxAnswer {
				t.Errorf("%s: %d bytes", p, len(a.Body))
			}
		}
	}
	send(t, reviewer, scenario.Request{Method: "GET", Path: path + "/ledger?cursor=x"}, 422, "parameter-invalid ")
}

// exchangeBytes sends bytes to the front of the system and returns the status of the answer, 0 if the connection was closed.
func exchangeBytes(t *testing.T, text string) int {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(client.Portal, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(c, text) // the server may answer before it has read everything
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

// TestStrangeRequests: methods, paths, queries and headers of every form have no answer 5xx and leave no error in the log.
func TestStrangeRequests(t *testing.T) {
	host := strings.TrimPrefix(client.Portal, "http://")
	try := func(method, path, headers, body string) {
		t.Helper()
		if status := exchangeBytes(t, method+" "+path+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n"+headers+"\r\n"+body); status >= 500 {
			t.Errorf("%.20s %.60q %.60q: status %d", method, path, headers, status)
		}
	}
	token := "Authorization: Bearer " + reviewer.Token() + "\r\n"
	for _, path := range []string{
		"/", "//", "/api/v1//orders", "/api/v1/../v1/health", "/api/v1/%2e%2e/x", "/api/v1/health%00", "/api/v1/orders/%ff%fe", "/api/v1/orders/%2F", "/api/v1/orders/%00",
		"/api/v1/orders/%F0%9F%98%80/ledger", "/api/v1/orders/01M8E8KQFXEJEFD6E5ZZFZBNJW", "/api/v1/orders/01M8E8KQFXEJEFD6E5ZZFZBNJW/ledger?cursor=%00",
		"/api/v1/evidence-views/a", "/api/v1/evidence-views/%ff", "/api/v1/evidence-views/" + strings.Repeat("a", 8000), "/api/v1/provinces/%00%00", "/api/v1/provinces/%ff%ff",
		"/api/v1/health?%zz", "/api/v1/health?a;b", "/api/v1/divisions?parent=%ff", "/api/v1/divisions?parent=%00", "/api/v1/review/orders?cursor=%00", "/api/v1/review/orders?cursor=e30",
		"/api/v1/review/orders?cursor=eyJwIjoiT1JERVIjIiwiYSI6IngifQ", "/api/v1/review/orders?limit=1e999", "/api/v1/review/orders?limit=9007199254740993", "/" + strings.Repeat("a", 9000),
		"/api/v1/" + strings.Repeat("%41", 3000), "/api/v1/health/", "*", "http://x/api/v1/health", "/api/v1/docs/..%2f..%2fx", "/identity/%2e%2e", "/identity//token",
		"/webhooks/sms", "/webhooks/sms/", "/local/outbox?%zz", "/api/v1/health#x", "/api/v1/servers/%ff", "/api/v1/service-codes/%00%00%00%00%00%00%00%00", "/api/v1/bureau/received/%2e",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			try(method, path, token, "")
		}
		try("GET", path, "", "")
	}
	for _, header := range []string{
		"Accept-Language: " + strings.Repeat("zh-CN,", 1500), "Accept-Language: " + strings.Repeat("a-", 4000), "Accept-Language: \xff\xfe", "Accept-Language: en;q=1e999, zh;q=-1, *;q=2",
		"X: " + strings.Repeat("a", 20_000), "Range: bytes=0-1", "Range: bytes=9-1,,", "Expect: 100-continue", "Expect: x", "Content-Length: -1", "Content-Length: 99999999999999999999",
		"If-None-Match: " + strings.Repeat(`"a",`, 2000), "If-Match: \"1\"\r\nIf-Match: \"2\"", "If-Match: W/\"1\"", "If-Match: \"99999999999999999999\"", "If-Match: ,", "Idempotency-Key: a\r\nIdempotency-Key: b",
		"Idempotency-Key: \xe5\xa4\x87", "Idempotency-Key: " + strings.Repeat("k", 5000), "Accept: x/y", "Accept: application/json", "Accept-Encoding: br", "Cookie: " + strings.Repeat("a=b;", 2000),
		"Upgrade: websocket", "Content-Type: application/json;charset=x", "Content-Type: ,", "Content-Encoding: gzip", "X-Forwarded-For: \xff, x", "Transfer-Encoding: chunked\r\nContent-Length: 3",
	} {
		for _, method := range []string{"GET", "POST", "PUT"} {
			body := ""
			if strings.Contains(header, "chunked") {
				body = "0\r\n\r\n"
			}
			try(method, "/api/v1/orders/01M8E8KQFXEJEFD6E5ZZFZBNJW/claim", token+header+"\r\n", body)
			try(method, "/api/v1/health", header+"\r\n", body)
			try(method, "/identity/token", header+"\r\n", body)
			try(method, "/webhooks/sms", header+"\r\n", body)
		}
	}
	for _, method := range []string{"HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "PATCH", "X\x01", strings.Repeat("M", 300)} {
		for _, path := range []string{"/api/v1/health", "/api/v1/orders", "/identity/token", "/webhooks/sms", "/local/outbox", "/"} {
			try(method, path, token, "")
		}
	}
	for _, kind := range []string{"", "text/plain", "application/xml", "application/json; charset=gbk", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "x", "application/json, text/html"} {
		for _, body := range []string{"", "{", "\xff\xfe{}", "\x1f\x8b", `{"login":1}`, "%zz", "a=1&a=2", "--x\r\n"} {
			for _, path := range []string{"/api/v1/orders/01M8E8KQFXEJEFD6E5ZZFZBNJW/review", "/identity/codes", "/identity/token", "/webhooks/sms"} {
				try("POST", path, token+"Content-Type: "+kind+"\r\nContent-Length: "+fmt.Sprint(len(body))+"\r\n", body)
			}
		}
	}
}

// TestValuesOfEveryForm: a value of any form in any field has no answer 5xx.
func TestValuesOfEveryForm(t *testing.T) {
	me, app, id := applicantAt(t, 443, filing.CollectDetails)
	order := "/orders/" + string(id)
	review := `{"verdict":"return","documents":["subject/certificate"],"findings":[{"pointer":"/subject","code":"x","message":{"zh-CN":"字","en":"w"}}],"overrides":[{"code":"x","pointer":"/a","reason":"r"}]}`
	requests := []struct {
		user         *scenario.User
		method, path string
		body         any
	}{
		{me, "PUT", order + "/details", app.Details},
		{me, "PUT", order + "/type", app.Open},
		{me, "PUT", order + "/contact", app.Contact},
		{me, "PUT", order + "/product", map[string]any{"server": "s", "serviceCode": "c"}},
		{me, "POST", order + "/evidence", map[string]any{"slots": []any{map[string]any{"slot": "subject/certificate", "contentType": "image/png"}}}},
		{me, "PUT", order + "/evidence", map[string]any{"papers": []any{map[string]any{"slot": "subject/certificate", "key": "k"}}}},
		{me, "POST", order + "/evidence/explanations", map[string]any{"explanations": []any{map[string]any{"code": "c", "pointer": "/p", "text": "t"}}}},
		{me, "PUT", order + "/papers", map[string]any{"courier": "c", "tracking": "t"}},
		{me, "POST", order + "/challenges", map[string]any{"site": 0}},
		{me, "PUT", order + "/challenges/x", map[string]any{"capture": "AAAA"}},
		{me, "POST", order + "/confirmation", map[string]any{"digest": "d"}},
		{me, "POST", order + "/sms-answers", map[string]any{"mobile": "13800000000", "code": "123456", "tail": "123456"}},
		{me, "POST", order + "/sms-codes", map[string]any{"index": 0}},
		{reviewer, "POST", order + "/review", json.RawMessage(review)},
		{reviewer, "POST", order + "/evidence/views", map[string]any{"slot": "subject/certificate"}},
		{admin, "PUT", "/servers/s-443", map[string]any{"account": "a", "placement": "11", "mode": 5, "ips": []any{"8.130.1.1"}, "rentedAt": "2021-01-01T00:00:00Z", "expiresAt": "2022-01-01T00:00:00Z", "quota": 5}},
		{admin, "PUT", "/service-codes/code-4430", map[string]any{"server": "s", "account": "a"}},
		{admin, "POST", order + "/erasure", map[string]any{"filingEnded": "2021-01-01"}},
	}
	values := []string{`null`, `[]`, `{}`, `""`, `0`, `-0`, `1e999`, `-1e999`, `9007199254740993`, `99999999999999999999`, `1.5`, `1e2`, `true`, `[null]`, `[[]]`, `[{}]`, `{"a":1}`,
		`"\ud800"`, `"\udc00\ud800"`, `"\u0000"`, `"\ufffe"`, `"0000-00-00"`, `"9999-99-99T99:99:99Z"`, `"` + strings.Repeat("x", 5000) + `"`, `"` + strings.Repeat("\u202e", 63) + `"`}
	for _, r := range requests {
		text, err := json.Marshal(r.body)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range mutations(t, text, values) {
			a, err := client.Send(t.Context(), r.user, scenario.Request{Method: r.method, Path: r.path, Body: body})
			if err != nil || a.Status >= 500 || len(a.Body) > maxAnswer {
				t.Errorf("%s %s: %d, %d bytes, %v: %.300s", r.method, r.path, a.Status, len(a.Body), err, body)
			}
		}
	}
}

// mutations returns documents, each with one value of a document, at any depth, replaced by one of values.
func mutations(t *testing.T, document []byte, values []string) [][]byte {
	t.Helper()
	var root any
	if err := json.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, v := range values {
		all = append(all, []byte(v))
	}
	var visit func(value any)
	visit = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(value)) {
				before := value[name]
				for _, v := range values {
					value[name] = json.RawMessage(v)
					all = append(all, encode(t, root))
				}
				value[name] = before
				visit(before)
			}
		case []any:
			for i := range value {
				visit(value[i])
			}
		}
	}
	visit(root)
	return all
}

// encode returns the JSON of a value. Values that encoding/json would refuse to encode stand in it as they are.
func encode(t *testing.T, value any) []byte {
	t.Helper()
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// TestIncompleteEvents: an event of API Gateway that lacks parts, or has them wrong, has an answer below 500.
func TestIncompleteEvents(t *testing.T) {
	for _, function := range []string{"api", "reviewer", "operator", "smsreply", "mailbounce"} {
		for _, event := range []string{
			`{}`, `{"requestContext":{}}`, `{"requestContext":{"http":{"method":""}},"rawPath":""}`, `{"rawPath":"/api/v1/orders","requestContext":{"http":{"method":"POST"}},"body":"{","isBase64Encoded":true}`,
			`{"rawPath":"/api/v1/orders","requestContext":{"http":{"method":"POST"}},"body":"e30","isBase64Encoded":true}`, `{"rawPath":"/api/v1/orders","requestContext":{"http":{"method":"POST"}},"body":"e30=","isBase64Encoded":false}`,
			`{"rawPath":"/api/v1/orders","headers":null,"cookies":null,"requestContext":{"http":{"method":"GET"},"authorizer":{}}}`,
			`{"rawPath":"/api/v1/orders","requestContext":{"http":{"method":"GET"},"authorizer":{"jwt":{"claims":null}}}}`,
			`{"rawPath":"/api/v1/orders","requestContext":{"http":{"method":"GET"},"authorizer":{"jwt":{"claims":{"sub":"` + strings.Repeat("s", 500) + `","cognito:groups":"[admin"}}}}}`,
			`{"rawPath":"/api/v1/orders","requestContext":{"http":{"method":"GET"},"authorizer":{"jwt":{"claims":{"sub":"a","cognito:groups":"[applicant reviewer admin]"}}}},"rawQueryString":"%zz&&;"}`,
			`{"rawPath":"no slash","requestContext":{"http":{"method":"G T"}}}`, `{"rawPath":"/api/v1/health","headers":{"":"x","host":"","accept-language":"\ud800"},"requestContext":{"http":{"method":"GET"}}}`,
			`{"rawPath":"/webhooks/sms","headers":{"x-beian-timestamp":"1,1","x-beian-signature":"v1=,"},"requestContext":{"http":{"method":"POST"}},"body":"\ud800"}`,
		} {
			out, err := sys.Functions.Invoke(t.Context(), "arn:aws:lambda:"+system.Region+":"+system.Account+":function:"+function, []byte(event))
			if err != nil {
				t.Errorf("%s: %s: %v", function, event, err)
				continue
			}
			var answer struct{ StatusCode int }
			if err := json.Unmarshal(out, &answer); err != nil || answer.StatusCode < 200 || answer.StatusCode >= 500 {
				t.Errorf("%s: %s: %.200s", function, event, out)
			}
		}
	}
}
