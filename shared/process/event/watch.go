package event

import (
	"fmt"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
)

// A Finding is something that was found on a filed site or in its filing after the approval.
type Finding struct {
	ID     string // of the finding; the same when it is closed, another when it is found again
	Filing register.ID
	Code   finding.Code
	Site   number.Filing     // zero if it concerns the filing
	Host   domainname.Domain // a host of the filing; "" if it concerns none
	At     time.Time         // when it was opened or closed
}

type findingData struct {
	Finding string            `json:"finding"`
	Filing  register.ID       `json:"filing"`
	Code    finding.Code      `json:"code"`
	Site    string            `json:"site,omitempty"`
	Host    domainname.Domain `json:"host,omitempty"`
}

// Opened returns the event that the finding was opened, Closed that it was closed.
func (f Finding) Opened() Event { return f.event(FindingOpened, "opened") }

// Closed returns the event that the finding was closed.
func (f Finding) Closed() Event { return f.event(FindingClosed, "closed") }

func (f Finding) event(t Type, what string) Event {
	return Event{ID: newID("finding", f.ID, what), Type: t, Subject: "/filings/" + string(f.Filing), Time: f.At.UTC(),
		Data: mustMarshal(findingData{f.ID, f.Filing, f.Code, siteNumber(f.Site), f.Host})}
}

// A Duty is something that somebody has to do about a filing until a day.
type Duty struct {
	Key    string // of the duty: unique in the filing, the same for each reminder; no personal data
	Kind   string // lower-case letters, digits and "-"
	Filing register.ID
	Site   number.Filing // zero if it concerns the filing
	Due    workday.Date
	At     time.Time // of the reminder
}

type dutyData struct {
	Duty   string       `json:"duty"`
	Filing register.ID  `json:"filing"`
	Kind   string       `json:"kind"`
	Site   string       `json:"site,omitempty"`
	Due    workday.Date `json:"due"`
	Days   int          `json:"days"` // from today; negative once the day has passed
}

// Near returns the event that the day is near. There is one for each day of reminder.
func (d Duty) Near() Event { return d.event(DutyNear) }

// Over returns the event that the day has passed and the duty is not done. There is one for each day of reminder.
func (d Duty) Over() Event { return d.event(DutyOver) }

func (d Duty) event(t Type) Event {
	today := workday.DateOf(d.At)
	days := int(d.Due.Time().Sub(today.Time()) / (24 * time.Hour))
	return Event{ID: newID("duty", string(d.Filing), d.Key, string(d.Due), fmt.Sprint(days)), Type: t, Subject: "/filings/" + string(d.Filing), Time: d.At.UTC(),
		Data: mustMarshal(dutyData{d.Key, d.Filing, d.Kind, siteNumber(d.Site), d.Due, days})}
}

// siteNumber returns the number of a site; "" for the zero number.
func siteNumber(n number.Filing) string {
	if n == (number.Filing{}) {
		return ""
	}
	return n.String()
}
