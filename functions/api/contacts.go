package api

import (
	"context"
	"errors"
	"net/http"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/web"
)

type contactInput struct {
	web.OrderRequest
	Body NewContact
}

// A NewContact replaces the contact of an order. Parts that are left out stay.
type NewContact struct {
	filing.Contact
	Language string `json:"language,omitempty" maxLength:"16" doc:"language of the SMS and emails: zh-CN or en"`
}

type contactCodeInput struct {
	web.OrderRequest
	Body struct {
		Channel filing.Channel `json:"channel" enum:"mobile,email" doc:"the part of the contact to verify"`
	}
}

type contactAnswerInput struct {
	web.OrderRequest
	Body ContactAnswer
}

// A ContactAnswer is the code that arrived at a part of the contact.
type ContactAnswer struct {
	Channel filing.Channel `json:"channel" enum:"mobile,email" doc:"the part of the contact to verify"`
	Code    string         `json:"code" maxLength:"64" doc:"six digits"`
}

// registerContacts registers the change and the verification of the contact.
func (a operations) registerContacts() {
	const tag = "Orders"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/contact", Tag: tag,
		Summary:     "Change where messages about the order are sent, and their language",
		Description: "Possible at any time. Messages go to the former address until the new one is verified with POST /orders/{id}/contact-codes."}, a.changeContact)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/contact-codes", Status: http.StatusAccepted, Tag: tag,
		Counts: limits.ContactCode, Summary: "Send a code that verifies the mobile or the email address of the contact, or send it again. An address that the account verified for another order needs none",
		Description: "The wait before the next code grows: 1, 2, 5, 15 and 60 minutes. Enter the code with POST /orders/{id}/contact-answers."}, a.sendContactCode)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/contact-answers", Tag: tag, Counts: limits.AnswerSMS,
		Summary:     "Enter the code that verifies the mobile or the email address of the contact",
		Description: "The confirmation requires both parts of the contact to be verified. A wrong code costs a try; send another code when none is left."},
		func(ctx context.Context, c *web.Call, in *contactAnswerInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.AnswerContactCode{Channel: in.Body.Channel, Code: in.Body.Code})
		})
}

func (a operations) changeContact(ctx context.Context, c *web.Call, in *contactInput) (*web.OrderResult, error) {
	verified, err := a.verifiedParts(ctx, c, in.Body.Contact.Normalize())
	if err != nil {
		return nil, err
	}
	d := filing.ChangeContact{Contact: in.Body.Contact, Verified: verified, Language: in.Body.Language}
	return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, d)
}

// sendContactCode sends a code. It counts for the recipient only a code that will be sent.
func (a operations) sendContactCode(ctx context.Context, c *web.Call, in *contactCodeInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
	if err != nil {
		return nil, err
	}
	d := filing.SendContactCode{Channel: in.Body.Channel, NewCode: a.config.Draw}
	if t.Repeated {
		return c.Result(t.Decide(ctx, d))
	}
	if d.Verified, err = a.verifiedParts(ctx, c, t.Order.Private.Contact.Only(d.Channel)); err != nil {
		return nil, err
	}
	switch change, err := a.Decisions.Preview(ctx, t.Order, c.Actor(filing.Applicant), d); {
	case errors.Is(err, filing.ErrNothingToDo):
		return c.Result(t.Order, nil)
	case err != nil:
		return nil, err
	case len(change.Notices) == 0:
		return c.Result(t.Decide(ctx, d))
	}
	if err := c.CountRecipient(ctx, t.Order.Private.Contact.Only(d.Channel)); err != nil {
		return nil, err
	}
	return c.Result(t.Decide(ctx, d))
}

// contactOf returns the contact of the request. Missing parts are those of the account.
func contactOf(c *web.Call, given *filing.Contact) filing.Contact {
	out := filing.Contact{Mobile: c.Caller.Mobile, Email: c.Caller.Email}
	if given == nil {
		return out
	}
	return out.With(given.Normalize())
}

// verifiedParts returns the parts of a contact that the account has verified: with the identity provider, or by a code for another order.
func (a operations) verifiedParts(ctx context.Context, c *web.Call, contact filing.Contact) (filing.Contact, error) {
	verified := contact.Matching(c.Caller.Verified)
	for _, channel := range filing.Channels {
		part := contact.Only(channel)
		if part == (filing.Contact{}) || part == verified.Only(channel) {
			continue
		}
		before, err := a.config.Store.VerifiedBefore(ctx, c.Caller.Account, part)
		if err != nil {
			return filing.Contact{}, err
		}
		if before {
			verified = verified.With(part)
		}
	}
	return verified, nil
}
