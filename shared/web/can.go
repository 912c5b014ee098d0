package web

import (
	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// canOf returns the names of the operations that the order's applicant can use now, without those that fill in the application: an operation is listed
// if its decision would not be refused because of the order's state. For others than the owner it returns none.
func (c *Call) canOf(o filing.Order) []string {
	can := []string{}
	if o.Account != c.Caller.Account {
		return can
	}
	for _, one := range []struct {
		name string
		filing.Decision
	}{
		{"split", filing.AcceptSplit{Digest: o.Split.Digest(), NewIDs: make([]filing.ID, len(o.Split))}},
		{"papers", filing.SendPapers{Courier: "SF", Tracking: "1"}},
		{"sms-hour", filing.ChooseSMSHour{Hour: new(-1)}},
		{"sms-repetition", filing.RepeatSMS{}},
		{"resubmission", filing.Resubmit{}},
		{"appeal", filing.ContestRejection{Reason: "?"}},
		{"appeal-withdrawal", filing.WithdrawAppeal{}},
		{"withdrawal", filing.AskToClose{As: filing.ClosingWithdraw}},
		{"abandonment", filing.AskToClose{As: filing.ClosingAbandon}},
		{"erasure-request", filing.Erase{Retention: c.retention}},
	} {
		_, err := o.Apply(one.Decision, c.Actor(filing.Applicant), c.now())
		if err == nil || fault.KindOf(err) == fault.Invalid {
			can = append(can, one.name)
		}
	}
	return can
}
