package scenario

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"beian/infra/local/outbox"
	"beian/shared/aws/bucket"
	"beian/shared/filing"
	provider "beian/shared/partners/liveness"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
)

// An Application is everything that an applicant enters during a filing. Samples are events/applications/*.json.
type Application struct {
	About    string         `json:"about"`
	Login    string         `json:"login"`
	Language string         `json:"language"`
	Contact  map[string]any `json:"contact"`
	Open     map[string]any `json:"open"`
	Server   Server         `json:"server"`
	Details  Details        `json:"details"`
}

// A Server is the server of the applicant's site.
type Server struct {
	ID        string   `json:"id"`
	Placement string   `json:"placement"`
	Mode      int      `json:"mode"`
	IPs       []string `json:"ips"`
	Quota     int      `json:"quota"`
}

// Details are the data of subject and sites, in the form of the API.
type Details struct {
	Subject map[string]any   `json:"subject,omitempty"`
	Sites   []map[string]any `json:"sites"`
	// Explanations answer findings that the applicant cannot correct.
	Explanations []filing.Explanation `json:"explanations,omitempty"`
	Readings     []filing.Reading     `json:"readings,omitempty"`
}

// An Order is an order in the form of the API, as far as scenarios read it.
type Order struct {
	Service  string        `json:"serviceKind"` // "" for websites
	ID       filing.ID     `json:"id"`
	Version  int           `json:"version"`
	Type     filing.Type   `json:"type"`
	Province string        `json:"province"`
	Status   filing.Status `json:"status"`
	Step     filing.Step   `json:"step"`
	Round    int           `json:"round"`
	Findings finding.List  `json:"findings"`
	Closing  string        `json:"closing"`
	Contact  struct {
		Mobile string `json:"mobile"`
		Email  string `json:"email"`
	} `json:"contact"`
	Channels []Channel        `json:"channels"`
	Subject  map[string]any   `json:"subject"`
	Sites    []map[string]any `json:"sites"`
	Liveness []int            `json:"liveness"` // indexes of the sites whose leaders pass the check
	Next     struct {
		Who  string        `json:"who"`
		What finding.Words `json:"what"`
	} `json:"next"`
	Product *struct {
		Server string `json:"server"`
	} `json:"product"`
	SMS *struct {
		Codes []struct {
			Roles      []string  `json:"roles"`
			TriesLeft  int       `json:"triesLeft"`
			VerifiedAt time.Time `json:"verifiedAt"`
		} `json:"codes"`
	} `json:"sms"`
	SMSTime *struct {
		Hour   *int      `json:"hour"`
		SendAt time.Time `json:"sendAt"`
	} `json:"smsTime"`
	Appeal *Appeal `json:"appeal"`
	Bureau *struct {
		SubjectNumber string `json:"subjectNumber"`
		Overdue       bool   `json:"overdue"`
		Codes         []int  `json:"codes"`
		Opinion       string `json:"opinion"`
		Sites         []struct {
			Number string `json:"number"`
		} `json:"sites"`
	} `json:"bureau"`
	Duties []struct {
		Code string `json:"code"`
	} `json:"duties"`
}

// A Channel is a part of an order's contact.
type Channel struct {
	Channel  string `json:"channel"`
	Verified bool   `json:"verified"`
	InUse    string `json:"inUse"`
}

func orderPath(id filing.ID, rest string) string {
	return "/orders/" + url.PathEscape(string(id)) + rest
}

// OpenOrder opens an order for an application.
func (u *User) OpenOrder(ctx context.Context, a Application) (Order, error) {
	body := map[string]any{"language": a.Language, "contact": a.Contact}
	maps.Copy(body, a.Open)
	var o Order
	err := u.Call(ctx, http.MethodPost, "/orders", body, &o)
	return o, err
}

// Order reads an order.
func (u *User) Order(ctx context.Context, id filing.ID) (Order, error) {
	var o Order
	err := u.Call(ctx, http.MethodGet, orderPath(id, ""), nil, &o)
	return o, err
}

// AwaitStep reads an order about once a second, as an open page does, until it is at a step.
func (u *User) AwaitStep(ctx context.Context, id filing.ID, step filing.Step) (Order, error) {
	o, err := u.await(ctx, id, func(o Order) bool { return o.Step == step })
	if err != nil {
		return o, fmt.Errorf("awaited at %s: %w", step, err)
	}
	return o, nil
}

