package filing

import (
	"fmt"
	"slices"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// SendingHours are the hours of the day, in Shanghai, at which leaders get SMS. Codes are sent from From until To. A check lasts 24 hours, so it ends at
// the same time of the next day; if that is a day off, its codes are sent before Holiday. Reminders are sent from Morning until To. See ADR 45.
type SendingHours struct{ Morning, From, To, Holiday int }

var (
	// Daytime are the hours by which no SMS is sent at night, no check ends before the leaders could be reminded in the morning, and none on the
	// evening of a day off.
	Daytime = SendingHours{Morning: 8, From: 9, To: 21, Holiday: 18}
	// AnyHour sends at any hour, unless the applicant chose one. It is for demonstrations and tests.
	AnyHour = SendingHours{Morning: 0, From: 0, To: 24, Holiday: 24}
)

// CodeSMSHour says that codes are not sent at the hour that was chosen.
const CodeSMSHour finding.Code = "sms-hour"

// awake reports whether leaders may be reminded at a time.
func (h SendingHours) awake(t time.Time) bool {
	hour := t.In(workday.Shanghai).Hour()
	return h.Morning <= hour && hour < h.To
}

// end returns the hour before which codes are sent on a day.
func (h SendingHours) end(day workday.Date) int {
	if workday.IsWorkday(day.AddDays(1).Time()) {
		return h.To
	}
	return h.Holiday
}

// Next returns when codes are sent that can be sent from t on: in the first hour of the day that was chosen, else, if hour is nil, as soon as
// possible. On a day whose check would end on the evening of a day off, a later hour than the last possible one stands for that.
func (h SendingHours) Next(t time.Time, hour *int) time.Time {
	for day := workday.DateOf(t); ; day = day.AddDays(1) {
		from, to := h.From, h.end(day)
		if hour != nil {
			from = max(from, min(*hour, to-1))
			to = from + 1
		}
		if t.Before(atHour(day, to)) {
			return latest(t, atHour(day, from))
		}
	}
}

func atHour(day workday.Date, hour int) time.Time {
	return day.Time().Add(time.Duration(hour) * time.Hour).UTC()
}

// SMSReminderHours are the hours after which leaders who have not answered their code are reminded. Our own rule (ADR 45).
var SMSReminderHours = []int{4, 12, 20, 23}

// reminders returns the times at which the leaders of a check are reminded, in order. A reminder of the night is sent in the last hour of the evening
// before, or in the morning, whichever is nearer. Reminders that would be sent at the same time are one.
func (h SendingHours) reminders(s SMSCheck) []time.Time {
	var all []time.Time
	for _, hours := range SMSReminderHours {
		at := s.SentAt.Add(time.Duration(hours) * time.Hour)
		if !h.awake(at) {
			day := workday.DateOf(at)
			if at.In(workday.Shanghai).Hour() < h.Morning {
				day = day.AddDays(-1)
			}
			evening, morning := atHour(day, h.To-1), atHour(day.AddDays(1), h.Morning)
			if at.Sub(evening) < morning.Sub(at) && evening.After(s.SentAt) {
				at = evening
			} else {
				at = morning
			}
		}
		all = append(all, at)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// remindersDue returns how many reminders of the order's check should have been sent by a time at which SMS are sent; 0 if none is to be sent now.
func (h SendingHours) remindersDue(o Order, at time.Time) int {
	if o.SMS == nil || !at.Before(o.SMS.ExpiresAt) || !h.awake(at) {
		return 0
	}
	all := h.reminders(*o.SMS)
	if i := slices.IndexFunc(all, at.Before); i >= 0 {
		return i
	}
	return len(all)
}

// CodesDue returns when the codes of an order at VerifySMS are to be sent, from at on. Codes that were not sent at the time that was planned are sent as soon as
// possible.
func (o Order) CodesDue(h SendingHours, at time.Time) time.Time {
	if !o.SMSSendAt.IsZero() {
		return h.Next(latest(at, o.SMSSendAt), nil)
	}
	return h.Next(at, o.SMSHour)
}

// CodesPlannedAt returns the words for when the codes will be sent, in Shanghai.
func (o Order) CodesPlannedAt() finding.Words {
	at := o.SMSSendAt.In(workday.Shanghai)
	return finding.Words{Chinese: at.Format("1月2日15:04"), English: at.Format("15:04 on 2 January")}
}

// ScheduleCodes plans when the codes will be sent, if that is not now: at the hour that the applicant chose, and never at night. [IssueCodes] sends them.
type ScheduleCodes struct{ Hours SendingHours }

func (ScheduleCodes) Name() string { return "schedule-codes" }

func (d ScheduleCodes) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifySMS); err != nil {
		return err
	}
	if o.SMS != nil || !o.SMSSendAt.IsZero() {
		return ErrNothingToDo
	}
	c.scheduleCodes(d.Hours, at)
	return nil
}

func (c *Change) scheduleCodes(h SendingHours, at time.Time) {
	o := &c.Order
	o.SMSSendAt = h.Next(at, o.SMSHour)
	c.setFact("sendAt", o.SMSSendAt.In(workday.Shanghai).Format("2006-01-02 15:04"))
}

// ChooseSMSHour chooses the hour of the day, in Shanghai, at which the codes are sent to all leaders: one of [Daytime]; nil is as soon as possible. It is
// possible from the confirmation until they are sent.
type ChooseSMSHour struct {
	Hour  *int
	Hours SendingHours
}

func (ChooseSMSHour) Name() string { return "choose-sms-hour" }

func (d ChooseSMSHour) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if !o.CanChooseSMSHour(at) {
		return errOutOfOrder()
	}
	if d.Hour != nil && (*d.Hour < Daytime.From || *d.Hour >= Daytime.To) {
		return blockingFault(finding.List{finding.New(CodeSMSHour, "/hour", "from", fmt.Sprint(Daytime.From), "to", fmt.Sprint(Daytime.To-1))})
	}
	if o.SMSHour == nil && d.Hour == nil || o.SMSHour != nil && d.Hour != nil && *o.SMSHour == *d.Hour {
		return ErrNothingToDo
	}
	o.SMSHour = clonePointer(d.Hour)
	if !o.SMSSendAt.IsZero() {
		c.scheduleCodes(d.Hours, at)
	}
	return nil
}

