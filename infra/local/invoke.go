package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	lambdaevents "github.com/aws/aws-lambda-go/events"

	"beian/events"
	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/partners/webhook"
	"beian/shared/workflow"
)

// sampleOrder is the order id in samples. invoke replaces it by that of an existing order.
const sampleOrder = "01DX2QTM8000000000000000EX"

// sampleReviewer is the reviewer in samples. invoke replaces it by the one who claimed the order.
const sampleReviewer = "sample-reviewer"

// binary matches a binary value in a record of the table's stream.
var binary = regexp.MustCompile(`[A-Za-z0-9+/]{40,}={0,2}`)

// invoke sends a sample event to its function in a new system: `local invoke reminders/due`.
func invoke(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: make invoke EVENT=<function>/<case>; the samples are in events/")
	}
	return inTempFolder(func(folder string) (err error) {
		s, err := startSamples(ctx, folder)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.system.Close()) }()
		out, err := s.invoke(ctx, strings.TrimSuffix(strings.TrimPrefix(args[0], "events/"), ".json"))
		if err != nil {
			return err
		}
		fmt.Println(out)
		return nil
	})
}

// samples is a running system in which sample events are invoked.
type samples struct {
	system          *system.System
	client          *scenario.Client
	admin, reviewer *scenario.User
	orders          int
}

func startSamples(ctx context.Context, folder string) (s *samples, err error) {
	s = &samples{}
	s.system, err = system.Start(ctx, system.Config{Folder: folder, Clock: clock.New(), Staff: demo.Staff, ReviewDelay: 10 * time.Millisecond, Log: logger()})
	if err != nil {
		return nil, err
	}
	s.client = scenario.NewClient(s.system)
	if s.admin, s.reviewer, err = demo.LogInStaff(ctx, s.client); err != nil {
		return nil, errors.Join(err, s.system.Close())
	}
	return s, nil
}

// invoke sends a sample to its function and returns the result. If the sample names an order, an invented application is first
// brought to the step of the function.
func (s *samples) invoke(ctx context.Context, name string) (string, error) {
	sample, err := events.Files.ReadFile(name + ".json")
	function, _, _ := strings.Cut(name, "/")
	if err != nil || function == "applications" {
		return "", fmt.Errorf("there is no sample events/%s.json of a function; ls events/ lists them", name)
	}
	payload := string(sample)
	switch {
	case function == "smsreply":
		payload, err = s.replyTo(ctx, sample)
	case function == "mailbounce":
		payload, err = sign(sample, system.BounceSecret)
	case strings.Contains(payload, webhook.SignatureHeader):
		payload, err = sign(sample, system.AccessSecret)
	case strings.Contains(payload, sampleOrder):
		var id filing.ID
		id, err = s.orderFor(ctx, function)
		payload = strings.NewReplacer(sampleOrder, string(id), sampleReviewer, s.reviewer.Account()).Replace(payload)
	case strings.Contains(payload, `"NewImage"`):
		var id filing.ID
		id, err = s.orderFor(ctx, function)
		payload = binary.ReplaceAllStringFunc(payload, func(encoded string) string {
			text, _ := base64.StdEncoding.DecodeString(encoded)
			return base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(string(text), sampleOrder, string(id))))
		})
	}
	if err != nil {
		return "", fmt.Errorf("preparing the order of %s: %w", name, err)
	}
	out, err := s.system.Functions.Invoke(ctx, function, []byte(payload))
	if err != nil {
		return "", fmt.Errorf("%s returned an error: %w", function, err)
	}
	var answer struct{ StatusCode int }
	if err := json.Unmarshal(out, &answer); err == nil && answer.StatusCode >= 400 {
		return "", fmt.Errorf("%s responded with status %d: %s", function, answer.StatusCode, out)
	}
	return string(out), nil
}

