package filing_test

import (
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// wantRefused checks that a decision is refused with a finding at a pointer.
func wantRefused(t *testing.T, w *filingtest.Walk, by filing.Actor, d filing.Decision, kind fault.Kind, code finding.Code, pointer string) {
	t.Helper()
	_, err := w.Order.Apply(d, by, w.At)
	f := fault.Of(err)
	if err == nil || f.Kind != kind || len(f.Findings) == 0 || f.Findings[0].Code != code || f.Findings[0].Pointer != pointer {
		t.Errorf("%s: %v, want %s with %s at %q", d.Name(), err, kind, code, pointer)
	}
}

// 2019-12-26 is a Thursday.
var friday = []workday.Date{"2019-12-27"}

func requestAt(t *testing.T, step filing.Step) *filingtest.Walk {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, step)
	w.Decide(filingtest.Applicant, filing.RequestAppointment{Site: 0, Reason: filing.ReasonDisability, Days: friday})
	return w
}

func setAndCome(w *filingtest.Walk) {
	w.T.Helper()
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.SetAppointment{Site: 0, At: w.At.AddDate(0, 0, 1), Place: "三层 301 室"})
	w.At = w.At.AddDate(0, 0, 1)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
}

var secondReviewer = filing.Actor{Account: "reviewer-2", Role: filing.Reviewer}

// TestAppointment: a leader who cannot do the liveness check comes in person; that counts as a passed check, and another reviewer passes the order (S14).
func TestAppointment(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.VerifyAuthenticity)
	wantFault(t, w, filingtest.Reviewer, filing.ClaimOrder{}, fault.Conflict, filing.CodeStepOutOfOrder)
	request := filing.RequestAppointment{Site: 0, Reason: filing.ReasonDisability, Days: []workday.Date{"2019-12-30", "2019-12-27"}}
	c := w.Decide(filingtest.Applicant, request)
	if w.Order.Meeting != filing.MeetingUnset || len(c.Tasks) != 1 || c.Tasks[0].Kind != filing.TaskAppointment || len(c.Entry.Facts) != 1 {
		t.Errorf("the request leaves %q, tasks %v, facts %v", w.Order.Meeting, c.Tasks, c.Entry.Facts)
	}
	wantFault(t, w, filingtest.Applicant, request, fault.Conflict, filing.CodeAppointmentOpen)
	set := filing.SetAppointment{Site: 0, At: time.Date(2019, 12, 27, 6, 30, 0, 0, time.UTC), Place: "三层 301 室"}
	wantFault(t, w, filingtest.Reviewer, set, fault.Conflict, filing.CodeNotClaimed)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	passed := filing.RecordAppointment{Site: 0, Outcome: filing.AppointmentPassed}
	wantFault(t, w, filingtest.Reviewer, passed, fault.Conflict, filing.CodeAppointmentEarly)
	c = w.Decide(filingtest.Reviewer, set)
	if len(c.Notices) != 1 || c.Notices[0].Kind != filing.NoticeAppointmentSet || w.Order.Meeting != filing.MeetingSet || c.Entry.Facts["at"] != "2019-12-27 14:30" {
		t.Errorf("%v, %q, %v", c.Notices, w.Order.Meeting, c.Entry.Facts)
	}
	wantError(t, w.Order, filingtest.Reviewer, set, filing.ErrNothingToDo)
	wantFault(t, w, filingtest.Reviewer, passed, fault.Conflict, filing.CodeAppointmentEarly)
	w.At = w.At.AddDate(0, 0, 1)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	c = w.Decide(filingtest.Reviewer, passed)
	if w.Order.Step != filing.AwaitConfirmation || w.Order.Claim != nil || len(c.Tasks) != 1 || c.Tasks[0].ClosedBy.Account != filingtest.Reviewer.Account ||
		c.Entry.By.Account != filingtest.Reviewer.Account || c.Entry.Facts["outcome"] != "passed" || !c.ResumeExecution || w.Order.Meeting != "" {
		t.Errorf("at %s, claim %v, tasks %v, entry %v", w.Order.Step, w.Order.Claim, c.Tasks, c.Entry)
	}
	wantFault(t, w, filingtest.Applicant, request, fault.Conflict, filing.CodeAppointmentNeedless)
	w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantFault(t, w, filingtest.Reviewer, filing.Pass{}, fault.Forbidden, filing.CodeAppointmentOwnCheck)
	w.Decide(filingtest.Reviewer, filing.ReleaseClaim{})
	w.Decide(secondReviewer, filing.ClaimOrder{})
	w.Decide(secondReviewer, filing.Pass{})
}

