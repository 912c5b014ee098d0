package staff_test

import (
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
)

const markup = "<script>alert(1)</script>"

// hostileValues are what a browser of staff never sends, hostilePaths what no link has, and parameters those of any page.
var (
	hostileValues = []string{markup, "\x00", "\xff\xfe", "a\r\nX-Injected: 1", "{{.}}{name}", "-1", "99999999999999999999", "1e309", "null", `{"a":1}`, "..", ".", "../../x", strings.Repeat("长 ", 10_000), "\u202e\u200b", "true", "=1+1", "2019-13-45", ""}
	hostilePaths  = []string{"%2e%2e", ".%2e", "%2e", "..%2f..%2fpeople", "x", "%00", "%ff%fe", "a%0d%0aX-Injected:%201", "%3Cscript%3Ealert(1)%3C/script%3E", "-1", "99999999999999999999", "~", "entry~", "order~", "sent~", "file~", "order~x", "sent~-1", "file~x", "entry~dead~x", "%20", "#", strings.Repeat("x", 3000)}
	parameters    = []string{"at", "n", "to", "id", "cursor", "from", "order", "account", "province", "kind", "risk", "claimed", "step", "state", "server", "placement", "free", "round", "decided", "repaired", "day", "month", "date"}
)

var errorLines = regexp.MustCompile(`.*"level":"ERROR".*`)

// An answer is an answer of the pages.
type answer struct {
	status         int
	location, body string
}

// ask sends a request of the browser and checks what holds for each answer.
func (r *room) ask(method, path string, form url.Values) answer {
	r.T.Helper()
	return r.askAs(method, path, "application/x-www-form-urlencoded", form.Encode())
}

// askAs is ask with any body.
func (r *room) askAs(method, path, contentType, sent string) answer {
	r.T.Helper()
	path, query, _ := strings.Cut(path, "?")
	e := apigateway.Event{RawPath: path, RawQueryString: query, Body: sent, Cookies: []string{r.cookie},
		Headers: map[string]string{"host": "staff.example", "accept-language": "en", "sec-fetch-site": "same-origin", "content-type": contentType}}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	out, err := r.pages.Handle(r.T.Context(), e)
	if err != nil {
		r.T.Fatal(err)
	}
	a := answer{out.StatusCode, out.Headers["Location"], out.Body}
	switch {
	case a.status >= 500:
		r.T.Errorf("%s %.200s?%.300s with %.300s: status %d", method, path, query, sent, a.status)
	case strings.Contains(a.body, markup) || out.Headers["X-Injected"] != "":
		r.T.Errorf("%s %.200s?%.300s with %.300s: the answer has the markup of a value", method, path, query, sent)
	case a.location != "" && !strings.HasPrefix(a.location, "/staff"):
		r.T.Errorf("%s %.200s?%.300s with %.300s leads to %s", method, path, query, sent, a.location)
	case !strings.HasSuffix(path, ".csv") && !strings.HasPrefix(out.Headers["Content-Security-Policy"], "default-src 'none'; script-src 'self';"):
		r.T.Errorf("%s %s: headers %v", method, path, out.Headers)
	}
	return a
}

var (
	formElement  = regexp.MustCompile(`(?s)<form\b[^>]*>.*?</form>`)
	fieldElement = regexp.MustCompile(`(?s)<(?:input|select|textarea|button)\b[^>]*>`)
	linkElement  = regexp.MustCompile(`(?:href|action)="(/staff[^"#]*)`)
	nameOf       = regexp.MustCompile(`\bname="([^"]*)"`)
	valueOf      = regexp.MustCompile(`\bvalue="([^"]*)"`)
	actionOf     = regexp.MustCompile(`^<form\b[^>]*\baction="([^"]*)"`)
)

// formsOn returns the actions of the forms on a page, with the values that the browser would send.
func formsOn(path, body string) map[string]url.Values {
	all := map[string]url.Values{}
	for _, text := range formElement.FindAllString(body, -1) {
		action, fields := path, url.Values{}
		if m := actionOf.FindStringSubmatch(text); m != nil {
			action = html.UnescapeString(m[1])
		}
		for _, one := range fieldElement.FindAllString(text, -1) {
			if m := nameOf.FindStringSubmatch(one); m != nil {
				value := ""
				if v := valueOf.FindStringSubmatch(one); v != nil {
					value = html.UnescapeString(v[1])
				}
				fields.Set(html.UnescapeString(m[1]), value)
			}
		}
		all[action] = fields
	}
	return all
}

// crawl opens the pages that can be reached by links, at most 150.
func (r *room) crawl(open ...string) map[string]string {
	r.T.Helper()
	seen := map[string]string{}
	for len(open) > 0 && len(seen) < 150 {
		path := open[0]
		open = open[1:]
		if _, known := seen[path]; known || strings.Contains(path, "lang=") || strings.Contains(path, "/assets/") || strings.HasPrefix(path, "/staff/login") {
			continue
		}
		a := r.ask("GET", path, nil)
		if a.status == http.StatusSeeOther {
			open = append(open, a.location)
		}
		seen[path] = a.body
		for _, m := range linkElement.FindAllStringSubmatch(a.body, -1) {
			open = append(open, html.UnescapeString(m[1]))
		}
	}
	return seen
}

