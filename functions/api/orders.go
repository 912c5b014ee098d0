package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/web"
)

// A NewOrder is the request to open an order.
type NewOrder struct {
	filing.Opening
	Language string          `json:"language,omitempty" maxLength:"16" doc:"language of the SMS and emails: zh-CN or en. Default: that of Accept-Language"`
	Contact  *filing.Contact `json:"contact,omitempty" doc:"a missing mobile or email defaults to that of the account"`
}

type openResult struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     web.Order
}

// A readResult is the response with an order, or 304 without a body.
type readResult struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *web.Order
}

type readInput struct {
	web.OrderPath
	IfNoneMatch string `header:"If-None-Match" doc:"an ETag; the response to an applicant is 304 if the order still has it"`
}

type openInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours opens only one order"`
	Body NewOrder
}

type typeInput struct {
	web.OrderRequest
	Body filing.Opening
}

type splitInput struct {
	web.OrderRequest
	Body struct {
		Digest string `json:"digest" maxLength:"64" doc:"of the order's split that the applicant has seen"`
	}
}

// registerOrders registers opening, reading and correcting orders.
func (a operations) registerOrders() {
	const tag = "Orders"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders", Status: http.StatusCreated, Tag: tag, Counts: limits.Open,
		Summary:     "Open an order",
		Description: "Send subject, certificate and domains; the type of the application is determined afterwards. Poll GET /orders/{id} until next names the applicant. It is refused while your account has an open order of the subject or of a domain; the finding names that order."}, a.openOrder)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /orders", Tag: tag,
		Summary:     "List your orders, most recently moved first",
		Description: "Brief entries without personal data, for a list of orders. Each has next, which says who acts. An agency sees only orders for which its consent stands."},
		func(ctx context.Context, c *web.Call, in *web.PageQuery) (*web.PageResult[web.Brief], error) {
			found, err := a.config.Store.ListByAccount(ctx, c.Caller.Account, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			if found.Orders, err = readableOrders(ctx, c, found.Orders); err != nil {
				return nil, err
			}
			return web.NewPage(c.Briefs(found.Orders), found.Next, "/orders", in.Limit, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.AnyRole, Route: "GET /orders/{id}", Tag: tag, Reads: filing.ReadOrder,
		Summary:     "Read an order. A reviewer without a claim sees only what lists show",
		Description: "Poll it with If-None-Match: next says who acts and with which operation, and findings say what to correct. Each decision changes the ETag. Orders of other accounts are answered with 404."},
		func(ctx context.Context, c *web.Call, in *readInput) (*readResult, error) {
			o, err := a.ReadOrder(ctx, c, in.OrderPath)
			if err != nil {
				return nil, err
			}
			if c.OfStaff() {
				return a.readAsStaff(ctx, c, o)
			}
			if web.MatchesETag(in.IfNoneMatch, web.ETag(o)) {
				return &readResult{Status: http.StatusNotModified, ETag: web.ETag(o)}, nil
			}
			body := c.OrderOf(o)
			return &readResult{Status: http.StatusOK, ETag: web.ETag(o), Body: &body}, nil
		})
	a.Describe(func(d *huma.OpenAPI) {
		d.Paths["/orders/{id}"].Get.Responses["304"] = &huma.Response{Description: "The order still has the ETag of If-None-Match."}
	})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/type", Tag: tag, Counts: limits.CorrectType,
		Summary:     "Correct the data that determines the type, if it cannot be determined",
		Description: "Possible while the order is at VerifyType and has findings; later, open another order. The type is then determined from the new data, so poll the order."},
		func(ctx context.Context, c *web.Call, in *typeInput) (*web.OrderResult, error) {
			key, err := a.subjectKey(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			d := filing.CorrectType{Opening: in.Body, SubjectKey: key}
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, d)
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/split", Tag: tag,
		Summary:     "File the domains in the orders that the order's split offers: this one keeps the first part, and the others follow as an accepted plan",
		Description: "Call it when the order shows a split, because its domains need different types of application. Send the split's digest; one that is outdated is refused. The first part keeps this order."},
		func(ctx context.Context, c *web.Call, in *splitInput) (*web.OrderResult, error) {
			d := filing.AcceptSplit{Digest: in.Body.Digest}
			for range filing.DomainLimit {
				d.NewIDs = append(d.NewIDs, filing.ID(a.config.NewID()))
			}
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, d)
		})
}