// TestAppointmentInput: the parts of a request, a time and an outcome are checked, all at once.
func TestAppointmentInput(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.VerifyAuthenticity)
	ask := func(site int, reason filing.AppointmentReason, days ...workday.Date) filing.Decision {
		return filing.RequestAppointment{Site: site, Reason: reason, Days: days}
	}
	wantRefused(t, w, filingtest.Applicant, ask(7, filing.ReasonNoCamera, friday...), fault.Invalid, filing.CodeSiteUnknown, "/site")
	wantRefused(t, w, filingtest.Applicant, ask(0, "lazy", friday...), fault.Invalid, filing.CodeAppointmentReason, "/reason")
	wantRefused(t, w, filingtest.Applicant, ask(0, filing.ReasonNoCamera), fault.Invalid, filing.CodeAppointmentDay, "/days")
	for day, why := range map[workday.Date]string{"2019-12-26": "today", "2019-12-28": "a Saturday", "2020-01-01": "a holiday", "2020-02-03": "too far", "tomorrow": "no day"} {
		t.Log(why)
		wantRefused(t, w, filingtest.Applicant, ask(0, filing.ReasonNoCamera, "2019-12-27", day), fault.Invalid, filing.CodeAppointmentDay, "/days/1")
	}
	wantFault(t, w, filingtest.Applicant, filing.WithdrawAppointment{}, fault.Conflict, filing.CodeAppointmentNone)
	w = requestAt(t, filing.VerifyAuthenticity)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	wantRefused(t, w, filingtest.Reviewer, filing.SetAppointment{At: w.At.Add(-time.Hour), Place: "x"}, fault.Invalid, filing.CodeAppointmentTime, "/at")
	wantRefused(t, w, filingtest.Reviewer, filing.SetAppointment{At: w.Order.ExpiresAt().Add(time.Hour), Place: "x"}, fault.Invalid, filing.CodeAppointmentTime, "/at")
	wantRefused(t, w, filingtest.Reviewer, filing.SetAppointment{At: w.At.Add(time.Hour), Place: " "}, fault.Invalid, filing.CodeAppointmentPlace, "/place")
	w.At = w.At.Add(time.Hour)
	setAndCome(w)
	wantRefused(t, w, filingtest.Reviewer, filing.RecordAppointment{Outcome: "perhaps"}, fault.Invalid, filing.CodeAppointmentOutcome, "/outcome")
	wantRefused(t, w, filingtest.Reviewer, filing.RecordAppointment{Outcome: filing.AppointmentFailed}, fault.Invalid, filing.CodeAppointmentNote, "/note")
	w.Order.AppointmentCount = filing.AppointmentsPerOrder
	w.Decide(filingtest.Reviewer, filing.RecordAppointment{Outcome: filing.AppointmentAbsent})
	if w.Order.Step != filing.VerifyAuthenticity || w.Order.Meeting != "" {
		t.Errorf("at %s, waits for %q", w.Order.Step, w.Order.Meeting)
	}
	wantFault(t, w, filingtest.Applicant, ask(0, filing.ReasonNoCamera, "2019-12-30"), fault.Conflict, filing.CodeAppointmentsMany)
}

