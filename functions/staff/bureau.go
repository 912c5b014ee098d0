package staff

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"beian/functions/operator"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A bureauPage shows the exchange with the bureau, and the operator's tasks.
type bureauPage struct {
	operator.ExchangeStatus
	Tasks []taskRow
}

// A filesPage lists sent or received files.
type filesPage struct {
	Sent     []operator.ExchangeSent
	Received []operator.ExchangeReceived
	Next     string
}

// A sentPage shows what a resend would send.
type sentPage struct {
	operator.ResendPreview
	Text string // the document
}

// A receivedPage shows a received file, which a replay would process.
type receivedPage struct {
	operator.ReceivedFile
	Text string
	Done *operator.Replayed
}

// A reconciliationPage lists what differs between the register and the newest full copy of the bureau.
type reconciliationPage struct {
	operator.Reconciliation
	State, Next string
}

func (v *visit) showBureau() error {
	var page bureauPage
	err := v.Get("/bureau", &page.ExchangeStatus)
	if err != nil {
		return err
	}
	if page.Tasks, err = v.tasks(); err != nil {
		return err
	}
	return v.Show("bureau", page)
}

// registerBureau registers the pages about the bureau.
func (s *Staff) registerBureau() {
	s.register("GET /bureau", (*visit).showBureau)
	s.register("GET /bureau/sent", func(v *visit) error {
		var list web.Page[operator.ExchangeSent]
		if err := v.Get("/bureau/sent?limit=50&"+v.filterOf("cursor").Encode(), &list); err != nil {
			return err
		}
		return v.Show("files", filesPage{Sent: list.Items, Next: v.nextOf("/bureau/sent", url.Values{}, list.Next)})
	})
	s.register("GET /bureau/received", func(v *visit) error {
		var list web.Page[operator.ExchangeReceived]
		if err := v.Get("/bureau/received?limit=50&"+v.filterOf("cursor").Encode(), &list); err != nil {
			return err
		}
		return v.Show("files", filesPage{Received: list.Items, Next: v.nextOf("/bureau/received", url.Values{}, list.Next)})
	})
	s.register("GET /bureau/sent/{sequence}", (*visit).showSent)
	s.register("POST /bureau/sent/{sequence}/resend", func(v *visit) error {
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.sentPath("/resend")}, nil)
		if v.Refused(err) {
			return v.showSent()
		}
		if err != nil {
			return err
		}
		v.Redirect(Prefix + "/bureau")
		return nil
	})
	s.register("GET /bureau/received/{name}", func(v *visit) error { return v.showReceived(nil) })
	s.register("POST /bureau/received/{name}/replay", func(v *visit) error {
		var done operator.Replayed
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.receivedPath("/replay")}, &done)
		if v.Refused(err) {
			return v.showReceived(nil)
		}
		if err != nil {
			return err
		}
		return v.showReceived(&done)
	})
	s.register("GET /bureau/reconciliation", func(v *visit) error {
		q := v.filterOf("state", "cursor")
		page := reconciliationPage{State: q.Get("state")}
		if err := v.Get("/reconciliation?limit=50&"+q.Encode(), &page.Reconciliation); err != nil {
			return err
		}
		page.Next = v.nextOf("/bureau/reconciliation", q, page.Reconciliation.Next)
		return v.Show("reconciliation", page)
	})
}

func (v *visit) sentPath(operation string) string {
	return "/bureau/sent/" + url.PathEscape(v.R.PathValue("sequence")) + operation
}

func (v *visit) receivedPath(operation string) string {
	return "/bureau/received/" + url.PathEscape(v.R.PathValue("name")) + operation
}

// documentText returns the elements of a document as text. The operation has left out personal data.
func documentText(document any) (string, error) {
	text, err := json.MarshalIndent(document, "", "  ")
	return string(text), err
}

func (v *visit) showSent() error {
	var page sentPage
	if err := v.Get(v.sentPath("/resend"), &page.ResendPreview); err != nil {
		return err
	}
	var err error
	if page.Text, err = documentText(page.Document); err != nil {
		return err
	}
	return v.Show("sent", page)
}

func (v *visit) showReceived(done *operator.Replayed) error {
	page := receivedPage{Done: done}
	if err := v.Get(v.receivedPath(""), &page.ReceivedFile); v.Refused(err) { // its content is unusable
		page.File.Name = v.R.PathValue("name")
	} else if err != nil {
		return err
	}
	var err error
	if page.Text, err = documentText(page.Document); err != nil {
		return err
	}
	return v.Show("received", page)
}

// dateOf returns the day of a time in Beijing, for a field.
func (v *visit) dateOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(workday.Shanghai).Format(time.DateOnly)
}

// IsSent reports whether the page lists sent files.
func (p filesPage) IsSent() bool { return p.Received == nil }

// ReplayHref is the address that processes the file of the page again.
func (v *visit) ReplayHref() string {
	return Prefix + "/bureau/received/" + url.PathEscape(v.R.PathValue("name")) + "/replay"
}

// IssueName is the name of a kind of issue.
func (v *visit) IssueName(kind string) (string, error) {
	if name, err := v.T("issue." + kind); err == nil {
		return name, nil
	}
	return v.T("issue.other", "kind", kind)
}
