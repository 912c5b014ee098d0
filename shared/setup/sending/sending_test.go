package sending_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"beian/infra/local/mailserver"
	"beian/shared/partners/mailrelay"
	"beian/shared/partners/webhook"
	"beian/shared/process/notify"
	"beian/shared/setup"
	"beian/shared/setup/environ"
	"beian/shared/setup/sending"
)

var scope = regexp.MustCompile(`/([a-z0-9-]+/[a-z]+)/aws4_request`)

// TestMessenger sends an SMS and an email, and checks the service and the Region in the signature of each.
func TestMessenger(t *testing.T) {
	var asked []string
	secret := webhook.NewSecret()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key := r.Header.Get(webhook.KeyHeader); key != "" {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			if _, err := webhook.Verify([]webhook.Secret{secret}, webhook.HeadersOf(r.Header.Get), body, time.Now()); err != nil {
				t.Errorf("the request to the carrier: %v", err)
			}
			asked = append(asked, r.URL.Path+" "+key)
			w.WriteHeader(http.StatusConflict)
			return
		}
		asked = append(asked, scope.FindStringSubmatch(r.Header.Get("Authorization"))[1])
		if r.URL.Path == "/" {
			fmt.Fprint(w, "<PublishResponse><PublishResult/></PublishResponse>")
			return
		}
		fmt.Fprint(w, "{}")
	}))
	defer server.Close()
	abroad := environ.Values{environ.MailRegion: "ap-southeast-1", environ.SMSRegion: "ap-northeast-1"}
	carried := environ.Values{environ.CarrierName: "courier", environ.CarrierEndpoint: server.URL + "/sms", environ.CarrierKey: "k1", environ.CarrierSecret: secret.Reveal()}
	post, err := mailserver.Start(mailserver.Config{User: "user", Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(post.Close)
	relay, err := mailrelay.ParseURL(post.URL())
	if err != nil {
		t.Fatal(err)
	}
	relayed := environ.Values{environ.SMTPURL: relay.URL(), environ.SMTPPassword: "secret", environ.MailFrom: "Beian <beian@provider.example>"}
	for name, c := range map[string]struct {
		env  environ.Values
		want []string
	}{
		"at home": {environ.Values{}, []string{"ap-east-1/sns", "ap-east-1/ses"}},
		"abroad":  {abroad, []string{"ap-northeast-1/sns", "ap-southeast-1/ses"}},
		"carried": {carried, []string{"/sms k1", "ap-east-1/ses"}},
		"relayed": {relayed, []string{"ap-east-1/sns"}},
	} {
		asked = nil
		p := &setup.Parts{Env: c.env, Wall: time.Now, AWS: aws.Config{Region: "ap-east-1", BaseEndpoint: aws.String(server.URL),
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}}
		m, err := sending.NewMessenger(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, to := range []notify.Recipient{{Medium: notify.SMS, Mobile: "13800000000"}, {Medium: notify.Email, Email: "applicant@example.cn"}} {
			if err := m.Send(t.Context(), to, notify.Message{SMS: "【示例云】", Subject: "备案", Text: "备案"}, "k"); err != nil {
				t.Errorf("%s, by %s: %v", name, to.Medium, err)
			}
		}
		if !slices.Equal(asked, c.want) {
			t.Errorf("%s: %q, want %q", name, asked, c.want)
		}
	}
	if got := post.Received(); len(got) != 1 || got[0].From != "beian@provider.example" || got[0].To[0] != "applicant@example.cn" {
		t.Errorf("the relay received %+v", got)
	}
	delete(relayed, environ.SMTPPassword)
	if _, err := sending.NewMessenger(&setup.Parts{Env: relayed, Wall: time.Now}); err == nil {
		t.Error("a relay without a password is accepted")
	}
	delete(carried, environ.CarrierSecret)
	if _, err := sending.NewMessenger(&setup.Parts{Env: carried, Wall: time.Now}); err == nil {
		t.Error("a carrier without a secret is accepted")
	}
}
