package upkeep

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/publicsecurity"
	"beian/shared/rules/workday"
)

// Findings about what an account or an operator records.
const (
	CodeSiteUnknown   finding.Code = "upkeep-site-unknown"     // the filing has no such site with our access
	CodePolice        finding.Code = "upkeep-police-number"    // not a number of the public-security filing
	CodeNotCommercial finding.Code = "upkeep-not-commercial"   // an individual, or elastic web hosting, cannot have a commercial site
	CodeLicenceNumber finding.Code = "upkeep-licence-number"   // neither 京ICP证123456号 nor 京B2-20260001
	CodeDay           finding.Code = "upkeep-day"              // not a day from today on, within 20 years
	CodeLetter        finding.Code = "upkeep-letter"           // not a letter of the filing
	CodeNotMutable    finding.Code = "upkeep-reminders-needed" // reminders of this duty cannot be turned off
	CodeNoLicence     finding.Code = "upkeep-no-licence"       // no licence is recorded to which a report belongs
	CodeNotStanding   finding.Code = "upkeep-filing-cancelled" // a cancelled filing owes nothing
	CodeReviewClosed  finding.Code = "upkeep-review-closed"    // no annual review is open for the site
	CodeReviewStatus  finding.Code = "upkeep-review-status"    // not one of the three answers
)

// A Decision changes an upkeep.
type Decision interface {
	// Name is the word of the diary.
	Name() string
	apply(u *Upkeep, f register.Filing, at time.Time) error
}

// ErrNothingToDo is returned for a decision that changes nothing.
var ErrNothingToDo = fault.New(fault.Conflict, "没有需要更改的内容。", "Nothing changes.")

// Apply returns the upkeep after a decision. The error is a fault of kind Invalid or Conflict with findings, or ErrNothingToDo.
func (u Upkeep) Apply(d Decision, f register.Filing, at time.Time) (Upkeep, error) {
	if f.Status == register.Cancelled || f.Erased {
		return u, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNotStanding, "")})
	}
	u = u.clone()
	if err := d.apply(&u, f, at); err != nil {
		return u, err
	}
	u.note(at, d.Name(), "")
	return u, nil
}

func invalid(code finding.Code, pointer string) error {
	return fault.WithFindings(fault.Invalid, finding.List{finding.New(code, pointer)})
}

// site returns a site that has our access, for a decision about it.
func (u *Upkeep) site(f register.Filing, site string) (Site, register.FiledSite, error) {
	i := slices.IndexFunc(f.Sites, func(s register.FiledSite) bool {
		_, ours := s.OurAccess()
		return ours && s.Number.String() == site
	})
	if i < 0 {
		return Site{}, register.FiledSite{}, invalid(CodeSiteUnknown, "/site")
	}
	return u.Sites[site], f.Sites[i], nil
}

// RecordPublicSecurity records the number of a site's public-security filing (S24); "" removes a wrong one.
type RecordPublicSecurity struct{ Site, Number string }

func (RecordPublicSecurity) Name() string { return "record-public-security" }

func (d RecordPublicSecurity) apply(u *Upkeep, f register.Filing, _ time.Time) error {
	s, _, err := u.site(f, d.Site)
	if err != nil {
		return err
	}
	recorded := ""
	if strings.TrimSpace(d.Number) != "" {
		n, err := publicsecurity.Parse(d.Number)
		if err != nil {
			return invalid(CodePolice, "/number")
		}
		recorded = n.String()
	}
	if s.PublicSecurity == recorded {
		return ErrNothingToDo
	}
	s.PublicSecurity = recorded
	u.Sites[d.Site] = s
	return nil
}

// SayCommercial says whether a site is run for profit, and so needs the commercial licence (S23). Units alone may run one, and not on elastic web hosting.
type SayCommercial struct {
	Site       string
	Commercial bool
}

func (SayCommercial) Name() string { return "say-commercial" }

// elasticWebHosting is the ministry's access mode 虚拟主机, which does not support commercial sites (S23).
const elasticWebHosting = 3

func (d SayCommercial) apply(u *Upkeep, f register.Filing, at time.Time) error {
	s, filed, err := u.site(f, d.Site)
	if err != nil {
		return err
	}
	ours, _ := filed.OurAccess()
	if d.Commercial && (f.Entity == certificate.Individual || slices.Contains(ours.Modes, elasticWebHosting)) {
		return invalid(CodeNotCommercial, "/commercial")
	}
	if s.Commercial != nil && *s.Commercial == d.Commercial {
		return ErrNothingToDo
	}
	s.Commercial, s.CommercialOn = &d.Commercial, workday.DateOf(at)
	u.Sites[d.Site] = s
	return nil
}

// RecordLicence records the commercial licence of a site. Its first annual report is due in the next year.
type RecordLicence struct {
	Site, Number string
	ValidUntil   workday.Date
}

func (RecordLicence) Name() string { return "record-licence" }

