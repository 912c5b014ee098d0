package ses_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sesv2"

	"beian/shared/aws/ses"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
)

// service simulates SES and records the last request.
type service struct {
	refuse int    // a status to respond with instead of success
	code   string // and its error code
	email  email
}

type email struct {
	FromEmailAddress string
	Destination      struct{ ToAddresses []string }
	Content          struct {
		Simple struct {
			Subject data
			Body    struct{ Text, Html *data }
			Headers []header
		}
	}
	EmailTags []struct{ Name, Value string }
}

type header struct{ Name, Value string }

type data struct{ Data, Charset string }

const (
	from    = "Beian <notice@example.cn>"
	address = "applicant@example.cn"
	text    = "您好：\n\n好消息。\n"
	quoted  = "applicant@example.cn is refused"
)

var message = notify.Message{Subject: "备案已通过", Text: text, HTML: "<p>您好：</p>", Unsubscribe: "https://portal.example.cn/mute/token"}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.refuse != 0 {
		w.Header().Set("X-Amzn-ErrorType", s.code)
		w.WriteHeader(s.refuse)
		fmt.Fprintf(w, `{"message": %q}`, quoted)
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&s.email); err != nil || r.URL.Path != "/v2/email/outbound-emails" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	fmt.Fprint(w, `{"MessageId": "1"}`)
}

func startService(t *testing.T) (*service, ses.Sender, *httptest.Server) {
	s := &service{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := sdk.NewFromConfig(aws.Config{
		Region:       "cn-north-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	})
	return s, ses.Sender{Client: client, From: from}, server
}

// TestChineseDomain: SES takes the domain of an address in ASCII only.
func TestChineseDomain(t *testing.T) {
	s, sender, _ := startService(t)
	if err := sender.SendMail(t.Context(), "applicant@例子.中国", message, "k"); err != nil {
		t.Fatal(err)
	}
	if to := s.email.Destination.ToAddresses; len(to) != 1 || to[0] != "applicant@xn--fsqu00a.xn--fiqs8s" {
		t.Errorf("sent to %q", to)
	}
}

func TestSendMail(t *testing.T) {
	s, sender, _ := startService(t)
	if err := sender.SendMail(t.Context(), address, message, "01JORDER_7_0"); err != nil {
		t.Fatal(err)
	}
	e := s.email
	if e.FromEmailAddress != from || len(e.Destination.ToAddresses) != 1 || e.Destination.ToAddresses[0] != address {
		t.Error("sender or recipient is wrong")
	}
	simple := e.Content.Simple
	if simple.Subject != (data{message.Subject, "UTF-8"}) || simple.Body.Text == nil || simple.Body.Html == nil ||
		*simple.Body.Text != (data{message.Text, "UTF-8"}) || *simple.Body.Html != (data{message.HTML, "UTF-8"}) {
		t.Errorf("content: %+v", simple)
	}
	if want := []header{{"List-Unsubscribe", "<https://portal.example.cn/mute/token>"}, {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}}; !slices.Equal(simple.Headers, want) {
		t.Errorf("headers: %v", simple.Headers)
	}
	if len(e.EmailTags) != 1 || e.EmailTags[0].Name != notify.KeyName || e.EmailTags[0].Value != "01JORDER_7_0" {
		t.Errorf("tags: %v", e.EmailTags)
	}
}

func TestErrorsAreClassifiedWithoutPersonalData(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   fault.Kind
	}{
		{429, "TooManyRequestsException", fault.Unavailable},
		{400, "LimitExceededException", fault.Unavailable},
		{500, "InternalServiceErrorException", fault.Unavailable},
		{400, "AccountSuspendedException", fault.Unavailable},
		{400, "SendingPausedException", fault.Unavailable},
		{400, "MailFromDomainNotVerifiedException", fault.Unavailable},
		{400, "MessageRejected", fault.Unavailable},
		{403, "AccessDeniedException", fault.Unavailable},
		{404, "NotFoundException", fault.Unavailable},
		{400, "BadRequestException", fault.Invalid},
		{400, "SerializationException", fault.Internal},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			s, sender, _ := startService(t)
			s.refuse, s.code = c.status, c.code
			err := sender.SendMail(t.Context(), address, message, "k")
			if got := fault.KindOf(err); got != c.want {
				t.Errorf("kind %s, want %s", got, c.want)
			}
			checkNoPersonalData(t, err)
		})
	}
}

func TestUnreachable(t *testing.T) {
	_, sender, server := startService(t)
	server.Close()
	err := sender.SendMail(t.Context(), address, message, "k")
	if got := fault.KindOf(err); got != fault.Unavailable {
		t.Errorf("kind %s, want Unavailable", got)
	}
	checkNoPersonalData(t, err)
}

func checkNoPersonalData(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"13800000000", "applicant", text} {
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Error("the error names the recipient or quotes the message")
		}
	}
}
