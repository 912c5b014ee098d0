package domainfacts

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"beian/shared/rules/domainname"
)

const (
	pageTimeout = 5 * time.Second
	maxHeader   = 16 << 10
)

// Pages finds out whether a domain shows a page. It asks for the home page of the domain and of its www over HTTP and HTTPS. It connects
// to public addresses only, follows no redirect, reads no body, and takes at most five seconds.
type Pages struct{ transport *http.Transport }

// NewPages returns a Pages that uses the system's resolver.
func NewPages() *Pages { return newPages(publicDialer().DialContext) }

func newPages(dial func(ctx context.Context, network, address string) (net.Conn, error)) *Pages {
	return &Pages{&http.Transport{
		DialContext: dial, TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: dialTimeout,
		MaxResponseHeaderBytes: maxHeader, DisableKeepAlives: true,
	}}
}

// HasPage implements domaincheck.Pages. A page is an answer with status 2xx or 3xx. A domain that does not resolve, refuses connections or
// answers with an error has none, and neither has one at an address that is not public. The error says that this is unknown: no answer in
// time, or none of the resolver.
func (p *Pages) HasPage(ctx context.Context, d domainname.Domain) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	urls := []string{"http://" + string(d) + "/", "http://www." + string(d) + "/", "https://" + string(d) + "/", "https://www." + string(d) + "/"}
	type answer struct {
		page bool
		err  error
	}
	answers := make(chan answer, len(urls))
	for _, url := range urls {
		go func() {
			page, err := p.request(ctx, url)
			answers <- answer{page, err}
		}()
	}
	var errs []error
	for range urls {
		a := <-answers
		if a.page {
			return true, nil
		}
		errs = append(errs, a.err)
	}
	unknown := slices.IndexFunc(errs, isUnknown)
	if unknown < 0 {
		return false, nil
	}
	return false, errs[unknown]
}

// request reports whether a URL shows a page.
func (p *Pages) request(ctx context.Context, url string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, err
	}
	response, err := p.transport.RoundTrip(request)
	if err != nil {
		return false, err
	}
	response.Body.Close()
	return response.StatusCode >= 200 && response.StatusCode < 400, nil
}

// isUnknown reports whether an error leaves open whether there is a page.
func isUnknown(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return true
	}
	failed, ok := errors.AsType[*net.DNSError](err)
	return ok && !failed.IsNotFound
}
