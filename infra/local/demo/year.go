package demo

import (
	"context"
	"fmt"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// year are the applications of one customer in a year, in order. On 17 August 2020 the SMS verification begins in all provinces (S18).
var year = []struct {
	on      workday.Date
	kind    filing.Type
	prepare func(*Customer) error
	want    string // how the filing stands afterwards
}{
	{on: "2019-12-26", kind: filing.First, want: "FILED 1:us"},
	{on: "2020-03-17", kind: filing.AddSiteOwn, want: "FILED 1:us 2:us"},
	{on: "2020-06-16", kind: filing.ChangeFiling, want: "FILED 1:us 2:us"},
	{on: "2020-09-15", kind: filing.AddAccessForeign, prepare: prepareSiteElsewhere, want: "FILED 1:us 2:us 3:elsewhere,us"},
	{on: "2020-11-10", kind: filing.CancelAccess, prepare: prepareHosting, want: "FILED 1: 2:us 3:elsewhere,us"},
	{on: "2020-12-22", kind: filing.CancelSubject, want: "CANCELLED 1: 2:us 3:elsewhere,us"},
}

// PlayYear plays the year of one customer. The system's clock moves on from one application to the next.
func (d *Demo) PlayYear(ctx context.Context, app scenario.Application) error {
	c, err := d.NewCustomer(ctx, app)
	if err != nil {
		return err
	}
	for _, event := range year {
		if at := event.on.Time().Add(9*time.Hour + 30*time.Minute); at.After(d.system.Clock.Now()) {
			d.system.Clock.Set(at)
		}
		kind, _ := filing.KindOf(event.kind)
		if err := c.play(ctx, kind, event.prepare, event.want); err != nil {
			return fmt.Errorf("%s: %w", event.on, err)
		}
	}
	return nil
}
