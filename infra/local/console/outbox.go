package console

import (
	"net/http"
	"slices"
	"strings"

	"beian/infra/local/outbox"
	"beian/shared/process/notify"
	"beian/shared/web/pages"
)

// Limits of the page; the outbox has all messages in JSON.
const (
	maxRecipients = 60  // on the page of all
	maxLatest     = 3   // messages of each on that page
	maxMessages   = 200 // of one recipient
)

// A recipient is a phone or a mailbox with its messages, newest first.
type recipient struct {
	To       string
	Phone    bool
	All      int
	Messages []message
}

// A message is one message with what the page shows besides.
type message struct {
	outbox.Message
	Length notify.Length // of an SMS
	First  bool          // the newest of its recipient
}

// recipients returns the phones and mailboxes with messages, the one with the newest message first, each with at most limit messages. With to, it is
// only that recipient.
func recipients(sent []outbox.Message, limit int, to string) []recipient {
	var found []recipient
	place := map[string]int{}
	for _, m := range slices.Backward(sent) {
		for _, one := range m.To {
			if to != "" && !strings.EqualFold(to, one) {
				continue
			}
			key := strings.ToLower(one)
			i, known := place[key]
			if !known {
				i = len(found)
				place[key] = i
				found = append(found, recipient{To: one, Phone: m.Kind == outbox.SMS})
			}
			if len(found[i].Messages) < limit {
				shown := message{Message: m, First: found[i].All == 0}
				if m.Kind == outbox.SMS {
					shown.Length = notify.LengthOf(m.Text)
				}
				found[i].Messages = append(found[i].Messages, shown)
			}
			found[i].All++
		}
	}
	return found
}

func (c *Console) registerOutbox() {
	c.Public("GET /outbox", func(v *pages.Visit) error {
		to := outbox.Recipient(v.R.URL.Query().Get("to"))
		limit := maxLatest
		if to != "" {
			limit = maxMessages
		}
		sent := c.config.Outbox.Sent("")
		all := recipients(sent, limit, "")
		shown := all
		if to != "" {
			shown = recipients(sent, limit, to)
		}
		return v.Show("outbox", struct {
			To         string
			Count      int
			Recipients []recipient // all, to choose from
			Shown      []recipient
		}{to, len(sent), all, shown[:min(len(shown), maxRecipients)]})
	})
	// The HTML of an email is shown in a frame that can run nothing, load nothing and read nothing of the console. Its links open in a tab of their own.
	c.Public("GET /outbox/{id}/html", func(v *pages.Visit) error {
		m, has := c.config.Outbox.Message(v.R.PathValue("id"))
		if !has || m.HTML == "" {
			v.ShowStatus(http.StatusNotFound)
			return nil
		}
		h := v.W.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
		_, err := v.W.Write([]byte(strings.Replace(m.HTML, "<head>", `<head><base target="_blank">`, 1)))
		return err
	})
}
