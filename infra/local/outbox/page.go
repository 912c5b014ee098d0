package outbox

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// JSON serves the messages, newest first: an array of [Message]. "?to=" selects one recipient.
func (o *Outbox) JSON() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		sent := o.Sent(Recipient(r.URL.Query().Get("to")))
		slices.Reverse(sent)
		if sent == nil {
			sent = []Message{}
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(sent)
	})
}

// Recipient returns the recipient of a query, where the + of a number that was typed into the address bar is a space.
func Recipient(typed string) string {
	if rest, is := strings.CutPrefix(typed, " "); is {
		return "+" + rest
	}
	return typed
}

// Message returns the message with an id.
func (o *Outbox) Message(id string) (Message, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.index.entries, func(e *entry) bool { return e.id == id })
	if i < 0 {
		return Message{}, false
	}
	m, err := readMessage(o.file, o.index.entries[i])
	return m, err == nil
}
