package portal

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// An orderState is what the page of an application says about its state: the button for what comes next, days to know, and what else can be done.
type orderState struct {
	Href     string // of the page for what comes next; "" if there is none
	Days     []string
	SMS      string // address of the page of the SMS verification while it is under way
	Returned bool   // it came back for correction
	Rest     []task // pages that were not returned
	Acts     []act
	Calendar bool          // a duty has a day
	Older    []historyLine // of the history; the page folds them
	NextAct  *act          // the act of Href; nil if another page does it
	Filing   string        // address of the filing that the application made or changed; "" if there is none
}

// Page returns the path of the act's page below the order.
func (a act) Page() string { return a.path }

// Key returns the key of the act's texts.
func (a act) Key() string { return a.key }

// Danger reports whether the act cannot be undone.
func (a act) Danger() bool { return a.danger }

// state returns what the page says about the state of an order. It takes from tasks those that were not returned.
func (v *visit) state(o web.Order, tasks []task) (orderState, []task, error) {
	s := orderState{Href: v.nextPage(o)}
	for _, a := range acts {
		if slices.Contains(o.Can, a.can) {
			s.Acts = append(s.Acts, a)
		}
	}
	if o.Step == filing.VerifySMS && o.SMS != nil {
		s.SMS = "/sms/" + string(o.ID)
	}
	if s.Returned = o.Status == filing.Returned && len(o.Findings) > 0; s.Returned {
		s.Rest, tasks = v.returned(o, tasks)
	}
	if s.Href == "" && o.Step == filing.CollectDetails && o.Next.Who == "applicant" {
		s.Href = v.firstOpen(tasks)
	}
	s.Calendar = slices.ContainsFunc(o.Duties, func(d web.Duty) bool { return !d.Due.IsZero() })
	for _, a := range acts {
		if s.Href == v.OrderHref(a.path) {
			s.NextAct = &a
		}
	}
	days, err := v.days(o)
	if err != nil {
		return s, tasks, err
	}
	s.Days = days
	if o.Status == filing.Approved && o.Bureau != nil {
		s.Filing, err = v.filingOf(o)
	}
	return s, tasks, err
}

// firstOpen returns the address of the first page with details to enter or to correct; "" if there is none.
func (v *visit) firstOpen(tasks []task) string {
	i := slices.IndexFunc(tasks, func(t task) bool {
		return (t.State == "todo" || t.State == "wrong") && t.Href != v.OrderHref("/contact")
	})
	if i < 0 {
		return ""
	}
	return tasks[i].Href
}

// returned parts the tasks of an order that came back: those that are done and that no finding names, and the others.
func (v *visit) returned(o web.Order, tasks []task) (rest, open []task) {
	named := map[string]bool{}
	for _, f := range o.Findings {
		page, _, _ := strings.Cut(v.pageOf(f.Pointer), "#")
		named[page] = true
	}
	for _, t := range tasks {
		switch {
		case named[t.Href]:
			if t.State != "done" { // else it is corrected
				t.State = "wrong"
			}
			open = append(open, t)
		case t.State == "done":
			rest = append(rest, t)
		default:
			open = append(open, t)
		}
	}
	return rest, open
}

