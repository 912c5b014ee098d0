package upkeep

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A Duty is something that a filing owes.
type Duty struct {
	Key Key
	// Site is the number of the site that owes it; "" if the subject does.
	Site string
	// Part says what it is about: a domain, a server, a document, the code of a finding, the id of a task; "" if Key and Site say so.
	Part string
	// Found is the finding that is to be corrected, of a [SiteFinding] or of something [Changed].
	Found finding.Finding
	// Numbers are those of the bureau's SMS platform, of an [AnnualReview]; "" if none are known.
	Numbers string
	// OpenedAt is when the duty began, and Deadline its last day. A deadline without a law is our own; see the table.
	OpenedAt time.Time
	Deadline workday.Date
	// Reminders are when reminders are sent, in order.
	Reminders []time.Time
}

// ID identifies a duty. One with another deadline is another duty: a renewed certificate is reminded of anew.
func (d Duty) ID() string {
	return fmt.Sprintf("%s|%s|%s|%s", d.Key, d.Site, d.Part, d.Deadline)
}

// Words say what is to be done, and how. They contain no names of people.
func (d Duty) Words() finding.Finding {
	if d.Found.Code != "" {
		return d.Found
	}
	chinese, english := "", ""
	if d.Numbers != "" {
		chinese, english = "（"+d.Numbers+"）", " ("+d.Numbers+")"
	}
	return finding.New(d.Key.Code(), "", "part", d.Part, "site", d.Site, "numbers-zh", chinese, "numbers-en", english)
}

// Audience returns whom the reminders go to.
func (d Duty) Audience() Audience { return cmp.Or(rules[d.Key].Audience, ToOwner) }

// Begun reports whether there is something to do at a time: the duty is open, or the first reminder of what expires is due.
func (d Duty) Begun(at time.Time) bool {
	if d.OpenedAt.IsZero() {
		return len(d.Reminders) > 0 && !d.Reminders[0].After(at)
	}
	return !d.OpenedAt.After(at)
}

// overAt returns when the deadline has passed.
func (d Duty) overAt() time.Time { return morningOf(d.Deadline.AddDays(1)) }

// noEnd is the first day that is no deadline: registrars and certificates say 9999-12-31 for what does not end.
const noEnd workday.Date = "9000-01-01"

// Duties returns what a filing owes at a time, the nearest deadline first. Only a filing that stands owes something, and only about sites with our access.
func (u Upkeep) Duties(f register.Filing, at time.Time) []Duty {
	if f.Status == register.Cancelled || f.Erased {
		return nil
	}
	var all []Duty
	add := func(d Duty) {
		if d.Deadline.Valid() && d.Deadline < noEnd {
			d.Reminders = rules[d.Key].reminders(d)
			all = append(all, d)
		}
	}
	u.subjectDuties(f, add)
	for i, s := range f.Sites {
		if _, ours := s.OurAccess(); ours {
			var details register.Site
			if i < len(f.Private.Sites) {
				details = f.Private.Sites[i]
			}
			u.siteDuties(f, s, details, at, add)
		}
	}
	for _, t := range u.Tasks {
		add(Duty{Key: BureauTask, Site: t.Site, Part: t.ID, OpenedAt: t.OpenedAt, Deadline: t.Until})
	}
	slices.SortStableFunc(all, func(a, b Duty) int {
		return cmp.Or(cmp.Compare(a.Deadline, b.Deadline), cmp.Compare(a.ID(), b.ID()))
	})
	return all
}

// subjectDuties are about the subject, its leader and its letters.
func (u Upkeep) subjectDuties(f register.Filing, add func(Duty)) {
	subject := f.Private.Subject
	if on, ends := subject.Certificate.Validity.ExpiresOn(); ends {
		add(Duty{Key: CertificateEnds, Deadline: on})
	}
	if on, ends := subject.Leader.Certificate.Validity.ExpiresOn(); ends {
		add(Duty{Key: LeaderCertificate, Deadline: on})
	}
	u.departedDuty("", subject.Leader, add)
	for _, l := range u.Letters {
		hosted := func(s register.FiledSite) bool {
			_, ours := s.OurAccess()
			return ours && s.Number.String() == l.Site
		}
		if l.Site == "" || slices.ContainsFunc(f.Sites, hosted) {
			add(Duty{Key: LetterEnds, Site: l.Site, Part: l.Name, Deadline: l.ValidUntil})
		}
	}
}

