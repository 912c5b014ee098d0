package filing_test

import (
	"slices"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// shanghai parses "2006-01-02 15:04".
func shanghai(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, workday.Shanghai)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// TestSendingHours: codes are sent by day, at the hour that was chosen, and not so that the 24 hours end on the evening of a day off. Tuesday 2 March
// 2021 is a working day; so is Sunday 26 September before the National Day, which is from Friday 1 to Thursday 7 October.
func TestSendingHours(t *testing.T) {
	for _, c := range []struct {
		from string
		hour int // -1: none was chosen
		want string
	}{
		{"2021-03-02 09:00", -1, "2021-03-02 09:00"},
		{"2021-03-02 20:59", -1, "2021-03-02 20:59"},
		{"2021-03-02 21:00", -1, "2021-03-03 09:00"},
		{"2021-03-02 00:10", -1, "2021-03-02 09:00"},
		{"2021-03-02 09:30", 10, "2021-03-02 10:00"},
		{"2021-03-02 10:30", 10, "2021-03-02 10:30"},
		{"2021-03-02 11:00", 10, "2021-03-03 10:00"},
		{"2021-03-02 23:00", 20, "2021-03-03 20:00"},
		{"2021-03-05 17:59", -1, "2021-03-05 17:59"}, // Friday
		{"2021-03-05 18:00", -1, "2021-03-06 09:00"},
		{"2021-03-05 12:00", 20, "2021-03-05 17:00"},
		{"2021-03-06 19:00", -1, "2021-03-07 09:00"}, // Saturday
		{"2021-03-07 19:00", -1, "2021-03-07 19:00"}, // Sunday: the check ends on Monday
		{"2021-03-07 12:00", 20, "2021-03-07 20:00"},
		{"2021-09-25 19:00", -1, "2021-09-25 19:00"}, // Saturday before a working Sunday
		{"2021-09-30 19:00", -1, "2021-10-01 09:00"}, // before the National Day
		{"2021-09-30 19:00", 20, "2021-10-01 17:00"},
		{"2021-10-06 19:00", 20, "2021-10-07 20:00"}, // the last day off; Friday is a working day
		{"2021-10-07 19:00", -1, "2021-10-07 19:00"},
	} {
		var hour *int
		if c.hour >= 0 {
			hour = &c.hour
		}
		from := shanghai(t, c.from)
		got := filing.Daytime.Next(from, hour)
		if !got.Equal(shanghai(t, c.want)) {
			t.Errorf("from %s, hour %d: %s, want %s", c.from, c.hour, got.In(workday.Shanghai).Format("2006-01-02 15:04"), c.want)
		}
		if always := filing.AnyHour.Next(from, nil); !always.Equal(from) {
			t.Errorf("at any hour from %s: %s", c.from, always)
		}
	}
}

// TestSendingHoursAllYear (S18) checks for each quarter of an hour of two years, and each hour that can be chosen, that codes wait less than two days, are sent by
// day, and that their check ends by day, and not on the evening of a day off.
func TestSendingHoursAllYear(t *testing.T) {
	h := filing.Daytime
	hours := []*int{nil}
	for hour := h.From; hour < h.To; hour++ {
		hours = append(hours, &hour)
	}
	for from := shanghai(t, "2021-01-01 00:07"); from.Year() < 2023; from = from.Add(15 * time.Minute) {
		for _, hour := range hours {
			sent := h.Next(from, hour)
			ends := sent.Add(filing.SMSHours * time.Hour)
			if sent.Before(from) || sent.Sub(from) > 48*time.Hour || sent.In(workday.Shanghai).Hour() < h.From || sent.In(workday.Shanghai).Hour() >= h.To ||
				!workday.IsWorkday(ends) && ends.In(workday.Shanghai).Hour() >= h.Holiday {
				t.Fatalf("from %s the codes are sent at %s", from.In(workday.Shanghai), sent.In(workday.Shanghai))
			}
		}
	}
}

// waitingOrder returns an order that reached the SMS check at a time and waits for the hour of its codes.
func waitingOrder(t *testing.T, at time.Time) *filingtest.Walk {
	t.Helper()
	w := filingtest.OpenAt(t, inTianjin(), at, filing.VerifySMS)
	if due := w.Order.CodesDue(filing.Daytime, w.At); !due.After(w.At) {
		t.Fatalf("the codes are due at %s", due)
	}
	w.Decide(filing.Beian, filing.ScheduleCodes{Hours: filing.Daytime})
	return w
}

// TestScheduledCodes: codes that wait for the morning are issued then, once, for all leaders, and the machine starts its 24 hours anew.
func TestScheduledCodes(t *testing.T) {
	w := waitingOrder(t, shanghai(t, "2021-03-02 22:30"))
	morning := shanghai(t, "2021-03-03 09:00")
	if !w.Order.SMSSendAt.Equal(morning) || w.Order.Step != filing.VerifySMS || w.Order.SMS != nil {
		t.Fatalf("the codes are planned for %s, at %s", w.Order.SMSSendAt, w.Order.Step)
	}
	issue := filing.IssueCodes{NewCode: filingtest.SequentialCodes()}
	wantError(t, w.Order, filing.Beian, filing.ScheduleCodes{Hours: filing.Daytime}, filing.ErrNothingToDo)
	wantFault(t, w, filing.Beian, issue, fault.Conflict, filing.CodeStepOutOfOrder)
	wantError(t, w.Order, filing.Beian, filing.Timeout{}, filing.ErrNothingToDo)
	w.At = morning
	before := w.Order.StepVisit
	c := w.Decide(filing.Beian, issue)
	if len(c.Notices) != 2 || !c.ResumeExecution || !w.Order.SMSSendAt.IsZero() || !w.Order.SMS.SentAt.Equal(morning) {
		t.Errorf("notices %v, resumed %t, sent at %s", c.Notices, c.ResumeExecution, w.Order.SMS.SentAt)
	}
	if out, moved := w.Order.Outcome(filing.VerifySMS, before); !moved || out.Error != filing.ErrorReturned || out.Cause != string(filing.VerifySMS) {
		t.Errorf("the machine goes on with %+v, %t", out, moved)
	}
	wantError(t, w.Order, filing.Beian, issue, filing.ErrNothingToDo)
	w.AdvanceTo(filing.Transmit)
}

// TestWithdrawnBeforeCodes: an order that waits for the hour of its codes can be withdrawn, and sends none afterwards.
func TestWithdrawnBeforeCodes(t *testing.T) {
	w := waitingOrder(t, shanghai(t, "2021-03-02 22:30"))
	w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingWithdraw})
	w.At = w.Order.SMSSendAt
	wantFault(t, w, filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()}, fault.Conflict, filing.CodeStepOutOfOrder)
	w.Decide(filing.Beian, filing.Close{})
	if w.Order.Status != filing.Withdrawn {
		t.Errorf("the order is %s", w.Order.Status)
	}
}

