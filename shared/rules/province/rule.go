package province

import (
	"fmt"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// An Effect says what breaking a rule does.
type Effect string

const (
	Refuse    Effect = "refuse"    // the bureau will not take it
	Review    Effect = "review"    // sources differ: the reviewer decides
	Plan      Effect = "plan"      // a website construction plan is needed
	Statement Effect = "statement" // a stamped statement is needed
)

// An Audience is those for whom a rule is made; "" is everybody.
type Audience string

const (
	Individuals Audience = "individual"
	Units       Audience = "unit" // everybody who is not an individual
)

// A Rule is what every rule has: the days on which it holds, for whom, and where it was found.
type Rule struct {
	workday.Span
	For    Audience `json:"for,omitempty"`
	Source string   `json:"source"`
}

func (r Rule) applies(e certificate.EntityKind, on workday.Date) bool {
	individual := e == certificate.Individual
	return r.Holds(on) && (r.For == "" || individual == (r.For == Individuals))
}

func (r Rule) check() error {
	if r.Source == "" {
		return fmt.Errorf("a rule from %s has no source", r.From)
	}
	if err := oneOf(r.For, "", Individuals, Units); err != nil {
		return err
	}
	return r.Span.Check()
}

// A LeaderRule says who may be a unit's subject leader.
type LeaderRule struct {
	Who LeaderChoice `json:"who"`
	// SiteLeader says whether the site leader must be the "same" person or a "different" one when the subject leader
	// is not the legal representative, or in any case; "" leaves it open.
	SiteLeader string `json:"siteLeader,omitempty"`
	Effect     Effect `json:"effect"`
	Rule
}

// A LeaderChoice names those who may be subject leader.
type LeaderChoice string

const (
	LegalRepresentative LeaderChoice = "legal-representative" // nobody else
	WithLetter          LeaderChoice = "with-letter"          // others with an authorisation letter
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

// A ResidenceRule says whether a person whose identity card is from another province may file, and with which paper.
type ResidenceRule struct {
	Policy ResidencePolicy `json:"policy"`
	Effect Effect          `json:"effect"`
	Rule
}

// A ResidencePolicy is a province's answer to individuals from elsewhere.
type ResidencePolicy string

const (
	ResidenceUnknown  ResidencePolicy = "" // nothing was found: the reviewer asks the bureau
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

// An AgeRule says how old a responsible person must be, in full years.
type AgeRule struct {
	Refuse int `json:"refuse"` // younger persons are refused
	Review int `json:"review"` // younger persons are looked at, with proof of employment or income
	Rule
}

func (r AgeRule) check() error {
	if r.Refuse < 1 || r.Review < r.Refuse || r.Review > 30 {
		return fmt.Errorf("ages %d and %d", r.Refuse, r.Review)
	}
	return r.Rule.check()
}

// A Cap is a greatest number.
type Cap struct {
	Limit  Limit  `json:"limit"`
	Max    int    `json:"max"`
	Effect Effect `json:"effect"`
	// FiledAbove makes the cap hold only for subjects with more filed sites than this.
	FiledAbove int `json:"filedAbove,omitempty"`
	// FirstFilingOnly makes the cap hold only for a subject's first filing.
	FirstFilingOnly bool `json:"firstFilingOnly,omitempty"`
	Rule
}

// A Limit is what a cap counts.
type Limit string

const (
	DomainsPerOrder Limit = "domains-per-order"
	SitesPerOrder   Limit = "sites-per-order"
	DomainsPerSite  Limit = "domains-per-site"
	SitesPerSubject Limit = "sites-per-subject" // those on file and those of the order
)

func (r Cap) check() error {
	if err := oneOf(r.Limit, DomainsPerOrder, SitesPerOrder, DomainsPerSite, SitesPerSubject); err != nil {
		return err
	}
	if err := oneOf(r.Effect, Refuse, Review, Plan, Statement); err != nil {
		return err
	}
	if r.Max < 1 || r.FiledAbove < 0 {
		return fmt.Errorf("%s: at most %d, above %d", r.Limit, r.Max, r.FiledAbove)
	}
	return r.Rule.check()
}

// A SuffixRule names domain suffixes that are not taken.
type SuffixRule struct {
	Suffixes []string `json:"suffixes"`
	Effect   Effect   `json:"effect"`
	Rule
}

func (r SuffixRule) check() error {
	if len(r.Suffixes) == 0 {
		return fmt.Errorf("no suffixes")
	}
	if err := oneOf(r.Effect, Refuse, Review); err != nil {
		return err
	}
	return r.Rule.check()
}

// A FooterRule says which number stands at the foot of a site.
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
		return fmt.Errorf("%d working days", r.Days)
	}
	return r.Rule.check()
}

// A Note is a special rule in words, shown to the applicant and kept in mind by the reviewer.
type Note struct {
	finding.Words
	Rule
}

func (r Note) check() error {
	if r.Chinese == "" || r.English == "" {
		return fmt.Errorf("a note from %s has no words in one language", r.Source)
	}
	return r.Rule.check()
}

func oneOf[T ~string](value T, allowed ...T) error {
	for _, a := range allowed {
		if value == a {
			return nil
		}
	}
	return fmt.Errorf("%q is none of %q", string(value), allowed)
}
