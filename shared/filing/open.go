package filing

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/domainname"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/number"
	"beian/shared/rules/pattern"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
	"beian/shared/rules/text"
)

// Findings about the opening of an order.
const (
	CodeProvinceUnknown finding.Code = "province-unknown"
	CodeDomainsMissing  finding.Code = "domains-missing"
	CodeDomainTwice     finding.Code = "domain-twice"
	CodeDomainLimit     finding.Code = "domains-above-limit"

	CodeFilingNumberForm finding.Code = "filing-number-form"
	CodeSiteNumberForm   finding.Code = "site-number-form"
	CodeSiteNumberOfApp  finding.Code = "site-number-of-app"
)

// DomainLimit is the maximum number of domains in one order (icp-filing 4.3: units up to 10 sites).
const DomainLimit = 10

// An Opening is the data that opens an order: subject and domains. The type of the filing is determined from it (S10).
type Opening struct {
	Province    province.Code          `json:"province,omitempty" maxLength:"32" doc:"GB/T 2260, two digits: province of the subject's domicile" example:"11"`
	EntityKind  certificate.EntityKind `json:"entityKind,omitempty" doc:"see /entity-kinds" example:"4"`
	Name        person.Name            `json:"name,omitempty" maxLength:"1024" doc:"of the person or organisation, as on the certificate"`
	Certificate OpeningCertificate     `json:"certificate,omitempty"`
	ServiceKind string                 `json:"serviceKind,omitempty" maxLength:"64" doc:"what is filed: site, app, mini-program or quick-app (see /service-kinds); absent: site. An order files services of one kind. An operator enters all but sites into the bureau's console, because the ministry's interface V3.0 cannot carry them" example:"site"`
	Domains     []string               `json:"domains,omitempty" maxItems:"100" doc:"registrable domains. Sites need one; other services may have none" example:"[\"example.cn\"]"`
	// FilingNumber is the subject's number, or that of one of its sites, as the applicant knows it.
	FilingNumber string `json:"filingNumber,omitempty" maxLength:"128" doc:"the subject's filing number (主体备案号), if it is filed at another provider. It is needed only where the ministry's query does not answer it: the findings say so" example:"浙ICP备12345678号"`
	// SiteNumber counts only where the provider has no link to the bureau, so that it cannot be looked up whether the domains are filed.
	SiteNumber string `json:"siteNumber,omitempty" maxLength:"128" doc:"the number of the site (网站备案号) that has all these domains, if it is filed at another provider. It is needed only at a provider without a link to the bureau, which then adds an access to that site; others ask the bureau, and ignore it" example:"浙ICP备12345678号-1"`
	// Explanations answer blocking findings of overridable rules; see [Explanation].
	Explanations []Explanation `json:"explanations,omitempty" maxItems:"20" doc:"answers to blocking findings of overridable rules: the finding becomes a warning, and a reviewer decides. An explanation of a finding that does not occur has no effect"`
}

// An OpeningCertificate is the subject's certificate without its validity, which is part of the details.
type OpeningCertificate struct {
	Kind   certificate.Kind   `json:"kind,omitempty" doc:"see /entity-kinds" example:"1"`
	Number certificate.Number `json:"number,omitempty" maxLength:"1024"`
}

// Normalize returns the opening in the form in which openings are compared and stored.
func (n Opening) Normalize() Opening {
	n.Province = province.Code(provinceCode().ReplaceAllString(text.NormalizeASCII(string(n.Province)), "$1"))
	n.Name = person.NormalizeName(n.Name.Reveal())
	n.Certificate.Number = certificate.Normalize(n.Certificate.Kind, n.Certificate.Number.Reveal())
	if service, known := number.ParseService(text.Normalize(n.ServiceKind)); known {
		n.ServiceKind = serviceName(service)
	}
	n.FilingNumber = text.Normalize(n.FilingNumber)
	if filed, _, err := number.Parse(n.FilingNumber); err == nil {
		n.FilingNumber = filed.String()
	}
	n.SiteNumber = text.Normalize(n.SiteNumber)
	if site, err := number.ParseFiling(n.SiteNumber); err == nil {
		n.SiteNumber = site.String()
	}
	n.Domains = slices.Clone(n.Domains)
	for i, typed := range n.Domains {
		if d, found := domainname.Parse(typed); !found.Blocking() {
			n.Domains[i] = string(d)
		}
	}
	return n
}

