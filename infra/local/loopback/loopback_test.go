package loopback_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"beian/infra/local/loopback"
)

func TestGuard(t *testing.T) {
	listener, portal := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4566}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	h := loopback.Guard(listener, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), portal)
	const own = "127.0.0.1:4566"
	for _, tc := range []struct {
		method, host string
		header       string // lines
		status       int
	}{
		{"GET", own, "", 204},
		{"POST", "localhost:4566", "", 204},
		{"GET", "LOCALHOST:4566", "", 204},
		{"GET", "[::1]:4566", "", 204},
		{"PUT", "beian-uploads.localhost:4566", "", 204},
		{"GET", "127.0.0.1:8080", "", 421},
		{"GET", "127.0.0.1", "", 421},
		{"GET", "", "", 421},
		{"GET", "evil.example:4566", "", 421},
		{"GET", "127.0.0.1.evil.example:4566", "", 421},
		{"GET", "localhost.evil.example:4566", "", 421},
		{"GET", "evillocalhost:4566", "", 421},
		{"GET", "192.168.0.7:4566", "", 421},
		{"GET", "0.0.0.0:4566", "", 421},
		{"GET", "2130706433:4566", "", 421},

		{"POST", own, "Origin: http://127.0.0.1:4566", 204},
		{"POST", own, "Origin: http://localhost:8080\nSec-Fetch-Site: cross-site", 204},
		{"OPTIONS", own, "Origin: http://127.0.0.1:8080", 204},
		{"POST", own, "Origin: http://evil.example", 403},
		{"OPTIONS", own, "Origin: http://evil.example", 403},
		{"GET", own, "Origin: null\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document", 204},
		{"GET", own, "Origin: null\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors\nSec-Fetch-Dest: empty", 403},
		{"GET", own, "Origin: null\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe", 403},
		{"POST", own, "Origin: null\nSec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document", 403},
		{"GET", own, "Origin: http://127.0.0.1:3000", 403},
		{"GET", own, "Origin: https://127.0.0.1:4566", 403},
		{"GET", own, "Origin: http://127.0.0.1:4566/", 403},
		{"POST", own, "Origin: null", 403},
		{"POST", own, "Origin:", 403},
		{"POST", own, "Origin: http://127.0.0.1:4566\nOrigin: http://evil.example", 403},

		{"GET", own, "Sec-Fetch-Site: same-origin", 204},
		{"GET", own, "Sec-Fetch-Site: none\nSec-Fetch-Mode: navigate", 204},
		{"GET", own, "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document", 204},
		{"GET", own, "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: iframe", 403},
		{"GET", own, "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: script", 403},
		{"GET", own, "Sec-Fetch-Site: same-site\nSec-Fetch-Mode: no-cors\nSec-Fetch-Dest: image", 403},
		{"POST", own, "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document", 403},
	} {
		r := httptest.NewRequest(tc.method, "http://"+own+"/", nil)
		r.Host = tc.host
		for line := range strings.SplitSeq(tc.header, "\n") {
			if name, value, ok := strings.Cut(line, ":"); ok {
				r.Header.Add(name, strings.TrimSpace(value))
			}
		}
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != tc.status {
			t.Errorf("%s at %s with %q: %d, want %d", tc.method, tc.host, tc.header, w.Code, tc.status)
		}
		if text := w.Body.String(); tc.status > 300 && (!strings.Contains(text, "。\n") || !strings.HasSuffix(text, ".\n")) {
			t.Errorf("%s at %s: %q", tc.method, tc.host, text)
		}
	}
}
