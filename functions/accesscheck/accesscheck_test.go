package accesscheck_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"beian/functions/accesscheck"
	"beian/shared/filing/register"
	"beian/shared/partners/webhook"
	checks "beian/shared/process/accesscheck"
	"beian/shared/process/decide"
	"beian/shared/rules/domainname"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/web"
)

var (
	now    = time.Date(2020, 3, 2, 9, 0, 0, 0, time.UTC)
	secret = secretOf("the-active-secret-of-the-machines")
	next   = secretOf("the-next-secret-of-the-machines")
)

// A store has facts about some domains and a feed.
type store struct {
	facts   map[domainname.Domain]checks.Facts
	changed []checks.ChangeSet
	err     error
	reads   int
}

func (s *store) AccessFacts(context.Context, []domainname.Domain) (map[domainname.Domain]checks.Facts, error) {
	s.reads++
	return s.facts, s.err
}

func (s *store) AccessChanges(_ context.Context, cursor string, _ int) ([]checks.ChangeSet, string, error) {
	return s.changed, cursor + "+", s.err
}

// hosted returns the facts of a domain of one site that we host at 8.130.1.1 to 8.130.1.9.
func hosted(t *testing.T, p province.Code, n string) checks.Facts {
	t.Helper()
	filed, err := number.ParseFiling(n)
	if err != nil {
		t.Fatal(err)
	}
	return checks.Facts{Sites: []checks.Site{checks.SiteOf(register.Filing{Province: p}, register.FiledSite{Number: filed,
		Accesses: []register.Access{{Ours: true, IPs: []register.IPRange{{First: "8.130.1.1", Last: "8.130.1.9"}}}}}, nil)}}
}

// A fixture is the function with a store.
type fixture struct {
	t *testing.T
	*store
	function *accesscheck.Function
}

func newFixture(t *testing.T) fixture {
	s := &store{facts: map[domainname.Domain]checks.Facts{
		"example.cn": hosted(t, "11", "京ICP备30000001号-1"), "xn--fsqu00a.cn": hosted(t, "44", "粤ICP备30000002号-3"), "app-example.cn": hosted(t, "11", "京ICP备30000001号-2A"),
	}}
	clock := func() time.Time { return now }
	return fixture{t, s, accesscheck.New(accesscheck.Config{
		Config:  web.Config{Decisions: &decide.Service{Now: clock, Log: slog.New(slog.DiscardHandler)}, Wall: clock},
		Checker: &checks.Checker{Store: s, Wall: clock}, Store: s, Secrets: []webhook.Secret{secret, next},
	})}
}

// send sends a request with headers; group is that of the token, "" for none.
func (f fixture) send(route, group, body string, headers map[string]string) events.APIGatewayV2HTTPResponse {
	f.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	path, query, _ := strings.Cut(path, "?")
	e := events.APIGatewayV2HTTPRequest{RawPath: path, RawQueryString: query, Body: body, Headers: headers}
	e.RequestContext.HTTP.Method, e.RequestContext.RequestID = method, "request-1"
	if group != "" {
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: map[string]string{"sub": "a1", "cognito:groups": "[" + group + "]"}}}
	}
	out, err := f.function.Handle(f.t.Context(), e)
	if err != nil {
		f.t.Fatal(err)
	}
	return out
}

// signed returns the headers of a body that a machine signed.
func signed(secret webhook.Secret, body string, at time.Time) map[string]string {
	return webhook.Sign("question-1", []byte(body), at, secret).Map()
}

func secretOf(text string) webhook.Secret {
	s, err := webhook.ParseSecret(base64.StdEncoding.EncodeToString([]byte(text)))
	if err != nil {
		panic(err)
	}
	return s
}

func decoded[T any](t *testing.T, out events.APIGatewayV2HTTPResponse) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(out.Body), &v); err != nil {
		t.Fatalf("%d %s: %v", out.StatusCode, out.Body, err)
	}
	return v
}

