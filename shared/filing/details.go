package filing

import (
	"maps"
	"slices"
	"strings"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/contact"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/person"
	"beian/shared/rules/sitename"
	"beian/shared/rules/text"
)

// EnterDetails enters the data of the subject, its leader, and the sites with theirs (S12). The subject's certificate and the
// domains must be those that opened the order. The subject's name may be corrected: see [Order.correctName]. Of a kind that does not change the
// subject, Subject may be empty, or what the order has.
type EnterDetails struct {
	Subject Subject
	Sites   []Site
	// Explanations answer blocking findings of overridable rules; see [Explanation].
	Explanations []Explanation
	// Readings are what the applicant's device read on certificates. They replace earlier ones, and decide nothing.
	Readings []Reading
}

func (EnterDetails) Name() string { return "enter-details" }

func (d EnterDetails) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(CollectDetails, CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	if !o.Kind().AsksDetails() {
		return errOutOfOrder()
	}
	var fixed finding.List
	if o.Kind().Subject == Fixed {
		fixed, d.Subject = o.checkGivenSubject(d.Subject), o.Private.Subject
	}
	subject, sites := o.completeDetails(d.Subject, d.Sites)
	corrected := subject.Name != o.Private.Subject.Name
	o.Private.Subject.Name = subject.Name // all rules apply to the corrected name
	found, explained := o.settleDetails(subject, sites, d.Explanations, at)
	found = slices.Concat(found, fixed, checkExplanations(d.Explanations, explained))
	if err := blockingFault(found); err != nil {
		return err
	}
	o.dropEvidence(subject, sites)
	if corrected {
		c.setFact("corrected", "name")
		found = append(found, o.correctName(at)...)
	}
	c.IndexLeaders, c.FirstLeaders = true, len(o.LeaderValues()) == 0
	o.Private.Subject, o.Private.Sites = subject, sites
	o.Private.Explained, o.Private.Readings = explained, d.Readings
	_, explained = o.settleEvidence(nil, at) // another leader may need other documents
	c.setExplained(explained)
	found = append(found, o.checkCertificateShown()...)
	o.DetailsComplete, o.Private.Findings, o.Confirmation = true, found, nil
	c.advance(at)
	return nil
}

// Documents that show or name a leader. They are deleted when another person becomes the leader.
var (
	subjectLeaderDocuments = []evidence.Kind{evidence.SubjectLeaderCertificateFront, evidence.SubjectLeaderCertificateBack,
		evidence.SubjectAuthorizationLetter, evidence.SubjectEmploymentProof}
	siteLeaderDocuments = []evidence.Kind{evidence.LeaderCertificateFront, evidence.LeaderCertificateBack, evidence.LeaderPhoto,
		evidence.LeaderEmploymentProof, evidence.SiteAuthorizationLetter, evidence.VerificationForm}
)

// dropEvidence removes the documents of leaders who were replaced, and of sites that were removed. Where the subject leader becomes the
// leader of a site, the subject leader's certificate serves both, and the site's is removed.
func (o *Order) dropEvidence(subject Subject, sites []Site) {
	before, uploads, next := o.Private, o.uploadFacts(), o.uploadFactsOf(subject, sites)
	maps.DeleteFunc(o.Evidence, func(slot evidence.Slot, _ Evidence) bool {
		site, ofSite := slot.Site()
		switch {
		case !ofSite:
			return slices.Contains(subjectLeaderDocuments, slot.Kind()) && !samePerson(subject.Leader, before.Subject.Leader)
		case site >= len(sites):
			return true
		}
		if uploads.UploadSlot(slot) == slot && next.UploadSlot(slot) != slot {
			return true
		}
		return slices.Contains(siteLeaderDocuments, slot.Kind()) &&
			(site >= len(before.Sites) || !samePerson(sites[site].Leader, before.Sites[site].Leader))
	})
}

