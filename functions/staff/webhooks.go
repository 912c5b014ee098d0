package staff

import (
	"net/http"
	"net/url"
	"time"

	"beian/functions/operator"
	"beian/shared/process/event"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A webhooksPage lists the endpoints of events and who changed them, with the form for another one.
type webhooksPage struct {
	Endpoints []webhookRow
	Changes   []operator.WebhookChange
	Next      string // address of the earlier changes
	Fields    []pages.Field
	Typed     bool // the form was filled in
}

// A webhookRow is an endpoint of the list. Dead reports whether it has dead letters.
type webhookRow struct {
	operator.Webhook
	Dead bool
}

// A webhookPage shows an endpoint with its deliveries, and the forms that change it.
type webhookPage struct {
	operator.Webhook
	Fields     []pages.Field
	Typed      bool // the form was filled in
	Deliveries []operator.WebhookDelivery
	OnlyDead   bool
	Since      string // of the form that sends again: a time of Shanghai without its zone
	Delivered  bool   // of that form
	Next       string // address of the later deliveries
	Sent       *sentAgain
}

// sentAgain is the result of a form that sends events again.
type sentAgain struct {
	Replayed int
	Next     time.Time // if there are more
}

// formTime is the format of inputs of type datetime-local.
const formTime = "2006-01-02T15:04"

// registerWebhooks registers the pages of the endpoints of events.
func (s *Staff) registerWebhooks() {
	s.register("GET /webhooks", func(v *visit) error { return v.showWebhooks(nil) })
	s.register("POST /webhooks", func(v *visit) error {
		typed, err := v.ReadForm(webhookQuestions)
		if err != nil {
			return err
		}
		var added operator.Webhook
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: "/webhooks", Body: typed}, &added)
		if v.Refused(err) {
			return v.showWebhooks(typed)
		}
		if err != nil {
			return err
		}
		return v.showWebhook(added.ID, webhookPage{Webhook: operator.Webhook{Secret: added.Secret}}, nil)
	})
	s.register("GET /webhooks/{webhook}", func(v *visit) error { return v.showWebhook(v.R.PathValue("webhook"), webhookPage{}, nil) })
	s.register("POST /webhooks/{webhook}", (*visit).editWebhook)
	s.register("POST /webhooks/{webhook}/state", func(v *visit) error {
		var now operator.Webhook
		if err := v.Get(v.webhookPath(""), &now); err != nil {
			return err
		}
		return v.putWebhook(operator.WebhookEntry{URL: now.URL, Types: now.Types, Description: now.Description, Disabled: v.R.PostForm.Get("disabled") == "true"}, nil)
	})
	s.register("POST /webhooks/{webhook}/secret", func(v *visit) error {
		var changed operator.Webhook
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.webhookPath("/secrets"), ETag: v.R.PostForm.Get("etag"),
			Body: map[string]any{"endPrevious": v.R.PostForm.Get("leaked") == "true"}}, &changed)
		if err != nil && !v.Refused(err) {
			return err
		}
		return v.showWebhook(v.R.PathValue("webhook"), webhookPage{Webhook: operator.Webhook{Secret: changed.Secret}}, nil)
	})
	s.register("POST /webhooks/{webhook}/deletion", func(v *visit) error {
		_, err := v.Call(pages.Request{Method: http.MethodDelete, Path: v.webhookPath(""), ETag: v.R.PostForm.Get("etag")}, nil)
		if v.Refused(err) {
			return v.showWebhook(v.R.PathValue("webhook"), webhookPage{}, nil)
		}
		if err == nil {
			v.Redirect(Prefix + "/webhooks")
		}
		return err
	})
	s.register("POST /webhooks/{webhook}/replays", (*visit).replayWebhook)
}

// webhookQuestions are the questions of the form about an endpoint.
var webhookQuestions = []pages.Question{
	{Pointer: "/url", Words: "webhooks.url", Kind: "url"},
	{Pointer: "/description", Words: "webhooks.description", Kind: "text", Optional: true},
	{Pointer: "/types", Words: "webhooks.types", Kind: "checkboxes", Shape: "lines", Optional: true, Options: func(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
		var options []pages.Option
		for _, t := range event.Types {
			name := "type-" + string(t)
			label, err := v.T("webhooks." + name)
			if err != nil {
				return nil, err
			}
			options = append(options, pages.Option{Value: string(t), Label: label})
		}
		return options, nil
	}},
}

// webhookPath returns the API's path of an operation on the endpoint of the page's address.
func (v *visit) webhookPath(operation string) string {
	return "/webhooks/" + url.PathEscape(v.R.PathValue("webhook")) + operation
}

// WebhookHref is the address of the page of an endpoint, or of a part of it.
func (v *visit) WebhookHref(id, rest string) string {
	return Prefix + "/webhooks/" + url.PathEscape(id) + rest
}

