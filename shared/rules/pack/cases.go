package pack

import (
	"slices"
	"strings"

	"beian/shared/rules/app"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/contact"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/sitename"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/workday"
)

// Cases are the cases of one rule. With Pass the rules of the family demand nothing; with Fail they do: a finding of the rule's codes, a document,
// a step, or another value.
type Cases struct {
	Pass []Case `json:"pass"`
	Fail []Case `json:"fail"`
}

// A Case is a day, and what is checked on it.
type Case struct {
	On       workday.Date           `json:"on"`
	Province province.Code          `json:"province,omitempty"` // default: the first of the rule's
	Entity   certificate.EntityKind `json:"entity,omitempty"`   // default: an individual if the rule is for individuals, else an enterprise
	Text     string                 `json:"text,omitempty"`     // a name, domain, suffix, division, number or kind of service
	Number   int                    `json:"number,omitempty"`   // an age, a count, days, a kind or a code
	// Leaders are the facts about the responsible persons.
	SubjectIsLegal bool `json:"subjectIsLegal,omitempty"`
	SiteIsLegal    bool `json:"siteIsLegal,omitempty"`
	SamePerson     bool `json:"samePerson,omitempty"`
	// Filed is the number of sites on file, and Kind the kind of application, of a rule for counts.
	Filed int    `json:"filed,omitempty"`
	Kind  string `json:"kind,omitempty"`
}

func decodeCases(text []byte) (map[string]Cases, error) {
	var cases map[string]Cases
	return cases, strictjson.UnmarshalEmbedded(text, &cases)
}

// entity returns the kind of the subject.
func (c Case) entity(r Rule) certificate.EntityKind {
	switch {
	case c.Entity != 0:
		return c.Entity
	case r.For == province.Individuals, r.Family == "residence":
		return certificate.Individual
	}
	return certificate.Enterprise
}

// of returns the province.
func (c Case) of(r Rule) province.Province {
	if c.Province == "" && len(r.Provinces) > 0 {
		return r.Provinces[0].Province()
	}
	return c.Province.Province()
}

func (c Case) leaders() province.Leaders {
	return province.Leaders{SubjectIsLegal: c.SubjectIsLegal, SiteIsLegal: c.SiteIsLegal, Same: c.SamePerson}
}

// counts returns counts that are all the case's number, so that whichever a cap limits has it.
func (c Case) counts() province.Counts {
	return province.Counts{DomainsInOrder: c.Number, SitesInOrder: max(0, c.Number-c.Filed), DomainsInSite: c.Number, SitesFiled: c.Filed, Kind: c.Kind}
}

// Families that are not lists of a province's file.
const (
	familyName        = "site-name"
	familyPreApproval = "pre-approval"
	familyCertificate = "certificate"
	familyDomain      = "domain"
	familyContact     = "contact"
	familyCode        = "code-table"
	familyService     = "service-kind"
	familyAppName     = "app-name"
)

// A family is how the rules of one kind are checked.
type family struct {
	codes   []finding.Code
	demands func(Rule, Case) bool // whether the family's rules demand something in the case
}

// has returns a check that has a finding of the rule's codes.
func has(check func(Rule, Case) finding.List) func(Rule, Case) bool {
	return func(r Rule, c Case) bool { return slices.ContainsFunc(r.Codes, check(r, c).Has) }
}

