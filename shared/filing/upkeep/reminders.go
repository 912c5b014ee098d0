package upkeep

import (
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// morningHour is the hour in Shanghai at which the reminders of a day are sent, so that those of a filing are one message.
const morningHour = 9

func morningOf(d workday.Date) time.Time { return d.Time().Add(morningHour * time.Hour).UTC() }

// reminders returns when the reminders of a duty are sent, in order.
func (r rule) reminders(d Duty) []time.Time {
	opened := workday.DateOf(d.OpenedAt)
	var days []workday.Date
	for _, n := range r.After {
		days = append(days, opened.AddDays(n))
	}
	if r.Middle {
		days = append(days, opened.AddDays(daysBetween(opened, d.Deadline)/2))
	}
	if r.Weekly {
		for day := opened.AddDays(7); day <= d.Deadline; day = day.AddDays(7) {
			days = append(days, day)
		}
	}
	for _, n := range r.Before {
		if day := d.Deadline.AddDays(-n); d.OpenedAt.IsZero() || day > opened {
			days = append(days, day)
		}
	}
	var times []time.Time
	if r.AtOnce {
		times = append(times, filing.Daytime.Next(d.OpenedAt, nil))
	}
	for _, day := range days {
		if day <= d.Deadline {
			times = append(times, morningOf(onWorkday(day, d.Deadline)))
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

func daysBetween(from, to workday.Date) int {
	return int(to.Time().Sub(from.Time()) / (24 * time.Hour))
}

// onWorkday returns the first working day from a day on, or if that is after the deadline, the last one before the day.
func onWorkday(day, deadline workday.Date) workday.Date {
	next := day
	for ; !workday.IsWorkday(next.Time()); next = next.AddDays(1) {
	}
	if next <= deadline {
		return next
	}
	for next = day; !workday.IsWorkday(next.Time()); next = next.AddDays(-1) {
	}
	return next
}

// reached returns how many reminders have their time reached.
func (d Duty) reached(at time.Time) int {
	n := 0
	for _, t := range d.Reminders {
		if !t.After(at) {
			n++
		}
	}
	return n
}

// A Reminder is a duty of which a reminder is due. Of several that were missed, there is one, the last.
type Reminder struct {
	Duty Duty
	// Urgent says that it is one of the last two reminders, or that the duty is due at once: it goes by SMS too.
	Urgent bool
}

// Due returns the reminders to send at a time, and the duties whose deadline has passed since. Reminders of muted duties, and those after a deadline, are not sent.
func (u Upkeep) Due(duties []Duty, at time.Time) (reminders []Reminder, over []Duty) {
	for _, d := range duties {
		n := d.reached(at)
		passed := !d.overAt().After(at)
		if passed && !slices.Contains(u.Over, d.ID()) {
			over = append(over, d)
		}
		if n > u.Reminded[d.ID()] && !passed && !slices.Contains(u.Muted, d.Key) {
			reminders = append(reminders, Reminder{Duty: d, Urgent: rules[d.Key].AtOnce || n >= len(d.Reminders)-1})
		}
	}
	return reminders, over
}

// Settle returns the upkeep after the reminders were sent and the passed deadlines were noticed. Duties that have ended are forgotten.
func (u Upkeep) Settle(duties []Duty, sent []Reminder, over []Duty, at time.Time) Upkeep {
	u = u.clone()
	reminded := map[string]int{}
	var passed []string
	for _, d := range duties {
		id := d.ID()
		if n := u.Reminded[id]; n > 0 {
			reminded[id] = n
		}
		if slices.Contains(u.Over, id) {
			passed = append(passed, id)
		}
		if slices.Contains(u.Muted, d.Key) {
			reminded[id] = d.reached(at)
		}
	}
	for _, r := range sent {
		reminded[r.Duty.ID()] = r.Duty.reached(at)
		u.note(at, "reminded", r.Duty.ID())
	}
	for _, d := range over {
		passed = append(passed, d.ID())
		u.note(at, "over", d.ID())
	}
	u.Reminded, u.Over = reminded, passed
	return u
}

// NextDue returns when the filing is due next: for a reminder, or because a deadline has passed; the zero time if never.
func (u Upkeep) NextDue(duties []Duty, at time.Time) time.Time {
	var next time.Time
	sooner := func(t time.Time) {
		if next.IsZero() || t.Before(next) {
			next = t
		}
	}
	for _, d := range duties {
		if over := d.overAt(); !slices.Contains(u.Over, d.ID()) {
			sooner(over)
		}
		for _, t := range d.Reminders {
			if t.After(at) {
				sooner(t)
				break
			}
		}
	}
	return next
}
