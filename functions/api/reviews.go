package api

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

type queueInput struct {
	Step filing.Step `query:"step" enum:"InitialReview,MailDocuments" default:"InitialReview" doc:"which queue"`
	PageQuery
}

// A Verdict is what the reviewer decides.
type Verdict struct {
	Verdict   filing.Verdict  `json:"verdict" enum:"pass,return,reject"`
	Documents []evidence.Slot `json:"documents,omitempty" maxItems:"64" doc:"with pass: the slots of papers whose originals have to come by mail"`
	Findings  []Reason        `json:"findings,omitempty" maxItems:"32" doc:"with return and reject: why"`
}

type reviewInput struct {
	OrderPath
	Conditions
	Body Verdict
}

type viewInput struct {
	OrderPath
	Conditions
	Body struct {
		Slot string `json:"slot" maxLength:"128"`
	}
}

type viewOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		URL       string    `json:"url" doc:"shows the original; as secret as the picture"`
		ExpiresAt time.Time `json:"expiresAt"`
	}
}

// reviews declares the reviewer's desk.
func (a *API) reviews() {
	const tag = "Review"
	register(a, operation{who: reviewers, route: "GET /review/orders", tag: tag,
		does: "List the orders that wait for a reviewer, the oldest first"},
		func(ctx context.Context, c *call, in *queueInput) (*listed[Brief], error) {
			found, err := a.Store.ListOpen(ctx, in.Step, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			query := url.Values{"step": {string(in.Step)}}
			return page(c.briefs(found.Orders), found.Next, "/review/orders", in.Limit, query), nil
		})
	for _, one := range []struct {
		route, does string
		decision    filing.Decision
	}{
		{"POST /orders/{id}/claim", "Take an order off the queue for half an hour, or go on having it", filing.TakeClaim{}},
		{"DELETE /orders/{id}/claim", "Put an order back", filing.ReleaseClaim{}},
		{"POST /orders/{id}/papers/receipt", "Have the originals in hand, and find them right", filing.ReceivePapers{}},
	} {
		register(a, operation{who: reviewers, route: one.route, tag: tag, does: one.does},
			func(ctx context.Context, c *call, in *decided) (*changed, error) {
				return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Reviewer, one.decision))
			})
	}
	register(a, operation{who: reviewers, route: "POST /orders/{id}/review", tag: tag,
		does: "Pass the application, return it to be mended, or reject it for good"},
		func(ctx context.Context, c *call, in *reviewInput) (*changed, error) {
			d, err := in.Body.decision()
			if err != nil {
				return nil, err
			}
			return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Reviewer, d))
		})
	register(a, operation{who: reviewers, route: "POST /orders/{id}/evidence/views", status: http.StatusCreated, tag: tag,
		does: "Open the original of a paper; the ledger says who did"}, a.view)
	register(a, operation{who: staff, route: "GET /orders/{id}/ledger", tag: tag,
		does: "Read who decided what, and whether nobody has changed the record"}, a.ledger)
}

func (a *API) view(ctx context.Context, c *call, in *viewInput) (*viewOutput, error) {
	t, err := a.turn(ctx, c, in.OrderPath, in.Conditions, filing.Reviewer)
	if err != nil {
		return nil, err
	}
	slot, ok := slotOf(t.order, in.Body.Slot)
	given, there := t.order.Evidence[slot]
	if !ok || !there {
		return nil, fault.New(fault.NotFound, "没有这份材料。", "There is no such paper.")
	}
	o, err := a.take(ctx, c, t, filing.Reviewer, filing.ViewEvidence{Slot: slot})
	if err != nil {
		return nil, err
	}
	out := &viewOutput{ETag: etag(o)}
	if out.Body.URL, err = a.Bucket.PresignView(ctx, bucket.Key(given.Key)); err != nil {
		return nil, err
	}
	out.Body.ExpiresAt = a.Decisions.Now().Add(bucket.ViewExpiry)
	return out, nil
}
