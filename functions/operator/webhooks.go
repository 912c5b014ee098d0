package operator

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"beian/shared/filing"
	"beian/shared/process/event"
	"beian/shared/process/subscription"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// A Webhook is an endpoint that gets events.
type Webhook struct {
	ID            string         `json:"id"`
	URL           string         `json:"url"`
	Types         []event.Type   `json:"types" nullable:"false" doc:"of the events that it gets; empty is all"`
	Description   string         `json:"description"`
	Disabled      bool           `json:"disabled"`
	Gone          bool           `json:"gone" doc:"whether it was disabled because it answered 410"`
	CreatedAt     time.Time      `json:"createdAt"`
	ChangedAt     time.Time      `json:"changedAt"`
	ChangedBy     filing.Account `json:"changedBy,omitempty" doc:"who added or changed it last; absent if it answered 410"`
	PreviousUntil time.Time      `json:"previousUntil,omitzero" doc:"until when the secret before the newest signs, too"`
	Version       int            `json:"version" doc:"number of changes; the ETag contains it"`
	Secret        string         `json:"secret,omitempty" doc:"only in the response that made it: it cannot be read later" example:"whsec_…"`
}

// A WebhookEntry is what operators enter about an endpoint.
type WebhookEntry struct {
	URL         string       `json:"url" maxLength:"1024" doc:"https, on the public internet" example:"https://portal.example/events"`
	Types       []event.Type `json:"types" maxItems:"50" nullable:"false" doc:"of the events that it gets; empty is all. GET /events/schemas lists them"`
	Description string       `json:"description,omitempty" maxLength:"400" doc:"at most 100 characters, without names of people"`
	Disabled    bool         `json:"disabled,omitempty" doc:"events of this time are not sent later; attempts that were due are made when it is enabled"`
}

// A WebhookDelivery is the delivery of one event to one endpoint.
type WebhookDelivery struct {
	ID          string               `json:"id" doc:"of the delivery; later events have greater ids"`
	Event       string               `json:"event" doc:"id of the event, which is its webhook-id"`
	Type        event.Type           `json:"type"`
	Subject     string               `json:"subject" doc:"path in the API of what the event is about"`
	Time        time.Time            `json:"time" doc:"of the event"`
	State       subscription.State   `json:"state" enum:"pending,delivered,dead"`
	Attempts    int                  `json:"attempts" doc:"since it was created or replayed"`
	AttemptedAt time.Time            `json:"attemptedAt,omitzero"`
	NextAt      time.Time            `json:"nextAt,omitzero" doc:"when the next attempt is due"`
	Status      int                  `json:"status,omitempty" doc:"of the last response; absent if there was none"`
	Problem     subscription.Problem `json:"problem,omitempty" enum:"no-connection,timeout,not-public" doc:"why there was no response"`
}

// A WebhookReplay says what to send again: one delivery, or those of all events since a time.
type WebhookReplay struct {
	Delivery  string    `json:"delivery,omitempty" maxLength:"200" doc:"id of one delivery"`
	Since     time.Time `json:"since,omitzero" doc:"the earliest event; instead of delivery"`
	Delivered bool      `json:"delivered,omitempty" doc:"with since: also those that were delivered, and not only dead ones"`
}

// A WebhookPath names an endpoint.
type WebhookPath struct {
	Webhook string `path:"webhook" maxLength:"26" pattern:"^[0-9A-Z]{26}$" doc:"the id of the endpoint"`
}

// A WebhookRequest is the input of a change of an endpoint, besides its body.
type WebhookRequest struct {
	WebhookPath
	IfMatch string `header:"If-Match" doc:"the ETag of the endpoint that the caller read; a newer version is refused (412)" example:"\"7\""`
}

// A WebhookChange says who changed an endpoint, and when.
type WebhookChange struct {
	At       time.Time               `json:"at"`
	What     subscription.ChangeKind `json:"what" enum:"added,edited,paused,resumed,new-secret,leaked,gone,deleted" doc:"gone: it answered 410 and was disabled; leaked: a new secret, and the one before ended at once"`
	Webhook  string                  `json:"webhook" doc:"id of the endpoint"`
	URL      string                  `json:"url" doc:"after the change"`
	By       filing.Account          `json:"by,omitempty" doc:"absent for gone"`
	Verified bool                    `json:"verified" doc:"whether the entry is as it was stored; if not, nothing else of it is known"`
}

type newWebhookInput struct{ Body WebhookEntry }

type webhookEntryInput struct {
	WebhookRequest
	Body WebhookEntry
}

type webhookSecretInput struct {
	WebhookRequest
	Body struct {
		EndPrevious bool `json:"endPrevious,omitempty" doc:"ends the secret in use at once, because it leaked; otherwise it signs, too, for 24 hours"`
	}
}

type webhookReplayInput struct {
	WebhookPath
	Body WebhookReplay
}

type webhookDeliveriesInput struct {
	WebhookPath
	Dead  bool      `query:"dead" doc:"only dead ones"`
	Since time.Time `query:"since" doc:"the earliest event; used on the first page"`
	web.PageQuery
}

