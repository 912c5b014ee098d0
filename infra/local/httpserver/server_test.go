package httpserver_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"beian/infra/local/httpserver"
)

var short = httpserver.Limits{
	Connections: 20, Header: 300 * time.Millisecond, HeaderBytes: 8 << 10, Idle: 300 * time.Millisecond,
	Grace: 300 * time.Millisecond, BytesPerSecond: 5_000,
}

// start serves a handler: POST /read reads the body, GET /large answers with 50 MB, GET /work works longer than the grace.
func start(t *testing.T, l httpserver.Limits) (address string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /read", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			http.Error(w, "incomplete", http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, n)
	})
	mux.HandleFunc("GET /large", func(w http.ResponseWriter, _ *http.Request) {
		for range 50 {
			w.Write(make([]byte, 1<<20))
		}
	})
	mux.HandleFunc("POST /work", func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
			http.Error(w, "cancelled", http.StatusInternalServerError)
		case <-time.After(2 * l.Grace):
		}
	})
	listening, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := httpserver.New(mux, l)
	ended := make(chan error)
	go func() { ended <- server.Serve(listening) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return listening.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

const post = "POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"

// TestSlowClients: a connection whose client is too slow is closed.
func TestSlowClients(t *testing.T) {
	address := start(t, short)
	for name, sent := range map[string]string{
		"nothing":                   "",
		"half a header":             "GET / HTTP/1.1\r\nHost: loc",
		"half a body":               fmt.Sprintf(post, "read") + "x",
		"a body that is not read":   fmt.Sprintf(post, "nothing") + "x",
		"a chunked body":            "POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
		"no request after another":  "POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
		"half a header, later":      "POST /read HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\nGET ",
		"a header without an end":   "GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 1<<20),
		"a body after 100 Continue": "POST /read HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, address)
			go io.WriteString(c, sent) // fails when the server closes the connection first
			c.SetReadDeadline(time.Now().Add(time.Minute))
			if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Error(err)
			}
		})
	}
	t.Run("a trickle", func(t *testing.T) {
		t.Parallel()
		c := dial(t, address)
		io.WriteString(c, fmt.Sprintf(post, "read"))
		for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			if _, err := io.WriteString(c, "x"); err != nil {
				return
			}
			if time.Since(began) > time.Minute {
				t.Fatal("still open")
			}
		}
	})
	t.Run("an answer that is not read", func(t *testing.T) {
		t.Parallel()
		c := dial(t, address)
		io.WriteString(c, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
		time.Sleep(4 * short.Grace)
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if n, _ := io.Copy(io.Discard, c); n >= 50<<20 {
			t.Errorf("%d bytes were sent", n)
		}
	})
}

// TestSlowUpload: a client above the minimum speed takes as long as it needs, and a handler too.
func TestSlowUpload(t *testing.T) {
	address := start(t, short)
	body, phone := io.Pipe()
	go func() {
		for range 30 {
			phone.Write(make([]byte, 4<<10))
			time.Sleep(short.Grace / 10)
		}
		phone.Close()
	}()
	response, err := http.Post("http://"+address+"/read", "", body)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, _ := io.ReadAll(response.Body); string(text) != fmt.Sprint(30*4<<10) {
		t.Errorf("%s %s", response.Status, text)
	}
	worked, err := http.Post("http://"+address+"/work", "", strings.NewReader("x"))
	if err != nil || worked.StatusCode != http.StatusOK {
		t.Errorf("a long handler: %v, %v", worked, err)
	}
	worked.Body.Close()
}

// TestManyConnections: however many slow connections are open, a client that hurries is served, and only slow ones are closed.
func TestManyConnections(t *testing.T) {
	patient := short
	patient.Header, patient.Grace, patient.Idle = time.Hour, time.Hour, time.Hour
	address := start(t, patient)
	closed := make(chan struct{}, 1000)
	slow := func(sent string) {
		c := dial(t, address)
		io.WriteString(c, sent) // fails when the server has closed it
		go func() {
			io.Copy(io.Discard, c)
			closed <- struct{}{}
		}()
	}
	for i := range 100 {
		slow([]string{"", "GET / HT", fmt.Sprintf(post, "read"), fmt.Sprintf(post, "nothing") + "x"}[i%4])
	}
	for range 80 { // the others are within the limit
		<-closed
	}
	for range 10 {
		response, err := http.Post("http://"+address+"/read", "", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Error(response.Status)
		}
	}
}
