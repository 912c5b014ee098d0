package portal

import (
	"net/http"
	"slices"
	"strconv"

	"beian/shared/filing"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// An appointmentPage is the page of the appointment of a site's leader, who cannot do the liveness check.
type appointmentPage struct {
	livenessSite
	Fields []pages.Field // of the request; nil while an appointment is open
	Days   []string
}

// appointmentQuestions are the questions of a request.
var appointmentQuestions = []pages.Question{
	{Pointer: "/reason", Words: "appointment.reason", Kind: "radios", Options: appointmentReasons},
	{Pointer: "/days", Words: "appointment.days", Kind: "checkboxes", Shape: "lines", Options: appointmentDays},
}

func appointmentReasons(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	var all []pages.Option
	for _, reason := range filing.AppointmentReasons {
		key := "appointment.reason-" + string(reason)
		label, err := v.T(key)
		if err != nil {
			return nil, err
		}
		all = append(all, pages.Option{Value: string(reason), Label: label})
	}
	return all, nil
}

// shownDays is the number of working days that the page offers: two weeks.
const shownDays = 10

// appointmentDays are the next working days after today, within [filing.AppointmentWithin].
func appointmentDays(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	var all []pages.Option
	today := workday.DateOf(own(v).portal.config.Now())
	for n := 1; n <= filing.AppointmentWithin && len(all) < shownDays; n++ {
		if day := today.AddDays(n); workday.IsWorkday(day.Time()) {
			all = append(all, pages.Option{Value: string(day), Label: own(v).weekday(day)})
		}
	}
	return all, nil
}

// weekday returns a day with its day of the week, without the year.
func (v *visit) weekday(day workday.Date) string {
	t := day.Time().In(workday.Shanghai)
	if v.Language == "en" {
		return t.Format("Monday, 2 January")
	}
	return t.Format("1月2日 ") + "周" + []string{"日", "一", "二", "三", "四", "五", "六"}[t.Weekday()]
}

// registerAppointments registers the page, which is instead of the liveness check, and the withdrawal.
func (p *Portal) registerAppointments() {
	const page = "/orders/{id}/liveness/{site}/appointment"
	p.private("GET "+page, func(v *visit) error {
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d := pages.Document{}
		if typed != nil {
			d.Read(appointmentQuestions, typed)
		}
		return v.showAppointment(d)
	})
	p.private("POST "+page, func(v *visit) error {
		d, err := v.ReadForm(appointmentQuestions)
		if err != nil {
			return err
		}
		if v.Problem = pages.Unanswered(appointmentQuestions, d); v.Problem != nil {
			return v.showAppointment(d)
		}
		return v.appoint(pages.Request{Method: http.MethodPut, Body: d}, d)
	})
	p.private("GET "+page+"/withdraw", func(v *visit) error { v.Redirect(v.appointmentHref()); return nil })
	p.private("POST "+page+"/withdraw", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		return v.appoint(pages.Request{Method: http.MethodDelete}, pages.Document{})
	})
}

// appointmentHref is the address of the page.
func (v *visit) appointmentHref() string {
	return v.OrderHref("/liveness/" + v.R.PathValue("site") + "/appointment")
}

// appoint calls the operation of the appointment, and shows the page again.
func (v *visit) appoint(q pages.Request, d pages.Document) error {
	q.Path, q.Key = v.orderPath("/appointments/"+v.R.PathValue("site")), v.R.PostForm.Get("once")
	_, err := v.Call(q, nil)
	if v.Refused(err) {
		return v.showAppointment(d)
	}
	if err != nil {
		return err
	}
	v.Redirect(v.appointmentHref())
	return nil
}

func (v *visit) showAppointment(d pages.Document) error {
	if v.HandedOver() {
		return &web.Problem{Status: http.StatusForbidden} // a phone that does one step for another browser asks for no appointment
	}
	o, err := v.order()
	if err != nil {
		return err
	}
	sites := livenessSites(o)
	i := slices.IndexFunc(sites, func(s livenessSite) bool { return strconv.Itoa(s.Index) == v.R.PathValue("site") })
	if i < 0 {
		return &web.Problem{Status: http.StatusNotFound}
	}
	page := appointmentPage{livenessSite: sites[i]}
	if a := page.Appointment; a != nil {
		for _, day := range a.Days {
			page.Days = append(page.Days, v.weekday(day))
		}
	}
	if !page.Passed && !page.Booked() && takesPapers(o) {
		if page.Fields, err = v.Ask(appointmentQuestions, d); err != nil {
			return err
		}
	}
	return v.Show("appointment", page)
}