// showWebhooks shows the list, with the form for another endpoint as it was filled in.
func (v *visit) showWebhooks(typed pages.Document) error {
	page := webhooksPage{Typed: typed != nil}
	var list struct{ Items []operator.Webhook }
	if err := v.Get("/webhooks", &list); err != nil {
		return err
	}
	for _, one := range list.Items {
		var dead web.Page[operator.WebhookDelivery]
		if err := v.Get("/webhooks/"+url.PathEscape(one.ID)+"/deliveries?dead=true&limit=1", &dead); err != nil {
			return err
		}
		page.Endpoints = append(page.Endpoints, webhookRow{one, len(dead.Items) > 0})
	}
	filter := v.filterOf("cursor")
	var changes web.Page[operator.WebhookChange]
	if err := v.Get("/webhook-changes?limit=20&"+filter.Encode(), &changes); err != nil {
		return err
	}
	page.Changes, page.Next = changes.Items, v.nextOf("/webhooks", filter, changes.Next)
	var err error
	if page.Fields, err = v.askMore(webhookQuestions, typed); err != nil {
		return err
	}
	return v.Show("webhooks", page)
}

// showWebhook shows an endpoint with its deliveries and, of page, what a form has just given: a secret, or the result of sending again. typed is its form as it was filled in.
func (v *visit) showWebhook(id string, page webhookPage, typed pages.Document) error {
	secret, path := page.Secret, "/webhooks/"+url.PathEscape(id)
	etag, err := v.Call(pages.Request{Method: http.MethodGet, Path: path}, &page.Webhook)
	if err != nil {
		return err
	}
	page.Secret, v.etag = secret, etag
	filter := v.filterOf("dead", "cursor")
	var list web.Page[operator.WebhookDelivery]
	if err := v.Get(path+"/deliveries?limit=50&"+filter.Encode(), &list); err != nil {
		return err
	}
	page.Deliveries, page.OnlyDead, page.Next = list.Items, filter.Get("dead") == "true", v.nextOf("/webhooks/"+url.PathEscape(id), filter, list.Next)
	if page.Since == "" {
		page.Since = v.staff.config.Wall().AddDate(0, 0, -3).In(workday.Shanghai).Format(formTime)
	}
	if page.Typed = typed != nil; !page.Typed {
		types := []any{}
		for _, t := range page.Types {
			types = append(types, string(t))
		}
		typed = pages.Document{"url": page.URL, "description": page.Description, "types": types}
	}
	if page.Fields, err = v.askMore(webhookQuestions, typed); err != nil {
		return err
	}
	return v.Show("webhook", page)
}

// editWebhook stores what was entered about an endpoint. Its state stays.
func (v *visit) editWebhook() error {
	typed, err := v.ReadForm(webhookQuestions)
	if err != nil {
		return err
	}
	var now operator.Webhook
	if err := v.Get(v.webhookPath(""), &now); err != nil {
		return err
	}
	body := operator.WebhookEntry{URL: typed.Text("/url"), Types: []event.Type{}, Description: typed.Text("/description"), Disabled: now.Disabled}
	for _, t := range pages.TextsOf(typed.At("/types")) {
		body.Types = append(body.Types, event.Type(t))
	}
	return v.putWebhook(body, typed)
}

// putWebhook replaces what was entered about an endpoint and goes to its page, or shows the page again.
func (v *visit) putWebhook(body operator.WebhookEntry, typed pages.Document) error {
	id := v.R.PathValue("webhook")
	_, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.webhookPath(""), ETag: v.R.PostForm.Get("etag"), Body: body}, nil)
	if v.Refused(err) {
		return v.showWebhook(id, webhookPage{}, typed)
	}
	if err == nil {
		v.Redirect(v.WebhookHref(id, ""))
	}
	return err
}

// replayWebhook sends one delivery again, or those of all events since a time.
func (v *visit) replayWebhook() error {
	form, body := v.R.PostForm, map[string]any{}
	page := webhookPage{Since: form.Get("since"), Delivered: form.Get("delivered") == "true"}
	if one := form.Get("delivery"); one != "" {
		body["delivery"] = one
	} else if since, err := time.ParseInLocation(formTime, page.Since, workday.Shanghai); err == nil {
		body["since"], body["delivered"] = since, page.Delivered
	}
	var sent sentAgain
	_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.webhookPath("/replays"), Body: body}, &sent)
	if err != nil && !v.Refused(err) {
		return err
	}
	if err == nil {
		page.Sent = &sent
		if !sent.Next.IsZero() {
			page.Since = sent.Next.In(workday.Shanghai).Format(formTime)
		}
	}
	return v.showWebhook(v.R.PathValue("webhook"), page, nil)
}
