package portal

import (
	"beian/shared/filing"
	"beian/shared/web"
)

// A filingsPage lists the account's applications under way, and what is filed.
type filingsPage struct {
	Open, Closed []web.Brief
	Filings      []web.FilingBrief
	More         bool // applications that the page does not list
}

// registerFilings registers the list of the account's filings.
func (p *Portal) registerFilings() {
	p.private("GET /filings", func(v *visit) error {
		var orders web.Page[web.Brief]
		if err := v.get("/orders?limit=50", &orders); err != nil {
			return err
		}
		var filings web.Page[web.FilingBrief]
		if err := v.get("/filings?limit=50", &filings); err != nil {
			return err
		}
		page := filingsPage{Filings: filings.Items, More: orders.Next != ""}
		for _, o := range orders.Items {
			if o.Status.Final() {
				page.Closed = append(page.Closed, o)
			} else {
				page.Open = append(page.Open, o)
			}
		}
		return v.show("filings", page)
	})
}

// KindWords are the words of a type; those for an application whose type is not determined yet if there is none.
func (v *visit) KindWords(t filing.Type) (string, error) {
	if kind, ok := filing.KindOf(t); ok {
		return v.Title(kind.Words), nil
	}
	return v.T("filings.undetermined")
}
