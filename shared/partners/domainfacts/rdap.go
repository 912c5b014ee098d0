package domainfacts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openrdap/rdap/bootstrap"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
)

const (
	rdapTimeout  = 6 * time.Second
	maxDirectory = 1 << 20 // bytes of an answer, and of IANA's list of servers
	maxRedirects = 3
)

// RDAP asks the public directory of the registry of a domain (RFC 9083). IANA's list says which server that is; it is downloaded at the
// first query and kept for a day. The registry knows registrar, dates and status. It seldom knows the holder and never the real-name
// verification, and some suffixes have no server in the list: a reviewer then needs the certificate of the domain. RDAP connects to
// public addresses only, and is safe for concurrent use.
type RDAP struct {
	client *http.Client
	mu     sync.Mutex // of list, which is not safe for concurrent use
	list   *bootstrap.Client
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
	return &RDAP{client: client, list: &bootstrap.Client{HTTP: client, BaseURL: list}}
}

// Registration implements domaincheck.Registrations.
func (r *RDAP) Registration(ctx context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	ctx, cancel := context.WithTimeout(ctx, rdapTimeout)
	defer cancel()
	servers, err := r.servers(ctx, q.Domain)
	if err != nil {
		return domainfacts.Facts{}, unavailable(err)
	}
	last := errors.New("the registry has no RDAP server in IANA's list")
	for _, server := range servers {
		facts, err := r.ask(ctx, server, q.Domain)
		if err == nil {
			return facts, nil
		}
		last = fmt.Errorf("RDAP server %s: %w", server.Host, err)
	}
	return domainfacts.Facts{}, unavailable(last)
}

// servers returns the RDAP servers of a domain's registry, those with https first.
func (r *RDAP) servers(ctx context.Context, d domainname.Domain) ([]*url.URL, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	question := (&bootstrap.Question{RegistryType: bootstrap.DNS, Query: string(d)}).WithContext(ctx)
	answer, err := r.list.Lookup(question)
	if err != nil {
		return nil, fmt.Errorf("the list of RDAP servers: %w", err)
	}
	slices.SortStableFunc(answer.URLs, func(a, b *url.URL) int { return cmp.Compare(b.Scheme, a.Scheme) })
	return answer.URLs, nil
}

// ask queries one server. Its errors do not quote the answer, which may name people. Names that an answer gives twice are not refused, as
// they are in the answers of partners: the servers of the registries are many, and only the registry itself writes the answer.
func (r *RDAP) ask(ctx context.Context, server *url.URL, d domainname.Domain) (domainfacts.Facts, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.JoinPath("domain", string(d)).String(), nil)
	if err != nil {
		return domainfacts.Facts{}, err
	}
	request.Header.Set("Accept", "application/rdap+json, application/json")
	response, err := r.client.Do(request)
	if err != nil {
		return domainfacts.Facts{}, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound:
		return domainfacts.Facts{Source: domainfacts.RDAP, Registered: domainfacts.No}, nil
	default:
		return domainfacts.Facts{}, fmt.Errorf("status %d", response.StatusCode)
	}
	var a rdapDomain
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return domainfacts.Facts{}, errors.New("the answer is not JSON")
	}
	if a.ObjectClassName != "domain" || !strings.EqualFold(strings.TrimSuffix(a.LDHName, "."), string(d)) {
		return domainfacts.Facts{}, errors.New("the answer is not about the domain")
	}
	return a.facts(), nil
}

// limitedTransport limits the bodies of responses to maxDirectory.
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
