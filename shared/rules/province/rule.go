package province

import (
	"fmt"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// An Effect is the consequence of breaking a rule.
type Effect string

const (
	Refuse    Effect = "refuse"    // the bureau refuses the filing
	Review    Effect = "review"    // sources differ: a reviewer decides
	Plan      Effect = "plan"      // a website construction plan is needed
	Statement Effect = "statement" // a stamped statement is needed
)

// An Audience says to which applicants a rule applies; "" means all.
type Audience string

const (
	Individuals Audience = "individual"
	Units       Audience = "unit" // all entity kinds but individuals
)

// A Rule is the common part of all rules: name, period, audience and source.
type Rule struct {
	// ID names the rule: "44.minimumAge.1". It stays when the file gets other rules, and is not used again.
	ID string `json:"id"`
	workday.Span
	For    Audience `json:"for,omitempty"`
	Source string   `json:"source"`
}

func (r Rule) applies(e certificate.EntityKind, on workday.Date) bool {
	individual := e == certificate.Individual
	return r.InForce(on) && (r.For == "" || individual == (r.For == Individuals))
}

func (r Rule) check() error {
	if r.ID == "" || r.Source == "" {
		return fmt.Errorf("rule %q from %s has no id or no source", r.ID, r.From)
	}
	if err := oneOf(r.For, "", Individuals, Units); err != nil {
		return err
	}
	return r.Span.Check()
}

// A LeaderRule says who may be the subject leader of an organisation.
type LeaderRule struct {
	Who LeaderChoice `json:"who"`
	// SiteLeader is "same" if the site leader must be the same person as a subject leader who is not the legal representative,
	// "different" if the two must always differ, "" if there is no such rule.
	SiteLeader string `json:"siteLeader,omitempty"`
	Effect     Effect `json:"effect"`
	Rule
}

// A LeaderChoice says who may be the subject leader.
type LeaderChoice string

const (
	LegalRepresentative LeaderChoice = "legal-representative" // only the legal representative
	WithLetter          LeaderChoice = "with-letter"          // others need an authorisation letter
	Anyone              LeaderChoice = "anyone"               // any member of staff
)

func (r LeaderRule) check() error {
	if err := oneOf(r.Who, LegalRepresentative, WithLetter, Anyone); err != nil {
		return err
	}
	if err := oneOf(r.SiteLeader, "", "same", "different"); err != nil {
		return err
	}
	if err := oneOf(r.Effect, Refuse, Review); err != nil {
		return err
	}
	return r.Rule.check()
}

// A ShellRule says what a subject without sites (空壳主体) does to file a site again (icp-filing 2.2, row 3).
type ShellRule struct {
	Policy ShellPolicy `json:"policy"`
	Rule
}

// A ShellPolicy is what a bureau asks of a subject without sites.
type ShellPolicy string

const (
	ShellUnknown     ShellPolicy = ""             // no source: a reviewer asks the bureau
	ShellAddsSite    ShellPolicy = "add-site"     // it adds a site
	ShellCancelFirst ShellPolicy = "cancel-first" // the bureau cancels the subject, which then files anew
)

func (r ShellRule) check() error {
	if err := oneOf(r.Policy, ShellAddsSite, ShellCancelFirst); err != nil {
		return err
	}
	return r.Rule.check()
}

// A ResidenceRule says whether an individual from another province may file, and with which document.
type ResidenceRule struct {
	Policy ResidencePolicy `json:"policy"`
	Effect Effect          `json:"effect"`
	Rule
}

// A ResidencePolicy is a province's policy on individuals from other provinces.
type ResidencePolicy string

const (
	ResidenceUnknown  ResidencePolicy = "" // no source: a reviewer asks the bureau
	ResidenceAllowed  ResidencePolicy = "allowed"
	LocalOnly         ResidencePolicy = "local-only"
	ResidencePermit   ResidencePolicy = "residence-permit"
	PermitOrStudent   ResidencePolicy = "residence-permit-or-student-card"
	PermitOrInsurance ResidencePolicy = "residence-permit-or-insurance" // or a property deed
	ProofOfLocalLife  ResidencePolicy = "proof-of-local-life"
)

func (r ResidenceRule) check() error {
	if err := oneOf(r.Policy, ResidenceAllowed, LocalOnly, ResidencePermit, PermitOrStudent, PermitOrInsurance,
		ProofOfLocalLife); err != nil {
		return err
	}
	if err := oneOf(r.Effect, Refuse, Review); err != nil {
		return err
	}
	return r.Rule.check()
}

// An AgeRule is the minimum age of a responsible person, in full years.
type AgeRule struct {
	Refuse int `json:"refuse"` // younger persons are refused
	Review int `json:"review"` // a reviewer checks younger persons, who need proof of employment or income
	Rule
}

func (r AgeRule) check() error {
	if r.Refuse < 1 || r.Review < r.Refuse || r.Review > 30 {
		return fmt.Errorf("minimum ages: refuse %d, review %d: want 1 <= refuse <= review <= 30", r.Refuse, r.Review)
	}
	return r.Rule.check()
}

// A Cap is an upper limit.
type Cap struct {
	Limit  Limit  `json:"limit"`
	Max    int    `json:"max"`
	Effect Effect `json:"effect"`
	// FiledAbove restricts the cap to subjects with more filed sites than this.
	FiledAbove int `json:"filedAbove,omitempty"`
	// Kinds restricts the cap to kinds of application, by their names (icp-filing 2.1); empty for all.
	Kinds []string `json:"kinds,omitempty"`
	Rule
}

// A Limit is what a cap limits.
type Limit string

const (
	DomainsPerOrder Limit = "domains-per-order"
	SitesPerOrder   Limit = "sites-per-order"
	DomainsPerSite  Limit = "domains-per-site"
	SitesPerSubject Limit = "sites-per-subject" // filed sites and those of the order
)

func (r Cap) check() error {
	if err := oneOf(r.Limit, DomainsPerOrder, SitesPerOrder, DomainsPerSite, SitesPerSubject); err != nil {
		return err
	}
	if err := oneOf(r.Effect, Refuse, Review, Plan, Statement); err != nil {
		return err
	}
	for _, kind := range r.Kinds {
		if _, known := kindWords[kind]; !known {
			return fmt.Errorf("%s: %s is not a kind of application that a cap can be restricted to", r.Limit, kind)
		}
	}
	if r.Max < 1 || r.FiledAbove < 0 {
		return fmt.Errorf("%s: max %d, filedAbove %d: want max >= 1 and filedAbove >= 0", r.Limit, r.Max, r.FiledAbove)
	}
	return r.Rule.check()
}

// A FooterRule says which number the footer of a site shows.
type FooterRule struct {
	Number FooterNumber `json:"number"`
	Rule
}

func (r FooterRule) check() error {
	if err := oneOf(r.Number, FooterSubject, FooterSite); err != nil {
		return err
	}
	return r.Rule.check()
}

// A DaysRule is a number of working days.
type DaysRule struct {
	Days int `json:"days"`
	Rule
}

func (r DaysRule) check() error {
	if r.Days < 1 || r.Days > 60 {
		return fmt.Errorf("days %d: want 1 to 60 working days", r.Days)
	}
	return r.Rule.check()
}

// A ValidityRule says how long a domain must still be valid.
type ValidityRule struct {
	Refuse Period `json:"refuse"` // a domain that expires earlier is refused
	Review Period `json:"review"` // a reviewer checks one that expires earlier
	Rule
}

func (r ValidityRule) check() error {
	const day workday.Date = "2020-01-01"
	if r.Refuse.After(day) <= day || r.Review.After(day) < r.Refuse.After(day) {
		return fmt.Errorf("validity of a domain: refuse %v, review %v: want 0 < refuse <= review", r.Refuse, r.Review)
	}
	return r.Rule.check()
}

// A Period is a number of months or of days.
type Period struct {
	Months int `json:"months,omitempty"`
	Days   int `json:"days,omitempty"`
}

// After returns the day on which a period ends that begins on a day.
func (p Period) After(day workday.Date) workday.Date { return day.AddMonths(p.Months).AddDays(p.Days) }

// Words returns the period as text: "3个月", "3 months".
func (p Period) Words() finding.Words {
	if p.Months > 0 {
		return finding.Words{Chinese: fmt.Sprintf("%d个月", p.Months), English: fmt.Sprintf("%d months", p.Months)}
	}
	return finding.Words{Chinese: fmt.Sprintf("%d天", p.Days), English: fmt.Sprintf("%d days", p.Days)}
}

// A TraderNameRule says what a sole trader (个体工商户) whose licence has no name enters as the subject's name. The licence shows "*****" or
// 无字号名称 instead.
type TraderNameRule struct {
	Name TraderName `json:"name"`
	finding.Words
	Rule
}

// A TraderName is the name under which a sole trader without a name files.
type TraderName string

const (
	OperatorName       TraderName = "operator"        // the name of the operator (经营者) on the licence
	MarkedOperatorName TraderName = "operator-marked" // the operator's name and （个体工商户）
	AsIndividual       TraderName = "individual"      // the operator files as an individual
)

func (r TraderNameRule) check() error {
	if err := oneOf(r.Name, OperatorName, MarkedOperatorName, AsIndividual); err != nil {
		return err
	}
	if r.Chinese == "" || r.English == "" {
		return fmt.Errorf("the rule for sole traders with source %s has no text in one language", r.Source)
	}
	return r.Rule.check()
}

// A Note is a special rule as text for applicant and reviewer.
type Note struct {
	finding.Words
	Rule
}

func (r Note) check() error {
	if r.Chinese == "" || r.English == "" {
		return fmt.Errorf("the note with source %s has no text in one language", r.Source)
	}
	return r.Rule.check()
}

func oneOf[T ~string](value T, allowed ...T) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%q is invalid: want one of %q", string(value), allowed)
}