// orderFor brings an order to the step, or the closing, of a function.
func (s *samples) orderFor(ctx context.Context, function string) (filing.ID, error) {
	i := slices.IndexFunc(workflow.Tasks(), func(task workflow.Step) bool { return task.Folder() == function })
	step := filing.InitialReview // for functions that are not those of a step
	if i >= 0 {
		step = filing.Step(workflow.Tasks()[i].Name)
	}
	switch filing.Closing(step) {
	case filing.ClosingWithdraw, filing.ClosingReject:
		step = filing.InitialReview
	case filing.ClosingAbandon, filing.ClosingExpire:
		step = filing.CollectDetails
	case filing.Closing(filing.VerifyType): // the machine determines the type at once
		step = filing.VerifyProduct
	}
	o, err := s.advanceTo(ctx, step)
	if err != nil {
		return o.id, err
	}
	switch function {
	case "withdraw":
		return o.id, o.applicant.Withdraw(ctx, o.id)
	case "operator": // erases an order whose retention period is over
		if err := o.applicant.Withdraw(ctx, o.id); err != nil {
			return o.id, err
		}
		if _, err := o.applicant.AwaitStep(ctx, o.id, filing.Done); err != nil {
			return o.id, err
		}
		s.system.Clock.Advance(time.Duration(filing.DefaultRetention.Withdrawn) * 24 * time.Hour)
	case "reviewer":
		return o.id, s.reviewer.Claim(ctx, o.id)
	case "abandon":
		return o.id, o.applicant.Abandon(ctx, o.id)
	case "reject":
		if err := s.reviewer.Claim(ctx, o.id); err != nil {
			return o.id, err
		}
		return o.id, s.reviewer.Review(ctx, o.id, "reject", scenario.Remark{Pointer: "/subject",
			Message: map[string]string{"zh-CN": "主体不予受理", "en": "The subject is not accepted."}})
	}
	return o.id, nil
}

// An order is one of an invented applicant.
type order struct {
	id        filing.ID
	applicant *scenario.User
	mobile    string // of the leaders
}

// advanceTo opens an order and advances it to a step. The machine performs the steps after the SMS check without a person, so an order
// for one of them is filed completely.
func (s *samples) advanceTo(ctx context.Context, step filing.Step) (o order, err error) {
	s.orders++
	application := scenario.Invented(s.orders)
	if step == filing.InitialReview {
		application = application.WithExplainedName()
	}
	o.mobile = scenario.LeaderMobiles(application.Details)[0]
	if o.applicant, err = s.client.LoginApplicant(ctx, s.admin, application, time.Now()); err != nil {
		return o, err
	}
	if !filing.VerifySMS.Before(step) {
		o.id, err = application.AdvanceTo(ctx, o.applicant, s.reviewer, step)
		return o, err
	}
	if o.id, err = application.AdvanceTo(ctx, o.applicant, s.reviewer, filing.VerifySMS); err != nil {
		return o, err
	}
	code, err := s.client.AwaitOrderCode(ctx, o.mobile, o.id)
	if err != nil {
		return o, err
	}
	if err := s.client.ReplySMS(ctx, "reply-"+string(o.id), o.mobile, code); err != nil {
		return o, err
	}
	_, err = o.applicant.AwaitStep(ctx, o.id, filing.Done)
	return o, err
}

// replyTo returns the sample of an SMS reply with the mobile and the code of an order that waits for it, signed by the carrier's
// secret.
func (s *samples) replyTo(ctx context.Context, sample []byte) (string, error) {
	o, err := s.advanceTo(ctx, filing.VerifySMS)
	if err != nil {
		return "", err
	}
	code, err := s.client.AwaitOrderCode(ctx, o.mobile, o.id)
	if err != nil {
		return "", err
	}
	var request lambdaevents.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(sample, &request); err != nil {
		return "", err
	}
	request.Body = strings.NewReplacer("13900000021", o.mobile, "123456", code).Replace(request.Body)
	if sample, err = json.Marshal(request); err != nil {
		return "", err
	}
	return sign(sample, s.client.SMSSecret)
}

// sign returns a request with the signature of its body.
func sign(sample []byte, secret webhook.Secret) (string, error) {
	var request lambdaevents.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(sample, &request); err != nil {
		return "", err
	}
	body := []byte(request.Body)
	if request.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(request.Body); err != nil {
			return "", err
		}
	}
	maps.Copy(request.Headers, webhook.Sign(request.Headers[webhook.IDHeader], body, time.Now(), secret).Map())
	payload, err := json.Marshal(request)
	return string(payload), err
}