// TestSMSHour: the applicant chooses the hour from the confirmation until the codes are sent, and not at night.
func TestSMSHour(t *testing.T) {
	choose := func(hour int) filing.ChooseSMSHour { return filing.ChooseSMSHour{Hour: &hour, Hours: filing.Daytime} }
	w := filingtest.OpenAt(t, inTianjin(), shanghai(t, "2021-03-02 09:30"), filing.CollectEvidence)
	wantFault(t, w, filingtest.Applicant, choose(10), fault.Conflict, filing.CodeStepOutOfOrder)
	w.AdvanceTo(filing.AwaitConfirmation)
	for _, hour := range []int{-1, 8, 21, 24} {
		wantFault(t, w, filingtest.Applicant, choose(hour), fault.Invalid, filing.CodeSMSHour)
	}
	w.Decide(filingtest.Applicant, choose(15))
	wantError(t, w.Order, filingtest.Applicant, choose(15), filing.ErrNothingToDo)
	w.AdvanceTo(filing.VerifySMS)
	w.Decide(filing.Beian, filing.ScheduleCodes{Hours: filing.Daytime})
	if want := shanghai(t, "2021-03-02 15:00"); !w.Order.SMSSendAt.Equal(want) {
		t.Errorf("the codes are planned for %s, want %s", w.Order.SMSSendAt, want)
	}
	w.Decide(filingtest.Applicant, choose(11))
	if want := shanghai(t, "2021-03-02 11:00"); !w.Order.SMSSendAt.Equal(want) || w.Order.StepVisit == 0 {
		t.Errorf("after another choice, the codes are planned for %s, want %s", w.Order.SMSSendAt, want)
	}
	w.Decide(filingtest.Applicant, filing.ChooseSMSHour{Hours: filing.Daytime})
	if w.Order.SMSSendAt.After(w.At) || w.Order.SMSHour != nil {
		t.Errorf("as soon as possible, the codes are planned for %s", w.Order.SMSSendAt)
	}
	w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	wantFault(t, w, filingtest.Applicant, choose(10), fault.Conflict, filing.CodeStepOutOfOrder)

	w = filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation) // Beijing asks for no SMS then
	wantFault(t, w, filingtest.Applicant, choose(10), fault.Conflict, filing.CodeStepOutOfOrder)
}

