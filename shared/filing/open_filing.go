package filing

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/codes"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
)

// Findings about an order that begins at a filing.
const (
	CodeKindUnknown       finding.Code = "kind-not-offered"
	CodeFilingNotStanding              = register.CodeNotStanding
	CodeFilingForeign     finding.Code = "filing-of-another-account"
	CodeFilingSiteUnknown finding.Code = "filing-site-unknown"
)

// An AtFilingInput is a filing of the register, and what the applicant wants to do with it.
type AtFilingInput struct {
	Type   Type
	Filing register.Filing
	// Sites are the indexes of the filing's sites that the order is about, for a kind that is about some of them.
	Sites []int
	// Cancellation is the request of a kind that ends something.
	Cancellation CancellationInput
	// Papers are the kinds of document that a kind with [ChosenDocuments] sends: of the site if Sites has one, else of the subject.
	Papers []evidence.Kind
	// NewAccess are the indexes of the sites that a change moves to another server, which the applicant then chooses.
	NewAccess []int
}

// check returns the findings that refuse the order. by has the account, and for whom it acts.
func (n AtFilingInput) check(by Order, tables codes.Tables, readable gbk.Repertoire) finding.List {
	kind, ok := KindOf(n.Type)
	switch {
	case !ok || kind.Begins != AtFiling:
		return finding.List{finding.New(CodeKindUnknown, "/type")}
	case !by.actsOn(n.Filing):
		return finding.List{finding.New(CodeFilingForeign, "")}
	case n.Filing.Status == register.Cancelled:
		return finding.List{finding.New(CodeFilingNotStanding, "")}
	}
	if kind.Cancels != "" {
		return n.checkCancellation(kind, tables, readable)
	}
	if kind.Documents == ChosenDocuments {
		return n.checkSubmission()
	}
	var found finding.List
	for i, site := range n.Sites {
		if site < 0 || site >= len(n.Filing.Sites) {
			found = append(found, finding.New(CodeFilingSiteUnknown, "/sites/"+strconv.Itoa(i)))
		}
	}
	if kind.checkChoice != nil && len(found) == 0 {
		found = kind.checkChoice(n)
	}
	return found
}

// CanBegin reports whether an order of a kind can begin at a filing at a time, as far as the filing alone decides: whether it stands, and which of
// its sites we host. setting is the provider's for the cancellation of an only access. A kind whose type is determined later can begin if the
// subject may file it.
func CanBegin(k Kind, f register.Filing, setting OnlyAccess, at time.Time) bool {
	if f.Status == register.Cancelled {
		return false
	}
	hosted := func(s register.FiledSite) bool { _, ours := s.OurAccess(); return ours }
	switch {
	case k.Cancels == register.SubjectPart:
		return !subjectConsequences(f).Blocking()
	case k.Cancels != "":
		for i := range f.Sites {
			if !Consequences(k, f, i, setting).Blocking() {
				return true
			}
		}
		return false
	case k.Documents == ChosenDocuments:
		return slices.ContainsFunc(f.Sites, hosted)
	case k.checkChoice != nil:
		return !k.checkChoice(AtFilingInput{Type: k.Type, Filing: f}).Blocking()
	case k.Type == AddSiteOwn:
		facts := Facts{SubjectFiled: true, SubjectKnown: true, SubjectShell: f.Status == register.Shell}
		_, found := Determine(facts, f.Province.Province().Shell(at))
		return !found.Blocking()
	}
	return true
}

// opening returns the data of the filing that every order has: the subject, and the domains of the sites that the order is about, or of all.
func (n AtFilingInput) opening() Opening {
	f := n.Filing
	s := f.Private.Subject
	opening := Opening{Province: f.Province, EntityKind: f.Entity, Name: s.Name, Certificate: OpeningCertificate{Kind: s.Certificate.Kind, Number: s.Certificate.Number}}
	for i, site := range f.Sites {
		if len(n.Sites) > 0 && !slices.Contains(n.Sites, i) {
			continue
		}
		for _, d := range site.Domains {
			if name := string(d.Name); !slices.Contains(opening.Domains, name) { // an app may have the domain of a site
				opening.Domains = append(opening.Domains, name)
			}
		}
	}
	return opening
}

// begin makes the order one of the kind, about the filing.
func (c *Change) begin(n AtFilingInput, tables codes.Tables, at time.Time) {
	c.Order.Type, c.Order.Chosen, c.Order.NewAccess = n.Type, n.Sites, n.NewAccess
	if len(n.Papers) > 0 {
		c.Order.Renewed = n.slots()
		c.setFact("papers", fmt.Sprint(c.Order.Renewed))
	}
	c.Order.referTo(n.Filing)
	c.setFact("type", string(n.Type))
	c.setFact("filing", string(n.Filing.ID))
	if k := c.Order.Kind(); k.Cancels != "" {
		c.setCancellation(k, n, tables, at)
	}
}