// CanChooseSMSHour reports whether [ChooseSMSHour] is possible.
func (o Order) CanChooseSMSHour(at time.Time) bool {
	return o.checkOpenAt(AwaitConfirmation, InitialReview, MailDocuments, VerifySMS) == nil && o.Erasure == nil && o.smsRequired(at) &&
		(o.Step != VerifySMS || o.SMS == nil)
}

// RemindLeaders reminds the leaders who have not answered their code. Of reminders that were missed, it sends only the last.
type RemindLeaders struct{ Hours SendingHours }

func (RemindLeaders) Name() string { return "remind-leaders" }

func (d RemindLeaders) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifySMS); err != nil {
		return err
	}
	if !o.LeadersToRemind(d.Hours, at) {
		return ErrNothingToDo
	}
	o.SMS.Reminded = d.Hours.remindersDue(*o, at)
	c.setFact("left", fmt.Sprint(int(o.SMS.ExpiresAt.Sub(at)/time.Hour)))
	for i, code := range o.SMS.Codes {
		if code.VerifiedAt.IsZero() {
			c.Notices = append(c.Notices, Notice{Kind: NoticeSMSReminder, Code: i})
		}
	}
	return nil
}

// LeadersToRemind reports whether a reminder is due that was not sent.
func (o Order) LeadersToRemind(h SendingHours, at time.Time) bool {
	return o.SMS != nil && h.remindersDue(o, at) > o.SMS.Reminded
}