// TestAppointmentNeedsPortrait: as a challenge does, because the reviewer compares the leader with it.
func TestAppointmentNeedsPortrait(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.CollectEvidence)
	wantRefused(t, w, filingtest.Applicant, filing.RequestAppointment{Reason: filing.ReasonNoCamera, Days: friday}, fault.Invalid, filing.CodePortraitMissing, evidence.Pointer(leaderFront))
}

// TestAppointmentOutdated: an open appointment ends when the portrait or the leader changes, by whichever decision, so that no reviewer records a pass for
// another person; and a recorded pass is dropped as a passed check is.
func TestAppointmentOutdated(t *testing.T) {
	another := func(w *filingtest.Walk) {
		a := w.App
		a.Sites = append([]filing.Site{}, a.Sites...)
		a.Sites[0].Leader.Name = "示例己"
		w.Decide(filingtest.Applicant, filing.EnterDetails{Subject: a.Subject, Sites: a.Sites})
	}
	for name, change := range map[string]func(*filingtest.Walk){
		"another picture": func(w *filingtest.Walk) { w.Decide(filingtest.Applicant, replaced(leaderFront)) },
		"another leader":  another,
	} {
		t.Run(name, func(t *testing.T) {
			w := requestAt(t, filing.VerifyAuthenticity)
			setAndCome(w)
			change(w)
			if !w.Order.Private.Findings.Has(filing.CodeAppointmentOutdated) || w.Order.Claim != nil || w.Order.Meeting != "" {
				t.Errorf("findings %d, claim %v", len(w.Order.Private.Findings), w.Order.Claim)
			}
			wantFault(t, w, filingtest.Reviewer, filing.RecordAppointment{Outcome: filing.AppointmentPassed}, fault.Conflict, filing.CodeAppointmentOutdated)
			w.Decide(filingtest.Applicant, filing.RequestAppointment{Reason: filing.ReasonNoCamera, Days: []workday.Date{"2019-12-30"}})
			if w.Order.Private.Findings.Has(filing.CodeAppointmentOutdated) {
				t.Error("the finding stays after another request")
			}

			w = requestAt(t, filing.VerifyAuthenticity)
			setAndCome(w)
			w.Decide(filingtest.Reviewer, filing.RecordAppointment{Outcome: filing.AppointmentPassed})
			change(w)
			if w.Order.Step == filing.AwaitConfirmation || !w.Order.Private.Findings.Has(filing.CodeLivenessDropped) {
				t.Errorf("the pass stays: at %s", w.Order.Step)
			}
		})
	}
}

// TestAppointmentEnds: with the withdrawal, the liveness check or the end of the order, an appointment leaves the reviewers' list.
func TestAppointmentEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		end  func(*filingtest.Walk)
		want filing.AppointmentOutcome
	}{
		"withdrawn":  {func(w *filingtest.Walk) { w.Decide(filingtest.Applicant, filing.WithdrawAppointment{}) }, filing.AppointmentWithdrawn},
		"not needed": {func(w *filingtest.Walk) { w.PassLiveness(0) }, filing.AppointmentNotNeeded},
		"abandoned": {func(w *filingtest.Walk) {
			w.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
		}, filing.AppointmentOutdated},
	} {
		t.Run(name, func(t *testing.T) {
			w := requestAt(t, filing.VerifyAuthenticity)
			tc.end(w)
			task := w.Order.Tasks[len(w.Order.Tasks)-1]
			if a, _, _ := w.Order.AppointmentOf(0); a.Outcome != tc.want || task.ClosedAt.IsZero() || w.Order.HasOpenAppointment() {
				t.Errorf("ended as %q, task %v", a.Outcome, task)
			}
		})
	}
	w := requestAt(t, filing.VerifyAuthenticity)
	w.Decide(filingtest.Applicant, filing.WithdrawAppointment{})
	wantError(t, w.Order, filingtest.Applicant, filing.WithdrawAppointment{}, filing.ErrNothingToDo)
}
