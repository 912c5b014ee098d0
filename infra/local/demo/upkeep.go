package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// PlayUpkeep files a site of a customer, plays the year after the approval, and prints the filing's diary and the reminders that the customer got.
func (d *Demo) PlayUpkeep(ctx context.Context, app scenario.Application) error {
	c, err := d.NewCustomer(ctx, app)
	if err != nil {
		return err
	}
	kind, _ := filing.KindOf(filing.First)
	if err := c.play(ctx, kind, nil, "FILED 1:us"); err != nil {
		return err
	}
	site := c.Filing.Sites[0].Number.String()
	began := d.system.Clock.Now()
	records := map[int]struct {
		what, path string
		body       map[string]any
	}{
		10: {"says that the site does not charge its users", "commercial", map[string]any{"site": site, "commercial": false}},
		21: {"records the number of the public-security filing", "public-security", map[string]any{"site": site, "number": "京公网安备 11010502030123 号"}},
	}
	letters := 0
	for _, day := range []int{10, 21, 90, 180, 270, 365} { // the laptop deletes messages after 90 days
		since := d.system.Clock.Now()
		if err := d.jump(began.AddDate(0, 0, day)); err != nil {
			return err
		}
		letters += c.printLetters(since)
		if r, has := records[day]; has {
			d.print("applicant", r.what)
			if err := c.user.Call(ctx, http.MethodPut, "/filings/"+string(c.Filing.ID)+"/"+r.path, r.body, nil); err != nil {
				return err
			}
		}
	}
	if letters == 0 {
		return errors.New("the customer got no reminder")
	}
	return c.printDiary(ctx)
}

// printLetters prints the reminders that the customer got by email since a time, and returns their number.
func (c *Customer) printLetters(since time.Time) int {
	letters := 0
	for _, m := range c.demo.Client.Sent(fmt.Sprint(c.app.Contact["email"])) {
		if strings.Contains(m.Subject, "待办事项") && m.Time.After(since) {
			letters++
			c.demo.print(string(workday.DateOf(m.Time)), "email: "+m.Subject)
		}
	}
	return letters
}

// jump moves the clock; what becomes due on the way happens on its day.
func (d *Demo) jump(to time.Time) error {
	if err := d.system.Timetable.Jump(to); err != nil {
		return err
	}
	<-d.system.Timetable.Arrived()
	return d.system.Timetable.State().Err
}

// printDiary prints what happened to the filing. It fails if a reminder was sent twice, or after its reason ended.
func (c *Customer) printDiary(ctx context.Context) error {
	d := c.demo
	var u web.Upkeep
	if err := c.user.Call(ctx, http.MethodGet, "/filings/"+string(c.Filing.ID)+"/upkeep", nil, &u); err != nil {
		return err
	}
	d.print("diary", "of the year after the approval, as the applicant reads it:")
	words := pages.SharedWords()
	reminded := map[string]int{}
	for _, line := range slices.Backward(u.Diary) {
		on := workday.DateOf(line.At)
		if line.What == "follow" {
			continue
		}
		what, has := words["diary.what-"+line.What]
		if !has {
			return fmt.Errorf("the diary has a line without words: %s", line.What)
		}
		d.print(string(on), strings.ReplaceAll(what.English, "{kind}", words["diary.kind-"+string(line.Kind)].English))
		if line.What == "reminded" {
			key := string(on) + " " + string(line.Kind)
			if reminded[key]++; reminded[key] > 1 {
				return fmt.Errorf("a reminder was sent twice: %s", key)
			}
			reminded[string(line.Kind)]++
		}
	}
	if n := reminded[string(upkeep.PublicSecurity)]; n != 2 {
		return fmt.Errorf("%d reminders of the public-security filing, want 2: the number was recorded on the 21st day", n)
	}
	for _, duty := range u.Duties {
		state := "by"
		if duty.Over {
			state = "overdue; the last day was"
		}
		d.print("to do", fmt.Sprintf("%s (%s %s)", strings.TrimSuffix(duty.What.English, "."), state, duty.Deadline))
	}
	return nil
}
