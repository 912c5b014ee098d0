package filing

import (
	"time"

	"beian/shared/rules/workday"
)

// NextDue returns when the system has something to do about the order next: to remind its applicant or leaders, to send codes, to close it, to notice that
// the bureau is late, or to alert operators. It returns the zero time if it has nothing to do. The time may be past.
func (o Order) NextDue(at time.Time) time.Time {
	switch {
	case o.Erasure != nil || o.Closing != "" && o.Status != Appealed:
		return time.Time{}
	case o.Status == Appealed:
		return nextMorning(at, o.Appeal.DecideBy.AddDays(1), o.Appeal.OverdueAt.IsZero())
	case o.Status.Final():
		return time.Time{}
	case o.Step == VerifySMS:
		return o.nextSMSDue()
	case o.Step == InitialReview && len(o.Readings) > 0 && !o.DecidedByOne:
		from := workday.DateOf(workday.Add(o.Readings[len(o.Readings)-1].At, SecondReadingDays)).AddDays(1)
		return nextMorning(at, from, !o.hasOpenTask(TaskSecondReading))
	case o.AwaitsEntry():
		return nextMorning(at, workday.DateOf(workday.Add(o.MovedAt, EntryDays)).AddDays(1), false)
	case o.Step == AwaitBureau && o.Bureau != nil && !o.Bureau.Overdue:
		return o.Bureau.Deadline
	}
	return o.nextReminder()
}

// nextMorning returns the morning of a day, on which operators are alerted. After that day, they are alerted each morning: it returns the first one after at,
// unless the first alert is still missing.
func nextMorning(at time.Time, from workday.Date, missing bool) time.Time {
	if first := atHour(from, morningHour); missing || first.After(at) {
		return first
	}
	day := workday.DateOf(at)
	if !atHour(day, morningHour).After(at) {
		day = day.AddDays(1)
	}
	return atHour(day, morningHour)
}

// nextReminder returns when the applicant of an idle order is reminded next, or the order expires.
func (o Order) nextReminder() time.Time {
	since := o.waitsSince()
	if since.IsZero() {
		return time.Time{}
	}
	for _, day := range ReminderDays {
		if day > o.LastReminder {
			return ReminderTime(since.AddDate(0, 0, day))
		}
	}
	return daytime(since.AddDate(0, 0, MaxIdleDays))
}

// nextSMSDue returns when the codes are sent, or when leaders who have not answered are reminded next, by [Daytime].
func (o Order) nextSMSDue() time.Time {
	if o.SMS == nil {
		return o.SMSSendAt
	}
	for _, at := range Daytime.reminders(*o.SMS)[min(o.SMS.Reminded, len(SMSReminderHours)):] {
		return at
	}
	return time.Time{}
}

// Hours of the day, in Shanghai, in which reminders are sent.
const (
	morningHour = 9
	eveningHour = 21
)

// daytime returns a time if reminders may be sent at it, else the next morning.
func daytime(t time.Time) time.Time {
	day := workday.DateOf(t)
	switch hour := t.In(workday.Shanghai).Hour(); {
	case hour < morningHour:
		return atHour(day, morningHour)
	case hour >= eveningHour:
		return atHour(day.AddDays(1), morningHour)
	}
	return t
}

// ReminderTime returns when a reminder of a time is sent: then, or on the next morning of a working day if that is at night or on a day off.
func ReminderTime(t time.Time) time.Time {
	t = daytime(t)
	for day := workday.DateOf(t); !workday.IsWorkday(t); {
		day = day.AddDays(1)
		t = atHour(day, morningHour)
	}
	return t
}