// await reads an order about once a second until a condition is met.
func (u *User) await(ctx context.Context, id filing.ID, met func(Order) bool) (o Order, err error) {
	err = poll(ctx, time.Second, func() (bool, error) {
		o, err = u.Order(ctx, id)
		return err == nil && met(o), err
	})
	if err != nil {
		return o, fmt.Errorf("order at %s (%s): %w %v", o.Step, o.Status, err, o.Findings)
	}
	return o, nil
}

// VerifyContact enters the codes that arrive at the parts of the contact that are not verified.
func (u *User) VerifyContact(ctx context.Context, id filing.ID) error {
	o, err := u.Order(ctx, id)
	if err != nil {
		return err
	}
	for _, c := range o.Channels {
		if c.Verified {
			continue
		}
		to := o.Contact.Email
		if c.Channel == string(filing.ChannelMobile) {
			to = "+86" + o.Contact.Mobile
		}
		before := len(u.Client.Sent(to))
		if err := u.SendContactCode(ctx, id, c.Channel); err != nil {
			return err
		}
		code, err := u.Client.awaitCode(ctx, to, func(sent []outbox.Message) []outbox.Message { return sent[min(before, len(sent)):] })
		if err != nil {
			return fmt.Errorf("waiting for the code that verifies the %s: %w", c.Channel, err)
		}
		if err := u.AnswerContactCode(ctx, id, c.Channel, code); err != nil {
			return err
		}
	}
	return nil
}

// SendContactCode requests a code to a part of the contact: mobile or email.
func (u *User) SendContactCode(ctx context.Context, id filing.ID, channel string) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/contact-codes"), map[string]any{"channel": channel}, nil)
}

// AnswerContactCode enters the code that arrived at a part of the contact.
func (u *User) AnswerContactCode(ctx context.Context, id filing.ID, channel, code string) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/contact-answers"), map[string]any{"channel": channel, "code": code}, nil)
}

// ChooseServer chooses the server that hosts the site.
func (u *User) ChooseServer(ctx context.Context, id filing.ID, server string) error {
	return u.Call(ctx, http.MethodPut, orderPath(id, "/product"), map[string]any{"server": server}, nil)
}

// EnterDetails enters the data of subject and sites.
func (u *User) EnterDetails(ctx context.Context, id filing.ID, d Details) error {
	return u.Call(ctx, http.MethodPut, orderPath(id, "/details"), d, nil)
}

// MissingPapers returns the slots of the required papers that are not accepted yet.
func (u *User) MissingPapers(ctx context.Context, id filing.ID) ([]string, error) {
	var list struct {
		Owed []struct {
			Slot  string `json:"slot"`
			Level string `json:"level"`
			Given bool   `json:"given"`
		} `json:"owed"`
	}
	if err := u.Call(ctx, http.MethodGet, orderPath(id, "/evidence"), nil, &list); err != nil {
		return nil, err
	}
	var slots []string
	for _, paper := range list.Owed {
		if paper.Level == "required" && !paper.Given {
			slots = append(slots, paper.Slot)
		}
	}
	return slots, nil
}

// An UploadForm is the form for one paper, and the key under which it will be stored.
type UploadForm struct {
	Slot string      `json:"slot"`
	Key  string      `json:"key"`
	Form bucket.Form `json:"form"`
}

// UploadForms requests a form for each slot.
func (u *User) UploadForms(ctx context.Context, id filing.ID, contentType string, slots ...string) ([]UploadForm, error) {
	var request struct {
		Slots []map[string]string `json:"slots"`
	}
	for _, slot := range slots {
		request.Slots = append(request.Slots, map[string]string{"slot": slot, "contentType": contentType})
	}
	var forms struct {
		Forms []UploadForm `json:"forms"`
	}
	err := u.Call(ctx, http.MethodPost, orderPath(id, "/evidence"), request, &forms)
	return forms.Forms, err
}

// Upload uploads a picture to each slot and confirms the uploads.
func (u *User) Upload(ctx context.Context, id filing.ID, papers map[string][]byte, contentType string) error {
	forms, err := u.UploadForms(ctx, id, contentType, slices.Sorted(maps.Keys(papers))...)
	if err != nil {
		return err
	}
	for _, f := range forms {
		if err := u.Client.PostFile(ctx, f, papers[f.Slot]); err != nil {
			return fmt.Errorf("uploading %s: %w", f.Slot, err)
		}
	}
	return u.ConfirmUploads(ctx, id, forms...)
}