// siteDuties are about a site that has our access.
func (u Upkeep) siteDuties(f register.Filing, s register.FiledSite, details register.Site, at time.Time, add func(Duty)) {
	site := s.Number.String()
	known := u.Sites[site]
	u.departedDuty(site, details.Leader, add)
	if on, ends := details.Leader.Certificate.Validity.ExpiresOn(); ends && details.Leader.Certificate != f.Private.Subject.Leader.Certificate {
		add(Duty{Key: LeaderCertificate, Site: site, Deadline: on})
	}
	for _, p := range details.PreApprovals {
		add(Duty{Key: PreApprovalEnds, Site: site, Part: string(p.Trade), Deadline: p.ValidUntil})
	}
	for _, d := range s.DomainNames() {
		add(Duty{Key: DomainExpires, Site: site, Part: string(d), Deadline: u.Domains[d]})
	}
	if ours, _ := s.OurAccess(); ours.Server != "" {
		add(Duty{Key: ServerExpires, Site: site, Part: ours.Server, Deadline: u.Servers[ours.Server]})
	}
	for _, found := range known.Findings {
		key := SiteFinding
		if found.Host == "" {
			key = Changed
		}
		add(Duty{Key: key, Site: site, Part: strings.TrimSpace(string(found.Code) + " " + found.Host), Found: found.Finding, OpenedAt: found.Since, Deadline: found.Until})
	}
	if known.OpenedOn.Valid() {
		opened := known.OpenedOn.Time()
		if known.PublicSecurity == "" {
			add(Duty{Key: PublicSecurity, Site: site, OpenedAt: opened, Deadline: known.OpenedOn.AddDays(filing.PublicSecurityDays)})
		}
		if f.Entity != certificate.Individual && known.Commercial == nil && known.Licence == nil {
			add(Duty{Key: CommercialAsk, Site: site, OpenedAt: opened, Deadline: known.OpenedOn.AddDays(CommercialDays)})
		}
	}
	if review, ahead := u.Reviews.Next(f.Province, workday.DateOf(at)); ahead {
		if _, answered := known.Reviewed[review.From]; !answered {
			add(Duty{Key: AnnualReview, Site: site, OpenedAt: review.From.Time(), Deadline: review.Until, Numbers: strings.Join(review.Numbers, " / ")})
		}
	}
	u.licenceDuties(site, known, at, add)
}

// Our own deadlines, in days. No law has one: it forbids to charge without a licence.
const (
	CommercialDays = 30 // to say whether a site is run for profit
	LicenceDays    = 90 // to get the licence, which takes 40 to 60 working days
)

// licenceDuties are about the commercial licence of a site (icp-filing 8.2): valid five years, with a report from March to June each year.
func (u Upkeep) licenceDuties(site string, known Site, at time.Time, add func(Duty)) {
	switch l := known.Licence; {
	case l == nil && known.Commercial != nil && *known.Commercial && known.CommercialOn.Valid():
		add(Duty{Key: LicenceMissing, Site: site, OpenedAt: known.CommercialOn.Time(), Deadline: known.CommercialOn.AddDays(LicenceDays)})
	case l != nil:
		add(Duty{Key: LicenceExpires, Site: site, Deadline: l.ValidUntil})
		year := max(at.In(workday.Shanghai).Year(), l.Reported+2)
		opens, closes := workday.Date(fmt.Sprintf("%d-03-01", year)), workday.Date(fmt.Sprintf("%d-06-30", year))
		if closes <= l.ValidUntil {
			add(Duty{Key: LicenceReport, Site: site, OpenedAt: opens.Time(), Deadline: closes})
		}
	}
}