type webhookOutput struct {
	ETag string `header:"ETag"`
	Body Webhook
}

type webhooksOutput struct {
	Body struct {
		Items []Webhook `json:"items" nullable:"false" doc:"the oldest first"`
	}
}

type webhookReplayOutput struct {
	Body struct {
		Replayed int       `json:"replayed" doc:"number of deliveries that are sent again within a minute"`
		Next     time.Time `json:"next,omitzero" doc:"if there are more: since of the next request"`
	}
}

// Findings about replays.
const CodeReplayWhat finding.Code = "webhook-replay"

// replayLimit is the number of deliveries that one request examines.
const replayLimit = 200

// A WebhookStore keeps deliveries. Package dynamo implements it.
type WebhookStore interface {
	// Deliveries lists the deliveries of an endpoint, the oldest event first; DeadDeliveries the dead ones.
	Deliveries(ctx context.Context, endpoint, cursor string, limit int) (page []subscription.Delivery, next string, err error)
	DeadDeliveries(ctx context.Context, endpoint, cursor string, limit int) (page []subscription.Delivery, next string, err error)
	// Delivery returns a delivery, or subscription.ErrUnknown.
	Delivery(ctx context.Context, endpoint, id string) (subscription.Delivery, error)
	// PutDelivery stores the version of a delivery. The error is a fault of kind Stale if it was stored before.
	PutDelivery(ctx context.Context, d subscription.Delivery) error
}

// registerWebhooks registers the endpoints of events.
func (a operations) registerWebhooks() {
	const tag, route = "Webhooks", "/webhooks/{webhook}"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /webhooks", Tag: tag, Summary: "List the endpoints of events",
		Description: "Without their secrets."},
		func(ctx context.Context, _ *web.Call, _ *struct{}) (*webhooksOutput, error) {
			return a.listWebhooks(ctx)
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /webhooks", Errors: []int{http.StatusConflict}, Tag: tag, Status: http.StatusCreated, Summary: "Add an endpoint of events",
		Description: "It gets the events from now on. The response has its secret, once. A URL can have one endpoint; there are at most 20."},
		func(ctx context.Context, c *web.Call, in *newWebhookInput) (*webhookOutput, error) {
			if err := c.Count(ctx); err != nil {
				return nil, err
			}
			return webhookWithSecret(a.config.Webhooks.Add(ctx, editOf(c, in.Body)))
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /webhook-changes", Tag: tag, Summary: "List who changed which endpoint of events, the newest change first",
		Description: "Of the last three years, with endpoints that were deleted."}, a.listWebhookChanges)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET " + route, Tag: tag, Summary: "Read an endpoint of events",
		Description: "Without its secrets."},
		func(ctx context.Context, _ *web.Call, in *WebhookPath) (*webhookOutput, error) {
			return webhookOf(a.config.Webhooks.Endpoint(ctx, in.Webhook))
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT " + route, Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}, Tag: tag, Summary: "Replace address, types and description of an endpoint, disable or enable it",
		Description: "What is due is sent to the new address. Enable an endpoint that answered 410 once it works again."},
		func(ctx context.Context, c *web.Call, in *webhookEntryInput) (*webhookOutput, error) {
			version, err := a.versionOf(ctx, c, in.WebhookRequest)
			if err != nil {
				return nil, err
			}
			return webhookOf(a.config.Webhooks.Change(ctx, in.Webhook, version, editOf(c, in.Body)))
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "DELETE " + route, Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}, Tag: tag, Summary: "Delete an endpoint of events",
		Description: "What was not delivered to it is never delivered. The response lists the other endpoints."},
		func(ctx context.Context, c *web.Call, in *WebhookRequest) (*webhooksOutput, error) {
			version, err := a.versionOf(ctx, c, *in)
			if err == nil {
				err = a.config.Webhooks.Delete(ctx, in.Webhook, version, c.Caller.Account)
			}
			if err != nil {
				return nil, err
			}
			return a.listWebhooks(ctx)
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST " + route + "/secrets", Errors: []int{http.StatusConflict, http.StatusPreconditionFailed}, Tag: tag, Status: http.StatusOK, Summary: "Give an endpoint a new secret",
		Description: "For 24 hours requests are signed with both secrets, so that the receiver can change over without losing an event. Send If-Match, so that a repeated request does not rotate twice."},
		func(ctx context.Context, c *web.Call, in *webhookSecretInput) (*webhookOutput, error) {
			version, err := a.versionOf(ctx, c, in.WebhookRequest)
			if err != nil {
				return nil, err
			}
			return webhookWithSecret(a.config.Webhooks.Rotate(ctx, in.Webhook, version, c.Caller.Account, in.Body.EndPrevious))
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET " + route + "/deliveries", Tag: tag, Summary: "List the deliveries to an endpoint, the oldest event first",
		Description: "Of the last 30 days. With dead, those that were given up after three days of attempts: the dead letters."}, a.listDeliveries)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST " + route + "/replays", Tag: tag, Status: http.StatusOK, Summary: "Send events to an endpoint again",
		Description: "One delivery, or the dead ones of all events since a time. Each keeps its id, so that the receiver can ignore what it has. A request examines 200 deliveries; repeat it with next as since."}, a.replayDeliveries)
}