func (d RecordLicence) apply(u *Upkeep, f register.Filing, at time.Time) error {
	s, _, err := u.site(f, d.Site)
	if err != nil {
		return err
	}
	printed, ok := parseLicence(d.Number)
	var found finding.List
	if !ok {
		found = append(found, finding.New(CodeLicenceNumber, "/number"))
	}
	if !validEnd(d.ValidUntil, at) {
		found = append(found, finding.New(CodeDay, "/validUntil"))
	}
	if len(found) > 0 {
		return fault.WithFindings(fault.Invalid, found)
	}
	licence := Licence{Number: printed, ValidUntil: d.ValidUntil, Reported: at.In(workday.Shanghai).Year() - 1}
	if s.Licence != nil {
		licence.Reported = s.Licence.Reported
		if *s.Licence == licence {
			return ErrNothingToDo
		}
	}
	yes := true
	s.Licence, s.Commercial = &licence, &yes
	u.Sites[d.Site] = s
	return nil
}

// validEnd reports whether a day can be the last day of something: from today on, and not after 20 years.
func validEnd(day workday.Date, at time.Time) bool {
	today := workday.DateOf(at)
	return day.Valid() && day >= today && day <= today.AddMonths(20*12)
}

// RecordReport records that the annual report of a site's licence was made this year, for the year before.
type RecordReport struct{ Site string }

func (RecordReport) Name() string { return "record-report" }

func (d RecordReport) apply(u *Upkeep, f register.Filing, at time.Time) error {
	s, _, err := u.site(f, d.Site)
	if err != nil {
		return err
	}
	if s.Licence == nil {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNoLicence, "/site")})
	}
	licence := *s.Licence
	if licence.Reported = at.In(workday.Shanghai).Year() - 1; licence == *s.Licence {
		return ErrNothingToDo
	}
	s.Licence = &licence
	u.Sites[d.Site] = s
	return nil
}

// RecordLetter records until when a letter with which the filing was made is valid; "" says that it does not end.
type RecordLetter struct {
	Letter string // its slot
	// Site is the number of its site. It can be "" if only one paper of the filing has the slot.
	Site       string
	ValidUntil workday.Date
}

func (RecordLetter) Name() string { return "record-letter" }

func (d RecordLetter) apply(u *Upkeep, f register.Filing, at time.Time) error {
	sites := map[string]bool{}
	site := ""
	for _, p := range f.Papers {
		if string(p.Slot) == d.Letter && (d.Site == "" || d.Site == p.Site) {
			sites[p.Site], site = true, p.Site
		}
	}
	if len(sites) != 1 {
		return invalid(CodeLetter, "/letter")
	}
	if d.ValidUntil != "" && !validEnd(d.ValidUntil, at) {
		return invalid(CodeDay, "/validUntil")
	}
	before := slices.Clone(u.Letters)
	u.Letters = slices.DeleteFunc(u.Letters, func(l Letter) bool { return l.Name == d.Letter && l.Site == site })
	if d.ValidUntil != "" {
		u.Letters = append(u.Letters, Letter{Name: d.Letter, Site: site, ValidUntil: d.ValidUntil})
	}
	if slices.Equal(before, u.Letters) {
		return ErrNothingToDo
	}
	return nil
}

// Mute turns the reminders of a kind of duty off, or on again. The duty stays on the filing's page.
type Mute struct {
	Key   Key
	Muted bool
}

func (Mute) Name() string { return "mute" }

func (d Mute) apply(u *Upkeep, _ register.Filing, _ time.Time) error {
	if !d.Key.Mutable() {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNotMutable, "/kind")})
	}
	if slices.Contains(u.Muted, d.Key) == d.Muted {
		return ErrNothingToDo
	}
	u.Muted = slices.DeleteFunc(u.Muted, func(k Key) bool { return k == d.Key })
	if d.Muted {
		u.Muted = append(u.Muted, d.Key)
	}
	return nil
}

// FindingDays is the number of days within which an owner has to correct a finding. Our own rule; a notice of the bureau has its own day.
const FindingDays = 30

// SetFindings replaces the open findings about a host of a site, or with Host "" about the site, each code once. Findings that stay keep their day.
type SetFindings struct {
	Site, Host string
	Found      finding.List
}

func (SetFindings) Name() string { return "set-findings" }

func (d SetFindings) apply(u *Upkeep, f register.Filing, at time.Time) error {
	s, _, err := u.site(f, d.Site)
	if err != nil {
		return err
	}
	if !s.setFindings(d.Host, d.Found, at) {
		return ErrNothingToDo
	}
	u.Sites[d.Site] = s
	return nil
}

