package console

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"beian/infra/local/timetable"
	"beian/shared/rules/finding"
	"beian/shared/web/pages"
	"beian/shared/workflow/picture"
)

const (
	maxDue    = 60              // items on the page
	jumpAwait = 5 * time.Second // how long the browser waits for the end of a jump
)

// A clockPage is what the page of the clock shows.
type clockPage struct {
	Now, Real time.Time
	Ahead     time.Duration
	Jump      timetable.State
	Failed    string // the key of the words for why the last jump ended early
	Items     []timetable.Item
	All       int
	HasNext   bool
	Problem   string // the key of the words for what was wrong with the form
}

func (c *Console) registerClock() {
	c.Public("GET /clock", func(v *pages.Visit) error { return c.showClock(v, http.StatusOK, "") })
	c.Public("POST /clock", func(v *pages.Visit) error {
		to, err := c.destination(v.R.PostForm.Get("by"), v.R.PostForm.Get("to"))
		if err == nil {
			err = c.config.Timetable.Jump(to)
		}
		switch {
		case errors.Is(err, timetable.ErrMoving):
			return c.showClock(v, http.StatusConflict, "moving")
		case errors.Is(err, timetable.ErrPast):
			return c.showClock(v, http.StatusUnprocessableEntity, "past")
		case errors.Is(err, timetable.ErrFar):
			return c.showClock(v, http.StatusUnprocessableEntity, "far")
		case errors.Is(err, errDestination):
			return c.showClock(v, http.StatusUnprocessableEntity, "wrong")
		case err != nil:
			return err
		}
		select {
		case <-c.config.Timetable.Arrived():
		case <-time.After(jumpAwait):
		case <-v.R.Context().Done():
		}
		v.Redirect(Prefix + "/clock")
		return nil
	})
}

var errDestination = errors.New("console: no time to jump to")

// destination returns the time to which a form wants the clock to jump: by an hour, a day or a month, until what is due next, or to a time (RFC 3339).
func (c *Console) destination(by, to string) (time.Time, error) {
	now := c.config.Clock.Now()
	switch by {
	case "hour":
		return now.Add(time.Hour), nil
	case "day":
		return now.AddDate(0, 0, 1), nil
	case "month":
		return now.AddDate(0, 1, 0), nil
	case "next":
		next, err := c.config.Timetable.Next()
		if err == nil && next.IsZero() {
			err = errDestination
		}
		return next, err
	case "":
		if at, err := time.Parse(time.RFC3339Nano, to); err == nil {
			return at, nil
		}
	}
	return time.Time{}, errDestination
}

// showClock shows the page of the clock. While the clock moves, the browser loads it again.
func (c *Console) showClock(v *pages.Visit, status int, problem string) error {
	items, err := c.config.Timetable.Items()
	if err != nil {
		return err
	}
	next, err := c.config.Timetable.Next()
	if err != nil {
		return err
	}
	p := clockPage{Now: c.config.Clock.Now(), Real: time.Now(), Ahead: c.config.Clock.Offset().Round(time.Minute), Jump: c.config.Timetable.State(), Items: items[:min(len(items), maxDue)],
		All: len(items), HasNext: !next.IsZero(), Problem: problem}
	switch {
	case errors.Is(p.Jump.Err, timetable.ErrUnsettled):
		p.Failed = "unsettled"
	case p.Jump.Err != nil:
		p.Failed = "failed"
	}
	if p.Jump.Moving {
		v.W.Header().Set("Refresh", "1")
	}
	if status != http.StatusOK {
		v.W.WriteHeader(status)
	}
	return v.Show("clock", p)
}

// State returns the words for a state of the machine.
func (p page) State(state string) string { return p.In(finding.Words(picture.Name(state))) }

// Span returns a duration in words of two units at most, such as 3 d 4 h.
func (p page) Span(d time.Duration) (string, error) {
	d = max(d, 0)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return p.T("clock.days", "d", days, "h", hours)
	case hours > 0:
		return p.T("clock.hours", "h", hours, "m", minutes)
	}
	if minutes > 0 {
		return p.T("clock.minutes", "m", minutes, "s", int(d.Seconds())%60)
	}
	return p.T("clock.seconds", "s", fmt.Sprintf("%.1f", d.Seconds()))
}

// Until returns how long it takes from one time to another.
func (p page) Until(from, to time.Time) (string, error) { return p.Span(to.Sub(from)) }

// Exact returns a time for a form, to the nanosecond.
func (page) Exact(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