// maxMatches is the number of orders that staff see for one value.
const maxMatches = 20

// readAsStaff returns an order for staff. It is never 304, because the matches change with other orders, and each read is recorded.
func (a operations) readAsStaff(ctx context.Context, c *web.Call, o filing.Order) (*readResult, error) {
	if !c.SeesAll() {
		body := c.OrderOf(o)
		return &readResult{Status: http.StatusOK, ETag: web.ETag(o), Body: &body}, nil
	}
	matches, err := a.config.Store.LeaderMatches(ctx, o, maxMatches)
	if err != nil {
		return nil, err
	}
	c.AddToRead(func(r *filing.StaffRead) {
		for _, m := range matches {
			r.Others = append(r.Others, m.Orders...)
		}
	})
	body := c.StaffOrderOf(o, matches)
	return &readResult{Status: http.StatusOK, ETag: web.ETag(o), Body: &body}, nil
}

// readComplete reads an order. It returns an error if the personal data were erased.
func (a operations) readComplete(ctx context.Context, c *web.Call, in web.OrderPath) (filing.Order, error) {
	o, err := a.ReadOrder(ctx, c, in)
	if err == nil {
		err = o.CheckNotErased()
	}
	return o, err
}

func (a operations) openOrder(ctx context.Context, c *web.Call, in *openInput) (*openResult, error) {
	key, err := a.subjectKey(ctx, in.Body.Opening)
	if err != nil {
		return nil, err
	}
	return a.createOrder(ctx, c, in.Key, newOrder{Language: in.Body.Language, Contact: in.Body.Contact, Opening: in.Body.Opening, SubjectKey: key})
}

// A newOrder is what the ways to open an order differ in: an opening with the key of its subject, or a filing.
type newOrder struct {
	Language   string
	Contact    *filing.Contact
	Opening    filing.Opening
	SubjectKey string
	At         *filing.AtFilingInput
}

// createOrder opens an order. The key identifies the request.
func (a operations) createOrder(ctx context.Context, c *web.Call, key string, order newOrder) (*openResult, error) {
	preconditions, err := c.Preconditions(web.Conditions{Key: key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	count := preconditions.Permit
	preconditions.Permit = func(ctx context.Context) error {
		var checking errgroup.Group
		checking.Go(func() error { return a.config.Limits.CheckDrafts(ctx, c.Caller.Account) })
		return cmp.Or(count(ctx), checking.Wait())
	}
	contact := contactOf(c, order.Contact)
	verified, err := a.verifiedParts(ctx, c, contact)
	if err != nil {
		return nil, err
	}
	id := filing.ID(a.config.NewID())
	agentFor := c.Consent().Filing // with which the filing was read
	if order.At == nil {
		if agentFor, err = a.agentFor(ctx, c, id, order.SubjectKey); err != nil {
			return nil, err
		}
	}
	n := filing.OpenInput{ID: id, Account: c.Caller.Account, AgentFor: agentFor, Language: order.Language,
		Contact: contact, Verified: verified, Opening: order.Opening, SubjectKey: order.SubjectKey, At: order.At, Characters: a.config.Characters, DigestKey: rand.Text()}
	if n.Language == "" {
		n.Language = c.Language
	}
	o, err := a.Decisions.Create(ctx, n, c.Actor(filing.Applicant), preconditions)
	if err != nil {
		return nil, err
	}
	return &openResult{Location: web.Prefix + "/orders/" + string(o.ID), ETag: web.ETag(o), Body: c.OrderOf(o)}, nil
}

// subjectKey returns the look-up key of the subject's certificate.
func (a operations) subjectKey(ctx context.Context, o filing.Opening) (string, error) {
	return a.config.Store.SubjectKey(ctx, o.Certificate.Kind, o.Certificate.Number.Reveal())
}
