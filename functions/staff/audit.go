package staff

import (
	"net/url"
	"strings"

	"beian/functions/operator"
	"beian/shared/filing"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// An auditPage is the search for what a person has read, or who has read of an order.
type auditPage struct {
	People   []operator.Person
	Account  string
	Order    string // whose reads are listed instead of a person's
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
		page := auditPage{Account: query.Get("account"), Order: strings.TrimSpace(query.Get("order")), From: query.Get("from"), To: query.Get("to")}
		if page.From == "" && page.To == "" {
			page.From, page.To = string(today.AddDays(-6)), string(today)
		}
		var list struct{ Items []operator.Person }
		if err := v.Get("/people", &list); err != nil {
			return err
		}
		if page.People = list.Items; page.Account+page.Order != "" {
			if err := v.searchReads(&page, query.Get("cursor")); err != nil {
				return err
			}
		}
		return v.Show("audit", page)
	})
}

// searchReads adds what was read of the page's order, or else what the person has read.
func (v *visit) searchReads(page *auditPage, cursor string) error {
	query := url.Values{"limit": {"50"}}
	path, next := "/orders/"+url.PathEscape(page.Order)+"/staff-reads?", url.Values{"order": {page.Order}}
	if page.Order == "" {
		query.Set("from", page.From)
		query.Set("to", page.To)
		path, next = "/people/"+url.PathEscape(page.Account)+"/reads?", url.Values{"account": {page.Account}, "from": {page.From}, "to": {page.To}}
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	var found web.Page[web.StaffRead]
	err := v.Get(path+query.Encode(), &found)
	if v.Refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	page.Searched, page.Reads = true, found.Items
	if found.Next != "" {
		next.Set("cursor", found.Next)
		page.Next = Prefix + "/audit?" + next.Encode()
	}
	return nil
}

// NameOf is how colleagues recognise an account.
func (p auditPage) NameOf(account filing.Account) string {
	for _, one := range p.People {
		if one.Account == account && one.Name != "" {
			return one.Name
		}
	}
	return string(account)
}
