package province

import "slices"

// A Listed is a rule without its values, as [Rules] lists it.
type Listed struct {
	// Family is the kind of the rule: its list in the file of a province, or "document".
	Family    string
	Provinces []Code // empty for a rule of the nation, which applies where a province has none
	Rule
}

// Rules lists every rule of the provinces and of the nation, those in force and those of other days.
func Rules() []Listed {
	all := provinces().national.listed(nil)
	for _, p := range provinces().all {
		all = append(all, p.rules.listed([]Code{p.Code})...)
	}
	for _, d := range documentRules() {
		all = append(all, Listed{"document", slices.Clone(d.Provinces), Rule{ID: d.ID, Span: d.Span, Source: d.Source}})
	}
	return all
}

func (r rules) listed(of []Code) []Listed {
	return slices.Concat(
		list("sms", of, r.SMS), list("subjectLeader", of, r.SubjectLeader), list("siteLeaderLetter", of, r.SiteLeaderLetter),
		list("residence", of, r.Residence), list("minimumAge", of, r.MinimumAge), list("caps", of, r.Caps),
		list("footerNumber", of, r.FooterNumber), list("copyrightLine", of, r.CopyrightLine), list("siteTitle", of, r.SiteTitle),
		list("bureauDays", of, r.BureauDays),
		list("refusedSuffixes", of, r.RefusedSuffixes), list("requiredSuffixes", of, r.RequiredSuffixes),
		list("refusedNames", of, r.RefusedNames), list("landline", of, r.Landline), list("sameCityAddress", of, r.SameCityAddress),
		list("officeMobileDiffers", of, r.OfficeMobileDiffers), list("holderIsUnit", of, r.HolderIsUnit),
		list("shell", of, r.Shell), list("traderName", of, r.TraderName), list("domainValidity", of, r.DomainValidity), list("notes", of, r.Notes))
}

func list[R interface{ common() Rule }](family string, of []Code, rules []R) []Listed {
	var all []Listed
	for _, r := range rules {
		all = append(all, Listed{family, of, r.common()})
	}
	return all
}

func (r Rule) common() Rule { return r }

// Data returns the text of all rules, for a digest.
func Data() []byte {
	names, _ := files.ReadDir("data") // embedded
	text := slices.Clone(documentsFile)
	for _, name := range names {
		one, _ := files.ReadFile("data/" + name.Name())
		text = append(text, one...)
	}
	return text
}