// days returns the days that the applicant has to know, each in a sentence.
func (v *visit) days(o web.Order) ([]string, error) {
	p := page{visit: v}
	var all []string
	var failed error
	add := func(words string, err error) {
		all = append(all, words)
		if failed == nil {
			failed = err
		}
	}
	if !o.ExpiresAt.IsZero() && o.Next.Who == "applicant" {
		add(v.T("order.expires", "day", p.Day(o.ExpiresAt)))
	}
	if o.Step == filing.VerifySMS && o.SMS != nil {
		add(v.T("order.sms-until", "time", p.Moment(o.SMS.ExpiresAt)))
	}
	if t := o.SMSTime; t != nil && t.Hour != nil && t.SendAt.IsZero() {
		add(v.T("order.sms-hour", "time", fmt.Sprintf("%02d:00", *t.Hour)))
	}
	if b := o.Bureau; b != nil && b.DecidedAt.IsZero() && o.Step == filing.AwaitBureau {
		switch {
		case b.Overdue:
			add(v.T("order.bureau-overdue", "day", p.Day(b.Deadline)))
		case !b.Deadline.IsZero():
			add(v.T("order.bureau-deadline", "day", p.Day(b.Deadline)))
		}
	}
	if m := o.Papers; m != nil && !m.SentAt.IsZero() && m.ReceivedAt.IsZero() && o.Step == filing.MailDocuments {
		add(v.T("order.mailed", "day", p.Day(m.SentAt), "courier", m.Courier, "tracking", m.Tracking))
	}
	if o.Step == filing.InitialReview || o.Step == filing.AwaitBureau {
		words, err := v.usual(o)
		if words != "" || err != nil {
			add(words, err)
		}
	}
	if a := o.Appeal; a != nil {
		switch {
		case a.Until != "" && slices.Contains(o.Can, "appeal"):
			add(v.T("order.appeal-until", "day", p.Date(a.Until)))
		case a.Verdict == "" && a.DecideBy != "":
			add(v.T("order.appeal-by", "day", p.Date(a.DecideBy)))
		}
	}
	return all, failed
}

// usual says how long the order's step usually takes, by what was counted in the province for applications of the kind.
func (v *visit) usual(o web.Order) (string, error) {
	var list struct {
		Items []api.StepDuration `json:"items"`
	}
	if err := v.Get("/provinces/"+string(o.Province)+"/durations", &list); err != nil {
		return "", err
	}
	i := slices.IndexFunc(list.Items, func(d api.StepDuration) bool { return d.Type == o.Type && d.Step == o.Step })
	if i < 0 {
		return v.T("order.usual-unknown", "n", 0, "of", filing.MinVisits)
	}
	d, p := list.Items[i], page{visit: v}
	if !d.Enough {
		return v.T("order.usual-unknown", "n", d.Count, "of", filing.MinVisits)
	}
	half, err := v.within(d.Median)
	if err != nil {
		return "", err
	}
	most, err := v.within(d.FourInFive)
	if err != nil {
		return "", err
	}
	by := workday.Add(o.MovedAt, d.FourInFive)
	if v.today().After(by.AddDate(0, 0, 1)) {
		return v.T("order.usual-late", "n", d.Count, "p50", half, "p80", most)
	}
	return v.T("order.usual", "n", d.Count, "p50", half, "p80", most, "day", p.Day(by))
}

// within returns the words for a number of working days.
func (v *visit) within(days int) (string, error) {
	if days == 0 {
		return v.T("order.within-none")
	}
	return v.T("order.within", "n", days)
}

// Date returns a day in words, such as 2026年3月5日.
func (p page) Date(d workday.Date) string {
	t, err := time.ParseInLocation(time.DateOnly, string(d), workday.Shanghai)
	if err != nil {
		return string(d)
	}
	return p.Day(t)
}

// filingOf returns the address of the filing with the number of an approved order; "" if the account has none.
func (v *visit) filingOf(o web.Order) (string, error) {
	number := o.Bureau.SubjectNumber
	if o.Cancellation != nil {
		return "/filings/" + string(o.Cancellation.Filing), nil
	}
	cursor := ""
	for {
		var filings web.Page[web.FilingBrief]
		if err := v.Get("/filings?limit=50"+cursor, &filings); err != nil {
			return "", err
		}
		for _, f := range filings.Items {
			if f.Number.String() == number {
				return "/filings/" + string(f.ID), nil
			}
		}
		if filings.Next == "" {
			return "", nil
		}
		cursor = "&cursor=" + url.QueryEscape(filings.Next)
	}
}

// cutOrder returns the path of the operation of what comes next, below the order.
func cutOrder(o web.Order) (string, bool) {
	return strings.CutPrefix(o.Next.Href, web.Prefix+"/orders/"+string(o.ID))
}
