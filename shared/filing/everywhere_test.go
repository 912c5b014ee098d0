package filing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// ruleDates are days with different rules: the founding page's (2019), the end of filing passwords (2020), and today.
var ruleDates = []time.Time{
	time.Date(2019, 12, 25, 4, 0, 0, 0, time.UTC), time.Date(2020, 8, 17, 4, 0, 0, 0, time.UTC), time.Now(),
}

// TestEveryProvinceAndKind: for each province, kind of subject and kind of application, on each of the dates, the papers and the bureau's
// requirements can be listed, and the details checked, with words. A kind without documents requires none; another requires papers of each of its
// sites, and a change only papers of what changes (S9).
func TestEveryProvinceAndKind(t *testing.T) {
	for _, p := range province.All() {
		for entity := range certificate.EntityKind(30) {
			if !entity.Known() {
				continue
			}
			app := filingtest.EnterpriseBeijing()
			if entity == certificate.Individual {
				app = filingtest.IndividualZhejiang()
			}
			for _, kind := range filing.Kinds {
				for _, at := range ruleDates {
					o := filing.Order{ID: "01EXAMPLE", Province: p.Code, Entity: entity, Type: kind.Type, Private: filing.Private{Subject: app.Subject, Sites: app.Sites}}
					if err := checkPapers(o, kind, at); err != nil {
						t.Errorf("%s, %s, entity kind %d, %s: %v", kind.Type, p.Name.English, entity, at.Format(time.DateOnly), err)
					}
					for _, f := range checkWhatIsAsked(o, at) {
						if words := f.Message.Chinese + f.Message.English; f.Message.Chinese == "" || f.Message.English == "" || strings.Contains(words, "{") {
							t.Errorf("%s, %s, entity kind %d, %s: %s at %s says %q", kind.Type, p.Name.English, entity, at.Format(time.DateOnly), f.Code, f.Pointer, words)
						}
					}
					for _, r := range p.Requirements(entity, at) {
						if r.Words.Chinese == "" || r.Words.English == "" {
							t.Errorf("%s, entity kind %d, %s: a requirement has no words: %+v", p.Name.English, entity, at.Format(time.DateOnly), r)
						}
					}
				}
			}
		}
	}
}

// checkWhatIsAsked returns the findings on the details of an order, if its kind asks for them.
func checkWhatIsAsked(o filing.Order, at time.Time) finding.List {
	if !o.Kind().AsksDetails() {
		return nil
	}
	return o.CheckDetails(o.Private.Subject, o.Private.Sites, at)
}

func checkPapers(o filing.Order, kind filing.Kind, at time.Time) error {
	papers := o.EvidenceRequirements(at)
	for i, r := range papers {
		if w := r.Slot.Words(); w.Chinese == "" || w.English == "" || r.Reason.Chinese == "" || r.Reason.English == "" {
			return fmt.Errorf("%s has no words", r.Slot)
		}
		if slices.ContainsFunc(papers[:i], func(other evidence.Requirement) bool { return other.Slot == r.Slot }) {
			return fmt.Errorf("%s is listed twice", r.Slot)
		}
	}
	required := func(ofSite bool) bool {
		return slices.ContainsFunc(papers, func(r evidence.Requirement) bool {
			_, is := r.Slot.Site()
			return is == ofSite && r.Level == evidence.Required
		})
	}
	switch {
	case kind.Documents == filing.NoDocuments && len(papers) > 0:
		return fmt.Errorf("a kind without documents lists %d", len(papers))
	case kind.Documents == filing.AllDocuments && !required(false):
		return fmt.Errorf("no paper of the subject is required")
	case kind.Documents == filing.AffectedDocuments && !required(true):
		return fmt.Errorf("no paper of a changed site is required")
	case kind.Documents == filing.AffectedDocuments && o.Province == "63" && workday.DateOf(at) >= "2025-01-01": // all images with each change
		if len(ofNothing(o, at)) < 4 {
			return fmt.Errorf("a change in Qinghai lacks images: %v", ofNothing(o, at))
		}
	case kind.Documents == filing.AffectedDocuments && len(ofNothing(o, at)) > 0:
		return fmt.Errorf("papers of what does not change: %v", ofNothing(o, at))
	case kind.Documents == filing.SiteDocuments && !slices.Equal(provincial(papers), provincial(ofFirst(o, at))):
		return fmt.Errorf("papers that the province requires: %v, and %v of a first filing", provincial(papers), provincial(ofFirst(o, at)))
	case kind.Documents == filing.SiteDocuments && ofSubject(papers) != len(provincial(papers)):
		return fmt.Errorf("a paper of the subject is required")
	case kind.Documents == filing.SiteDocuments && !required(true):
		return fmt.Errorf("no paper of a site is required")
	}
	return nil
}

// provincialPapers are the papers about the whole application that a province requires of every kind of application with documents.
var provincialPapers = []evidence.Kind{evidence.CommitmentLetter, evidence.ResponsibilityNotice, evidence.PartyBuildingConfirmation, evidence.ConstructionPlan,
	evidence.ResidencePermit}

// ofSubject returns the number of required papers that are not of a site.
func ofSubject(papers []evidence.Requirement) int {
	count := 0
	for _, r := range papers {
		if _, ofSite := r.Slot.Site(); !ofSite && r.Level == evidence.Required {
			count++
		}
	}
	return count
}

// provincial returns the kinds of the provincial papers that are required.
func provincial(papers []evidence.Requirement) []evidence.Kind {
	var found []evidence.Kind
	for _, r := range papers {
		if _, ofSite := r.Slot.Site(); !ofSite && r.Level == evidence.Required && slices.Contains(provincialPapers, r.Slot.Kind()) {
			found = append(found, r.Slot.Kind())
		}
	}
	return found
}

func ofFirst(o filing.Order, at time.Time) []evidence.Requirement {
	o.Type = filing.First
	return o.EvidenceRequirements(at)
}

// ofNothing returns the papers that are required of the order if it changes nothing of its filing.
func ofNothing(o filing.Order, at time.Time) []evidence.Requirement {
	o.Private.Filed = register.Private{Subject: o.Private.Subject, Sites: o.Private.Sites}
	return slices.DeleteFunc(o.EvidenceRequirements(at), func(r evidence.Requirement) bool { return r.Level != evidence.Required })
}
