package identity_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/infra/local/apigateway"
	"beian/infra/local/identity"
	"beian/infra/local/outbox"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Invented logins.
const (
	applicant = "+8613800000001"
	reviewer  = "reviewer@example.com"

	callback = "https://portal.example/callback"
)

// A fixture is an issuer with its outbox, behind HTTP.
type fixture struct {
	t      *testing.T
	issuer string
	sent   *outbox.Outbox
	now    time.Time
	log    bytes.Buffer
	client *http.Client
}

// from returns the fixture for requests from another address of the loopback, without cookies.
func (f *fixture) from(address string) *fixture {
	other := *f
	other.client = &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}).DialContext}}
	return &other
}

// withCookies returns the fixture for requests of a browser, which keeps cookies.
func (f *fixture) withCookies() *fixture {
	jar, err := cookiejar.New(nil)
	if err != nil {
		f.t.Fatal(err)
	}
	other := *f
	other.client = &http.Client{Jar: jar}
	return &other
}

func open(t *testing.T, folder string) *fixture {
	t.Helper()
	f := &fixture{t: t, client: http.DefaultClient, now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return f.now }
	var err error
	if f.sent, err = outbox.Open(outbox.Config{Folder: t.TempDir(), Now: now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.sent.Close() })
	sink := httptest.NewServer(f.sent)
	t.Cleanup(sink.Close)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	f.issuer = server.URL + "/identity"
	key := credentials.NewStaticCredentialsProvider("local", "local", "")
	issuer, err := identity.Open(identity.Config{
		Folder: folder, Issuer: f.issuer, ClientID: "portal", From: "filing@example.com", Now: now,
		Redirects: []string{callback, "https://portal.example/other?x=1"}, Logouts: []string{"https://portal.example/"},
		Staff: []identity.Staff{{Login: "Reviewer@Example.com", Groups: []string{identity.Reviewer, identity.Admin}}},
		SMS: sns.New(sns.Options{Region: "cn-north-1", BaseEndpoint: aws.String(sink.URL), Credentials: key,
			Retryer: aws.NopRetryer{}}),
		Emails: sesv2.New(sesv2.Options{Region: "cn-north-1", BaseEndpoint: aws.String(sink.URL), Credentials: key,
			Retryer: aws.NopRetryer{}}),
		Log: slog.New(slog.NewTextHandler(&f.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/identity/", issuer)
	return f
}

func (f *fixture) post(path, kind, body string) (int, map[string]any) {
	f.t.Helper()
	response, err := f.client.Post(f.issuer+path, kind, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	answer := map[string]any{}
	if err := json.Unmarshal(text, &answer); err != nil {
		f.t.Fatalf("%s: %d %s", path, response.StatusCode, text)
	}
	return response.StatusCode, answer
}

// requestCode requests a code.
func (f *fixture) requestCode(login, locale string) int {
	f.t.Helper()
	name := "phone_number"
	if strings.Contains(login, "@") {
		name = "email"
	}
	body, _ := json.Marshal(map[string]string{name: login, "locale": locale})
	status, _ := f.post("/codes", "application/json", string(body))
	return status
}

// code reads the newest code from the outbox.
func (f *fixture) code(login string) string {
	f.t.Helper()
	sent := f.sent.Sent(login)
	if len(sent) == 0 {
		f.t.Fatal("nothing was sent")
	}
	return regexp.MustCompile(`[0-9]{6}`).FindString(sent[len(sent)-1].Text)
}

func (f *fixture) redeem(login, code string) (int, map[string]any) {
	f.t.Helper()
	return f.post("/token", "application/x-www-form-urlencoded", url.Values{
		"grant_type": {identity.GrantType}, "login": {login}, "code": {code}, "client_id": {"portal"}}.Encode())
}

// logIn logs in and returns the claims that functions get from each token.
func (f *fixture) logIn(login string) (access, id map[string]string) {
	f.t.Helper()
	if status := f.requestCode(login, ""); status != http.StatusAccepted {
		f.t.Fatalf("code: %d", status)
	}
	status, tokens := f.redeem(login, f.code(login))
	if status != http.StatusOK {
		f.t.Fatalf("token: %d %v", status, tokens)
	}
	return f.claims(tokens["access_token"]), f.claims(tokens["id_token"])
}

func (f *fixture) claims(token any) map[string]string {
	f.t.Helper()
	var got map[string]string
	gateway := &apigateway.Gateway{
		Now:        func() time.Time { return f.now },
		Authorizer: &apigateway.Authorizer{Issuer: f.issuer, Audiences: []string{"portal"}},
		Routes: []apigateway.Route{{Key: "$default", Handler: lambda.NewHandler(
			func(e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
				got = e.RequestContext.Authorizer.JWT.Claims
				return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusOK}, nil
			})}},
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", fmt.Sprint("Bearer ", token))
	w := httptest.NewRecorder()
	if gateway.ServeHTTP(w, r); w.Code != http.StatusOK {
		f.t.Fatalf("the gateway answers %d %s", w.Code, w.Header().Get("Www-Authenticate"))
	}
	return got
}

func TestApplicantLogsInByPhone(t *testing.T) {
	f := open(t, t.TempDir())
	access, id := f.logIn(applicant)
	want := map[string]string{"sub": access["sub"], "iss": f.issuer, "client_id": "portal", "token_use": "access",
		"cognito:groups": "[applicant]", "exp": fmt.Sprint(f.now.Add(12 * time.Hour).Unix())}
	for name, value := range want {
		if access[name] != value || value == "" {
			t.Errorf("access token: %s is %q, want %q", name, access[name], value)
		}
	}
	if _, has := access["phone_number"]; has {
		t.Error("the access token holds the phone number")
	}
	if id["sub"] != access["sub"] || id["aud"] != "portal" || id["phone_number"] != applicant || id["token_use"] != "id" {
		t.Errorf("ID token: %v", id)
	}
}

func TestPhoneWithoutCountryCode(t *testing.T) {
	f := open(t, t.TempDir())
	one, _ := f.logIn(applicant)
	if status := f.requestCode("138 0000-0001", "zh-CN"); status != http.StatusAccepted {
		t.Fatalf("code: %d", status)
	}
	status, tokens := f.redeem("13800000001", f.code(applicant))
	if status != http.StatusOK {
		t.Fatalf("token: %d %v", status, tokens)
	}
	if two := f.claims(tokens["access_token"]); two["sub"] != one["sub"] {
		t.Error("the same phone has two accounts")
	}
}

func TestStaffLogInByEmail(t *testing.T) {
	f := open(t, t.TempDir())
	access, id := f.logIn(reviewer)
	if access["cognito:groups"] != "[reviewer admin]" || id["email"] != reviewer {
		t.Errorf("access %v\nID %v", access, id)
	}
}

func TestMessagesInBothLanguages(t *testing.T) {
	f := open(t, t.TempDir())
	f.requestCode(applicant, "en-GB")
	f.requestCode(reviewer, "zh-CN")
	if text := f.sent.Sent(applicant)[0].Text; !strings.Contains(text, "sign-in code") {
		t.Errorf("English: %s", text)
	}
	if m := f.sent.Sent(reviewer)[0]; !strings.Contains(m.Text, "验证码") || m.Subject == "" {
		t.Errorf("Chinese: %+v", m)
	}
}

// TestErrorsInBothLanguages: the limit on codes and every other error has words in Chinese and English, and the description is in the
// language of the request.
func TestErrorsInBothLanguages(t *testing.T) {
	f := open(t, t.TempDir())
	for range identity.NewCodesPerClient {
		f.requestCode(applicant, "zh-CN")
	}
	han := regexp.MustCompile(`\p{Han}`)
	for name, tc := range map[string]struct {
		path, kind, body string
		status           int
		chinese          bool
	}{
		"too many codes":    {"/codes", "application/json", `{"phone_number":"` + applicant + `","locale":"zh-CN"}`, 429, true},
		"too many, English": {"/codes", "application/json", `{"phone_number":"` + applicant + `","locale":"en"}`, 429, false},
		"no login":          {"/codes", "application/json", `{}`, 400, false},
		"no phone":          {"/codes", "application/json", `{"phone_number":"123","locale":"zh-CN"}`, 400, true},
		"no JSON":           {"/codes", "text/plain", `x`, 415, false},
		"a wrong code":      {"/token", "application/x-www-form-urlencoded", "grant_type=" + identity.GrantType + "&login=" + applicant + "&code=1", 400, false},
		"another grant":     {"/token", "application/x-www-form-urlencoded", "grant_type=password", 400, false},
		"another client":    {"/token", "application/x-www-form-urlencoded", "grant_type=" + identity.GrantType + "&client_id=x", 401, false},
		"another address":   {"/codes/x", "application/json", `{}`, 404, false},
	} {
		status, answer := f.post(tc.path, tc.kind, tc.body)
		words, _ := answer["message"].(map[string]any)
		chinese, english := fmt.Sprint(words["zh-CN"]), fmt.Sprint(words["en"])
		if status != tc.status || !han.MatchString(chinese) || han.MatchString(english) || len(english) < 15 {
			t.Errorf("%s: %d %v", name, status, answer)
		}
		if answer["error_description"] != map[bool]string{true: chinese, false: english}[tc.chinese] {
			t.Errorf("%s: description %v", name, answer["error_description"])
		}
	}
}

// TestLoginsAsTyped: a login and a code with the signs, words and invisible characters that people type and paste are understood.
func TestLoginsAsTyped(t *testing.T) {
	f := open(t, t.TempDir())
	for typed, login := range map[string]string{
		"\u202d138 0000 0001\u202c": applicant, "８６１３８０００００００１": applicant, "手机：138-0000-0001": applicant, "reviewer@Example。com\u200b": reviewer,
	} {
		if status := f.requestCode(typed, "zh-CN"); status != http.StatusAccepted {
			t.Errorf("%q: code: %d", typed, status)
			continue
		}
		code := f.code(login)
		if status, _ := f.redeem(typed, code[:3]+" "+code[3:]+"\u200b"); status != http.StatusOK {
			t.Errorf("%q: token: %d", typed, status)
		}
	}
}

func TestAccountsSurviveARestart(t *testing.T) {
	folder := t.TempDir()
	f := open(t, folder)
	before, _ := f.logIn(applicant)
	f.requestCode(applicant, "")
	code := f.code(applicant)

	after := open(t, folder)
	status, tokens := after.redeem(applicant, code)
	if status != http.StatusOK {
		t.Fatalf("a code sent before the restart: %d %v", status, tokens)
	}
	if got := after.claims(tokens["access_token"]); got["sub"] != before["sub"] {
		t.Error("another account after the restart")
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*"))
	for _, file := range files {
		if text, _ := os.ReadFile(file); strings.Contains(string(text), applicant) || strings.Contains(string(text), code) {
			t.Errorf("%s holds the login or the code", filepath.Base(file))
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	f := open(t, t.TempDir())
	form := "application/x-www-form-urlencoded"
	for _, tc := range []struct {
		name, path, kind, body string
		status                 int
		code                   string
	}{
		{"no login", "/codes", "application/json", `{}`, 400, "invalid_request"},
		{"two logins", "/codes", "application/json", `{"phone_number":"+8613800000001","email":"a@example.com"}`, 400,
			"invalid_request"},
		{"no phone", "/codes", "application/json", `{"phone_number":"12"}`, 400, "invalid_request"},
		{"mail as phone", "/codes", "application/json", `{"phone_number":"a@example.com"}`, 400, "invalid_request"},
		{"mail with a name", "/codes", "application/json", `{"email":"A <a@example.com>"}`, 400, "invalid_request"},
		{"a form", "/codes", form, `phone_number=1`, 415, "invalid_request"},
		{"too long", "/codes", "application/json", `{"email":"` + strings.Repeat("a", 5000) + `"}`, 400, "invalid_request"},
		{"another grant", "/token", form, "grant_type=password", 400, "unsupported_grant_type"},
		{"another client", "/token", form, "grant_type=" + identity.GrantType + "&client_id=x", 401, "invalid_client"},
		{"no code", "/token", form, "grant_type=" + identity.GrantType, 400, "invalid_grant"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, answer := f.post(tc.path, tc.kind, tc.body)
			if status != tc.status || answer["error"] != tc.code {
				t.Errorf("%d %v", status, answer)
			}
		})
	}
}

func TestUndeliveredCode(t *testing.T) {
	f := open(t, t.TempDir())
	f.sent.FailNext("", 1, http.StatusInternalServerError)
	if status := f.requestCode(applicant, ""); status != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503", status)
	}
	if text := f.log.String(); text == "" || strings.Contains(text, "13800000001") {
		t.Errorf("log: %s", text)
	}
}

func TestDiscovery(t *testing.T) {
	f := open(t, t.TempDir())
	var about struct {
		Issuer string
		Keys   string `json:"jwks_uri"`
	}
	var keys struct{ Keys []map[string]any }
	for _, step := range []struct {
		url  func() string
		into any
	}{
		{func() string { return f.issuer + "/.well-known/openid-configuration" }, &about},
		{func() string { return about.Keys }, &keys},
	} {
		response, err := http.Get(step.url())
		if err != nil {
			t.Fatal(err)
		}
		err = json.NewDecoder(response.Body).Decode(step.into)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	if about.Issuer != f.issuer || len(keys.Keys) != 1 || keys.Keys[0]["kty"] != "RSA" || keys.Keys[0]["d"] != nil {
		t.Errorf("%+v %v", about, keys)
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"unknown field":        {"staff.json": `[{"login":"a@example.com","group":"admin"}]`},
		"unknown group":        {"staff.json": `[{"login":"a@example.com","groups":["boss"]}]`},
		"no login":             {"staff.json": `[{"login":"somebody","groups":["admin"]}]`},
		"accounts without key": {"accounts.json": `{"accounts":{},"pending":{}}`},
		"torn":                 {"accounts.json": `{"acc`},
		"empty key":            {"keys.json": `{"logins":"AAAA"}`},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for file, text := range files {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := identity.Open(identity.Config{Folder: folder, Issuer: "http://127.0.0.1/identity"}); err == nil {
				t.Error("Open succeeded")
			}
		})
	}
}
