package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	ics "github.com/arran4/golang-ical"

	"beian/functions/api"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A readsPage lists what staff read of an application or of a filing.
type readsPage struct {
	Back  string // address of the page that it belongs to
	Items []api.StaffRead
	Older string // address of the next page; "" on the last
}

// registerRecords registers what the provider keeps about a person: who read it, the calendar of the duties, and the download of everything.
func (p *Portal) registerRecords() {
	for _, owner := range []string{"/orders/", "/filings/"} {
		p.private("GET "+owner+"{id}/reads", func(v *visit) error {
			back := owner + v.r.PathValue("id")
			var list web.Page[api.StaffRead]
			if err := v.get(back+"/staff-reads?limit=50&cursor="+url.QueryEscape(v.r.URL.Query().Get("cursor")), &list); err != nil {
				return err
			}
			page := readsPage{Back: back, Items: list.Items}
			if list.Next != "" {
				page.Older = back + "/reads?cursor=" + url.QueryEscape(list.Next)
			}
			return v.show("reads", page)
		})
	}
	p.private("GET /orders/{id}/duties.ics", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		return v.download("text/calendar; charset=utf-8", "duties.ics", []byte(v.calendar(o)))
	})
	p.private("GET /export", func(v *visit) error { return v.show("export", nil) })
	p.private("GET /export.json", func(v *visit) error {
		all, err := v.everything()
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(all, "", "\t")
		if err != nil {
			return err
		}
		return v.download("application/json", "beian-export.json", text)
	})
}

// download sends a file.
func (v *visit) download(contentType, name string, content []byte) error {
	v.w.Header().Set("Content-Type", contentType)
	v.w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	_, err := v.w.Write(content)
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
		e := cal.AddEvent(fmt.Sprintf("%s-%s@%s", o.ID, d.Code, v.event.Headers["host"]))
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

// An export is everything that the provider keeps about an account, as the operations of the API show it.
type export struct {
	Orders   []map[string]json.RawMessage `json:"orders"`
	Filings  []map[string]json.RawMessage `json:"filings"`
	Consents json.RawMessage              `json:"consents"`
}

// everything returns the account's orders and filings, with their history and what staff read of them.
func (v *visit) everything() (export, error) {
	var all export
	var err error
	if all.Orders, err = v.each("/orders", "order", map[string]string{"timeline": "/timeline", "evidence": "/evidence", "staffReads": "/staff-reads?limit=100"}); err != nil {
		return all, err
	}
	if all.Filings, err = v.each("/filings", "filing", map[string]string{"versions": "/versions", "staffReads": "/staff-reads?limit=100", "consents": "/consents"}); err != nil {
		return all, err
	}
	return all, v.get("/consents", &all.Consents)
}

// each reads every item of a list: the item itself, under name, and the operations below it.
func (v *visit) each(list, name string, below map[string]string) ([]map[string]json.RawMessage, error) {
	all := []map[string]json.RawMessage{}
	cursor := ""
	for {
		var page web.Page[struct {
			ID string `json:"id"`
		}]
		if err := v.get(list+"?limit=50&cursor="+url.QueryEscape(cursor), &page); err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			one := map[string]json.RawMessage{}
			path := list + "/" + item.ID
			var content json.RawMessage
			if err := v.get(path, &content); err != nil {
				return nil, err
			}
			one[name] = content
			for key, operation := range below {
				var content json.RawMessage
				err := v.get(path+operation, &content)
				if p, refused := err.(*web.Problem); refused && p.Status != http.StatusTooManyRequests && p.Status < http.StatusInternalServerError {
					continue // erased, or not for an agency
				}
				if err != nil {
					return nil, err
				}
				one[key] = content
			}
			all = append(all, one)
		}
		if cursor = page.Next; cursor == "" {
			return all, nil
		}
	}
}
