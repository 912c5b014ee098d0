package filing

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Limits of an appointment. No source names them: they are our own.
const (
	// AppointmentDays is the number of days that the applicant may prefer, and AppointmentWithin how many calendar days ahead they may be.
	AppointmentDays   = 5
	AppointmentWithin = 30
	// AppointmentsPerOrder limits the requests of one order: each costs the provider's staff time.
	AppointmentsPerOrder = 20
)

// Findings about appointments.
const (
	CodeAppointmentReason   finding.Code = "appointment-reason"
	CodeAppointmentDay      finding.Code = "appointment-day"
	CodeAppointmentOpen     finding.Code = "appointment-open"
	CodeAppointmentNone     finding.Code = "appointment-none"
	CodeAppointmentNeedless finding.Code = "appointment-needless"
	CodeAppointmentsMany    finding.Code = "appointments-many"
	CodeAppointmentTime     finding.Code = "appointment-time"
	CodeAppointmentPlace    finding.Code = "appointment-place"
	CodeAppointmentEarly    finding.Code = "appointment-early"
	CodeAppointmentNote     finding.Code = "appointment-note"
	CodeAppointmentOutcome  finding.Code = "appointment-outcome"
	CodeAppointmentOutdated finding.Code = "appointment-outdated"
	CodeAppointmentOwnCheck finding.Code = "appointment-own-check"
)

// An Appointment (预约当面核验) is for a site leader who cannot do the liveness check: the provider checks the leader in person, by the original of
// the certificate (FACE-2010). A site has the newest one only; the ledger has those before. What the applicant and the reviewer wrote is in [Private].
type Appointment struct {
	Site        int       `json:"site"`
	RequestedAt time.Time `json:"requestedAt"`
	Binding     string    `json:"binding"` // the leader and the portrait for which it was requested, as a keyed digest
	// At is when the leader comes; the zero time until a reviewer has set it.
	At      time.Time          `json:"at,omitzero"`
	Outcome AppointmentOutcome `json:"outcome,omitempty"` // "" while it is open
	EndedAt time.Time          `json:"endedAt,omitzero"`
}

// Open reports whether the appointment is still to take place.
func (a Appointment) Open() bool { return a.Outcome == "" }

// An AppointmentOutcome says how an appointment ended.
type AppointmentOutcome string

const (
	AppointmentPassed    AppointmentOutcome = "passed"     // the leader is the person of the certificate: as a passed liveness check
	AppointmentFailed    AppointmentOutcome = "failed"     // who came is not that person, or did not have the certificate
	AppointmentAbsent    AppointmentOutcome = "absent"     // the leader did not come
	AppointmentWithdrawn AppointmentOutcome = "withdrawn"  // by the applicant
	AppointmentOutdated  AppointmentOutcome = "outdated"   // the leader or the portrait changed, or the order ended
	AppointmentNotNeeded AppointmentOutcome = "not-needed" // the leader passed the liveness check meanwhile
)

// An AppointmentReason says why a leader cannot do the liveness check. It may be about the leader's health, so it is personal data.
type AppointmentReason string

// The reasons that can be chosen.
const (
	ReasonNoCamera   AppointmentReason = "no-camera"  // no phone or computer with a camera
	ReasonDisability AppointmentReason = "disability" // the movements are not possible, or instructions cannot be seen or heard
	ReasonFailsOften AppointmentReason = "fails"      // the check does not recognise the person
)

// AppointmentReasons lists every reason.
var AppointmentReasons = []AppointmentReason{ReasonNoCamera, ReasonDisability, ReasonFailsOften}

// AppointmentTexts are the personal data of the appointment of a site.
type AppointmentTexts struct {
	Site   int               `json:"site"`
	Reason AppointmentReason `json:"reason"`
	Days   []workday.Date    `json:"days"`            // that the applicant prefers, Shanghai time
	Place  string            `json:"place,omitempty"` // where the leader comes to; it may be the leader's home
	Note   string            `json:"note,omitempty"`  // of the reviewer, about the outcome
}

// A Meeting says what an order waits for at VerifyAuthenticity, if every leader who has not passed has an appointment.
type Meeting string

const (
	MeetingUnset Meeting = "unset" // a reviewer sets the time and the place of an appointment
	MeetingSet   Meeting = "set"   // the leaders come
)