var provinceCode = pattern.New(`^(\d{2})0000$`)

// CheckSubject returns the findings on the subject of a normalised opening at a time, not on its domains.
func (n Opening) CheckSubject(readable gbk.Repertoire, tables codes.Tables, at time.Time) finding.List {
	found := checkCharacters(readable, n.Name, "/name")
	if _, ok := province.ParseCode(string(n.Province)); !ok {
		found = append(found, finding.New(CodeProvinceUnknown, "/province"))
	}
	found = append(found, checkSubjectCertificate(tables, n.EntityKind, n.Certificate, at)...)
	return append(found, checkSubjectName(n.EntityKind, n.Certificate, n.Name, n.Province.Province(), at).Under("/name")...)
}

// check returns all findings on an opening at a time.
func (n Opening) check(readable gbk.Repertoire, tables codes.Tables, at time.Time) finding.List {
	found := n.CheckSubject(readable, tables, at)
	_, ok := province.ParseCode(string(n.Province))
	found = append(append(found, n.checkFilingNumber()...), n.checkSiteNumber()...)
	found = append(found, n.checkService(at)...)
	switch {
	case len(n.Domains) == 0 && n.service() == number.Site:
		found = append(found, finding.New(CodeDomainsMissing, pointerDomains))
	case len(n.Domains) > DomainLimit:
		found = append(found, finding.New(CodeDomainLimit, pointerDomains, "max", strconv.Itoa(DomainLimit)))
	case n.service() == number.Site:
		found = append(found, checkDomainCount(n.Province.Province(), n.EntityKind, len(n.Domains), "", at)...)
	}
	for i, text := range n.Domains {
		pointer := fmt.Sprintf("%s/%d", pointerDomains, i)
		_, wrong := domainname.Parse(text)
		found = append(found, wrong.Under(pointer)...)
		if slices.Index(n.Domains, text) < i {
			found = append(found, finding.New(CodeDomainTwice, pointer))
		}
	}
	if ok {
		found = append(found, checkDomainRules(n.Province.Province(), n.EntityKind, n.Domains, at).Under(pointerDomains)...)
	}
	return found
}

// checkFilingNumber requires the form of a filing number, and the province that it names: a filing stands in one province.
func (n Opening) checkFilingNumber() finding.List {
	if n.FilingNumber == "" {
		return nil
	}
	filed, _, err := number.Parse(n.FilingNumber)
	if err != nil {
		return finding.List{finding.New(CodeFilingNumberForm, pointerFilingNumber)}
	}
	if p, ok := filed.Province(); ok && p.Code != n.Province {
		return finding.List{finding.New(CodeFiledProvince, "/province", "province", p.Name.Chinese, "province-en", p.Name.English)}
	}
	return nil
}

// checkSiteNumber requires the number of a website, of the subject and in the province that the opening names.
func (n Opening) checkSiteNumber() finding.List {
	if n.SiteNumber == "" {
		return nil
	}
	site, err := number.ParseFiling(n.SiteNumber)
	switch {
	case err != nil, site.Service != number.Site:
		return finding.List{finding.New(CodeSiteNumberForm, pointerSiteNumberFiled)}
	case n.service() != number.Site:
		return finding.List{finding.New(CodeSiteNumberOfApp, pointerSiteNumberFiled)}
	}
	if subject, _, err := number.Parse(n.FilingNumber); err == nil && subject != site.Subject {
		return finding.List{finding.New(CodeNumberSubject, pointerSiteNumberFiled, "number", subject.String())}
	}
	if p, ok := site.Subject.Province(); ok && p.Code != n.Province {
		return finding.List{finding.New(CodeFiledProvince, "/province", "province", p.Name.Chinese, "province-en", p.Name.English)}
	}
	return nil
}

