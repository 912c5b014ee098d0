package awsrequest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	ses "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/infra/local/awsrequest"
)

// signedCalls are calls of the SDK to each service.
var signedCalls = map[string]func(context.Context, aws.Config) error{
	"dynamodb": func(ctx context.Context, c aws.Config) error {
		_, err := dynamodb.NewFromConfig(c).ListTables(ctx, nil)
		return err
	},
	"kms": func(ctx context.Context, c aws.Config) error {
		_, err := kms.NewFromConfig(c).Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: []byte("x")})
		return err
	},
	"states": func(ctx context.Context, c aws.Config) error {
		_, err := sfn.NewFromConfig(c).StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: aws.String("arn:x"), Input: aws.String(`"示例 & é"`)})
		return err
	},
	"sns": func(ctx context.Context, c aws.Config) error {
		_, err := sns.NewFromConfig(c).Publish(ctx, &sns.PublishInput{PhoneNumber: aws.String("+8613800000000"), Message: aws.String("一 + &=é")})
		return err
	},
	"ses": func(ctx context.Context, c aws.Config) error {
		_, err := sesv2.NewFromConfig(c).SendEmail(ctx, &sesv2.SendEmailInput{Content: &ses.EmailContent{}})
		return err
	},
}

// TestVerify: requests as the SDK signs them are accepted. Unsigned requests, other keys, secrets, services and times, and requests changed
// after they were signed are refused.
func TestVerify(t *testing.T) {
	secret := func(key string) string { return map[string]string{"local": "local-secret"}[key] }
	for service, call := range signedCalls {
		for name, tc := range map[string]struct {
			key, secret string
			change      func(*http.Request)
			later       time.Duration
			want        string
		}{
			"as signed":          {want: "accepted"},
			"14 minutes later":   {later: 14 * time.Minute, want: "accepted"},
			"16 minutes later":   {later: 16 * time.Minute, want: "RequestExpired"},
			"16 minutes early":   {later: -16 * time.Minute, want: "RequestExpired"},
			"another key":        {key: "nobody", want: "InvalidClientTokenId"},
			"another secret":     {secret: "wrong", want: "SignatureDoesNotMatch"},
			"unsigned":           {change: func(r *http.Request) { r.Header.Del("Authorization") }, want: "MissingAuthenticationToken"},
			"not this signature": {change: func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, want: "IncompleteSignature"},
			"two signatures":     {change: func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, want: "IncompleteSignature"},
			"no time":            {change: func(r *http.Request) { r.Header.Del("X-Amz-Date") }, want: "IncompleteSignature"},
			"another body":       {change: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("Action=Publish")) }, want: "SignatureDoesNotMatch"},
			"another host":       {change: func(r *http.Request) { r.Host = "127.0.0.1:1" }, want: "SignatureDoesNotMatch"},
			"another query":      {change: func(r *http.Request) { r.URL.RawQuery = "a=b" }, want: "SignatureDoesNotMatch"},
			"another day": {change: func(r *http.Request) {
				r.Header.Set("X-Amz-Date", time.Now().AddDate(0, 0, -1).UTC().Format("20060102T150405Z"))
			}, want: "IncompleteSignature"},
			"an unsigned operation": {change: func(r *http.Request) {
				if service == "sns" || service == "ses" {
					r.Header.Set("X-Amz-Target", "DynamoDB_20120810.Scan")
				} else {
					r.Header.Set("X-Amz-Target", r.Header.Get("X-Amz-Target")+"More")
				}
			}, want: "SignatureDoesNotMatch"},
		} {
			var got error
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if tc.change != nil {
					tc.change(r)
				}
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				if got = awsrequest.Verify(r, body, secret, time.Now().Add(tc.later)); got == nil {
					got = errors.New("accepted")
				}
				w.WriteHeader(http.StatusTeapot)
			}))
			key, password := "local", "local-secret"
			if tc.key != "" {
				key = tc.key
			}
			if tc.secret != "" {
				password = tc.secret
			}
			_ = call(t.Context(), aws.Config{
				Region: "cn-north-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider(key, password, ""),
				Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			})
			server.Close()
			code, _, _ := strings.Cut(got.Error(), ":")
			if code != tc.want {
				t.Errorf("%s, %s: %v, want %s", service, name, got, tc.want)
			}
		}
	}
}
