package attacks_test

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"beian/infra/local/identity"
	"beian/infra/local/scenario"
	"beian/infra/local/system"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// A form is the body and content type of requests that every web page can send to any address.
const form = "application/x-www-form-urlencoded"

// rawRequest is a request to a listener of the laptop. The header has a line for each field.
type rawRequest struct{ method, url, host, header, body string }

// sendRaw sends a request and returns the response with its body.
func sendRaw(t *testing.T, c *http.Client, q rawRequest) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(q.header, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Add(name, value)
		}
	}
	if q.host != "" {
		r.Host = q.host
	}
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// TestOtherHost: a page whose domain points to 127.0.0.1 (DNS rebinding) gets no answer of any listener.
func TestOtherHost(t *testing.T) {
	for _, base := range []string{sys.PortalURL, sys.AWSURL, sys.BureauURL} {
		_, port, _ := strings.Cut(strings.TrimPrefix(base, "http://"), ":")
		for _, path := range []string{"/", "/local", "/local/clock", "/local/outbox", "/local/outbox.json", "/api/v1/health", "/identity/codes", "/identity/authorize", "/" + system.Bucket, "/admin/status",
			"/admin/scenario", "/ISPWebService/upDownLoad?wsdl", "/webhooks/sms"} {
			for _, host := range []string{"evil.example", "evil.example:" + port, "127.0.0.1.evil.example:" + port, "localhost.evil.example:" + port,
				"127.0.0.1", "127.0.0.1:1", "0.0.0.0:" + port, "192.168.1.2:" + port} {
				response, text := sendRaw(t, http.DefaultClient, rawRequest{method: "GET", url: base + path, host: host})
				if response.StatusCode != http.StatusMisdirectedRequest || !strings.Contains(text, "请使用 http://127.0.0.1:"+port) {
					t.Errorf("%s%s as %s: %d %s", base, path, host, response.StatusCode, text)
				}
			}
			for _, host := range []string{"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port} {
				if response, _ := sendRaw(t, http.DefaultClient, rawRequest{method: "GET", url: base + path, host: host}); response.StatusCode == http.StatusMisdirectedRequest {
					t.Errorf("%s%s as %s: %d", base, path, host, response.StatusCode)
				}
			}
		}
	}
}