// checkDomainCount returns the finding about more domains than the province's bureau takes in one order of a type; "" if the type is not
// determined yet. The domains can be changed as long as the type is not determined, so warnings are left to the check of the details.
func checkDomainCount(p province.Province, e certificate.EntityKind, domains int, t Type, at time.Time) finding.List {
	var found finding.List
	for _, f := range p.CheckCounts(e, province.Counts{DomainsInOrder: domains, Kind: string(t)}, at) {
		if f.Severity == finding.Block {
			f.Pointer = pointerDomains
			found = append(found, f)
		}
	}
	return found
}

// OpenInput is the input of [Open].
type OpenInput struct {
	ID       ID
	Account  Account
	AgentFor register.ID // see [Order.AgentFor]
	Language string      // "zh-CN" or "en"
	Contact  Contact
	// Verified has the addresses that the account has verified before.
	Verified Contact
	Opening  Opening
	// At is set, instead of Opening, for an order that begins at a filing of the register.
	At *AtFilingInput
	// SubjectKey is the look-up key of the normalised certificate: a keyed hash. Equal numbers have equal keys.
	SubjectKey string
	// Characters are those that the bureau can read.
	Characters gbk.Repertoire
	// Codes are the code tables in force.
	Codes codes.Tables
	// Plan is the accepted plan that the order belongs to; nil if there is none.
	Plan *AcceptedPlan
	// DigestKey is random, at least 16 characters; see [Private].
	DigestKey string
}

// Open creates an order. The error is a fault with all findings.
func Open(n OpenInput, by Actor, at time.Time) (Change, error) {
	at = at.UTC().Truncate(time.Millisecond)
	opening := n.Opening.Normalize()
	n.Contact = n.Contact.Normalize()
	var found finding.List
	var explained []Explained
	if n.At != nil {
		opening, n.SubjectKey, found = n.At.opening(), n.At.Filing.SubjectKey, n.At.fitWords(n.At.check(Order{Account: n.Account, AgentFor: n.AgentFor}, n.Codes, n.Characters))
	} else {
		found, explained = settle(opening.check(n.Characters, n.Codes, at), opening.Explanations, nil, application{Opening: opening})
		found = append(found, checkExplanations(opening.Explanations, explained)...)
	}
	found = append(found, checkLanguage(n.Language)...)
	found = append(found, n.Contact.check().Under("/contact")...)
	if err := blockingFault(found); err != nil {
		return Change{}, err
	}
	if len(n.DigestKey) < 16 {
		return Change{}, errors.New("filing: open an order: OpenInput.DigestKey has fewer than 16 characters; draw a random key")
	}
	c := Change{Order: Order{
		Unsubmitted: true, ID: n.ID, Account: n.Account, AgentFor: n.AgentFor, Language: n.Language, Round: 1, CreatedAt: at, ActiveAt: at, Status: Draft, Characters: n.Characters,
		Evidence: map[evidence.Slot]Evidence{}, Plan: n.Plan,
		Private: Private{Contact: n.Contact, Verified: n.Contact.Matching(n.Verified.Normalize()), Findings: found.Limited(0), DigestKey: n.DigestKey},
	}}
	c.applyOpening(opening, n.SubjectKey)
	c.AcquireLocks = c.Order.heldLocks()
	c.setExplained(explained)
	first := VerifyType
	if n.At != nil {
		c.begin(*n.At, n.Codes, at)
		if len(c.Order.checkReachable(at)) > 0 {
			return Change{}, blockingFault(finding.List{finding.New(CodeLeaderUnreachable, "")})
		}
		first = c.Order.nextRequiredStep(at)
	}
	c.enterStep(first, at)
	c.ResumeExecution, c.StartExecution = false, true
	if n.Plan != nil {
		c.setFact("plan", string(n.Plan.ID))
		if n.Plan.Place > 0 {
			c.Follows = n.Plan.Orders[n.Plan.Place-1].ID
			c.addNotices(NoticePlanContinued)
		}
	}
	c.Order.Codes = n.Codes
	c.recordVerdict(openDecision{}, at)
	c.recordFlow(Order{})
	c.addEntry(openDecision{}, by, at)
	return c, nil
}

type openDecision struct{}

func (openDecision) Name() string                          { return "open" }
func (openDecision) apply(*Change, Actor, time.Time) error { return nil }

