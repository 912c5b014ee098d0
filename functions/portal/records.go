package portal

import (
	"fmt"
	"net/url"

	ics "github.com/arran4/golang-ical"

	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A readsPage lists what staff read of an application or of a filing.
type readsPage struct {
	Back  string // address of the page that it belongs to
	Items []web.StaffRead
	Older string // address of the next page; "" on the last
}

// registerRecords registers what the provider keeps about a person: who read it, the calendar of the duties, and the download of everything.
func (p *Portal) registerRecords() {
	for _, owner := range []string{"/orders/", "/filings/"} {
		p.private("GET "+owner+"{id}/reads", func(v *visit) error {
			back := owner + v.R.PathValue("id")
			var list web.Page[web.StaffRead]
			if err := v.Get(back+"/staff-reads?limit=50&cursor="+url.QueryEscape(v.R.URL.Query().Get("cursor")), &list); err != nil {
				return err
			}
			page := readsPage{Back: back, Items: list.Items}
			if list.Next != "" {
				page.Older = back + "/reads?cursor=" + url.QueryEscape(list.Next)
			}
			return v.Show("reads", page)
		})
	}
	p.private("GET /orders/{id}/duties.ics", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		return v.download("text/calendar; charset=utf-8", "duties.ics", []byte(v.calendar(o)))
	})
	p.registerExport()
}

// download sends a file.
func (v *visit) download(contentType, name string, content []byte) error {
	v.W.Header().Set("Content-Type", contentType)
	v.W.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	_, err := v.W.Write(content)
	return err
}

// calendar returns the duties of an order that have a day, as a calendar with a reminder a week before each.
func (v *visit) calendar(o web.Order) string {
	cal := ics.NewCalendarFor(v.Provider())
	cal.SetMethod(ics.MethodPublish)
	for _, d := range o.Duties {
		if d.Due.IsZero() {
			continue
		}
		e := cal.AddEvent(fmt.Sprintf("%s-%s@%s", o.ID, d.Code, v.R.Host))
		e.SetDtStampTime(v.today().UTC())
		day := d.Due.In(workday.Shanghai)
		e.SetAllDayStartAt(day)
		e.SetAllDayEndAt(day.AddDate(0, 0, 1))
		e.SetSummary(v.In(d.Words))
		e.SetDescription(v.In(d.How))
		e.SetURL(v.Portal() + "/orders/" + string(o.ID))
		alarm := e.AddAlarm()
		alarm.SetAction(ics.ActionDisplay)
		alarm.SetDescription(v.In(d.Words))
		alarm.SetTrigger("-P7D")
	}
	return cal.Serialize()
}