// TestSMSReminders: leaders who have not answered are reminded after 4, 12, 20 and 23 hours, by day, and each reminder is sent once.
func TestSMSReminders(t *testing.T) {
	for _, c := range []struct {
		sent string
		want []string
	}{
		{"2021-03-02 09:00", []string{"2021-03-02 13:00", "2021-03-02 20:00", "2021-03-03 08:00"}}, // that of 5:00 is sent with that of 8:00
		{"2021-03-02 10:00", []string{"2021-03-02 14:00", "2021-03-02 20:00", "2021-03-03 08:00", "2021-03-03 09:00"}},
		{"2021-03-02 12:30", []string{"2021-03-02 16:30", "2021-03-02 20:00", "2021-03-03 08:30", "2021-03-03 11:30"}},
		{"2021-03-02 15:00", []string{"2021-03-02 19:00", "2021-03-03 08:00", "2021-03-03 11:00", "2021-03-03 14:00"}},
		{"2021-03-02 20:30", []string{"2021-03-03 08:00", "2021-03-03 08:30", "2021-03-03 16:30", "2021-03-03 19:30"}},
	} {
		w := filingtest.OpenAt(t, inTianjin(), shanghai(t, c.sent), filing.VerifySMS)
		w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
		var got []string
		for w.At = shanghai(t, c.sent); w.At.Before(w.Order.SMS.ExpiresAt); w.At = w.At.Add(5 * time.Minute) {
			if !w.Order.LeadersToRemind(filing.Daytime, w.At) {
				wantError(t, w.Order, filing.Beian, filing.RemindLeaders{Hours: filing.Daytime}, filing.ErrNothingToDo)
				continue
			}
			change := w.Decide(filing.Beian, filing.RemindLeaders{Hours: filing.Daytime})
			if len(change.Notices) != 2 || change.Notices[1] != (filing.Notice{Kind: filing.NoticeSMSReminder, Code: 1}) {
				t.Errorf("notices %v", change.Notices)
			}
			got = append(got, w.At.In(workday.Shanghai).Format("2006-01-02 15:04"))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("of codes sent at %s: reminders at %q, want %q", c.sent, got, c.want)
		}
	}
}

// TestSMSRemindersStop: only leaders who have not answered are reminded, of missed reminders only the last is sent, and none at night or after the end.
func TestSMSRemindersStop(t *testing.T) {
	w := filingtest.OpenAt(t, inTianjin(), shanghai(t, "2021-03-02 15:00"), filing.VerifySMS)
	remind := filing.RemindLeaders{Hours: filing.Daytime}
	wantError(t, w.Order, filing.Beian, remind, filing.ErrNothingToDo) // no code is sent yet
	w.Decide(filing.Beian, filing.IssueCodes{NewCode: filingtest.SequentialCodes()})
	w.Decide(filingtest.Applicant, correctAnswer(w, 0))
	w.At = shanghai(t, "2021-03-02 23:00")
	wantError(t, w.Order, filing.Beian, remind, filing.ErrNothingToDo)
	w.At = shanghai(t, "2021-03-03 11:20") // three are due
	if c := w.Decide(filing.Beian, remind); len(c.Notices) != 1 || c.Notices[0].Code != 1 || c.Entry.Facts["left"] != "3" {
		t.Errorf("notices %v, facts %v", c.Notices, c.Entry.Facts)
	}
	wantError(t, w.Order, filing.Beian, remind, filing.ErrNothingToDo)
	w.At = w.Order.SMS.ExpiresAt
	wantError(t, w.Order, filing.Beian, remind, filing.ErrNothingToDo)
	w.At = w.At.Add(-time.Hour)
	w.Decide(filingtest.Applicant, correctAnswer(w, 1))
	wantFault(t, w, filing.Beian, remind, fault.Conflict, filing.CodeStepOutOfOrder)
}
