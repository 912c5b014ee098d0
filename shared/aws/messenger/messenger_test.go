package messenger_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/shared/aws/messenger"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
)

// wire answers as SNS and SES do, and keeps the last request.
type wire struct {
	refuse int    // a status to answer with instead of success
	code   string // and its error code
	form   map[string][]string
	email  sent
	calls  int
}

type sent struct {
	FromEmailAddress     string
	ConfigurationSetName string
	Destination          struct{ ToAddresses []string }
	Content              struct {
		Simple struct {
			Subject data
			Body    struct{ Text, Html *data }
		}
	}
	EmailTags []struct{ Name, Value string }
}

type data struct{ Data, Charset string }

const quoted = "+8613800000000 / applicant@example.cn is refused"

func (s *wire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls++
	if r.URL.Path == "/v2/email/outbound-emails" {
		if s.refuse != 0 {
			w.Header().Set("X-Amzn-ErrorType", s.code)
			w.WriteHeader(s.refuse)
			fmt.Fprintf(w, `{"message": %q}`, quoted)
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&s.email); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"MessageId": "1"}`)
		return
	}
	_ = r.ParseForm()
	s.form = r.PostForm
	if s.refuse != 0 {
		w.WriteHeader(s.refuse)
		fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, s.code, quoted)
		return
	}
	fmt.Fprint(w, `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
}

func (s *wire) attribute(name string) string {
	for n := 1; ; n++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", n)
		got := s.form[entry+"Name"]
		if got == nil {
			return ""
		}
		if got[0] == name {
			return s.form[entry+"Value.StringValue"][0]
		}
	}
}