// appointment returns the newest appointment of a site and its texts, to change them; nil if there is none.
func (o *Order) appointment(site int) (*Appointment, *AppointmentTexts) {
	i := slices.IndexFunc(o.Appointments, func(a Appointment) bool { return a.Site == site })
	j := slices.IndexFunc(o.Private.Appointments, func(a AppointmentTexts) bool { return a.Site == site })
	if i < 0 || j < 0 {
		return nil, nil
	}
	return &o.Appointments[i], &o.Private.Appointments[j]
}

// AppointmentOf returns the newest appointment of a site and its texts, and whether there is one.
func (o Order) AppointmentOf(site int) (Appointment, AppointmentTexts, bool) {
	a, texts := o.appointment(site)
	if a == nil {
		return Appointment{}, AppointmentTexts{}, false
	}
	return *a, *texts, true
}

// HasOpenAppointment reports whether a leader still has an appointment. A reviewer can claim the order then.
func (o Order) HasOpenAppointment() bool {
	return slices.ContainsFunc(o.Appointments, Appointment.Open)
}

// mayRequestAppointment returns nil if an appointment for a site's leader can be requested now. It needs the same as [IssueChallenge].
func (o Order) mayRequestAppointment(site int) error {
	if err := o.checkOpenAt(CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	conflict := func(code finding.Code, args ...string) error {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(code, "", args...)})
	}
	old, _ := o.appointment(site)
	switch {
	case site < 0 || site >= len(o.Private.Sites):
		return blockingFault(finding.List{finding.New(CodeSiteUnknown, "/site")})
	case !slices.Contains(o.SitesForLiveness(), site) || o.hasPassedLiveness(site):
		return conflict(CodeAppointmentNeedless)
	case old != nil && old.Open():
		return conflict(CodeAppointmentOpen)
	case o.livenessBinding(site) == "":
		return o.missingPortrait(site)
	case o.AppointmentCount >= AppointmentsPerOrder:
		return conflict(CodeAppointmentsMany, "max", strconv.Itoa(AppointmentsPerOrder))
	}
	return nil
}

// MayRequestAppointment reports whether the applicant can request an appointment for a site's leader now.
func (o Order) MayRequestAppointment(site int) bool { return o.mayRequestAppointment(site) == nil }

// missingPortrait returns the fault for a site whose leader's portrait is not accepted.
func (o Order) missingPortrait(site int) error {
	slot := o.PortraitSlot(site)
	w := o.SlotWords(slot)
	return blockingFault(finding.List{finding.New(CodePortraitMissing, evidence.Pointer(slot), "paper-zh", w.Chinese, "paper-en", w.English)})
}

// RequestAppointment requests an appointment for a site's leader, and binds it to the leader and to the portrait, as [IssueChallenge] does.
type RequestAppointment struct {
	Site   int
	Reason AppointmentReason
	Days   []workday.Date // working days after today, at least one
}

func (RequestAppointment) Name() string { return "request-appointment" }

func (d RequestAppointment) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.mayRequestAppointment(d.Site); err != nil {
		return err
	}
	var found finding.List
	if !slices.Contains(AppointmentReasons, d.Reason) {
		found = append(found, finding.New(CodeAppointmentReason, "/reason"))
	}
	days := slices.Clone(d.Days)
	slices.Sort(days)
	days = slices.Compact(days)
	today := workday.DateOf(at)
	until := today.AddDays(AppointmentWithin)
	limits := []string{"max", strconv.Itoa(AppointmentDays), "from", string(today.AddDays(1)), "until", string(until)}
	if len(days) == 0 || len(d.Days) > AppointmentDays {
		found = append(found, finding.New(CodeAppointmentDay, "/days", limits...))
	}
	for i, day := range d.Days {
		if !day.Valid() || day <= today || day > until || !workday.IsWorkday(day.Time()) {
			found = append(found, finding.New(CodeAppointmentDay, "/days/"+strconv.Itoa(i), limits...))
		}
	}
	if err := blockingFault(found); err != nil {
		return err
	}
	o.Appointments = slices.DeleteFunc(o.Appointments, func(a Appointment) bool { return a.Site == d.Site })
	o.Private.Appointments = slices.DeleteFunc(o.Private.Appointments, func(a AppointmentTexts) bool { return a.Site == d.Site })
	o.Appointments = append(o.Appointments, Appointment{Site: d.Site, RequestedAt: at, Binding: o.livenessBinding(d.Site)})
	o.Private.Appointments = append(o.Private.Appointments, AppointmentTexts{Site: d.Site, Reason: d.Reason, Days: days})
	o.AppointmentCount++
	c.setFact("site", strconv.Itoa(d.Site))
	return nil
}