// TestPagesOfOtherSites: a page of another site can neither read what the laptop shows, nor order SMS or log-in codes, nor control the
// simulated bureau through the browser of the laptop's user. No answer allows it to read more.
func TestPagesOfOtherSites(t *testing.T) {
	for _, page := range []string{
		"Origin: http://evil.example", "Origin: null", "Origin: http://127.0.0.1:3000", "Origin: https://localhost",
		"Origin: http://evil.example\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors",
		"Sec-Fetch-Site: same-site\nSec-Fetch-Mode: no-cors", "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe",
	} {
		for _, q := range []rawRequest{
			{method: "GET", url: sys.PortalURL + "/local/outbox"},
			{method: "GET", url: sys.PortalURL + "/local/outbox.json"},
			{method: "GET", url: sys.PortalURL + "/local"},
			{method: "POST", url: sys.PortalURL + "/local/log-in", header: "Content-Type: " + form, body: "login=reviewer%40provider.example"},
			{method: "POST", url: sys.PortalURL + "/local/clock", header: "Content-Type: " + form, body: "by=month"},
			{method: "POST", url: sys.PortalURL + "/local/faults", header: "Content-Type: " + form, body: "on=bureau-down"},
			{method: "GET", url: sys.PortalURL + "/api/v1/provinces"},
			{method: "OPTIONS", url: sys.PortalURL + "/api/v1/orders", header: "Access-Control-Request-Method: POST"},
			{method: "POST", url: sys.PortalURL + "/identity/codes", header: "Content-Type: application/json", body: `{"phone_number":"+8618800000964"}`},
			{method: "POST", url: sys.PortalURL + "/identity/token", header: "Content-Type: " + form, body: "grant_type=" + identity.GrantType},
			{method: "POST", url: sys.PortalURL + "/identity/login/AAAAAAAAAAAAAAAAAAAAAAAAAA", header: "Content-Type: " + form, body: "login=%2B8618800000964"},
			{method: "GET", url: sys.PortalURL + "/identity/authorize"},
			{method: "POST", url: sys.BureauURL + "/admin/scenario", header: "Content-Type: text/plain", body: `{"maintenance": true}`},
			{method: "GET", url: sys.BureauURL + "/admin/records"},
			{method: "POST", url: sys.AWSURL + "/", header: "Content-Type: " + form, body: "Action=Publish&PhoneNumber=%2B8618800000964&Message=x"},
			{method: "OPTIONS", url: sys.AWSURL + "/", header: "Access-Control-Request-Method: POST\nAccess-Control-Request-Headers: x-amz-target"},
			{method: "GET", url: sys.AWSURL + "/" + system.Bucket},
		} {
			if q.header != "" {
				q.header += "\n"
			}
			q.header += page
			response, text := sendRaw(t, http.DefaultClient, q)
			if response.StatusCode != http.StatusForbidden || response.Header.Get("Access-Control-Allow-Origin") != "" ||
				!strings.Contains(text, "其他网站的页面不能使用") {
				t.Errorf("%s %s by %q: %d %v %s", q.method, q.url, page, response.StatusCode, response.Header, text)
			}
		}
	}
	if sent := append(sys.Outbox.Sent("+8618800000964"), sys.Outbox.Sent("nobody@invented-example.com")...); len(sent) > 0 {
		t.Errorf("%d messages were sent", len(sent))
	}
	if status, err := sys.Bureau.Status(); err != nil || status.Maintenance {
		t.Error("the bureau is controlled:", err)
	}
	if sys.Faults.Count() > 0 {
		t.Error("a fault is switched on")
	}
	own := "Origin: " + sys.PortalURL + "\nSec-Fetch-Site: same-origin"
	if response, _ := sendRaw(t, http.DefaultClient, rawRequest{method: "GET", url: sys.PortalURL + "/local/outbox", header: own}); response.StatusCode != 200 {
		t.Errorf("the laptop's own page: %d", response.StatusCode)
	}
}

