package web_test

import (
	"net/http"
	"testing"

	"beian/shared/web"
)

// TestAcceptsGzip: a response is compressed only for a client that names gzip and does not exclude it (RFC 9110, 12.5.3).
func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "gzip, deflate, br, zstd": true, "br, gzip;q=0.8": true, "GZIP": true, "gzip;q=1.0": true, "gzip ; q=0.001": true, "gzip, identity": true, "identity, gzip": true,
		"gzip, *;q=0": true, "identity;q=0, gzip": true, "identity;q=0.5, gzip;q=1": true, "identity;q=0, gzip;q=0.001": true,
		"": false, "identity": false, "br": false, "*": false, "*;q=0": false, "gzip;q=0": false, "gzip;q=0.0": false, "gzip; q=0.000": false, "GZIP;Q=0": false,
		"gzip;q=0, *": false, "*, gzip;q=0": false, "identity;q=0, gzip;q=0": false, "identity, gzip;q=0.5": false, "gzip;q=": false, "gzip;q=x": false, "notgzip": false, "gzipped": false,
	} {
		if got := web.AcceptsGzip(http.Header{"Accept-Encoding": {header}}); got != want {
			t.Errorf("%q: %t", header, got)
		}
	}
	if web.AcceptsGzip(nil) || !web.AcceptsGzip(http.Header{"Accept-Encoding": {"br", "gzip"}}) || web.AcceptsGzip(http.Header{"Accept-Encoding": {"br", "gzip;q=0"}}) {
		t.Error("no header, or several")
	}
}
