package staff

import (
	"net/url"

	"beian/functions/operator"
	"beian/shared/web"
)

// A dutiesPage lists what filings owe.
type dutiesPage struct {
	Days    string
	Filings []operator.DueFiling
	Next    string // address of the next page
}

// A dutyPage is what one filing owes.
type dutyPage struct {
	ID string
	web.Upkeep
}

// registerDuties registers the pages of what filings owe after approval.
func (s *Staff) registerDuties() {
	s.register("GET /duties", func(v *visit) error {
		query := v.R.URL.Query()
		page := dutiesPage{Days: query.Get("days")}
		filter := url.Values{"limit": {"50"}}
		for _, name := range []string{"days", "cursor"} {
			if value := query.Get(name); value != "" {
				filter.Set(name, value)
			}
		}
		var list web.Page[operator.DueFiling]
		if err := v.Get("/duties?"+filter.Encode(), &list); err != nil && !v.Refused(err) {
			return err
		}
		page.Filings = list.Items
		if list.Next != "" {
			filter.Set("cursor", list.Next)
			filter.Del("limit")
			page.Next = Prefix + "/duties?" + filter.Encode()
		}
		return v.Show("duties", page)
	})
	s.register("GET /duties/{id}", func(v *visit) error {
		page := dutyPage{ID: v.R.PathValue("id")}
		if err := v.Get("/duties/"+url.PathEscape(page.ID), &page.Upkeep); err != nil {
			return err
		}
		return v.Show("duty", page)
	})
}

// DutyHref returns the address of the page of a filing's duties.
func (v *visit) DutyHref(f operator.DueFiling) string { return Prefix + "/duties/" + string(f.Filing) }