// TestUnsignedAWSRequests: no AWS service of the laptop takes a request without a valid signature.
func TestUnsignedAWSRequests(t *testing.T) {
	json := "Content-Type: application/x-amz-json-1.1\nX-Amz-Target: "
	now := time.Now().UTC().Format("20060102T150405Z")
	for name, signature := range map[string]string{
		"none":            "",
		"another scheme":  "Authorization: Bearer x",
		"invented":        "X-Amz-Date: " + now + "\nAuthorization: AWS4-HMAC-SHA256 Credential=beian/" + now[:8] + "/cn-north-1/SERVICE/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + strings.Repeat("0", 64),
		"without a date":  "Authorization: AWS4-HMAC-SHA256 Credential=beian/" + now[:8] + "/cn-north-1/SERVICE/aws4_request, SignedHeaders=host, Signature=" + strings.Repeat("0", 64),
		"without headers": "X-Amz-Date: " + now + "\nAuthorization: AWS4-HMAC-SHA256 Credential=beian/" + now[:8] + "/cn-north-1/SERVICE/aws4_request, SignedHeaders=, Signature=",
		"of nobody":       "X-Amz-Date: " + now + "\nAuthorization: AWS4-HMAC-SHA256 Credential=nobody/" + now[:8] + "/cn-north-1/SERVICE/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + strings.Repeat("0", 64),
	} {
		for service, q := range map[string]rawRequest{
			"sns":      {method: "POST", header: "Content-Type: " + form, body: "Action=Publish&PhoneNumber=%2B8618800000964&Message=x"},
			"ses":      {method: "POST", url: "/v2/email/outbound-emails", body: `{"FromEmailAddress":"a@provider.example","Destination":{"ToAddresses":["nobody@invented-example.com"]}}`},
			"dynamodb": {method: "POST", header: json + "DynamoDB_20120810.Scan", body: `{"TableName":"beian"}`},
			"kms":      {method: "POST", header: json + "TrentService.GenerateDataKey", body: `{"KeyId":"filings","KeySpec":"AES_256","EncryptionContext":{"order":"x"}}`},
			"states":   {method: "POST", header: json + "AWSStepFunctions.ListExecutions", body: `{}`},
			"s3":       {method: "GET", url: "/" + system.Bucket + "?list-type=2"},
		} {
			q.url = sys.AWSURL + q.url
			q.header += "\n" + strings.ReplaceAll(signature, "SERVICE", service)
			response, text := sendRaw(t, http.DefaultClient, q)
			if refused := response.StatusCode == 403 || service == "s3" && response.StatusCode >= 400 && response.StatusCode < 500; !refused {
				t.Errorf("%s with signature %s: %d %s", service, name, response.StatusCode, text)
			}
		}
	}
	client := sns.New(sns.Options{Region: system.Region, BaseEndpoint: aws.String(sys.AWSURL), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("beian", "guessed", "")})
	if _, err := client.Publish(t.Context(), &sns.PublishInput{PhoneNumber: aws.String("+8618800000964"), Message: aws.String("x")}); err == nil ||
		!strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		t.Error("signed with a guessed secret:", err)
	}
	if sent := append(sys.Outbox.Sent("+8618800000964"), sys.Outbox.Sent("nobody@invented-example.com")...); len(sent) > 0 {
		t.Errorf("%d messages were sent", len(sent))
	}
}

// loginCode finds the code in a message.
var loginCode = regexp.MustCompile(`[0-9]{6}`)

// TestStrangersLogin: a stranger orders codes for somebody's login and enters wrong ones. The owner logs in with the code that they received
// before, and can order another.
func TestStrangersLogin(t *testing.T) {
	login := "+" + strings.TrimPrefix(scenario.Invented(481).Login, "+")
	stranger := &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}).DialContext}}
	order := func(c *http.Client) int {
		response, _ := sendRaw(t, c, rawRequest{method: "POST", url: sys.PortalURL + "/identity/codes", header: "Content-Type: application/json",
			body: fmt.Sprintf(`{"phone_number":%q,"locale":"zh-CN"}`, login)})
		return response.StatusCode
	}
	enter := func(c *http.Client, code string) int {
		response, _ := sendRaw(t, c, rawRequest{method: "POST", url: sys.PortalURL + "/identity/token", header: "Content-Type: " + form,
			body: url.Values{"grant_type": {identity.GrantType}, "client_id": {"beian-local"}, "login": {login}, "code": {code}}.Encode()})
		return response.StatusCode
	}
	if status := order(http.DefaultClient); status != 202 {
		t.Fatal("the owner's first code:", status)
	}
	sent := sys.Outbox.Sent(login)
	code := loginCode.FindString(sent[len(sent)-1].Text)
	statuses := map[int]int{}
	for n := range 3 * identity.NewCodesPerClient {
		statuses[order(stranger)]++
		if enter(stranger, fmt.Sprintf("%06d", n)) == 200 {
			t.Fatal("the stranger guessed")
		}
	}
	if want := map[int]int{202: identity.NewCodesPerClient, 429: 2 * identity.NewCodesPerClient}; !maps.Equal(statuses, want) {
		t.Errorf("the stranger's requests for codes: %v", statuses)
	}
	if status := enter(stranger, code); status != 400 {
		t.Errorf("the stranger enters the owner's code: %d", status)
	}
	if status := enter(http.DefaultClient, code); status != 200 {
		t.Errorf("the owner enters the code received before: %d", status)
	}
	if status := order(http.DefaultClient); status != 202 {
		t.Errorf("the owner orders another code: %d", status)
	}
}
