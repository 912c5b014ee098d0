package filing

import (
	"slices"
	"time"

	"beian/shared/certificate"
	"beian/shared/contact"
	"beian/shared/finding"
	"beian/shared/person"
	"beian/shared/sitename"
)

// EnterDetails is the applicant giving the data of the subject, its leader, and the sites with theirs (S12). Name and
// certificate of the subject and the domains were given when the order was opened and must be the same.
type EnterDetails struct {
	Subject Subject
	Sites   []Site
}

func (EnterDetails) Name() string { return "enter-details" }

func (d EnterDetails) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.openTo(CollectDetails, CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	subject, sites := o.complete(d.Subject, d.Sites)
	found := o.CheckDetails(subject, sites, at)
	if err := refused(found); err != nil {
		return err
	}
	o.keepAuthentic(sites)
	o.Private.Subject, o.Private.Sites = subject, sites
	o.Detailed, o.Findings, o.Confirmation = true, found, nil
	c.advance(at)
	return nil
}

// keepAuthentic forgets the checks of sites whose leader is another person now.
func (o *Order) keepAuthentic(sites []Site) {
	before := o.Private.Sites
	o.Authentic = slices.DeleteFunc(o.Authentic, func(a Authenticity) bool {
		return a.Site >= len(sites) || a.Site >= len(before) || !samePerson(sites[a.Site].Leader, before[a.Site].Leader) ||
			sites[a.Site].Leader.Name != before[a.Site].Leader.Name
	})
}

// complete brings the details to the forms that are compared and stored, and fills in what the system knows: the
// subject's name and certificate, and an individual's own as those of both leaders.
func (o Order) complete(subject Subject, sites []Site) (Subject, []Site) {
	known := o.Private.Subject
	if subject.Name == "" {
		subject.Name = known.Name
	}
	if subject.Certificate.Number == "" {
		subject.Certificate.Kind, subject.Certificate.Number = known.Certificate.Kind, known.Certificate.Number
	}
	subject.Name = person.NormalizeName(subject.Name.Reveal())
	subject.Certificate.Number = certificate.Normalize(subject.Certificate.Kind, subject.Certificate.Number.Reveal())
	subject.Leader = o.completeLeader(subject.Leader, subject)
	sites = slices.Clone(sites)
	for i, s := range sites {
		s.Domains = slices.Clone(s.Domains)
		for k, domain := range s.Domains {
			s.Domains[k] = normalizeDomain(domain)
		}
		s.Leader = o.completeLeader(s.Leader, subject)
		s.Name = sitename.Normalize(s.Name)
		sites[i] = s
	}
	return subject, sites
}

func (o Order) completeLeader(l Leader, subject Subject) Leader {
	if o.Individual() {
		if l.Name == "" {
			l.Name = subject.Name
		}
		if l.Certificate.Number == "" {
			l.Certificate = subject.Certificate
		}
	}
	l.Name = person.NormalizeName(l.Name.Reveal())
	l.Certificate.Number = certificate.Normalize(l.Certificate.Kind, l.Certificate.Number.Reveal())
	l.Mobile = contact.NormalizeMobile(l.Mobile.Reveal())
	l.EmergencyPhone = contact.NormalizePhone(l.EmergencyPhone.Reveal())
	l.OfficePhone = contact.NormalizePhone(l.OfficePhone.Reveal())
	l.Email = contact.NormalizeEmail(l.Email.Reveal())
	return l
}

// Findings about the details as a whole.
const (
	CodeSubjectChanged   finding.Code = "subject-changed"
	CodeSitesMissing     finding.Code = "sites-missing"
	CodeDomainsNotOnce   finding.Code = "domains-not-covered"
	CodeTooManySites     finding.Code = "sites-too-many"
	CodeDivisionElse     finding.Code = "division-in-other-province"
	CodeDivisionUnknown  finding.Code = "division-unknown"
	CodeAddressMissing   finding.Code = "address-missing"
	CodeAddressPrefixed  finding.Code = "address-with-province"
	CodeInvestorMissing  finding.Code = "investor-missing"
	CodeTextTooLong      finding.Code = "text-too-long"
	CodeLeaderNotSubject finding.Code = "leader-not-subject"
	CodeOfficePhone      finding.Code = "office-phone-missing"
	CodeOfficeIsMobile   finding.Code = "office-phone-is-own-mobile"
	CodeSameMobile       finding.Code = "mobile-shared-by-leaders"
	CodeSameEmail        finding.Code = "email-shared-by-leaders"
	CodeContent          finding.Code = "service-content-unknown"
	CodeContentPersonal  finding.Code = "service-content-not-for-individuals"
	CodeLanguageSite     finding.Code = "site-language-unknown"
	CodePreApproval      finding.Code = "pre-approval-unknown"
	CodePreApprovalNone  finding.Code = "pre-approval-number-missing"
	CodePreApprovalSelf  finding.Code = "pre-approval-not-for-individuals"
	CodeSubjectNameShort finding.Code = "subject-name-missing"
)
