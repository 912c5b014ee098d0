package staff

import (
	"net/http"
	"net/url"
	"time"

	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// An appointmentsPage lists the orders with appointments to set or to record.
type appointmentsPage struct {
	Tasks []web.Task
	Next  string // address of the next page
}

// registerAppointments registers the list of appointments, and on the case the time and the outcome.
func (s *Staff) registerAppointments() {
	s.register("GET /appointments", func(v *visit) error {
		query := url.Values{"limit": {"50"}}
		if cursor := v.R.URL.Query().Get("cursor"); cursor != "" {
			query.Set("cursor", cursor)
		}
		var list web.Page[web.Task]
		if err := v.Get("/review/appointments?"+query.Encode(), &list); err != nil {
			return err
		}
		page := appointmentsPage{Tasks: list.Items}
		if list.Next != "" {
			page.Next = Prefix + "/appointments?" + url.Values{"cursor": {list.Next}}.Encode()
		}
		return v.Show("appointments", page)
	})
	s.register("POST /orders/{id}/appointments/{site}/time", func(v *visit) error {
		form := v.R.PostForm
		at, err := time.ParseInLocation("2006-01-02T15:04", form.Get("at"), workday.Shanghai)
		if err != nil {
			at = time.Time{} // the operation says what is wrong
		}
		return v.actOnCase(pages.Request{Method: http.MethodPost, Path: v.appointmentPath("/time"), ETag: form.Get("etag"),
			Body: map[string]any{"at": at, "place": form.Get("place")}}, v.OrderHref(""))
	})
	s.register("POST /orders/{id}/appointments/{site}/outcome", func(v *visit) error {
		form := v.R.PostForm
		return v.actOnCase(pages.Request{Method: http.MethodPost, Path: v.appointmentPath("/outcome"), ETag: form.Get("etag"),
			Body: map[string]any{"outcome": form.Get("outcome"), "note": form.Get("note")}}, v.OrderHref(""))
	})
}

func (v *visit) appointmentPath(operation string) string {
	return v.orderPath("/appointments/" + url.PathEscape(v.R.PathValue("site")) + operation)
}

// OpenAppointments are the appointments without an outcome.
func (p casePage) OpenAppointments() []web.Appointment {
	var open []web.Appointment
	for _, a := range p.Appointments {
		if a.Outcome == "" {
			open = append(open, a)
		}
	}
	return open
}

// Local returns a time for a field of day and time of day, in Shanghai; "" for none.
func (v *visit) Local(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(workday.Shanghai).Format("2006-01-02T15:04")
}
