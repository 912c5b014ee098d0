package figures

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// A Day is what happened on a day, Shanghai time. It has no personal data.
type Day struct {
	Day      workday.Date `json:"day"`
	Flow     []Tally      `json:"flow,omitempty"`
	Reasons  []Reason     `json:"reasons,omitempty"`
	Messages []Delivery   `json:"messages,omitempty"` // one for each kind
}

// A Tally counts the events of a kind of application in a province.
type Tally struct {
	Type     filing.Type              `json:"type,omitempty"` // "" if it was not determined at the time
	Province province.Code            `json:"province"`
	Events   map[filing.FlowEvent]int `json:"events"`
}

// A Reason counts how often a reason was given in a province. One return, rejection or refusal can have several reasons, each of which counts once.
type Reason struct {
	By       filing.Refuser `json:"by"`
	Code     finding.Code   `json:"code"`
	Province province.Code  `json:"province"`
	Count    int            `json:"count"`
}

// A Delivery counts what became of messages of a kind, by recipient.
type Delivery struct {
	Kind      string `json:"kind"`          // filing.NoticeKind or register.NoticeKind; their values differ
	SMS       int    `json:"sms,omitempty"` // accepted by the carrier
	Mail      int    `json:"mail,omitempty"`
	FailedSMS int    `json:"failedSms,omitempty"` // refused by the carrier
	// FailedMail are emails that the service refused, Bounced those that it accepted and that the recipient's server refused.
	FailedMail int `json:"failedMail,omitempty"`
	Bounced    int `json:"bounced,omitempty"`
	Limited    int `json:"limited,omitempty"` // not sent, because the recipient has reached the limit
	// Filing is that of a reminder of what a filing owes; "" for other messages. The sums of a day have none.
	Filing register.ID `json:"filing,omitempty"`
}

// Add adds the numbers of another delivery.
func (d *Delivery) Add(other Delivery) {
	d.SMS, d.Mail, d.FailedSMS, d.FailedMail = d.SMS+other.SMS, d.Mail+other.Mail, d.FailedSMS+other.FailedSMS, d.FailedMail+other.FailedMail
	d.Bounced, d.Limited = d.Bounced+other.Bounced, d.Limited+other.Limited
}

// A DayStore has what happened on a day, and keeps its sums. Package dynamo implements it.
type DayStore interface {
	// EachFlow calls use for each decision of a day that is counted, in any sequence, until it returns an error.
	EachFlow(ctx context.Context, day workday.Date, use func(filing.Flow) error) error
	// EachDelivery calls use for each message of a day.
	EachDelivery(ctx context.Context, day workday.Date, use func(Delivery) error) error
	// PutDay stores the sums of a day, and replaces those stored before.
	PutDay(ctx context.Context, d Day) error
	// SettledDay returns the last day whose sums are final; "" if there is none.
	SettledDay(ctx context.Context) (workday.Date, error)
	PutSettledDay(ctx context.Context, day workday.Date) error
}

const (
	// settleTime is how long after its end a day is summed up again, because the index has a decision a moment after the table.
	settleTime = 10 * time.Minute
	// maxOpenDays is the number of days that are summed up after an outage of the schedule.
	maxOpenDays = 31
)

// SumDays sums up today and each day before it that is not settled, at most 31 days, and stores the sums. It counts anew each time, so a call that is repeated or
// that ended half-way changes nothing. It reads about 0.3 KB for each decision that is counted: 0.04 read units.
func SumDays(ctx context.Context, s DayStore, now time.Time) error {
	settled, err := s.SettledDay(ctx)
	if err != nil {
		return err
	}
	today := workday.DateOf(now)
	first := today.AddDays(1 - maxOpenDays)
	if settled != "" {
		first = max(first, settled.AddDays(1))
	}
	for day := first; day <= today; day = day.AddDays(1) {
		sum, err := sumDay(ctx, s, day)
		if err != nil {
			return err
		}
		if len(sum.Flow) == 0 && len(sum.Messages) == 0 {
			continue
		}
		if err := s.PutDay(ctx, sum); err != nil {
			return err
		}
	}
	if ended := workday.DateOf(now.Add(-settleTime)).AddDays(-1); ended > settled {
		return s.PutSettledDay(ctx, ended)
	}
	return nil
}

// sumDay sums up a day. The parts are sorted.
func sumDay(ctx context.Context, s DayStore, day workday.Date) (Day, error) {
	type group struct {
		kind filing.Type
		in   province.Code
	}
	tallies, reasons, messages := map[group]Tally{}, map[Reason]int{}, map[string]Delivery{}
	err := s.EachFlow(ctx, day, func(f filing.Flow) error {
		of := group{f.Type, f.Province}
		if tallies[of].Events == nil {
			tallies[of] = Tally{Type: f.Type, Province: f.Province, Events: map[filing.FlowEvent]int{}}
		}
		for _, e := range f.Events {
			tallies[of].Events[e]++
		}
		for _, code := range f.Codes {
			reasons[Reason{By: f.Refuser, Code: code, Province: f.Province}]++
		}
		return nil
	})
	if err != nil {
		return Day{}, err
	}
	err = s.EachDelivery(ctx, day, func(d Delivery) error {
		sum := messages[d.Kind]
		sum.Kind = d.Kind
		sum.Add(d)
		messages[d.Kind] = sum
		return nil
	})
	sum := Day{Day: day, Flow: slices.Collect(maps.Values(tallies)), Messages: slices.Collect(maps.Values(messages))}
	for r, n := range reasons {
		r.Count = n
		sum.Reasons = append(sum.Reasons, r)
	}
	slices.SortFunc(sum.Flow, func(a, b Tally) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Province, b.Province)) })
	slices.SortFunc(sum.Reasons, func(a, b Reason) int {
		return cmp.Or(cmp.Compare(a.By, b.By), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Province, b.Province))
	})
	slices.SortFunc(sum.Messages, func(a, b Delivery) int { return cmp.Compare(a.Kind, b.Kind) })
	return sum, err
}

// In returns the parts of the day that are about applications in a province; all for "". Messages are not counted by province.
func (d Day) In(p province.Code) Day {
	if p != "" {
		d.Flow = slices.DeleteFunc(slices.Clone(d.Flow), func(t Tally) bool { return t.Province != p })
		d.Reasons = slices.DeleteFunc(slices.Clone(d.Reasons), func(r Reason) bool { return r.Province != p })
	}
	return d
}

// Total returns how often each event happened on the day.
func (d Day) Total() map[filing.FlowEvent]int {
	total := map[filing.FlowEvent]int{}
	for _, t := range d.Flow {
		for e, n := range t.Events {
			total[e] += n
		}
	}
	return total
}
