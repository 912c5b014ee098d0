//go:build deploy

package deploytest

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beian/infra/local/ministack"
	"beian/infra/local/outbox"
)

const (
	region    = "ap-southeast-1" // of the default environment
	accountID = "000000000000"
)

// An account is a MiniStack process. It behaves like an empty AWS account.
type account struct {
	*ministack.Server
	// client connects to the account for every host name, because the host name of the API does not resolve.
	client *http.Client
}

// newAccount starts MiniStack and stops it at the end of the test. Its output is shown if the test fails.
func newAccount(t *testing.T) *account {
	t.Helper()
	program, err := filepath.Abs("../../dist/python/bin/ministack")
	if err != nil {
		t.Fatal(err)
	}
	server, err := ministack.Start(program, t.TempDir(), region)
	if err != nil {
		t.Fatalf("%v; run this test with make test-deploy", err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("MiniStack:\n%s", server.Output())
		}
	})
	return &account{server, &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Address)
		},
	}}}
}

// callOperation calls an operation of a service with a JSON protocol, such as "secretsmanager.PutSecretValue".
func (a *account) callOperation(t *testing.T, operation string, in, out any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.Address, bytes.NewReader(marshal(t, in)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	request.Header.Set("X-Amz-Target", operation)
	a.signFor(request)
	a.sendRequest(t, request, out)
}

// signFor sets an Authorization header that names the Region. MiniStack reads the Region and does not verify the signature.
func (a *account) signFor(request *http.Request) {
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+region+"/service/aws4_request, SignedHeaders=host, Signature=0")
}

func (a *account) sendRequest(t *testing.T, request *http.Request, out any) {
	t.Helper()
	response, err := a.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v\n%s", request.URL.Path, request.Header.Get("X-Amz-Target"), response.Status, err, text)
	}
	if out != nil && len(text) > 0 {
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
}

// createStack creates a stack from a template and returns why it failed, "" if it did not.
func (a *account) createStack(t *testing.T, name, body string) string {
	t.Helper()
	query := func(form url.Values) []byte {
		form.Set("Version", "2010-05-15")
		form.Set("StackName", name)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+a.Address, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/"+region+"/cloudformation/aws4_request, SignedHeaders=host, Signature=0")
		response, err := a.client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	created := query(url.Values{"Action": {"CreateStack"}, "TemplateBody": {body}})
	if bytes.Contains(created, []byte("<Error>")) {
		return string(created)
	}
	defer query(url.Values{"Action": {"DeleteStack"}})
	for range 100 {
		var events struct {
			Events []struct {
				Type   string `xml:"ResourceType"`
				Status string `xml:"ResourceStatus"`
				Reason string `xml:"ResourceStatusReason"`
			} `xml:"DescribeStackEventsResult>StackEvents>member"`
		}
		if err := xml.Unmarshal(query(url.Values{"Action": {"DescribeStackEvents"}}), &events); err != nil {
			t.Fatal(err)
		}
		for _, e := range events.Events {
			switch {
			case strings.HasSuffix(e.Status, "_FAILED"):
				return e.Reason
			case e.Status == "CREATE_COMPLETE" && e.Type == "AWS::CloudFormation::Stack":
				return ""
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("stack %s neither failed nor was created", name)
	return ""
}

// logIn creates a user of the pool, in a group unless that is "", and returns an ID token.
func (a *account) logIn(t *testing.T, pool, client, name, group string) string {
	t.Helper()
	const password = "Invented-password-1"
	user := name + "@provider.example"
	a.callOperation(t, "AWSCognitoIdentityProviderService.AdminCreateUser", map[string]any{"UserPoolId": pool, "Username": user, "MessageAction": "SUPPRESS",
		"UserAttributes": []map[string]string{{"Name": "email", "Value": user}}}, nil)
	a.callOperation(t, "AWSCognitoIdentityProviderService.AdminSetUserPassword", map[string]any{"UserPoolId": pool, "Username": user, "Password": password, "Permanent": true}, nil)
	if group != "" {
		a.callOperation(t, "AWSCognitoIdentityProviderService.AdminAddUserToGroup", map[string]any{"UserPoolId": pool, "Username": user, "GroupName": group}, nil)
	}
	var session struct{ AuthenticationResult struct{ IdToken string } }
	a.callOperation(t, "AWSCognitoIdentityProviderService.AdminInitiateAuth", map[string]any{"UserPoolId": pool, "ClientId": client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
		"AuthParameters": map[string]string{"USERNAME": user, "PASSWORD": password}}, &session)
	return session.AuthenticationResult.IdToken
}

// sentMessages returns the messages that SNS and SES sent to a phone number or an address, oldest first.
func (a *account) sentMessages(to string) []outbox.Message {
	var answer struct {
		SMS map[string][]struct{ Message string } `json:"sms_messages"`
		SES map[string][]struct {
			To                []string
			Subject, BodyText string
		} `json:"messages"`
	}
	for _, path := range []string{"/_ministack/sns/sms-messages?phoneNumber=" + url.QueryEscape(to), "/_ministack/ses/messages"} {
		response, err := a.client.Get("http://" + a.Address + path)
		if err != nil {
			return nil
		}
		err = json.NewDecoder(response.Body).Decode(&answer)
		response.Body.Close()
		if err != nil {
			return nil
		}
	}
	var all []outbox.Message
	for _, m := range answer.SMS[to] {
		all = append(all, outbox.Message{Text: m.Message})
	}
	for _, m := range answer.SES[accountID] {
		if fmt.Sprint(m.To) == fmt.Sprint([]string{to}) {
			all = append(all, outbox.Message{Subject: m.Subject, Text: m.BodyText})
		}
	}
	return all
}