func start(t *testing.T) (*wire, messenger.Messenger, *httptest.Server) {
	s := &wire{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	config := aws.Config{
		Region:       "cn-north-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
	return s, messenger.Messenger{
		SMS: messenger.SNS{Client: sns.NewFromConfig(config)}, SES: sesv2.NewFromConfig(config),
		From: "Beian <notice@example.cn>", ConfigurationSet: "filings",
	}, server
}

var (
	toMobile = notify.Recipient{Medium: notify.SMS, Mobile: "13800000000"}
	toMail   = notify.Recipient{Medium: notify.Email, Email: "applicant@example.cn"}
	message  = notify.Message{SMS: "【示例云】您好 +&=", Subject: "备案已通过", Text: "您好：\n\n好消息。\n", HTML: "<p>您好：</p>"}
)

func TestSMS(t *testing.T) {
	s, m, _ := start(t)
	if err := m.Send(t.Context(), toMobile, message, "01JORDER-7-0"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Action": "Publish", "PhoneNumber": "+8613800000000", "Message": message.SMS,
	} {
		if got := s.form[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"AWS.SNS.SMS.SMSType": "Transactional", messenger.KeyName: "01JORDER-7-0", "AWS.SNS.SMS.SenderID": "",
	} {
		if got := s.attribute(name); got != want {
			t.Errorf("attribute %s: %q, want %q", name, got, want)
		}
	}
	m.SMS = messenger.SNS{Client: m.SMS.(messenger.SNS).Client, SenderID: "BEIAN"}
	if err := m.Send(t.Context(), toMobile, message, "k"); err != nil {
		t.Fatal(err)
	}
	if got := s.attribute("AWS.SNS.SMS.SenderID"); got != "BEIAN" {
		t.Errorf("sender id %q", got)
	}
}

func TestEmail(t *testing.T) {
	s, m, _ := start(t)
	if err := m.Send(t.Context(), toMail, message, "01JORDER#7/0"); err != nil {
		t.Fatal(err)
	}
	e := s.email
	if e.FromEmailAddress != m.From || e.ConfigurationSetName != "filings" || len(e.Destination.ToAddresses) != 1 ||
		e.Destination.ToAddresses[0] != "applicant@example.cn" {
		t.Error("sender, configuration set or recipient is wrong")
	}
	simple := e.Content.Simple
	if simple.Subject != (data{message.Subject, "UTF-8"}) || simple.Body.Text == nil || simple.Body.Html == nil ||
		*simple.Body.Text != (data{message.Text, "UTF-8"}) || *simple.Body.Html != (data{message.HTML, "UTF-8"}) {
		t.Errorf("content: %+v", simple)
	}
	if len(e.EmailTags) != 1 || e.EmailTags[0].Name != messenger.KeyName || e.EmailTags[0].Value != "01JORDER_7_0" {
		t.Errorf("tags: %v", e.EmailTags)
	}
}

func TestFailuresAreClassifiedAndNameNobody(t *testing.T) {
	for _, c := range []struct {
		to     notify.Recipient
		status int
		code   string
		want   fault.Kind
	}{
		// It passes.
		{toMobile, 400, "Throttling", fault.Unavailable},
		{toMobile, 429, "Throttled", fault.Unavailable},
		{toMobile, 400, "KMSThrottling", fault.Unavailable},
		{toMobile, 500, "InternalError", fault.Unavailable},
		{toMobile, 503, "ServiceUnavailable", fault.Unavailable},
		{toMail, 429, "TooManyRequestsException", fault.Unavailable},
		{toMail, 400, "LimitExceededException", fault.Unavailable},
		{toMail, 500, "InternalServiceErrorException", fault.Unavailable},
		// Somebody has to mend it on our side.
		{toMobile, 403, "AuthorizationError", fault.Unavailable},
		{toMobile, 403, "InvalidSecurity", fault.Unavailable},
		{toMobile, 403, "InvalidClientTokenId", fault.Unavailable},
		{toMobile, 404, "NotFound", fault.Unavailable},
		{toMobile, 400, "KMSAccessDenied", fault.Unavailable},
		{toMobile, 400, "KMSDisabled", fault.Unavailable},
		{toMobile, 400, "KMSInvalidState", fault.Unavailable},
		{toMobile, 400, "KMSNotFound", fault.Unavailable},
		{toMobile, 403, "KMSOptInRequired", fault.Unavailable},
		{toMail, 400, "AccountSuspendedException", fault.Unavailable},
		{toMail, 400, "SendingPausedException", fault.Unavailable},
		{toMail, 400, "MailFromDomainNotVerifiedException", fault.Unavailable},
		{toMail, 400, "MessageRejected", fault.Unavailable},
		{toMail, 403, "AccessDeniedException", fault.Unavailable},
		{toMail, 404, "NotFoundException", fault.Unavailable},
		// This recipient or message never.
		{toMobile, 400, "InvalidParameter", fault.Invalid},
		{toMobile, 400, "ParameterValueInvalid", fault.Invalid},
		{toMobile, 400, "ValidationException", fault.Invalid},
		{toMobile, 400, "OptedOut", fault.Invalid},
		{toMobile, 400, "UserError", fault.Invalid},
		{toMail, 400, "BadRequestException", fault.Invalid},
		// A mistake in the program.
		{toMobile, 400, "EndpointDisabled", fault.Internal},
		{toMobile, 400, "PlatformApplicationDisabled", fault.Internal},
		{toMobile, 400, "InvalidAction", fault.Internal},
		{toMail, 400, "SerializationException", fault.Internal},
	} {
		t.Run(fmt.Sprint(c.to.Medium, c.status, c.code), func(t *testing.T) {
			s, m, _ := start(t)
			s.refuse, s.code = c.status, c.code
			err := m.Send(t.Context(), c.to, message, "k")
			if got := fault.KindOf(err); got != c.want {
				t.Errorf("kind %s, want %s", got, c.want)
			}
			namesNobody(t, err)
		})
	}
}

func TestUnreachable(t *testing.T) {
	_, m, server := start(t)
	server.Close()
	for _, to := range []notify.Recipient{toMobile, toMail} {
		err := m.Send(t.Context(), to, message, "k")
		if got := fault.KindOf(err); got != fault.Unavailable {
			t.Errorf("by %s: kind %s, want Unavailable", to.Medium, got)
		}
		namesNobody(t, err)
	}
}

func TestWhatCannotBeSentIsNotTried(t *testing.T) {
	s, m, _ := start(t)
	for name, c := range map[string]struct {
		to      notify.Recipient
		message notify.Message
		want    fault.Kind
	}{
		"no number":       {notify.Recipient{Medium: notify.SMS}, message, fault.Invalid},
		"a landline":      {notify.Recipient{Medium: notify.SMS, Mobile: "010-12345678"}, message, fault.Invalid},
		"no address":      {notify.Recipient{Medium: notify.Email}, message, fault.Invalid},
		"no words for it": {toMail, notify.Message{SMS: "x"}, fault.Internal},
		"no medium":       {notify.Recipient{Mobile: "13800000000"}, message, fault.Internal},
	} {
		if got := fault.KindOf(m.Send(t.Context(), c.to, c.message, "k")); got != c.want {
			t.Errorf("%s: kind %s, want %s", name, got, c.want)
		}
	}
	if s.calls != 0 {
		t.Errorf("%d calls were made", s.calls)
	}
}

func namesNobody(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, secret := range []string{"13800000000", "applicant", message.SMS} {
		if strings.Contains(err.Error(), secret) {
			t.Error("the error names the recipient or quotes the message")
		}
	}
}
