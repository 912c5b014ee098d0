package setup_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"beian/shared/setup"
)

// A closedBody behaves like a request body of the SDK that is closed before net/http looks for more content.
type closedBody struct{ io.ReadCloser }

func (closedBody) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

// TestLongResponse reads a response that is still being sent when the request's body is already closed.
func TestLongResponse(t *testing.T) {
	t.Setenv("BUCKET", "evidence")
	long := strings.Repeat("x", 1<<20)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		io.WriteString(w, long[:1])
		w.(http.Flusher).Flush()
		time.Sleep(20 * time.Millisecond) // gives the client time to close the connection
		io.WriteString(w, long[1:])
	}))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, closedBody{io.NopCloser(strings.NewReader("{}"))})
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = 2
	response, err := setup.Begin(setup.ForBucket).AWS.HTTPClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if got, err := io.ReadAll(response.Body); err != nil || len(got) != len(long) {
		t.Errorf("%d of %d bytes: %v", len(got), len(long), err)
	}
}
