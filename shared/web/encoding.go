package web

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2/negotiation"
)

// AcceptsGzip reports whether a client wants a compressed response: it names gzip with a quality above 0 and at least that of identity. Without the header, or with
// "*" alone, the response is sent uncompressed, which every client understands.
func AcceptsGzip(h http.Header) bool {
	accepted := strings.ToLower(strings.Join(h.Values("Accept-Encoding"), ","))
	return negotiation.SelectQValue(accepted+",identity;q=0.001", []string{"gzip", "identity"}) == "gzip" // the library takes the first of its list even at quality 0, unless another has more
}
