package staff

import (
	"net/url"

	"beian/shared/filing"
	"beian/shared/web"
)

// A queuePage lists orders to review.
type queuePage struct {
	Step   filing.Step
	Orders []web.Brief
	Next   string // address of the next page
}

// registerQueue registers the reviewers' queue. The filters are parameters of its address.
func (s *Staff) registerQueue() {
	s.register("GET /queue", func(v *visit) error {
		query := url.Values{"limit": {"50"}}
		for _, name := range []string{"step", "cursor"} {
			if given := v.R.URL.Query().Get(name); given != "" {
				query.Set(name, given)
			}
		}
		var list web.Page[web.Brief]
		if err := v.Get("/review/orders?"+query.Encode(), &list); err != nil {
			return err
		}
		page := queuePage{Step: filing.Step(query.Get("step")), Orders: list.Items}
		if list.Next != "" {
			query.Set("cursor", list.Next)
			page.Next = Prefix + "/queue?" + query.Encode()
		}
		return v.Show("queue", page)
	})
}
