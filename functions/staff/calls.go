package staff

import (
	"net/http"
	"strconv"
	"time"

	"beian/functions/reviewer"
	"beian/shared/filing"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A callsPage has the phone calls about an order and the earlier orders of its subject. It is apart from the case, because each of its parts is a recorded read.
type callsPage struct {
	web.Order
	Calls   []reviewer.Call
	Earlier []reviewer.EarlierOrder
	Typed   callForm
}

// A callForm is the form of a call, as far as it was typed.
type callForm struct{ Person, Outcome, At, Note string }

// CallOutcomes and CallPersons are what the form offers; a site leader is followed by the number of the site.
func (p callsPage) CallOutcomes() []string {
	return []string{"no-answer", "no-answer-twice", "reached", "wrong-number", "no-such-number"}
}

// A callee is a person of the application with their numbers: mobile, office, emergency. Site is the index of a site leader's site, else -1.
type callee struct {
	Person string
	Site   int
	Name   string
	Phones []string
}

// People are those whom a reviewer calls.
func (p callsPage) People() []callee {
	leader := func(person string, site int, l filing.Leader) callee {
		c := callee{Person: person, Site: site, Name: l.Name.Reveal()}
		for _, phone := range []string{l.Mobile.Reveal(), l.OfficePhone.Reveal(), l.EmergencyPhone.Reveal()} {
			if phone != "" {
				c.Phones = append(c.Phones, phone)
			}
		}
		return c
	}
	people := []callee{{Person: "contact", Site: -1, Phones: []string{p.Contact.Mobile.Reveal()}}, leader("subject-leader", -1, p.Subject.Leader)}
	for i, site := range p.Order.Sites {
		people = append(people, leader("site-leader", i, site.Leader))
	}
	return people
}

// Sites are the indexes of the sites.
func (p callsPage) SiteIndexes() []int {
	indexes := make([]int, len(p.Order.Sites))
	for i := range indexes {
		indexes[i] = i
	}
	return indexes
}

// registerCalls registers the page of calls and earlier orders.
func (s *Staff) registerCalls() {
	s.register("GET /orders/{id}/calls", func(v *visit) error { return v.showCalls(callForm{}) })
	s.register("POST /orders/{id}/calls", func(v *visit) error {
		form := v.R.PostForm
		typed := callForm{Person: form.Get("person"), Outcome: form.Get("outcome"), At: form.Get("at"), Note: form.Get("note")}
		body := map[string]any{"person": typed.Person, "outcome": typed.Outcome, "note": typed.Note}
		if site, err := strconv.Atoi(typed.Person); err == nil {
			body["person"], body["site"] = "site-leader", site
		}
		if at, err := time.ParseInLocation("2006-01-02T15:04", typed.At, workday.Shanghai); err == nil {
			body["at"] = at
		}
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/calls"), Key: form.Get("once"), Body: body}, nil)
		if v.Refused(err) {
			return v.showCalls(typed)
		}
		if err != nil {
			return err
		}
		v.Redirect(v.CaseHref("/calls"))
		return nil
	})
}

// showCalls shows the page. Without the claim, a reviewer sees only why.
func (v *visit) showCalls(typed callForm) error {
	page := callsPage{Typed: typed}
	if err := v.Get(v.orderPath(""), &page.Order); err != nil {
		return err
	}
	var calls struct{ Items []reviewer.Call }
	var earlier struct{ Items []reviewer.EarlierOrder }
	if !page.Withheld {
		if err := v.Get(v.orderPath("/calls"), &calls); err != nil {
			return err
		}
		if err := v.Get(v.orderPath("/earlier"), &earlier); err != nil {
			return err
		}
	}
	page.Calls, page.Earlier = calls.Items, earlier.Items
	return v.Show("calls", page)
}

// Standing says where an order stands: at its step, or how it ended or was refused.
func (v *visit) Standing(s filing.Status, step filing.Step) (string, error) {
	if became := v.Became(s); became != "open" {
		key := "became-" + became
		return v.T("calls." + key)
	}
	return v.StateName(string(step)), nil
}

// Became is the status of an order that ended, or was refused; "open" for others.
func (v *visit) Became(s filing.Status) string {
	switch s {
	case filing.Approved, filing.BureauRejected, filing.InitialRejected, filing.Appealed, filing.Withdrawn, filing.Abandoned, filing.Expired:
		return string(s)
	}
	return "open"
}