func TestCheck(t *testing.T) {
	f := newFixture(t)
	for query, want := range map[string]string{
		"host=www.Example.cn.&address=8.130.1.9": "true access-filed 京ICP备30000001号-1",
		"host=example.cn":                        "true access-filed 京ICP备30000001号-1",
		"host=example.cn&address=2400:3200::1":   "true access-ipv6 京ICP备30000001号-1",
		"host=example.cn&address=8.130.2.1":      "false access-other-address 京ICP备30000001号-1",
		"host=example.cn&address=10.0.0.1":       "false access-address-private ",
		"host=example.cn&address=x":              "false access-address-malformed ",
		"host=other.cn&address=8.130.1.1":        "false access-not-filed ",
		"host=exаmple.cn":                        "false access-looks-alike ",
		"host=%3Cscript%3E":                      "false host-malformed ",
		"host=例子.cn":                             "true access-filed 粤ICP备30000002号-3",
	} {
		out := f.send("GET /api/v1/access-checks?"+query, "admin", "", nil)
		got := decoded[accesscheck.AccessCheck](t, out)
		if text := fmt.Sprint(got.Allowed, " ", got.Reason, " ", got.Number); out.StatusCode != http.StatusOK || text != want {
			t.Errorf("%s: %d %s, want %s", query, out.StatusCode, text, want)
		}
		age := map[bool]string{true: "private, max-age=300", false: "private, max-age=60"}[got.Allowed]
		if tag := out.Headers["Etag"]; out.Headers["Cache-Control"] != age || tag == "" || f.send("GET /api/v1/access-checks?"+query, "admin", "", map[string]string{"if-none-match": tag}).StatusCode != http.StatusNotModified {
			t.Errorf("%s: %v", query, out.Headers)
		}
	}
	for query, status := range map[string]int{"": 422, "host=": 422, "host=a.cn&host=b.cn": 422, "host=a.cn&port=1": 422, "host=" + strings.Repeat("a", 1025): 422} {
		if out := f.send("GET /api/v1/access-checks?"+query, "admin", "", nil); out.StatusCode != status {
			t.Errorf("%.40s: %d %s", query, out.StatusCode, out.Body)
		}
	}
	for group, status := range map[string]int{"": 401, "applicant": 403, "reviewer": 403} {
		for _, route := range []string{"GET /api/v1/access-checks?host=example.cn", "POST /api/v1/access-checks", "GET /api/v1/access-changes"} {
			if out := f.send(route, group, `{"items":[{"host":"example.cn"}]}`, nil); out.StatusCode != status {
				t.Errorf("%s as %q: %d", route, group, out.StatusCode)
			}
		}
	}
	if out := newFailing(t).send("GET /api/v1/access-checks?host=example.cn", "admin", "", nil); out.StatusCode != http.StatusInternalServerError {
		t.Errorf("without a table: %d", out.StatusCode)
	}
}

// newFailing returns a function whose store fails.
func newFailing(t *testing.T) fixture {
	f := newFixture(t)
	f.err = errors.New("no table")
	return f
}

func batchOf(n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(`{"host":"h%d.example.cn","address":"8.130.1.%d"}`, i, i%20+1)
	}
	return `{"items":[` + strings.Join(items, ",") + `]}`
}

// TestBatch: a batch has up to 1,000 questions, whose answers have their order; one bad question does not spoil the others.
func TestBatch(t *testing.T) {
	f := newFixture(t)
	out := f.send("POST /api/v1/access-checks", "admin", batchOf(1000), nil)
	got := decoded[struct{ Items []accesscheck.AccessCheck }](t, out).Items
	if out.StatusCode != http.StatusOK || len(got) != 1000 || f.reads != 1 {
		t.Fatalf("%d, %d answers from %d reads", out.StatusCode, len(got), f.reads)
	}
	for i, a := range got {
		if a.Host != fmt.Sprintf("h%d.example.cn", i) || a.Allowed != (i%20 < 9) || a.Domain != "example.cn" || !a.Until.After(now) {
			t.Errorf("answer %d: %+v", i, a)
		}
	}
	out = f.send("POST /api/v1/access-checks", "admin", `{"items":[{"host":""},{"host":"example.cn"}]}`, nil)
	if got := decoded[struct{ Items []accesscheck.AccessCheck }](t, out).Items; len(got) != 2 || got[0].Allowed || !got[1].Allowed {
		t.Errorf("%+v", got)
	}
	for name, body := range map[string]string{
		"1,001 questions": batchOf(1001), "no question": `{"items":[]}`, "no items": `{}`, "null": `null`, "nothing": "", "a list": `[]`, "another field": `{"items":[{"host":"a.cn","port":1}]}`,
		"a number": `{"items":[{"host":1}]}`, "not JSON": `{`, "a host twice": `{"items":[{"host":"a.cn","host":"b.cn"}]}`,
	} {
		out := f.send("POST /api/v1/access-checks", "admin", body, nil)
		if p := decoded[web.Problem](t, out); out.StatusCode != http.StatusUnprocessableEntity || len(p.Findings) == 0 {
			t.Errorf("%s: %d %.200s", name, out.StatusCode, out.Body)
		}
	}
	if out := f.send("POST /api/v1/access-checks", "admin", `{"items":"`+strings.Repeat("x", webhook.MaxBody)+`"}`, nil); out.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge body: %d", out.StatusCode)
	}
}

