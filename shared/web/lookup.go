package web

import (
	"time"

	"beian/shared/filing"
)

// A LookUp is what the ministry's query and our register answered when the type of an order was determined.
type LookUp struct {
	At       time.Time        `json:"at"`
	Ministry string           `json:"ministry" enum:"asked,unreachable,none" doc:"whether the ministry answered; none: the provider has no link to the bureau. Without its answer, the rest is what our register has"`
	Subject  string           `json:"subject" enum:"filed,not-filed,not-asked" doc:"not-asked: the ministry's query does not have this kind of certificate"`
	Number   string           `json:"number,omitempty" doc:"of the subject"`
	Ours     bool             `json:"ours" doc:"whether an account of ours has the subject"`
	Domains  []LookedUpDomain `json:"domains" nullable:"false"`
}

// A LookedUpDomain says whether a domain was filed.
type LookedUpDomain struct {
	Domain filing.Domain `json:"domain"`
	State  string        `json:"state" enum:"not-filed,of-subject,of-other" doc:"of-other: it is filed under another subject, or under one that is not known"`
	Number string        `json:"number,omitempty" doc:"of its site"`
	Ours   bool          `json:"ours" doc:"whether we host its site"`
}

// lookUpOf returns the newest look-up of an order; nil if it needed none.
func lookUpOf(o filing.Order) *LookUp {
	l := o.Private.LookUp
	if l.At.IsZero() {
		return nil
	}
	out := &LookUp{At: l.At, Ministry: "asked", Subject: "not-filed", Domains: []LookedUpDomain{}}
	if l.Provisional {
		out.Ministry = "unreachable"
	}
	for _, d := range o.LookupDomains() {
		f := l.Facts[d]
		switch {
		case f.SubjectFiled:
			out.Subject = "filed"
		case f.SubjectUnasked:
			out.Subject = "not-asked"
		}
		if f.Unasked {
			out.Ministry = "none"
		}
		out.Number, out.Ours = f.SubjectNumber, f.SubjectKnown
		if d == "" {
			continue // a service without a domain
		}
		domain := LookedUpDomain{Domain: d, State: "not-filed", Number: f.SiteNumber, Ours: f.OurAccess}
		if f.DomainFiled {
			domain.State = "of-other"
			if f.SameSubject {
				domain.State = "of-subject"
			}
		}
		out.Domains = append(out.Domains, domain)
	}
	return out
}