// applyOpening stores an opening in the order.
func (c *Change) applyOpening(n Opening, key string) {
	o := &c.Order
	o.Province, o.Entity, o.SubjectKey, o.FilingNumber, o.Service = n.Province, n.EntityKind, key, n.FilingNumber, n.service()
	if o.Service != number.Site {
		c.setFact("service", o.Service.Name())
	}
	o.SiteNumber, o.Domains = n.SiteNumber, nil
	for _, d := range n.Domains {
		o.Domains = append(o.Domains, Domain(d))
	}
	o.Private.Subject.Name = n.Name
	o.Private.Subject.Certificate.Kind, o.Private.Subject.Certificate.Number = n.Certificate.Kind, n.Certificate.Number
	c.setFact("province", string(n.Province))
	c.setFact("domains", strings.Join(n.Domains, " "))
}

// CorrectType replaces the opening of an order whose type cannot be determined.
type CorrectType struct {
	Opening    Opening
	SubjectKey string // see OpenInput
}

func (CorrectType) Name() string { return "correct-type" }

func (d CorrectType) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifyType); err != nil {
		return err
	}
	if err := o.checkSubjectOfConsent(by, d.SubjectKey); err != nil {
		return err
	}
	opening := d.Opening.Normalize()
	raw := opening.check(o.Characters, o.Codes, at)
	if opening.service() == number.Site {
		raw = appendNew(raw, checkDomainCount(opening.Province.Province(), opening.EntityKind, len(opening.Domains), o.BlockedType, at))
	}
	found, explained := settle(raw, opening.Explanations, o.Private.Explained, application{Opening: opening})
	found = append(found, checkExplanations(opening.Explanations, explained)...)
	if err := blockingFault(found); err != nil {
		return err
	}
	c.setExplained(explained)
	o.Private.Findings = found
	c.replaceOpening(opening, d.SubjectKey, at)
	return nil
}

// replaceOpening replaces the opening, and has the type determined again.
func (c *Change) replaceOpening(n Opening, key string, at time.Time) {
	o := &c.Order
	before := o.heldLocks()
	o.Unsubmitted = true
	if key != o.SubjectKey { // papers and liveness show another subject
		o.Private.Subject, o.Evidence, o.LivenessPassed, o.Challenges = Subject{}, map[evidence.Slot]Evidence{}, nil, nil
	}
	o.DetailsComplete, o.Split, o.Private.Withheld, o.Private.WithheldType = false, nil, nil, ""
	c.applyOpening(n, key)
	c.ReleaseLocks = locksExcept(before, o.heldLocks())
	c.AcquireLocks = locksExcept(o.heldLocks(), before)
	c.enterStep(VerifyType, at)
}

// opening returns the opening of the order.
func (o Order) opening() Opening {
	s := o.Private.Subject
	n := Opening{Province: o.Province, EntityKind: o.Entity, Name: s.Name, FilingNumber: o.FilingNumber, SiteNumber: o.SiteNumber, ServiceKind: serviceName(o.Service),
		Certificate: OpeningCertificate{Kind: s.Certificate.Kind, Number: s.Certificate.Number}}
	for _, d := range o.Domains {
		n.Domains = append(n.Domains, string(d))
	}
	return n
}

// checkOpening returns the warnings about the order's opening, for the reviewer. A rule that came into force since the opening does not
// block, because the opening cannot be changed any more.
func (o Order) checkOpening(at time.Time) finding.List {
	found, _ := settle(o.opening().check(o.Characters, o.Codes, at), nil, o.Private.Explained, application{Opening: o.opening()})
	return warnings(found)
}

// warnings returns the findings that do not block.
func warnings(found finding.List) finding.List {
	return slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Severity == finding.Block })
}

// checkDomainRules applies the province's rules for domains.
func checkDomainRules(p province.Province, e certificate.EntityKind, domains []string, at time.Time) finding.List {
	var found finding.List
	for i, text := range domains {
		if d, wrong := domainname.Parse(text); !wrong.Blocking() {
			found = append(found, append(p.CheckSuffix(e, d.Suffix(), at), p.CheckDomainName(e, d.Display(), at)...).Under(fmt.Sprintf("/%d", i))...)
		}
	}
	return found
}