var families = map[string]family{
	"sms": {nil, func(r Rule, c Case) bool { return c.of(r).SMSRequired(c.On.Time()) }},
	"subjectLeader": {[]finding.Code{province.LeaderNotLegal, province.LeaderLetter, province.LeadersMustBeSame, province.LeadersMustDiffer},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckSubjectLeader(c.leaders(), c.On.Time()) })},
	"siteLeaderLetter": {[]finding.Code{province.SiteLeaderLetterCode},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckSiteLeader(c.leaders(), c.On.Time()) })},
	"residence": {[]finding.Code{province.ResidenceUnclear, province.OutOfProvince, province.ResidenceProof},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckResidence(c.Text, c.On.Time()) })},
	"minimumAge": {[]finding.Code{province.LeaderTooYoung, province.LeaderAgeProof},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckAge(c.entity(r), c.Number, c.On.Time()) })},
	"caps": {[]finding.Code{province.TooManyDomains, province.TooManySites, province.TooManySiteDomains, province.TooManySubjectSites, province.PlanRequired, province.StatementRequired},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckCounts(c.entity(r), c.counts(), c.On.Time()) })},
	"refusedSuffixes": {[]finding.Code{province.SuffixRefused},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckSuffix(c.entity(r), c.Text, c.On.Time()) })},
	"requiredSuffixes": {[]finding.Code{province.SuffixRequired},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckSuffix(c.entity(r), c.Text, c.On.Time()) })},
	"refusedNames": {[]finding.Code{province.NameRefused},
		has(func(r Rule, c Case) finding.List { return c.of(r).CheckDomainName(c.entity(r), c.Text, c.On.Time()) })},
	"sameCityAddress": {[]finding.Code{province.OtherCity}, has(func(r Rule, c Case) finding.List {
		certificate, mailing, _ := strings.Cut(c.Text, " ")
		return c.of(r).CheckMailingCity(certificate, mailing, c.On.Time())
	})},
	"footerNumber":  {nil, func(r Rule, c Case) bool { return string(c.of(r).FooterNumber(c.On.Time())) != c.Text }},
	"copyrightLine": {nil, func(r Rule, c Case) bool { return c.of(r).CopyrightLine(c.On.Time()) }},
	"siteTitle":     {nil, func(r Rule, c Case) bool { return c.of(r).SiteTitle(c.On.Time()) }},
	"bureauDays":    {nil, func(r Rule, c Case) bool { return c.Number > c.of(r).BureauDays(c.On.Time()) }},
	"landline":      {nil, func(r Rule, c Case) bool { return c.of(r).LandlineRequired(c.entity(r), c.On.Time()) }},
	"officeMobileDiffers": {nil, func(r Rule, c Case) bool {
		return c.of(r).OfficeMobileDiffers(c.entity(r), c.On.Time())
	}},
	"holderIsUnit": {nil, func(r Rule, c Case) bool { return c.of(r).HolderIsUnit(c.entity(r), c.On.Time()) }},
	"shell":        {nil, func(r Rule, c Case) bool { return string(c.of(r).Shell(c.On.Time())) == c.Text }},
	"traderName":   {nil, func(r Rule, c Case) bool { return string(c.of(r).UnnamedTrader(c.On.Time()).Name) != c.Text }},
	"domainValidity": {nil, func(r Rule, c Case) bool {
		return c.On.AddDays(c.Number) < c.of(r).DomainValidity(c.entity(r), c.On.Time()).Review.After(c.On)
	}},
	"notes": {nil, func(r Rule, c Case) bool {
		return slices.ContainsFunc(c.of(r).Requirements(c.entity(r), c.On.Time()), func(q province.Requirement) bool { return q.Words.Chinese == c.Text })
	}},
	"document": {nil, func(r Rule, c Case) bool { return c.of(r).Requires(province.Document(c.Text), c.On.Time()) }},
	familyName: {nil, has(func(r Rule, c Case) finding.List {
		return sitename.Check(sitename.Site{Name: c.Text, Entity: c.entity(r), Province: c.of(r).Code}, c.On.Time())
	})},
	familyPreApproval: {[]finding.Code{preapproval.NameSuggestsTrade},
		has(func(r Rule, c Case) finding.List {
			if strings.Contains(r.ID, ".words.") { // a province's own list, which applies to the subject's name too
				return preapproval.CheckSubject(c.Text, nil, c.of(r).Code, c.On.Time())
			}
			return preapproval.Check(c.Text, nil, c.of(r).Code, c.On.Time())
		})},
	familyCertificate: {[]finding.Code{certificate.KindNotForEntity, certificate.KindNotYet, certificate.KindLegacy},
		has(func(r Rule, c Case) finding.List {
			return certificate.CheckKind(c.Entity, certificate.Kind(c.Number), c.On.Time())
		})},
	familyDomain: {nil, has(func(_ Rule, c Case) finding.List {
		_, found := domainname.Parse(c.Text)
		return found
	})},
	familyContact: {nil, has(func(r Rule, c Case) finding.List {
		switch of := strings.TrimPrefix(r.ID, "contact."); {
		case strings.HasPrefix(of, "mobile"):
			return contact.NormalizeMobile(c.Text).Check()
		case strings.HasPrefix(of, "email"):
			return contact.NormalizeEmail(c.Text).Check()
		}
		return contact.NormalizePhone(c.Text).Check()
	})},
	familyService: {[]finding.Code{app.CodeNotYet}, has(func(_ Rule, c Case) finding.List {
		kind, _ := number.ParseService(c.Text)
		return app.CheckKind(kind, c.On.Time())
	})},
	familyAppName: {[]finding.Code{app.CodeNameNotDistinctive},
		has(func(_ Rule, c Case) finding.List { return app.CheckName(c.Text, c.On.Time()) })},
	familyCode: {nil, func(r Rule, c Case) bool {
		return !codes.Tables{}.Knows(codes.Name(strings.TrimPrefix(r.ID, "code-table.")), int64(c.Number))
	}},
}
