package outbox

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

const maxShown = 200 // messages on the page; JSON holds all

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("outbox").Parse(pageText))

// Page shows the messages, newest first: HTML, or JSON (an array of [Message]) if the path ends in ".json" or the client
// accepts JSON and not HTML. "?to=" selects one recipient.
func (o *Outbox) Page() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		to := strings.Replace(r.URL.Query().Get("to"), " ", "+", 1) // a + in the address bar arrives as a space
		sent := o.Sent(to)
		slices.Reverse(sent)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Accept")
		accept := r.Header.Get("Accept")
		if strings.HasSuffix(r.URL.Path, ".json") ||
			strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html") {
			if sent == nil {
				sent = []Message{}
			}
			w.Header().Set("Content-Type", "application/json")
			json.NewEncoder(w).Encode(sent)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; img-src data:; frame-ancestors 'none'")
		pageTemplate.Execute(w, map[string]any{
			"To": to, "All": len(sent), "Sent": sent[:min(len(sent), maxShown)], "Path": r.URL.Path})
	})
}
