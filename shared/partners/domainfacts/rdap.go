package domainfacts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/openrdap/rdap"
	"github.com/openrdap/rdap/bootstrap"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/person"
)

const (
	rdapTimeout   = 6 * time.Second
	maxDirectory  = 1 << 20 // of a response, and of IANA's list of registries
	maxRedirects  = 3
	rdapUserAgent = "beian"
)

// RDAP asks the public directory of the registry of a domain (RFC 9083). IANA's list says which server that is; it is downloaded at the
// first query and kept for a day. The registry knows registrar, dates and status. It seldom knows the holder and never the real-name
// verification, and several country codes, .cn among them, have no server in the list: the reviewer then needs the certificate of the
// domain. It connects to public addresses only, and is safe for concurrent use.
type RDAP struct {
	client    *http.Client
	mu        sync.Mutex // the library's bootstrap client is not safe for concurrent use
	bootstrap *bootstrap.Client
}

// NewRDAP returns an RDAP.
func NewRDAP() *RDAP {
	return newRDAP(&http.Transport{DialContext: publicDialer().DialContext, TLSHandshakeTimeout: dialTimeout, MaxResponseHeaderBytes: maxHeader}, nil)
}

// newRDAP returns an RDAP with another transport and, if list is not nil, another place of IANA's list.
func newRDAP(transport http.RoundTripper, list *url.URL) *RDAP {
	client := &http.Client{Transport: limitedTransport{transport}, CheckRedirect: func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return errors.New("too many redirects")
		}
		return nil
	}}
	return &RDAP{client: client, bootstrap: &bootstrap.Client{HTTP: client, BaseURL: list}}
}

// Registration implements domaincheck.Registrations.
func (r *RDAP) Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, rdapTimeout)
	defer cancel()
	servers, err := r.servers(ctx, string(q.Domain))
	if err != nil {
		return domainfacts.Facts{}, unavailable(err)
	}
	last := errors.New("the registry of the domain has no RDAP server")
	for _, server := range servers {
		request := (&rdap.Request{Type: rdap.DomainRequest, Query: string(q.Domain), Server: server}).WithContext(ctx)
		response, err := (&rdap.Client{HTTP: r.client, UserAgent: rdapUserAgent}).Do(request)
		if failed, ok := errors.AsType[*rdap.ClientError](err); ok && failed.Type == rdap.ObjectDoesNotExist {
			return domainfacts.Facts{Source: domainfacts.RDAP, Registered: domainfacts.No}, nil
		}
		if err != nil {
			last = fmt.Errorf("rdap server %s: no usable answer", server.Host) // err may quote the answer
			continue
		}
		if domain, ok := response.Object.(*rdap.Domain); ok && strings.EqualFold(domain.LDHName, string(q.Domain)) {
			return factsOf(domain), nil
		}
		last = fmt.Errorf("rdap server %s: the answer is not about the domain", server.Host)
	}
	return domainfacts.Facts{}, unavailable(last)
}

// servers returns the RDAP servers of a domain's registry, those with https first.
func (r *RDAP) servers(ctx context.Context, domain string) ([]*url.URL, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	question := (&bootstrap.Question{RegistryType: bootstrap.DNS, Query: domain}).WithContext(ctx)
	answer, err := r.bootstrap.Lookup(question)
	if err != nil {
		return nil, fmt.Errorf("the list of RDAP servers: %w", err)
	}
	slices.SortStableFunc(answer.URLs, func(a, b *url.URL) int { return cmp.Compare(b.Scheme, a.Scheme) })
	return answer.URLs, nil
}

// factsOf returns the facts in an answer. What it cannot read is unknown.
func factsOf(d *rdap.Domain) domainfacts.Facts {
	facts := domainfacts.Facts{Source: domainfacts.RDAP, Registered: domainfacts.Yes}
	for _, e := range d.Events {
		at, err := time.Parse(time.RFC3339, e.Date)
		if err != nil {
			continue
		}
		switch e.Action {
		case "registration":
			facts.RegisteredAt = at.UTC()
		case "expiration":
			facts.ExpiresAt = at.UTC()
		}
	}
	for _, s := range d.Status {
		switch strings.ToLower(strings.ReplaceAll(s, " ", "")) {
		case "clienthold", "serverhold", "inactive":
			facts.OnHold = true
		}
	}
	for _, e := range d.Entities {
		if slices.Contains(e.Roles, "registrar") {
			facts.Registrar = limit(nameOf(e))
			for _, id := range e.PublicIDs {
				if n, err := strconv.Atoi(id.Identifier); err == nil && strings.Contains(id.Type, "IANA") {
					facts.RegistrarID = n
				}
			}
		}
		if slices.Contains(e.Roles, "registrant") {
			facts.Holder = person.NormalizeName(limit(nameOf(e)))
		}
	}
	return facts
}

// nameOf returns the organisation of an entity, else its name.
func nameOf(e rdap.Entity) string {
	if e.VCard == nil {
		return ""
	}
	return cmp.Or(e.VCard.Org(), e.VCard.Name())
}

// limitedTransport limits the bodies of responses to maxDirectory, since the library reads them whole.
type limitedTransport struct{ next http.RoundTripper }

func (t limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err == nil {
		body := response.Body
		response.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(body, maxDirectory), body}
	}
	return response, err
}
