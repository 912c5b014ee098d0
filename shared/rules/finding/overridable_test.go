package finding_test

import (
	"maps"
	"slices"
	"testing"

	"beian/shared/rules/finding"
)

// overridable are the rules that a reviewer may override, with the reason why the rule cannot be sure. The others are of identity, of the
// ministry's interface, of law, or ask for something that is missing, which no explanation replaces (ADR 15).
var overridable = map[finding.Code]string{
	"unified-code-check-digit":                "some registrations break GB 32100 for ever, and no list says which",
	"leader-too-young":                        "sources name different ages",
	"subject-leader-not-legal-representative": "providers describe it differently, with exceptions",
	"leaders-must-be-same":                    "one provider describes it",
	"leaders-must-differ":                     "one provider describes it",
	"individual-out-of-province":              "the number shows where a household was first registered, not where it is",
	"mailing-address-other-city":              "the code shows where a unit was first registered, not where it is",
	"too-many-domains-in-order":               "a provider's page, and bureaus make exceptions for a stamped plan",
	"too-many-sites-in-order":                 "as above",
	"too-many-domains-in-site":                "as above",
	"too-many-sites-of-subject":               "as above",
	"domain-suffix-refused":                   "the ministry has approved the suffix; the bureau's practice changes",
	"site-name-too-short":                     "names are judged",
	"site-name-only-digits":                   "a registered mark may be digits",
	"site-name-only-latin":                    "a registered mark may be letters",
	"site-name-signs":                         "a registered mark may contain a sign",
	"site-name-is-domain":                     "a registered mark may look like a domain",
	"site-name-national":                      "the unit may be a national one",
	"site-name-is-person":                     "a word may happen to be a name",
	"text-mixed-scripts":                      "a registered name may mix scripts",
	"address-incomplete":                      "villages and new districts have addresses without numbers",
	"service-content-not-for-individuals":     "bureaus differ",
	"office-phone-is-own-mobile":              "a small unit may have one phone",
	"phone-landline-required":                 "a unit may have no landline",
	"evidence-proof-missing":                  "a document that a bureau usually requires may not fit the case",
}

// notOverridable are some of the rules for which there is no exception.
var notOverridable = []finding.Code{
	// Identity: who files, and who answers for the site.
	"subject-changed", "leader-not-subject", "resident-id-check-digit", "resident-id-birth-date", "resident-id-region", "certificate-expired",
	"certificate-kind-not-for-entity", "certificate-kind-not-personal", "person-name-characters", "domain-of-platform", "subject-blacklisted",
	// The ministry's interface cannot carry it, or the bureau's system refuses it.
	"character-unreadable", "text-too-long", "site-name-too-long", "unified-code-length", "certificate-number-too-long", "place-unknown", "phone-format",
	"mobile-format", "email-format", "domain-malformed", "domain-not-registrable", "home-url-other-domain", "domains-not-covered", "evidence-too-large",
	// Law.
	"pre-approval-not-for-individuals",
	// Something is missing.
	"address-missing", "site-name-missing", "mobile-missing", "office-phone-missing", "certificate-validity-missing", "evidence-missing",
}

// TestOverridable compares the catalogue with the lists above: a rule becomes overridable only with a reason.
func TestOverridable(t *testing.T) {
	marked := map[finding.Code]bool{}
	known := map[finding.Code]bool{}
	for _, e := range finding.Catalogue() {
		known[e.Code] = true
		if e.Overridable {
			marked[e.Code] = true
		}
	}
	want := slices.Sorted(maps.Keys(overridable))
	if got := slices.Sorted(maps.Keys(marked)); !slices.Equal(got, want) {
		t.Errorf("overridable are %q, want %q", got, want)
	}
	for _, code := range notOverridable {
		if !known[code] || code.Overridable() {
			t.Errorf("%s is overridable, or not in the catalogue", code)
		}
	}
	if finding.Code("no-such-code").Overridable() {
		t.Error("a rule that does not exist is overridable")
	}
}

// TestOfferExplanation: only a blocking finding of an overridable rule can be explained, and it says how.
func TestOfferExplanation(t *testing.T) {
	f := finding.New("site-name-only-digits", "/sites/0/name")
	offered := f.OfferExplanation()
	if f.Overridable || !offered.Overridable || len(offered.Remedy.Chinese) <= len(f.Remedy.Chinese) || len(offered.Remedy.English) <= len(f.Remedy.English) {
		t.Errorf("%+v", offered)
	}
	for _, no := range []finding.Finding{finding.New("subject-changed", "/subject/name"), f.Explained(false)} {
		if no.OfferExplanation() != no {
			t.Errorf("%s (%s) can be explained", no.Code, no.Severity)
		}
	}
	if explained, accepted := f.Explained(false), f.Explained(true); explained.Severity != finding.Warn || accepted.Severity != finding.Warn || explained.Remedy == accepted.Remedy {
		t.Errorf("%+v, %+v", explained, accepted)
	}
}