// completeDetails normalises the details and fills empty fields: the subject's name and certificate from the opening and, for an
// individual, the leaders' from the subject. An individual's leader and an investor with the name that was corrected get the new one.
func (o Order) completeDetails(subject Subject, sites []Site) (Subject, []Site) {
	known := o.Private.Subject
	if subject.Name == "" {
		subject.Name = known.Name
	}
	if subject.Certificate.Kind == 0 {
		subject.Certificate.Kind = known.Certificate.Kind
	}
	if subject.Certificate.Number == "" {
		subject.Certificate.Number = known.Certificate.Number
	}
	subject.Name = person.NormalizeName(subject.Name.Reveal())
	subject.Certificate.Number = certificate.Normalize(subject.Certificate.Kind, subject.Certificate.Number.Reveal())
	subject.Certificate.Validity = subject.Certificate.Validity.Normalize()
	for _, field := range []*string{&subject.CertificateAddress, &subject.Address, &subject.Remark} {
		*field = text.Normalize(*field)
	}
	subject.Division = normalizeDivision(subject.Division)
	subject.Investor = person.NormalizeName(subject.Investor).Reveal()
	if subject.Investor == known.Name.Reveal() {
		subject.Investor = subject.Name.Reveal()
	}
	subject.Leader = o.completeLeader(subject.Leader, subject)
	sites = slices.Clone(sites)
	for i, s := range sites {
		s.Domains = slices.Clone(s.Domains)
		for k, domain := range s.Domains {
			s.Domains[k] = normalizeDomain(domain)
		}
		s.Leader = o.completeLeader(s.Leader, subject)
		s.Name, s.HomeURL, s.Remark = sitename.Normalize(s.Name), text.NormalizeASCII(s.HomeURL), text.Normalize(s.Remark)
		s.ServiceContent, s.Languages = distinct(s.ServiceContent), distinct(s.Languages)
		if s.App != nil {
			app := s.App.Normalize()
			s.App = &app
		}
		s.PreApprovals = slices.Clone(s.PreApprovals)
		for k, p := range s.PreApprovals {
			s.PreApprovals[k].Number = text.Normalize(p.Number)
		}
		sites[i] = s
	}
	return subject, sites
}

var townCode = pattern.New(`^(\d{6})(?:\d{3}|\d{6})$`)

// normalizeDivision returns the six digits of a division. It shortens the codes of towns and villages that statistics use, 9 and 12 digits.
func normalizeDivision(typed string) string {
	return townCode().ReplaceAllString(strings.ReplaceAll(text.NormalizeASCII(typed), " ", ""), "$1")
}

// distinct returns each number once, in the order of their first use.
func distinct(numbers []int) []int {
	var all []int
	for _, n := range numbers {
		if !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	return all
}

func (o Order) completeLeader(l Leader, subject Subject) Leader {
	l.Name = person.NormalizeName(l.Name.Reveal())
	if o.Individual() {
		if l.Name == "" || l.Name == o.Private.Subject.Name {
			l.Name = subject.Name
		}
		if l.Certificate.Number == "" {
			l.Certificate = subject.Certificate
		}
	}
	l.Certificate.Number = certificate.Normalize(l.Certificate.Kind, l.Certificate.Number.Reveal())
	l.Certificate.Validity = l.Certificate.Validity.Normalize()
	l.Mobile = contact.NormalizeMobile(l.Mobile.Reveal())
	l.EmergencyPhone = contact.NormalizePhone(l.EmergencyPhone.Reveal())
	l.OfficePhone = contact.NormalizePhone(l.OfficePhone.Reveal())
	l.Email = contact.NormalizeEmail(l.Email.Reveal())
	return l
}

// Findings about the details as a whole.
const (
	CodeSubjectChanged               finding.Code = "subject-changed"
	CodeSitesMissing                 finding.Code = "sites-missing"
	CodeDomainsNotCovered            finding.Code = "domains-not-covered"
	CodeSiteDomainMissing            finding.Code = "site-domain-missing"
	CodeInvestorMissing              finding.Code = "investor-missing"
	CodeTextTooLong                  finding.Code = "text-too-long"
	CodeLeaderNotSubject             finding.Code = "leader-not-subject"
	CodeOfficePhoneMissing           finding.Code = "office-phone-missing"
	CodeOfficeIsMobile               finding.Code = "office-phone-is-own-mobile"
	CodeSameMobile                   finding.Code = "mobile-shared-by-leaders"
	CodeSameEmail                    finding.Code = "email-shared-by-leaders"
	CodeEmergencyIsLeader            finding.Code = "emergency-phone-of-other-leader"
	CodeNumberOfTwoNames             finding.Code = "certificate-number-of-two-names"
	CodeNameOfTwoNumbers             finding.Code = "name-of-two-certificate-numbers"
	CodeContentUnknown               finding.Code = "service-content-unknown"
	CodeContentNotForIndividuals     finding.Code = "service-content-not-for-individuals"
	CodeSiteLanguageUnknown          finding.Code = "site-language-unknown"
	CodePreApprovalUnknown           finding.Code = "pre-approval-unknown"
	CodePreApprovalNumberMissing     finding.Code = "pre-approval-number-missing"
	CodePreApprovalNotForIndividuals finding.Code = "pre-approval-not-for-individuals"
	CodePreApprovalDate              finding.Code = "pre-approval-date-invalid"
	CodePreApprovalExpired           finding.Code = "pre-approval-expired"
	CodePreApprovalExpiring          finding.Code = "pre-approval-expiring"
	CodeSubjectNameMissing           finding.Code = "subject-name-missing"
)
