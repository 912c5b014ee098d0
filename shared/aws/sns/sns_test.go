package sns_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/shared/aws/sns"
	"beian/shared/process/notify"
	"beian/shared/rules/fault"
)

// service simulates SNS and records the last request.
type service struct {
	refuse int    // a status to respond with instead of success
	code   string // and its error code
	form   map[string][]string
}

const (
	mobile          = "13800000000"
	stringAttribute = "【示例云】您好 +&="
	quoted          = "+8613800000000 is refused"
)

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.form = r.PostForm
	if s.refuse != 0 {
		w.WriteHeader(s.refuse)
		fmt.Fprintf(w, `<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, s.code, quoted)
		return
	}
	fmt.Fprint(w, `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
}

func (s *service) attribute(name string) string {
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

func startService(t *testing.T) (*service, sns.Sender, *httptest.Server) {
	s := &service{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := sdk.NewFromConfig(aws.Config{
		Region:       "cn-north-1",
		BaseEndpoint: aws.String(server.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	})
	return s, sns.Sender{Client: client}, server
}

func TestSendSMS(t *testing.T) {
	s, sender, _ := startService(t)
	if err := sender.SendSMS(t.Context(), mobile, stringAttribute, "01JORDER-7-0"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Action": "Publish", "PhoneNumber": "+8613800000000", "Message": stringAttribute} {
		if got := s.form[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"AWS.SNS.SMS.SMSType": "Transactional", notify.KeyName: "01JORDER-7-0"} {
		if got := s.attribute(name); got != want {
			t.Errorf("attribute %s: %q, want %q", name, got, want)
		}
	}
}

func TestErrorsAreClassifiedWithoutPersonalData(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   fault.Kind
	}{
		{400, "Throttling", fault.Unavailable},
		{429, "Throttled", fault.Unavailable},
		{400, "KMSThrottling", fault.Unavailable},
		{500, "InternalError", fault.Unavailable},
		{503, "ServiceUnavailable", fault.Unavailable},
		{403, "AuthorizationError", fault.Unavailable},
		{403, "InvalidSecurity", fault.Unavailable},
		{403, "InvalidClientTokenId", fault.Unavailable},
		{404, "NotFound", fault.Unavailable},
		{400, "KMSAccessDenied", fault.Unavailable},
		{400, "KMSDisabled", fault.Unavailable},
		{400, "KMSInvalidState", fault.Unavailable},
		{400, "KMSNotFound", fault.Unavailable},
		{403, "KMSOptInRequired", fault.Unavailable},
		{400, "InvalidParameter", fault.Invalid},
		{400, "ParameterValueInvalid", fault.Invalid},
		{400, "ValidationException", fault.Invalid},
		{400, "OptedOut", fault.Invalid},
		{400, "UserError", fault.Invalid},
		{400, "EndpointDisabled", fault.Internal},
		{400, "PlatformApplicationDisabled", fault.Internal},
		{400, "InvalidAction", fault.Internal},
	} {
		t.Run(fmt.Sprint(c.status, c.code), func(t *testing.T) {
			s, sender, _ := startService(t)
			s.refuse, s.code = c.status, c.code
			err := sender.SendSMS(t.Context(), mobile, stringAttribute, "k")
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
	err := sender.SendSMS(t.Context(), mobile, stringAttribute, "k")
	if got := fault.KindOf(err); got != fault.Unavailable {
		t.Errorf("kind %s, want Unavailable", got)
	}
	checkNoPersonalData(t, err)
}

func checkNoPersonalData(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"13800000000", "applicant", stringAttribute} {
		if strings.Contains(fmt.Sprint(err), secret) {
			t.Error("the error names the recipient or quotes the message")
		}
	}
}
