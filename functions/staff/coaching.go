package staff

import (
	"net/url"
	"strconv"

	"beian/shared/process/coaching"
	"beian/shared/web"
)

// A coachingPage has the figures of the person's own reviews, and for operators the sums of all. A part that the person may not see is nil.
type coachingPage struct {
	From, To  string
	Own, Team *web.Coaching
}

// registerCoaching registers the figures of reviews: of this month and the two before, unless others are chosen.
func (s *Staff) registerCoaching() {
	s.register("GET /coaching", func(v *visit) error {
		query := v.R.URL.Query()
		month := coaching.MonthOf(v.staff.config.Now())
		page := coachingPage{From: query.Get("from"), To: query.Get("to")}
		if page.From == "" && page.To == "" {
			page.From, page.To = string(month.Before(2)), string(month)
		}
		months := "?" + url.Values{"from": {page.From}, "to": {page.To}}.Encode()
		for _, part := range []struct {
			may  bool
			path string
			to   **web.Coaching
		}{{v.IsReviewer(), "/review/coaching", &page.Own}, {v.IsOperator(), "/coaching", &page.Team}} {
			if !part.may {
				continue
			}
			var figures web.Coaching
			err := v.Get(part.path+months, &figures)
			if v.Refused(err) {
				break
			}
			if err != nil {
				return err
			}
			*part.to = &figures
		}
		return v.Show("coaching", page)
	})
}

// Percent returns a share in whole percent.
func (v *visit) Percent(share *float64) string {
	if share == nil {
		return ""
	}
	return strconv.Itoa(int(*share*100+0.5)) + " %"
}
