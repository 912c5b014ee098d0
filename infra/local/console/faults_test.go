package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"beian/infra/local/faults"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// switchFault switches a fault with the form of the page: field is on or off.
func (b *browser) switchFault(field string, f faults.Fault) {
	b.Helper()
	if response, _ := b.open("/local/faults", url.Values{field: {string(f)}}); response.StatusCode != 200 || sys.Faults.On(f) != (field == "on") {
		b.Fatalf("%s is not %s: %d", f, field, response.StatusCode)
	}
}

// TestFaults: each switch makes its part fail, and no more when it is off.
func TestFaults(t *testing.T) {
	b := newBrowser(t)
	if sys.Faults.Count() != 0 {
		t.Fatal("a fault is on at the start")
	}
	config := sys.Parts.AWS.Copy()
	config.RetryMaxAttempts = 1
	mobile, address := scenario.Invented(10505).Login, "person10505@invented-example.com"
	sms := func() error {
		_, err := sns.NewFromConfig(config).Publish(t.Context(), &sns.PublishInput{PhoneNumber: aws.String(mobile), Message: aws.String("x")})
		return err
	}
	email := func() error {
		content := func(text string) *sestypes.Content { return &sestypes.Content{Data: aws.String(text)} }
		_, err := sesv2.NewFromConfig(config).SendEmail(t.Context(), &sesv2.SendEmailInput{FromEmailAddress: aws.String("beian@provider.example"),
			Destination: &sestypes.Destination{ToAddresses: []string{address}},
			Content:     &sestypes.EmailContent{Simple: &sestypes.Message{Subject: content("x"), Body: &sestypes.Body{Text: content("x")}}}})
		return err
	}
	bureau := func() error {
		response, err := http.Get(sys.BureauURL + "/ISPWebService/upDownLoad?wsdl")
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != 200 {
			return http.ErrServerClosed
		}
		return nil
	}
	database := func() (err error) {
		for range 5 {
			if _, one := dynamodb.NewFromConfig(config).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(system.Table)}); one != nil {
				err = one
			}
		}
		return err
	}
	store := func() error {
		_, err := s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(system.Bucket)})
		return err
	}
	keys := func() error {
		_, err := kms.NewFromConfig(config).GenerateDataKey(t.Context(), &kms.GenerateDataKeyInput{KeyId: aws.String("filings"), KeySpec: "AES_256", EncryptionContext: map[string]string{"order": "x"}})
		return err
	}
	machine := func() error {
		_, err := sfn.NewFromConfig(config).ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(sys.Machine.MachineARN(system.MachineName))})
		return err
	}
	for _, one := range []struct {
		fault faults.Fault
		call  func() error
		says  string
	}{
		{faults.BureauDown, bureau, "closed"}, {faults.SMSRejected, sms, "InvalidParameter"}, {faults.EmailRejected, email, "BadRequest"}, {faults.SendingThrottled, sms, "Throttling"},
		{faults.SendingThrottled, email, "TooManyRequests"}, {faults.DatabaseThrottled, database, "ProvisionedThroughputExceeded"}, {faults.StoreDown, store, "ServiceUnavailable"}, {faults.KeysDown, keys, "KMSInternal"}, {faults.MachineDown, machine, "InternalServer"},
	} {
		t.Run(string(one.fault), func(t *testing.T) {
			b.switchFault("on", one.fault)
			t.Cleanup(func() { sys.Faults.Set(one.fault, false) })
			if _, text := b.open("/local", nil); !strings.Contains(text, "Faults switched on: 1") {
				t.Error("the other pages do not say that a fault is on")
			}
			if err := one.call(); err == nil || !strings.Contains(err.Error(), one.says) {
				t.Errorf("while it is on: %v, want %s", err, one.says)
			}
			b.switchFault("off", one.fault)
			if err := one.call(); err != nil {
				t.Errorf("while it is off: %v", err)
			}
		})
	}
	if response, text := b.open("/local/faults", url.Values{"on": {"everything"}}); response.StatusCode != 422 || !strings.Contains(text, "no such switch") {
		t.Errorf("an unknown fault: %d", response.StatusCode)
	}
}

// TestFilingDespiteFaults: an application is filed although functions are invoked twice and messages are sent twice.
func TestFilingDespiteFaults(t *testing.T) {
	b := newBrowser(t)
	for _, f := range []faults.Fault{faults.Twice, faults.AnswersLost} {
		b.switchFault("on", f)
	}
	defer b.open("/local/faults", url.Values{"off": {"all"}})
	id, mobile := openAt(t, 10506, filing.VerifySMS)
	sent := map[string]int{}
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		clear(sent)
		for _, m := range sys.Outbox.Sent(mobile) {
			sent[m.Text]++
		}
		for _, n := range sent {
			if n > 1 {
				return true, nil
			}
		}
		return false, nil
	}); err != nil {
		t.Error("no message was sent twice:", err)
	}
	if response, _ := b.open("/local/faults", url.Values{"off": {"all"}}); response.StatusCode != 200 || sys.Faults.Count() != 0 {
		t.Error("not all faults are off")
	}
	if _, text := b.open("/local/executions/"+string(id)+"-1", nil); !strings.Contains(text, `class="state visited current" id="state-VerifySMS"`) {
		t.Error("the execution is not at the SMS check")
	}
}

// TestUploadsRefused: while the bureau refuses uploads, a filing waits for its decision; afterwards it is filed.
func TestUploadsRefused(t *testing.T) {
	b := newBrowser(t)
	b.switchFault("on", faults.UploadsRefused)
	defer sys.Faults.Set(faults.UploadsRefused, false)
	id, mobile := openAt(t, 10507, filing.VerifySMS)
	code, err := suite.Client.AwaitOrderCode(t.Context(), strings.TrimPrefix(mobile, "+86"), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := suite.Client.ReplySMS(t.Context(), "console-1", mobile, code); err != nil {
		t.Fatal(err)
	}
	uploaded := func() int {
		records, err := sys.Bureau.Records(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		return len(records)
	}
	calls := sys.Functions.Invocations()["exchange"]
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		o, err := suite.Reviewer.Order(t.Context(), id)
		return err == nil && o.Step == filing.AwaitBureau && sys.Functions.Invocations()["exchange"] > calls+1, err
	}); err != nil {
		t.Fatal(err)
	}
	if n := uploaded(); n != 0 {
		t.Fatalf("%d records were accepted", n)
	}
	b.switchFault("off", faults.UploadsRefused)
	if err := scenario.Poll(t.Context(), func() (bool, error) { return uploaded() == 1, nil }); err != nil {
		t.Error("the record was not accepted afterwards:", err)
	}
}
