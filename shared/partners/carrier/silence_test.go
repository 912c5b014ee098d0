package carrier_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"beian/shared/partners/carrier"
	"beian/shared/partners/webhook"
	"beian/shared/rules/fault"
)

func TestNoResponse(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	late, stop := context.WithTimeout(t.Context(), 1)
	defer stop()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	closed := httptest.NewServer(http.NotFoundHandler())
	noServer := newClient(t, closed)
	closed.Close()
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "{")
	}))
	defer broken.Close()
	for name, err := range map[string]error{
		"hangs":         newClient(t, server).SendSMS(late, mobile, text, key),
		"cancelled":     newClient(t, server).SendSMS(gone, mobile, text, key),
		"no connection": noServer.SendSMS(t.Context(), mobile, text, key),
		"breaks off":    newClient(t, broken).SendSMS(t.Context(), mobile, text, key),
	} {
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		checkNoPersonalData(t, err)
	}
}

// TestResponseIsNotHTTP checks that errors do not quote a response that is not HTTP, as net/http does.
func TestResponseIsNotHTTP(t *testing.T) {
	for name, answer := range map[string]string{
		"a line":         "+8613800000000 has been sent 123456\r\n\r\n",
		"a bad redirect": "HTTP/1.1 302 Found\r\nLocation: http://[+8613800000000/123456\r\nContent-Length: 0\r\n\r\n",
		"nothing":        "",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			for {
				c, err := listener.Accept()
				if err != nil {
					return
				}
				http.ReadRequest(bufio.NewReader(c))
				io.WriteString(c, answer)
				c.Close()
			}
		}()
		c, err := carrier.New(webhook.Endpoint{Name: "courier", URL: "http://" + listener.Addr().String(), KeyID: "k1", Secret: secret,
			Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		err = c.SendSMS(t.Context(), mobile, text, key)
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		checkNoPersonalData(t, err)
	}
}
