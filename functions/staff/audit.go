package staff

import (
	"net/url"

	"beian/functions/operator"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// An auditPage is the search for what a person has read.
type auditPage struct {
	People   []operator.Person
	Account  string
	From, To string
	Searched bool
	Reads    []web.StaffRead
	Next     string // address of the next page
}

// registerAudit registers the search. It reads only when a person is chosen, because each search is recorded.
func (s *Staff) registerAudit() {
	s.register("GET /audit", func(v *visit) error {
		query := v.R.URL.Query()
		today := workday.DateOf(v.staff.config.Now())
		page := auditPage{Account: query.Get("account"), From: query.Get("from"), To: query.Get("to")}
		if page.From == "" && page.To == "" {
			page.From, page.To = string(today.AddDays(-6)), string(today)
		}
		var list struct{ Items []operator.Person }
		if err := v.Get("/people", &list); err != nil {
			return err
		}
		if page.People = list.Items; page.Account != "" {
			if err := v.searchReads(&page, query.Get("cursor")); err != nil {
				return err
			}
		}
		return v.Show("audit", page)
	})
}

// searchReads adds what the person of the page has read.
func (v *visit) searchReads(page *auditPage, cursor string) error {
	query := url.Values{"from": {page.From}, "to": {page.To}, "limit": {"50"}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var found web.Page[web.StaffRead]
	err := v.Get("/people/"+url.PathEscape(page.Account)+"/reads?"+query.Encode(), &found)
	if v.Refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	page.Searched, page.Reads = true, found.Items
	if found.Next != "" {
		page.Next = Prefix + "/audit?" + url.Values{"account": {page.Account}, "from": {page.From}, "to": {page.To}, "cursor": {found.Next}}.Encode()
	}
	return nil
}