// TestHostile: whatever is sent to the pages of staff gets an answer below 500 that shows no markup and leads to no other site. The log has neither an
// error nor personal data.
func TestHostile(t *testing.T) {
	r := newRoom(t)
	r.logIn("both-1", "[admin reviewer]")
	r.At(filing.InitialReview)
	order := "/staff/orders/" + string(r.Order().ID)
	if a := r.ask("POST", order+"/claim", url.Values{}); a.status != http.StatusSeeOther {
		t.Fatalf("claim: %d %.3000s", a.status, a.body)
	}
	pages := r.crawl("/staff", order, "/staff/audit?account=admin-1", "/staff/people/x", "/staff/servers/at/server-1", order+"/calls", order+"/history", order+"/machine", order+"/sheet", "/staff/servers/file.csv", "/staff/servers/codes/file.csv", "/staff/rules/pack")
	sent, known := 0, map[string]bool{}
	hostile := func() string { sent++; return hostileValues[sent%len(hostileValues)] }
	for _, path := range slices.Sorted(maps.Keys(pages)) {
		if base, _, _ := strings.Cut(path, "?"); !known[base] {
			known[base] = true
			for range 3 {
				query := url.Values{}
				for _, name := range parameters {
					query.Set(name, hostile())
				}
				r.ask("GET", base+"?"+query.Encode(), nil)
			}
		}
		for action, fields := range formsOn(path, pages[path]) {
			if known[action] || strings.HasSuffix(action, "/logout") || strings.HasSuffix(action, "/release") {
				continue
			}
			known[action] = true
			for name := range fields {
				for range 2 {
					changed := maps.Clone(fields)
					changed[name] = []string{hostile()}
					r.ask("POST", action, changed)
				}
			}
		}
	}
	if len(pages) < 60 || sent < 2000 {
		t.Errorf("%d pages and %d hostile values", len(pages), sent)
	}
	for _, route := range []string{"GET /orders/{}", "POST /orders/{}/claim", "POST /orders/{}/release", "POST /orders/{}/receipt", "POST /orders/{}/renewal", "POST /orders/{}/review", "POST /orders/{}/undo", "POST /orders/{}/appeal", "POST /orders/{}/preview", "POST /orders/{}/papers",
		"GET /orders/{}/calls", "POST /orders/{}/calls", "GET /orders/{}/history", "GET /orders/{}/machine", "GET /orders/{}/sheet", "POST /orders/{}/sheet/{}", "POST /orders/{}/appointments/{}/time", "POST /orders/{}/appointments/{}/outcome",
		"GET /bureau/sent/{}", "POST /bureau/sent/{}/resend", "GET /bureau/received/{}", "POST /bureau/received/{}/replay", "POST /late/{}/repair", "GET /people/{}", "POST /people/{}", "POST /people/{}/subjects", "POST /people/{}/subjects/{}/removal", "POST /people/{}/sessions",
		"GET /servers/at/{}", "POST /servers/at/{}", "POST /tasks/{}/{}", "GET /figures/{}.csv", "GET /figures/{}", "GET /{}"} {
		method, path, _ := strings.Cut(route, " ")
		for _, hostile := range hostilePaths {
			r.ask(method, "/staff"+strings.ReplaceAll(path, "{}", hostile), url.Values{})
		}
	}
	for _, path := range []string{order + "/review", order + "/preview", order + "/calls", order + "/papers", "/staff/queue/next", "/staff/people/x", "/staff/people/find", "/staff/servers", "/staff/servers/file", "/staff/servers/codes/file", "/staff/servers/codes", "/staff/tasks/second-reading/x"} {
		for contentType, body := range map[string]string{
			"": "verdict=pass", "application/json": `{"verdict":"pass"}`, "text/plain": "verdict=pass", "multipart/form-data": "--x", "multipart/form-data; boundary=" + strings.Repeat("x", 71): "x",
			"multipart/form-data; boundary=x":    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"=1+1<script>alert(1)</script>.csv\"\r\n\r\n<script>alert(1)</script>,=1+1\r\n--x--\r\n",
			"multipart/form-data; boundary=y":    "--y\r\n" + strings.Repeat("A: b\r\n", 20_000) + "\r\n--y--",
			"multipart/form-data; boundary=z":    strings.Repeat("--z\r\nContent-Disposition: form-data; name=\"dry\"\r\n\r\nx\r\n", 10_000) + "--z--",
			"multipart/form-data; boundary=\"\"": "--\r\n\r\n", "application/x-www-form-urlencoded": "%zz=%&;&=&&", "application/x-www-form-urlencoded; charset=utf-16": "a=b", "a/b/c;;=": "x",
		} {
			r.askAs("POST", path, contentType, body)
		}
	}
	r.ask("GET", "/staff/audit?order=..", nil)
	r.ask("GET", "/staff/audit?account=.", nil)
	if err := r.log.Check(); err != nil {
		t.Error(err)
	}
	if strings.Contains(r.log.String(), `"level":"ERROR"`) {
		t.Errorf("the log has errors: %q", errorLines.FindAllString(r.log.String(), 3))
	}
}
