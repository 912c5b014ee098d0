package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/rules/workday"
)

// An Appointment is the newest appointment for the leader of a site, who cannot do the liveness check and is checked in person instead.
type Appointment struct {
	Site        int                       `json:"site" doc:"index of the site, from 0"`
	RequestedAt time.Time                 `json:"requestedAt"`
	Reason      filing.AppointmentReason  `json:"reason" enum:"no-camera,disability,fails" doc:"no-camera: the leader has no device with a camera; disability: the movements are not possible; fails: the check does not recognise the leader"`
	Days        []workday.Date            `json:"days" nullable:"false" doc:"working days that suit the applicant, Shanghai time"`
	At          time.Time                 `json:"at,omitzero" doc:"when the leader comes; absent until a reviewer has set it"`
	Place       string                    `json:"place,omitempty" doc:"where the leader comes to"`
	Outcome     filing.AppointmentOutcome `json:"outcome,omitempty" enum:"passed,failed,absent,withdrawn,outdated,not-needed" doc:"absent while it is open. passed: as a passed liveness check; failed: not the person of the certificate, or without it; absent: the leader did not come; withdrawn: by the applicant; outdated: the leader or the portrait changed, or the order ended; not-needed: the leader passed the liveness check"`
	EndedAt     time.Time                 `json:"endedAt,omitzero"`
	Note        string                    `json:"note,omitempty" doc:"of the reviewer, about the outcome"`
}

// appointmentsOf returns the JSON of an order's appointments.
func appointmentsOf(o filing.Order) []Appointment {
	var all []Appointment
	for _, one := range o.Appointments {
		a, texts, has := o.AppointmentOf(one.Site)
		if !has { // erased
			continue
		}
		all = append(all, Appointment{Site: a.Site, RequestedAt: a.RequestedAt, Reason: texts.Reason, Days: append([]workday.Date{}, texts.Days...),
			At: a.At, Place: texts.Place, Outcome: a.Outcome, EndedAt: a.EndedAt, Note: texts.Note})
	}
	return all
}
