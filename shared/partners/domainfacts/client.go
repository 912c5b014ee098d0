// Package domainfacts looks up the registration of domains: [Client] asks the provider's own registrar system over HTTPS, [RDAP] the
// public directory of the registries, and [Simulator] invents it on the laptop and in tests. [Pages] finds out whether a domain shows a
// page. The rules are in rules/domainfacts.
//
//	client, err := domainfacts.New(webhook.Endpoint{Name: "acme", URL: "https://…", KeyID: "k1", Secret: secret, Now: time.Now})
//	facts, err := client.Registration(ctx, rules.Query{Domain: "example.cn", …})
//
// The request of a Client is a signed JSON POST (package webhook): {"domain": "example.cn"}, the domain in ASCII form. It does not contain
// the applicant's name. The response is a JSON object of at most 64 KiB:
//
//	{"domain": "example.cn", "managed": true, "registered": true, "registrar": "示例云计算有限公司", "registrarId": 420,
//	 "registeredAt": "2018-05-01T00:00:00Z", "expiresAt": "2027-05-01T00:00:00Z",
//	 "holder": {"name": "示例科技有限公司", "certificateNumber": "91110000…"},
//	 "verified": true, "verifiedAt": "2018-05-02T08:00:00Z", "onHold": false, "blacklisted": false}
//
// domain repeats the request's. managed is false for a domain of another registrar; the other fields are then ignored, and [RDAP] is asked.
// registered is false for a domain that has no holder at all. Every field but domain, managed and registered may be missing if it is
// unknown. holder is the real-name holder; a number with asterisks is ignored.
package domainfacts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/partners/webhook"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/person"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/text"
)

const (
	timeout   = 8 * time.Second
	maxAnswer = 64 << 10
)

// A Client asks one registrar system.
type Client struct{ endpoint webhook.Endpoint }

// New returns a client of the registrar system at an endpoint, whose Timeout and MaxResponse it sets, or an error if the endpoint is not
// https or a field is missing.
func New(e webhook.Endpoint) (*Client, error) {
	e.Timeout, e.MaxResponse = timeout, maxAnswer
	if err := e.Check(); err != nil {
		return nil, fmt.Errorf("domainfacts: %w", err)
	}
	return &Client{e}, nil
}

type lookupRequest struct {
	Domain domainname.Domain `json:"domain"`
}

type lookupResponse struct {
	Domain       domainname.Domain `json:"domain"`
	Managed      *bool             `json:"managed"`
	Registered   *bool             `json:"registered"`
	Registrar    string            `json:"registrar"`
	RegistrarID  int               `json:"registrarId"`
	RegisteredAt time.Time         `json:"registeredAt"`
	ExpiresAt    time.Time         `json:"expiresAt"`
	Holder       *holder           `json:"holder"`
	Verified     *bool             `json:"verified"`
	VerifiedAt   time.Time         `json:"verifiedAt"`
	OnHold       bool              `json:"onHold"`
	Blacklisted  bool              `json:"blacklisted"`
}

type holder struct {
	Name              string             `json:"name"`
	CertificateNumber certificate.Number `json:"certificateNumber"`
}

// Registration asks the registrar system once. Timeouts, 429, 5xx and inconsistent responses are fault.Unavailable; another status is
// fault.Internal, because a retry would not help. The error is domainfacts.ErrNotManaged for a domain of another registrar.
func (c *Client) Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	body, err := json.Marshal(lookupRequest{q.Domain})
	if err != nil {
		return domainfacts.Facts{}, fmt.Errorf("domainfacts: %w", err)
	}
	status, answer, err := c.endpoint.Post(ctx, ulid.Make().String(), body)
	switch {
	case status == http.StatusTooManyRequests || status >= 500:
		return domainfacts.Facts{}, unavailable(fmt.Errorf("%s: status %d", c.endpoint.Name, status))
	case status != 0 && status != http.StatusOK:
		return domainfacts.Facts{}, fault.Wrap(fault.Internal, fmt.Errorf("domainfacts: %s: status %d", c.endpoint.Name, status))
	case err != nil:
		return domainfacts.Facts{}, unavailable(fmt.Errorf("%s: %w", c.endpoint.Name, err))
	}
	return c.factsOf(answer, q)
}

// factsOf parses a response, which must be consistent.
func (c *Client) factsOf(answer []byte, q domainfacts.Query) (domainfacts.Facts, error) {
	var a lookupResponse
	if err := strictjson.Unmarshal(answer, &a); err != nil {
		return domainfacts.Facts{}, unavailable(errors.New("the response does not have the agreed JSON format"))
	}
	verified := a.Verified != nil && *a.Verified
	switch {
	case a.Domain != q.Domain:
		return domainfacts.Facts{}, unavailable(errors.New("the response is for another domain"))
	case a.Managed == nil:
		return domainfacts.Facts{}, unavailable(errors.New("the response does not say whether the domain is managed"))
	case !*a.Managed:
		return domainfacts.Facts{}, domainfacts.ErrNotManaged
	case a.Registered == nil:
		return domainfacts.Facts{}, unavailable(errors.New("the response does not say whether the domain is registered"))
	case !verified && !a.VerifiedAt.IsZero(), a.VerifiedAt.After(c.endpoint.Now().Add(webhook.MaxSkew)):
		return domainfacts.Facts{}, unavailable(errors.New("the verification is inconsistent"))
	case !a.ExpiresAt.IsZero() && a.ExpiresAt.Before(a.RegisteredAt):
		return domainfacts.Facts{}, unavailable(errors.New("the domain expires before its registration"))
	}
	facts := domainfacts.Facts{
		Source: domainfacts.Registrar, Registered: domainfacts.AnswerOf(*a.Registered), Registrar: limit(a.Registrar), RegistrarID: a.RegistrarID,
		RegisteredAt: a.RegisteredAt, ExpiresAt: a.ExpiresAt, VerifiedAt: a.VerifiedAt, OnHold: a.OnHold, Blacklisted: a.Blacklisted,
	}
	if a.Verified != nil {
		facts.Verified = domainfacts.AnswerOf(verified)
	}
	if a.Holder != nil {
		facts.Holder = person.NormalizeName(limit(a.Holder.Name))
		if number := a.Holder.CertificateNumber.Reveal(); number != "" && q.Certificate != "" && !strings.Contains(number, "*") {
			facts.SameCertificate = domainfacts.AnswerOf(certificate.Fold(number) == certificate.Fold(q.Certificate.Reveal()))
		}
	}
	return facts, nil
}

// limit returns the first 255 characters of a name, without invisible ones.
func limit(name string) string {
	runes := []rune(text.Normalize(name))
	return string(runes[:min(len(runes), 255)])
}

func unavailable(err error) error {
	return fault.Wrap(fault.Unavailable, fmt.Errorf("domainfacts: %w", err))
}