// TestSignedRequests: machines need a signature, which is checked before the body is parsed. A repeated request reads again, and has no other effect.
func TestSignedRequests(t *testing.T) {
	f := newFixture(t)
	for route, body := range map[string]string{"POST /api/v1/webhooks/access-checks": batchOf(1000), "POST /api/v1/webhooks/access-changes": `{}`} {
		right := signed(secret, body, now)
		first := f.send(route, "", body, right)
		if again := f.send(route, "", body, right); first.StatusCode != http.StatusOK || again.Body != first.Body {
			t.Errorf("%s: %d %.200s, again %.200s", route, first.StatusCode, first.Body, again.Body)
		}
		for name, c := range map[string]struct {
			body    string
			headers map[string]string
			status  int
		}{
			"the next secret": {body, signed(next, body, now), 200},
			"unsigned":        {body, nil, 401},
			"unsigned, bad":   {`{"items":1`, nil, 401},
			"another secret":  {body, signed(secretOf("another-secret-of-the-machines!!"), body, now), 401},
			"another body":    {body + " ", right, 401},
			"six minutes old": {body, signed(secret, body, now.Add(-6*time.Minute)), 401},
			"of the future":   {body, signed(secret, body, now.Add(6*time.Minute)), 401},
			"signed, bad":     {`{"items":1`, signed(secret, `{"items":1`, now), 422},
		} {
			if out := f.send(route, "", c.body, c.headers); out.StatusCode != c.status {
				t.Errorf("%s, %s: %d %.200s", route, name, out.StatusCode, out.Body)
			}
		}
		if out := f.send(route, "admin", body, nil); out.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s with a token: %d", route, out.StatusCode)
		}
	}
}

// TestChanges: the feed has the answer of now, and the addresses of hosts that may be served.
func TestChanges(t *testing.T) {
	f := newFixture(t)
	f.changed = []checks.ChangeSet{{At: now, Changes: []checks.Change{{Domain: "example.cn", Kind: checks.BecameFiled}, {Domain: "gone.cn", Kind: checks.BecameFiled}}}}
	out := f.send("GET /api/v1/access-changes?cursor=c", "admin", "", nil)
	got := decoded[accesscheck.AccessChanges](t, out)
	if out.StatusCode != http.StatusOK || len(got.Items) != 2 || got.Next != "c+" || out.Headers["Cache-Control"] != "no-store" {
		t.Fatalf("%d %s %v", out.StatusCode, out.Body, out.Headers)
	}
	if c := got.Items[0]; !c.Allowed || len(c.Addresses) != 1 || c.Addresses[0] != (accesscheck.AddressRange{First: "8.130.1.1", Last: "8.130.1.9"}) || !c.At.Equal(now) {
		t.Errorf("%+v", c)
	}
	if c := got.Items[1]; c.Allowed || c.Reason != checks.NotFiled || len(c.Addresses) != 0 || !strings.Contains(out.Body, `"addresses":[]`) {
		t.Errorf("%+v", c)
	}
}

// TestBadge: a badge has the number that the bureau of the province wants, and links the ministry.
func TestBadge(t *testing.T) {
	f := newFixture(t)
	for host, want := range map[string]string{"www.example.cn": "京ICP备30000001号-1", "例子.cn": "粤ICP备30000002号"} {
		page, picture := f.send("GET /badge/"+host, "", "", nil), f.send("GET /badge/"+host+".svg", "", "", nil)
		if link := `<a href="https://beian.miit.gov.cn/" target="_blank" rel="noopener">` + want + `</a>`; page.StatusCode != http.StatusOK || page.Body != link || page.Headers["Content-Type"] != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s", host, page.StatusCode, page.Body)
		}
		var svg struct {
			Title string `xml:"title"`
			Text  string `xml:"a>text"`
		}
		if err := xml.Unmarshal([]byte(picture.Body), &svg); err != nil || svg.Title != want || svg.Text != want || picture.Headers["Content-Type"] != "image/svg+xml; charset=utf-8" {
			t.Errorf("%s: %v, %s", host, err, picture.Body)
		}
		for _, out := range []events.APIGatewayV2HTTPResponse{page, picture} {
			if policy := out.Headers["Content-Security-Policy"]; !strings.HasPrefix(policy, "default-src 'none';") || out.Headers["Cache-Control"] != "public, max-age=300" || out.Headers["X-Content-Type-Options"] != "nosniff" || out.IsBase64Encoded {
				t.Errorf("%s: %v", host, out.Headers)
			}
		}
	}
	for host, want := range map[string]string{
		"other.cn": "没有通过我们备案的网站", "app-example.cn": "没有通过我们备案的网站", "exаmple.cn": "看起来像别的字母", "8.130.1.1": "IP地址", "<script>": "主机名", "": "主机名", "com.cn": "可以注册的域名",
		"example.cn/x": "主机名", ".svg": "主机名", "other.cn.svg": "没有通过我们备案的网站", strings.Repeat("a", 5000) + ".cn": "主机名",
	} {
		out := f.send("GET /badge/"+host, "", "", nil)
		if out.StatusCode != http.StatusNotFound || !strings.Contains(out.Body, want) || out.Headers["Content-Type"] != "text/plain; charset=utf-8" || strings.Contains(out.Body, "<") || out.Headers["Cache-Control"] != "public, max-age=60" {
			t.Errorf("%.40q: %d %s %v", host, out.StatusCode, out.Body, out.Headers)
		}
	}
	if out := newFailing(t).send("GET /badge/example.cn", "", "", nil); out.StatusCode != http.StatusServiceUnavailable || out.Headers["Cache-Control"] != "no-store" || strings.Contains(out.Body, "table") {
		t.Errorf("without a table: %d %s", out.StatusCode, out.Body)
	}
}
