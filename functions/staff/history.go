package staff

import (
	"beian/functions/api"
	"beian/functions/reviewer"
	"beian/shared/web"
)

// A historyPage is the history of an order in words, and its ledger.
type historyPage struct {
	Lines  []api.Line
	Ledger reviewer.Ledger
}

// registerHistory registers the history of an order. It shows the newest decisions first, at most one page of the ledger.
func (s *Staff) registerHistory() {
	s.register("GET /orders/{id}/history", func(v *visit) error {
		var lines web.Page[api.Line]
		if err := v.Get(v.orderPath("/timeline"), &lines); err != nil {
			return err
		}
		page := historyPage{Lines: lines.Items}
		if err := v.Get(v.orderPath("/ledger"), &page.Ledger); err != nil {
			return err
		}
		return v.Show("history", page)
	})
}
