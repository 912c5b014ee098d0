package api

import (
	"context"
	"net/http"

	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/person"
)

// An Opening says who files, and for which domains: what determines the type of the filing.
type Opening struct {
	Province    string                 `json:"province,omitempty" maxLength:"6" doc:"GB/T 2260, two digits: that of the subject's domicile" example:"11"`
	EntityKind  certificate.EntityKind `json:"entityKind,omitempty" doc:"see /entity-kinds" example:"4"`
	Name        person.Name            `json:"name,omitempty" maxLength:"1024" doc:"of the person or organisation, as on the certificate"`
	Certificate OpeningCertificate     `json:"certificate,omitempty"`
	Domains     []string               `json:"domains,omitempty" maxItems:"100" doc:"registrable domains" example:"[\"example.cn\"]"`
}

// An OpeningCertificate is the subject's certificate without its validity, which is asked for with the details.
type OpeningCertificate struct {
	Kind   certificate.Kind   `json:"kind,omitempty" doc:"see /entity-kinds" example:"1"`
	Number certificate.Number `json:"number,omitempty" maxLength:"1024"`
}

// A NewOrder is what opens an order.
type NewOrder struct {
	Opening
	Language string   `json:"language,omitempty" maxLength:"16" doc:"zh-CN or en; of the messages. Left out: Accept-Language."`
	Contact  *Contact `json:"contact,omitempty" doc:"left out, or in parts: those of the account"`
}

func (o Opening) filing() filing.Opening {
	return filing.Opening{Province: o.Province, EntityKind: o.EntityKind, Name: o.Name,
		Certificate: filing.IdentityDocument{Kind: o.Certificate.Kind, Number: o.Certificate.Number}, Domains: o.Domains}
}

// changed is the answer with an order as it is after a decision.
type changed struct {
	ETag string `header:"ETag" doc:"the order's version"`
	Body Order
}

func (c *call) changed(o filing.Order, err error) (*changed, error) {
	if err != nil {
		return nil, err
	}
	return &changed{ETag: etag(o), Body: orderOf(o, c.caller)}, nil
}

type opened struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     Order
}

// read is the answer to reading an order, which may be that nothing has changed.
type read struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *Order
}

type readInput struct {
	OrderPath
	IfNoneMatch string `header:"If-None-Match" doc:"an ETag; 304 if the order still has it"`
}

type openInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-~]+$" doc:"makes a repeated request a repetition; remembered for 24 hours"`
	Body NewOrder
}

type typeInput struct {
	OrderPath
	Conditions
	Body Opening
}

// orders declares opening, reading and correcting orders.
func (a *API) orders() {
	const tag = "Orders"
	register(a, operation{who: applicants, route: "POST /orders", status: http.StatusCreated, tag: tag,
		does: "Open an order"}, a.open)
	register(a, operation{who: applicants, route: "GET /orders", tag: tag,
		does: "List one's own orders, the latest moved first"},
		func(ctx context.Context, c *call, in *PageQuery) (*listed[Brief], error) {
			found, err := a.Store.ListByAccount(ctx, c.caller.Account, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			return page(c.briefs(found.Orders), found.Next, "/orders", in.Limit, nil), nil
		})
	register(a, operation{who: anyRole, route: "GET /orders/{id}", tag: tag, does: "Read an order"},
		func(ctx context.Context, c *call, in *readInput) (*read, error) {
			o, err := a.seen(ctx, c, in.OrderPath)
			if err != nil {
				return nil, err
			}
			if matches(in.IfNoneMatch, etag(o)) {
				return &read{Status: http.StatusNotModified, ETag: etag(o)}, nil
			}
			body := orderOf(o, c.caller)
			return &read{Status: http.StatusOK, ETag: etag(o), Body: &body}, nil
		})
	register(a, operation{who: applicants, route: "PUT /orders/{id}/type", tag: tag,
		does: "Correct what determines the type, when it cannot be determined"},
		func(ctx context.Context, c *call, in *typeInput) (*changed, error) {
			opening := in.Body.filing()
			key, err := a.subjectKey(ctx, opening)
			if err != nil {
				return nil, err
			}
			d := filing.CorrectType{Opening: opening, SubjectKey: key}
			return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Applicant, d))
		})
}

func (c *call) briefs(orders []filing.Order) []Brief {
	var all []Brief
	for _, o := range orders {
		all = append(all, briefOf(o, c.caller))
	}
	return all
}

func (a *API) open(ctx context.Context, c *call, in *openInput) (*opened, error) {
	opening := in.Body.filing()
	key, err := a.subjectKey(ctx, opening)
	if err != nil {
		return nil, err
	}
	demand, err := c.demand(Conditions{Key: in.Key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	n := filing.New{ID: filing.ID(a.NewID()), Account: c.caller.Account, Language: in.Body.Language,
		Contact: c.contact(in.Body.Contact), Opening: opening, SubjectKey: key}
	if n.Language == "" {
		n.Language = c.language
	}
	o, err := a.Decisions.Create(ctx, n, c.actor(filing.Applicant), demand)
	if err != nil {
		return nil, err
	}
	return &opened{Location: Prefix + "/orders/" + string(o.ID), ETag: etag(o), Body: orderOf(o, c.caller)}, nil
}

// contact is what the applicant gave, and what the account has for the rest.
func (c *call) contact(given *Contact) filing.Contact {
	out := filing.Contact{Mobile: c.caller.Mobile, Email: c.caller.Email}
	if given != nil && given.Mobile != "" {
		out.Mobile = contact.NormalizeMobile(given.Mobile.Reveal())
	}
	if given != nil && given.Email != "" {
		out.Email = contact.NormalizeEmail(given.Email.Reveal())
	}
	return out
}

// subjectKey is the look-up key of the subject's certificate.
func (a *API) subjectKey(ctx context.Context, o filing.Opening) (string, error) {
	return a.Store.SubjectKey(ctx, o.Certificate.Kind, o.Certificate.Number.Reveal())
}