func editOf(c *web.Call, e WebhookEntry) subscription.Edit {
	return subscription.Edit{By: c.Caller.Account, URL: e.URL, Types: e.Types, Description: e.Description, Disabled: e.Disabled}
}

// versionOf returns the version in If-Match, and counts the request.
func (a operations) versionOf(ctx context.Context, c *web.Call, in WebhookRequest) (int, error) {
	version, err := web.ParseVersion(in.IfMatch)
	if err != nil {
		return 0, err
	}
	return version, c.Count(ctx)
}

func (a operations) listWebhooks(ctx context.Context) (*webhooksOutput, error) {
	l, err := a.config.Webhooks.Store.Endpoints(ctx)
	if err != nil {
		return nil, err
	}
	out := &webhooksOutput{}
	out.Body.Items = []Webhook{}
	for _, e := range l.List {
		out.Body.Items = append(out.Body.Items, newWebhook(e))
	}
	return out, nil
}

func newWebhook(e subscription.Endpoint) Webhook {
	return Webhook{ID: e.ID, URL: e.URL, Types: append([]event.Type{}, e.Types...), Description: e.Description, Disabled: e.Disabled, Gone: e.Gone,
		CreatedAt: e.CreatedAt, ChangedAt: e.ChangedAt, ChangedBy: e.ChangedBy, PreviousUntil: e.PreviousUntil, Version: e.Version}
}

func webhookOf(e subscription.Endpoint, err error) (*webhookOutput, error) {
	if err != nil {
		return nil, err
	}
	return &webhookOutput{`"` + strconv.Itoa(e.Version) + `"`, newWebhook(e)}, nil
}

func webhookWithSecret(e subscription.Endpoint, err error) (*webhookOutput, error) {
	out, err := webhookOf(e, err)
	if err == nil {
		out.Body.Secret = e.Secret.Reveal()
	}
	return out, err
}

func (a operations) listDeliveries(ctx context.Context, _ *web.Call, in *webhookDeliveriesInput) (*web.PageResult[WebhookDelivery], error) {
	if _, err := a.config.Webhooks.Endpoint(ctx, in.Webhook); err != nil {
		return nil, err
	}
	list, query := a.config.Store.Deliveries, url.Values{}
	if in.Dead {
		list = a.config.Store.DeadDeliveries
		query.Set("dead", "true")
	}
	cursor := in.Cursor
	if cursor == "" && !in.Since.IsZero() {
		cursor = subscription.Since(in.Since)
	}
	found, next, err := list(ctx, in.Webhook, cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	var shown []WebhookDelivery
	for _, d := range found {
		shown = append(shown, WebhookDelivery{ID: d.ID(), Event: d.Event.ID, Type: d.Event.Type, Subject: d.Event.Subject, Time: d.Event.Time, State: d.State,
			Attempts: d.Attempts, AttemptedAt: d.AttemptedAt, NextAt: d.NextAt, Status: d.Status, Problem: d.Problem})
	}
	return web.NewPage(shown, next, "/webhooks/"+in.Webhook+"/deliveries", in.Limit, query), nil
}

func (a operations) listWebhookChanges(ctx context.Context, _ *web.Call, in *web.PageQuery) (*web.PageResult[WebhookChange], error) {
	found, next, err := a.config.Webhooks.Store.Changes(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	var shown []WebhookChange
	for _, c := range found {
		shown = append(shown, WebhookChange{At: c.At, What: c.What, Webhook: c.Endpoint, URL: c.URL, By: c.By, Verified: c.Verified})
	}
	return web.NewPage(shown, next, "/webhook-changes", in.Limit, nil), nil
}

func (a operations) replayDeliveries(ctx context.Context, c *web.Call, in *webhookReplayInput) (*webhookReplayOutput, error) {
	what := in.Body
	if (what.Delivery == "") == what.Since.IsZero() {
		return nil, web.FaultFor(finding.List{finding.New(CodeReplayWhat, "")})
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	if _, err := a.config.Webhooks.Endpoint(ctx, in.Webhook); err != nil {
		return nil, err
	}
	out := &webhookReplayOutput{}
	var found []subscription.Delivery
	var err error
	switch {
	case what.Delivery != "":
		var d subscription.Delivery
		d, err = a.config.Store.Delivery(ctx, in.Webhook, what.Delivery)
		found = append(found, d)
	default:
		list := a.config.Store.DeadDeliveries
		if what.Delivered {
			list = a.config.Store.Deliveries
		}
		var next string
		found, next, err = list(ctx, in.Webhook, subscription.Since(what.Since), replayLimit)
		if next != "" {
			out.Body.Next = found[len(found)-1].Event.Time
		}
	}
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		if d.State == subscription.Pending {
			continue
		}
		d = d.Replayed(a.Wall())
		d.Version++
		err := a.config.Store.PutDelivery(ctx, d)
		if fault.KindOf(err) == fault.Stale { // another operator replays it
			continue
		}
		if err != nil {
			return nil, err
		}
		out.Body.Replayed++
	}
	return out, nil
}