// ConfirmUploads submits the papers that were uploaded.
func (u *User) ConfirmUploads(ctx context.Context, id filing.ID, forms ...UploadForm) error {
	var uploaded struct {
		Papers []map[string]string `json:"papers"`
	}
	for _, f := range forms {
		uploaded.Papers = append(uploaded.Papers, map[string]string{"slot": f.Slot, "key": f.Key})
	}
	return u.Call(ctx, http.MethodPut, orderPath(id, "/evidence"), uploaded, nil)
}

// UploadMissing uploads the same picture for every missing paper, if any, and an icon for an app.
func (u *User) UploadMissing(ctx context.Context, id filing.ID, picture []byte) error {
	slots, err := u.MissingPapers(ctx, id)
	if err != nil {
		return err
	}
	papers := map[string][]byte{}
	for _, slot := range slots {
		papers[slot] = picture
		if strings.HasSuffix(slot, "/"+string(evidence.AppIcon)) {
			papers[slot] = SampleIcon(512)
		}
	}
	if len(papers) == 0 {
		return nil
	}
	return u.Upload(ctx, id, papers, "image/jpeg")
}

// PostFile submits an upload form like a browser.
func (c *Client) PostFile(ctx context.Context, f UploadForm, file []byte) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, value := range f.Form.Fields {
		if err := form.WriteField(name, value); err != nil {
			return err
		}
	}
	part, err := form.CreateFormFile("file", "paper.jpg")
	if err != nil {
		return err
	}
	if _, err := part.Write(file); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	answer, err := c.do(ctx, http.MethodPost, f.Form.URL, http.Header{"Content-Type": {form.FormDataContentType()}}, body.Bytes())
	return answer.decode(err, nil)
}

// PassLiveness passes the liveness check of a site's leader with an invented recording.
func (u *User) PassLiveness(ctx context.Context, id filing.ID, site int) error {
	var challenge struct {
		ID      string `json:"id"`
		Actions []struct {
			Action liveness.Action `json:"action"`
		} `json:"actions"`
	}
	if err := u.Call(ctx, http.MethodPost, orderPath(id, "/challenges"), map[string]any{"site": site}, &challenge); err != nil {
		return err
	}
	requested := liveness.Challenge{Leader: filing.Order{ID: id}.LeaderReference(site)}
	for _, a := range challenge.Actions {
		requested.Actions = append(requested.Actions, a.Action)
	}
	capture := map[string]any{"capture": base64.StdEncoding.EncodeToString(provider.PassingCapture(requested))}
	return u.Call(ctx, http.MethodPut, orderPath(id, "/challenges/"+url.PathEscape(challenge.ID)), capture, nil)
}

// Confirm confirms the summary.
func (u *User) Confirm(ctx context.Context, id filing.ID) error {
	var summary struct {
		Digest string `json:"digest"`
	}
	if err := u.Call(ctx, http.MethodGet, orderPath(id, "/summary"), nil, &summary); err != nil {
		return err
	}
	return u.Call(ctx, http.MethodPost, orderPath(id, "/confirmation"), map[string]any{"digest": summary.Digest}, nil)
}

// MailOriginals enters the courier and tracking number of the mailed originals.
func (u *User) MailOriginals(ctx context.Context, id filing.ID, courier, tracking string) error {
	return u.Call(ctx, http.MethodPut, orderPath(id, "/papers"), map[string]any{"courier": courier, "tracking": tracking}, nil)
}

// AnswerSMS enters an SMS code on the page, with the last six characters of the leader's certificate number.
func (u *User) AnswerSMS(ctx context.Context, id filing.ID, mobile, code, tail string) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/sms-answers"), map[string]any{"mobile": mobile, "code": code, "tail": tail}, nil)
}

// ChooseSMSHour chooses the hour of the day, in Shanghai, at which the leaders get their SMS codes.
func (u *User) ChooseSMSHour(ctx context.Context, id filing.ID, hour int) error {
	return u.Call(ctx, http.MethodPut, orderPath(id, "/sms-hour"), map[string]any{"hour": hour}, nil)
}

// ResendSMS requests one of the order's SMS codes again.
func (u *User) ResendSMS(ctx context.Context, id filing.ID, index int) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/sms-codes"), map[string]any{"index": index}, nil)
}

// Withdraw withdraws a submitted application.
func (u *User) Withdraw(ctx context.Context, id filing.ID) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/withdrawal"), nil, nil)
}

// Abandon abandons an application before it is submitted.
func (u *User) Abandon(ctx context.Context, id filing.ID) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/abandonment"), nil, nil)
}

// Resubmit starts another round of an application that the bureau refused.
func (u *User) Resubmit(ctx context.Context, id filing.ID) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/resubmission"), nil, nil)
}