// setFindings replaces the open findings about a host. It returns false if they are the same.
func (s *Site) setFindings(host string, found finding.List, at time.Time) bool {
	var after []Finding
	changed := false
	for _, open := range s.Findings {
		if open.Host == host && !found.Has(open.Code) {
			changed = true
			continue
		}
		after = append(after, open)
	}
	for _, one := range found {
		if !slices.ContainsFunc(after, func(f Finding) bool { return f.Host == host && f.Code == one.Code }) {
			one.Pointer = ""
			after = append(after, Finding{Finding: one, Host: host, Since: at.UTC().Truncate(time.Second), Until: workday.DateOf(at).AddDays(FindingDays)})
			changed = true
		}
	}
	s.Findings = after
	return changed
}

// OpenTask adds a task of the bureau, and CloseTask removes it.
type OpenTask struct{ Task Task }

func (OpenTask) Name() string { return "open-task" }

func (d OpenTask) apply(u *Upkeep, _ register.Filing, _ time.Time) error {
	if slices.ContainsFunc(u.Tasks, func(t Task) bool { return t.ID == d.Task.ID }) {
		return ErrNothingToDo
	}
	u.Tasks = append(u.Tasks, d.Task)
	return nil
}

// CloseTask removes a task of the bureau that is done.
type CloseTask struct{ ID string }

func (CloseTask) Name() string { return "close-task" }

func (d CloseTask) apply(u *Upkeep, _ register.Filing, _ time.Time) error {
	n := len(u.Tasks)
	u.Tasks = slices.DeleteFunc(u.Tasks, func(t Task) bool { return t.ID == d.ID })
	if len(u.Tasks) == n {
		return ErrNothingToDo
	}
	return nil
}

// AnswerReview answers the annual review of a site that is open. A later answer replaces an earlier one, as at the bureau (TC-HB).
type AnswerReview struct {
	Site   string
	Status annualreview.Status
	By     string // sms or page
	// At is when the answer was given; the zero time is now.
	At time.Time
}

// Values of [Answer.By].
const (
	BySMS  = "sms"
	ByPage = "page"
)

func (AnswerReview) Name() string { return "answer-review" }

func (d AnswerReview) apply(u *Upkeep, f register.Filing, at time.Time) error {
	s, _, err := u.site(f, d.Site)
	if err != nil {
		return err
	}
	if !slices.Contains(annualreview.Statuses, d.Status) {
		return invalid(CodeReviewStatus, "/status")
	}
	if !d.At.IsZero() && d.At.Before(at) {
		at = d.At
	}
	review, open := u.Reviews.On(f.Province, workday.DateOf(at))
	if !open {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeReviewClosed, "/site")})
	}
	if before := s.Reviewed[review.From]; before.Status == string(d.Status) || before.At.After(at) {
		return ErrNothingToDo
	}
	s.Reviewed = maps.Clone(s.Reviewed)
	if s.Reviewed == nil {
		s.Reviewed = map[workday.Date]Answer{}
	}
	s.Reviewed[review.From] = Answer{Status: string(d.Status), At: at.UTC().Truncate(time.Second), By: d.By}
	u.Sites[d.Site] = s
	return nil
}

// Follow brings the upkeep up to a version of the filing, and to what registrars and the inventory say. Opened has the days on which new sites opened; a site
// that was open before has none, because its public-security filing was due elsewhere.
type Follow struct {
	Opened  map[string]workday.Date
	Domains map[domainname.Domain]workday.Date
	Servers map[string]workday.Date
	AskedAt time.Time
	// Facts are what was said; see [Upkeep.Changes].
	Facts Facts
}

func (Follow) Name() string { return "follow" }

func (d Follow) apply(u *Upkeep, f register.Filing, at time.Time) error {
	sites := map[string]Site{}
	for i, filed := range f.Sites {
		if _, ours := filed.OurAccess(); !ours {
			continue
		}
		site := filed.Number.String()
		s, known := u.Sites[site]
		if !known {
			s.OpenedOn = d.Opened[site]
		}
		if len(d.Facts.Domains) > 0 || len(d.Facts.Servers) > 0 {
			var details register.Site
			if i < len(f.Private.Sites) {
				details = f.Private.Sites[i]
			}
			s.setFindings("", u.Changes(f, filed, details, d.Facts, at), at)
		}
		sites[site] = s
	}
	u.Sites, u.Domains, u.Servers, u.AskedAt = sites, d.Domains, d.Servers, d.AskedAt
	u.Followed = f.Version
	u.forgetDeparted(f)
	registrars := map[domainname.Domain]string{}
	for name := range d.Domains {
		registrars[name] = cmp.Or(d.Facts.Domains[name].Registrar, u.Registrars[name])
	}
	u.Registrars = registrars
	return nil
}

// parseLicence returns the number of a commercial licence as it is printed: 京ICP证123456号, or 京B2-20260001 (icp-filing 8.1).
func parseLicence(typed string) (string, bool) {
	n, err := number.ParseSubject(typed)
	if err != nil || strings.Contains(n.String(), "ICP备") {
		return "", false
	}
	return n.String(), true
}
