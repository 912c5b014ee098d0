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
	"time"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	provider "beian/shared/partners/liveness"
	"beian/shared/partners/webhook"
	"beian/shared/rules/finding"
	"beian/shared/rules/liveness"
)

// An Application is what an applicant gives in the course of a filing: events/applications/*.json.
type Application struct {
	About    string         `json:"about"`
	Login    string         `json:"login"`
	Language string         `json:"language"`
	Contact  map[string]any `json:"contact"`
	Open     map[string]any `json:"open"`
	Server   Server         `json:"server"`
	Details  Details        `json:"details"`
}

// A Server is the one on which the applicant's site stands.
type Server struct {
	ID        string   `json:"id"`
	Placement string   `json:"placement"`
	Mode      int      `json:"mode"`
	IPs       []string `json:"ips"`
	Quota     int      `json:"quota"`
}

// Details are the data of subject and sites, as the API takes them.
type Details struct {
	Subject map[string]any   `json:"subject"`
	Sites   []map[string]any `json:"sites"`
}

// An Order is what the API shows of an order, as far as people here look at it.
type Order struct {
	ID       filing.ID     `json:"id"`
	Version  int           `json:"version"`
	Type     filing.Type   `json:"type"`
	Status   filing.Status `json:"status"`
	Step     filing.Step   `json:"step"`
	Round    int           `json:"round"`
	Findings finding.List  `json:"findings"`
	Closing  string        `json:"closing"`
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

func path(id filing.ID, rest string) string { return "/orders/" + url.PathEscape(string(id)) + rest }

// Open begins an application.
func (p *User) OpenOrder(ctx context.Context, a Application) (Order, error) {
	body := map[string]any{"language": a.Language, "contact": a.Contact}
	for k, v := range a.Open {
		body[k] = v
	}
	var o Order
	err := p.Call(ctx, http.MethodPost, "/orders", body, &o)
	return o, err
}

// Order reads an order.
func (p *User) Order(ctx context.Context, id filing.ID) (Order, error) {
	var o Order
	err := p.Call(ctx, http.MethodGet, path(id, ""), nil, &o)
	return o, err
}

// Await reads an order until it has come to a step, or cannot any more.
func (p *User) AwaitStep(ctx context.Context, id filing.ID, step filing.Step) (Order, error) {
	var o Order
	err := poll(ctx, time.Second, func() (bool, error) { // as a page that is left open does
		var err error
		o, err = p.Order(ctx, id)
		return o.Step == step, err
	})
	if err != nil {
		return o, fmt.Errorf("order at %s (%s), awaited at %s: %w %v", o.Step, o.Status, step, err, o.Findings)
	}
	return o, nil
}

// Choose names the server.
func (p *User) ChooseServer(ctx context.Context, id filing.ID, server string) error {
	return p.Call(ctx, http.MethodPut, path(id, "/product"), map[string]any{"server": server}, nil)
}

// Enter gives the details.
func (p *User) EnterDetails(ctx context.Context, id filing.ID, d Details) error {
	return p.Call(ctx, http.MethodPut, path(id, "/details"), d, nil)
}

// Owed returns the slots of the papers that are required and not there yet.
func (p *User) MissingPapers(ctx context.Context, id filing.ID) ([]string, error) {
	var list struct {
		Owed []struct {
			Slot  string `json:"slot"`
			Level string `json:"level"`
			Given bool   `json:"given"`
		} `json:"owed"`
	}
	if err := p.Call(ctx, http.MethodGet, path(id, "/evidence"), nil, &list); err != nil {
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

// A Form is where one paper may be posted, and the key to name once it is.
type UploadForm struct {
	Slot string      `json:"slot"`
	Key  string      `json:"key"`
	Form bucket.Form `json:"form"`
}

// Forms asks for forms to upload papers with.
func (p *User) UploadForms(ctx context.Context, id filing.ID, contentType string, slots ...string) ([]UploadForm, error) {
	var ask struct {
		Slots []map[string]string `json:"slots"`
	}
	for _, slot := range slots {
		ask.Slots = append(ask.Slots, map[string]string{"slot": slot, "contentType": contentType})
	}
	var forms struct {
		Forms []UploadForm `json:"forms"`
	}
	err := p.Call(ctx, http.MethodPost, path(id, "/evidence"), ask, &forms)
	return forms.Forms, err
}

// Upload uploads pictures to slots and says so.
func (p *User) Upload(ctx context.Context, id filing.ID, papers map[string][]byte, contentType string) error {
	forms, err := p.UploadForms(ctx, id, contentType, slices.Sorted(maps.Keys(papers))...)
	if err != nil {
		return err
	}
	for _, f := range forms {
		if err := p.Client.PostFile(ctx, f, papers[f.Slot]); err != nil {
			return fmt.Errorf("uploading %s: %w", f.Slot, err)
		}
	}
	return p.ConfirmUploads(ctx, id, forms...)
}

// Uploaded says that papers have been posted.
func (p *User) ConfirmUploads(ctx context.Context, id filing.ID, forms ...UploadForm) error {
	var uploaded struct {
		Papers []map[string]string `json:"papers"`
	}
	for _, f := range forms {
		uploaded.Papers = append(uploaded.Papers, map[string]string{"slot": f.Slot, "key": f.Key})
	}
	return p.Call(ctx, http.MethodPut, path(id, "/evidence"), uploaded, nil)
}

// Post posts a file as a browser does.
func (w *Client) PostFile(ctx context.Context, f UploadForm, file []byte) error {
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
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.Form.URL, &body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return w.do(r, nil)
}

// Prove has a site's leader pass the liveness check, with an invented recording.
func (p *User) PassLiveness(ctx context.Context, id filing.ID, site int) error {
	var challenge struct {
		ID      string `json:"id"`
		Actions []struct {
			Action liveness.Action `json:"action"`
		} `json:"actions"`
	}
	if err := p.Call(ctx, http.MethodPost, path(id, "/challenges"), map[string]any{"site": site}, &challenge); err != nil {
		return err
	}
	asked := liveness.Challenge{Leader: filing.Order{ID: id}.LeaderReference(site)}
	for _, a := range challenge.Actions {
		asked.Actions = append(asked.Actions, a.Action)
	}
	capture := map[string]any{"capture": base64.StdEncoding.EncodeToString(provider.Document(asked))}
	return p.Call(ctx, http.MethodPut, path(id, "/challenges/"+url.PathEscape(challenge.ID)), capture, nil)
}

// Confirm reads the summary and confirms it.
func (p *User) Confirm(ctx context.Context, id filing.ID) error {
	var summary struct {
		Digest string `json:"digest"`
	}
	if err := p.Call(ctx, http.MethodGet, path(id, "/summary"), nil, &summary); err != nil {
		return err
	}
	return p.Call(ctx, http.MethodPost, path(id, "/confirmation"), map[string]any{"digest": summary.Digest}, nil)
}

// Complete takes an order from where the type is known to the reviewers, with the same picture for every paper.
func (p *User) Complete(ctx context.Context, id filing.ID, a Application, picture []byte) error {
	if err := p.ChooseServer(ctx, id, a.Server.ID); err != nil {
		return err
	}
	if err := p.EnterDetails(ctx, id, a.Details); err != nil {
		return err
	}
	if err := p.UploadMissing(ctx, id, picture); err != nil {
		return err
	}
	for site := range a.Details.Sites {
		if err := p.PassLiveness(ctx, id, site); err != nil {
			return err
		}
	}
	return p.Confirm(ctx, id)
}

// Papers uploads the same picture for every paper that is owed.
func (p *User) UploadMissing(ctx context.Context, id filing.ID, picture []byte) error {
	owed, err := p.MissingPapers(ctx, id)
	if err != nil {
		return err
	}
	papers := map[string][]byte{}
	for _, slot := range owed {
		papers[slot] = picture
	}
	return p.Upload(ctx, id, papers, "image/jpeg")
}

// Mail says how the originals travel.
func (p *User) MailOriginals(ctx context.Context, id filing.ID, courier, tracking string) error {
	return p.Call(ctx, http.MethodPut, path(id, "/papers"), map[string]any{"courier": courier, "tracking": tracking}, nil)
}

// Answer gives an SMS code back on the page, with the tail of the leader's certificate number.
func (p *User) AnswerSMS(ctx context.Context, id filing.ID, mobile, code, tail string) error {
	return p.Call(ctx, http.MethodPost, path(id, "/sms-answers"), map[string]any{"mobile": mobile, "code": code, "tail": tail}, nil)
}

// Resend asks for one of the order's SMS codes again.
func (p *User) ResendSMS(ctx context.Context, id filing.ID, index int) error {
	return p.Call(ctx, http.MethodPost, path(id, "/sms-codes"), map[string]any{"index": index}, nil)
}

// Withdraw takes the application back.
func (p *User) Withdraw(ctx context.Context, id filing.ID) error {
	return p.Call(ctx, http.MethodPost, path(id, "/withdrawal"), nil, nil)
}

// Abandon gives the application up.
func (p *User) Abandon(ctx context.Context, id filing.ID) error {
	return p.Call(ctx, http.MethodPost, path(id, "/abandonment"), nil, nil)
}

// Resubmit opens a refused application for another round.
func (p *User) Resubmit(ctx context.Context, id filing.ID) error {
	return p.Call(ctx, http.MethodPost, path(id, "/resubmission"), nil, nil)
}

// Reply answers an SMS through the carrier's webhook.
func (w *Client) ReplySMS(ctx context.Context, messageID, mobile, text string) error {
	body := fmt.Appendf(nil, `{"id":%q,"from":%q,"text":%q,"receivedAt":%q}`, messageID, mobile, text, time.Now().UTC().Format(time.RFC3339))
	timestamp, signature := webhook.Sign(w.SMSSecret, body, time.Now())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.Portal+"/webhooks/sms", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(webhook.TimestampHeader, timestamp)
	r.Header.Set(webhook.SignatureHeader, signature)
	return w.do(r, nil)
}