// WithdrawAppointment gives up the open appointment of a site's leader, who then does the liveness check or asks for another.
type WithdrawAppointment struct{ Site int }

func (WithdrawAppointment) Name() string { return "withdraw-appointment" }

func (d WithdrawAppointment) apply(c *Change, _ Actor, at time.Time) error {
	a, _ := c.Order.appointment(d.Site)
	if a != nil && a.Outcome == AppointmentWithdrawn {
		return ErrNothingToDo
	}
	if a == nil || !a.Open() {
		return noAppointment()
	}
	c.endAppointment(a, AppointmentWithdrawn, at)
	return nil
}

func noAppointment() error {
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeAppointmentNone, "")})
}

// openAppointment returns the open appointment of a site for a reviewer who has claimed the order.
func (c *Change) openAppointment(site int, by Actor, at time.Time) (*Appointment, *AppointmentTexts, error) {
	o := &c.Order
	a, texts := o.appointment(site)
	if a != nil && a.Outcome == AppointmentOutdated {
		return nil, nil, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeAppointmentOutdated, "")})
	}
	if a == nil || !a.Open() {
		return nil, nil, noAppointment()
	}
	return a, texts, o.CheckClaim(by, at)
}

// SetAppointment sets time and place of an appointment, or others instead, and notifies the applicant. It does not extend the order's time: the
// appointment has to be before the order expires.
type SetAppointment struct {
	Site  int
	At    time.Time
	Place string // 1 to 500 characters
}

func (SetAppointment) Name() string { return "set-appointment" }

func (d SetAppointment) apply(c *Change, by Actor, at time.Time) error {
	a, texts, err := c.openAppointment(d.Site, by, at)
	if err != nil {
		return err
	}
	when, place := d.At.UTC().Truncate(time.Minute), text.Normalize(d.Place)
	var found finding.List
	if until := c.Order.ExpiresAt(); when.Before(at) || when.After(until) {
		found = append(found, finding.New(CodeAppointmentTime, "/at", "until", until.In(workday.Shanghai).Format("2006-01-02 15:04")))
	}
	if !validExplanation(d.Place) {
		found = append(found, finding.New(CodeAppointmentPlace, "/place", "max", strconv.Itoa(ExplanationLimit)))
	}
	if err := blockingFault(found); err != nil {
		return err
	}
	if a.At.Equal(when) && texts.Place == place {
		return ErrNothingToDo
	}
	a.At, texts.Place = when, place
	c.setFact("site", strconv.Itoa(d.Site))
	c.setFact("at", when.In(workday.Shanghai).Format("2006-01-02 15:04"))
	c.Notices = append(c.Notices, Notice{Kind: NoticeAppointmentSet, Site: d.Site})
	return nil
}

// RecordAppointment records the outcome of an appointment, from its day on. If the reviewer checked the leader in person, that counts as a passed
// liveness check, and another reviewer passes the application.
type RecordAppointment struct {
	Site    int
	Outcome AppointmentOutcome // AppointmentPassed, AppointmentFailed or AppointmentAbsent
	Note    string             // at most 500 characters; required for AppointmentFailed. The applicant reads it
}

func (RecordAppointment) Name() string { return "record-appointment" }

