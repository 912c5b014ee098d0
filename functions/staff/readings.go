package staff

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"beian/functions/operator"
	"beian/functions/reviewer"
	"beian/shared/filing"
	"beian/shared/process/coaching"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// undoSeconds is for how long a reviewer can take a verdict back that was given on a page; see ADR 50.
const undoSeconds = 10

// UndoSeconds is undoSeconds for the pages.
func (v *visit) UndoSeconds() int { return undoSeconds }

var orderID = regexp.MustCompile(`^[0-9A-Z]{26}$`)

// Decided is the order in the page's address on which the person has just given a verdict; "" for none.
func (v *visit) Decided() string {
	return orderIn(v.R.URL.Query(), "decided")
}

// orderIn returns the id of an order that a parameter has; "" for another value.
func orderIn(given url.Values, name string) string {
	if id := given.Get(name); orderID.MatchString(id) {
		return id
	}
	return ""
}

// after returns the address of a list after a verdict on the order of the page's address.
func (v *visit) after(list string) string {
	query := filterOf(v.R.URL.Query())
	query.Set("decided", v.R.PathValue("id"))
	return Prefix + list + queryOf(query)
}

// An appealsPage lists the appeals to decide.
type appealsPage struct {
	Orders []web.Brief
	Next   string // address of the next page
}

// An agreementPage says how far reviewers agree. Agreement is nil if the months are wrong.
type agreementPage struct {
	From, To string
	*operator.Agreement
}

// registerReadings registers what takes a verdict back, the appeals with their decision, and the agreement of reviewers.
func (s *Staff) registerReadings() {
	s.register("POST /orders/{id}/undo", func(v *visit) error {
		return v.actOnCase(pages.Request{Method: http.MethodDelete, Path: v.orderPath("/review")}, v.CaseHref(""))
	})
	s.register("GET /appeals", func(v *visit) error {
		query := url.Values{"limit": {"50"}}
		if cursor := v.R.URL.Query().Get("cursor"); cursor != "" {
			query.Set("cursor", cursor)
		}
		var list web.Page[web.Brief]
		if err := v.Get("/review/appeals?"+query.Encode(), &list); err != nil {
			return err
		}
		page := appealsPage{Orders: list.Items}
		if list.Next != "" {
			page.Next = Prefix + "/appeals?" + url.Values{"cursor": {list.Next}}.Encode()
		}
		return v.Show("appeals", page)
	})
	s.register("POST /orders/{id}/appeal", func(v *visit) error {
		form := v.R.PostForm
		body := reviewer.AppealDecision{Verdict: filing.AppealVerdict(form.Get("appeal")), Answer: form.Get("answer"), ChooseServer: form.Get("chooseServer") != "", UndoSeconds: undoSeconds}
		return v.actOnCase(pages.Request{Method: http.MethodPost, Path: v.orderPath("/appeal/decision"), ETag: form.Get("etag"), Body: body}, v.after("/appeals"))
	})
	s.register("GET /agreement", func(v *visit) error {
		query := v.R.URL.Query()
		page := agreementPage{From: query.Get("from"), To: query.Get("to")}
		if month := coaching.MonthOf(v.staff.config.Now()); page.From == "" && page.To == "" {
			page.From, page.To = string(month.Before(2)), string(month)
		}
		var found operator.Agreement
		err := v.Get("/review-agreement?"+url.Values{"from": {page.From}, "to": {page.To}}.Encode(), &found)
		if err != nil && !v.Refused(err) {
			return err
		}
		if err == nil {
			page.Agreement = &found
		}
		return v.Show("agreement", page)
	})
}

// LastMoment is the day of a deadline, which is the end of the day.
func (v *visit) LastMoment(deadline time.Time) string { return v.Day(deadline.Add(-time.Second)) }

// Passed reports whether a day is over, Shanghai time.
func (v *visit) Passed(day workday.Date) bool { return workday.DateOf(v.staff.config.Now()) > day }

// Hundredths returns a number with two decimals; "" for none.
func (v *visit) Hundredths(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', 2, 64)
}

// Contested reports whether the order's rejection is contested and not decided.
func (p casePage) Contested() bool { return p.Status == filing.Appealed && p.Appeal != nil }