func (d RecordAppointment) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	a, texts, err := c.openAppointment(d.Site, by, at)
	if err != nil {
		return err
	}
	if a.At.IsZero() || workday.DateOf(at) < workday.DateOf(a.At) {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeAppointmentEarly, "")})
	}
	var found finding.List
	switch d.Outcome {
	case AppointmentPassed, AppointmentFailed, AppointmentAbsent:
	default:
		found = append(found, finding.New(CodeAppointmentOutcome, "/outcome"))
	}
	if !validExplanation(d.Note) && (d.Note != "" || d.Outcome == AppointmentFailed) {
		found = append(found, finding.New(CodeAppointmentNote, "/note", "max", strconv.Itoa(ExplanationLimit)))
	}
	if err := blockingFault(found); err != nil {
		return err
	}
	texts.Note = text.Normalize(d.Note)
	if texts.Note != "" {
		c.setFact("note", o.keyedDigest([]byte(texts.Note)))
	}
	c.Notices = append(c.Notices, Notice{Kind: NoticeAppointmentResult, Site: d.Site})
	if d.Outcome == AppointmentPassed {
		c.setFact("portrait", o.Evidence[o.PortraitSlot(d.Site)].SHA256)
		o.LivenessPassed = slices.DeleteFunc(o.LivenessPassed, func(p LivenessPass) bool { return p.Site == d.Site })
		o.LivenessPassed = append(o.LivenessPassed, LivenessPass{Site: d.Site, Score: 100, CheckedBy: by.Account, At: at, Binding: a.Binding})
	}
	c.endAppointment(a, d.Outcome, at)
	if d.Outcome == AppointmentPassed {
		o.Private.Findings = nil
		c.advance(at)
	}
	return nil
}

// endAppointment ends an appointment, and the claim of the order if no other is open.
func (c *Change) endAppointment(a *Appointment, outcome AppointmentOutcome, at time.Time) {
	a.Outcome, a.EndedAt = outcome, at
	c.setFact("site", strconv.Itoa(a.Site))
	c.setFact("outcome", string(outcome))
	if o := &c.Order; !o.HasOpenAppointment() && o.Step.IsApplicantStep() {
		o.Claim = nil
	}
}

// reviseAppointments ends the open appointments that have lost their object, whichever decision caused that, and keeps the reviewers' task and what the
// order waits for. An appointment that ended because the leader or the portrait changed has a finding until the leader passes or has another one.
func (c *Change) reviseAppointments(by Actor, at time.Time) {
	o := &c.Order
	if len(o.Appointments) == 0 && o.Meeting == "" {
		return
	}
	over := o.Closing != "" || o.Status.Final() || !o.Step.IsApplicantStep()
	var ended []int
	o.Private.Findings = slices.DeleteFunc(o.Private.Findings, func(f finding.Finding) bool { return f.Code == CodeAppointmentOutdated })
	for i := range o.Appointments {
		a := &o.Appointments[i]
		passed := a.Site < len(o.Private.Sites) && o.hasPassedLiveness(a.Site)
		switch {
		case !a.Open():
		case passed:
			c.endAppointment(a, AppointmentNotNeeded, at)
		case over || a.Binding != o.livenessBinding(a.Site):
			c.endAppointment(a, AppointmentOutdated, at)
			ended = append(ended, a.Site)
		}
		if a.Outcome == AppointmentOutdated && !passed && !over && slices.Contains(o.SitesForLiveness(), a.Site) {
			o.Private.Findings = append(o.Private.Findings, finding.New(CodeAppointmentOutdated, "/sites/"+strconv.Itoa(a.Site)))
		}
	}
	if ended != nil {
		c.setFact("appointmentsEnded", fmt.Sprint(ended))
	}
	if open := o.hasOpenTask(TaskAppointment); open != o.HasOpenAppointment() {
		if open {
			c.closeTask(TaskAppointment, by, at)
		} else {
			c.openTask(TaskAppointment, nil, at)
		}
	}
	o.Meeting = o.meeting()
}

// meeting returns what the order waits for; "" unless every leader who has not passed has an appointment.
func (o Order) meeting() Meeting {
	if o.Step != VerifyAuthenticity || o.Closing != "" {
		return ""
	}
	waits := Meeting("")
	for _, site := range o.SitesForLiveness() {
		a, _ := o.appointment(site)
		switch {
		case o.hasPassedLiveness(site):
		case a == nil || !a.Open():
			return ""
		case a.At.IsZero():
			waits = MeetingUnset
		case waits == "":
			waits = MeetingSet
		}
	}
	return waits
}

// checkFourEyes returns a fault of kind Forbidden if the reviewer checked a leader in person: another reviewer passes the application.
func (o Order) checkFourEyes(by Actor) error {
	if slices.ContainsFunc(o.LivenessPassed, func(p LivenessPass) bool { return p.CheckedBy == by.Account && p.CheckedBy != "" }) {
		return fault.WithFindings(fault.Forbidden, finding.List{finding.New(CodeAppointmentOwnCheck, "")})
	}
	return nil
}
