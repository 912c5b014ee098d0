package document

import (
	"fmt"

	"beian/shared/bureau/schema"
)

const requiredOfUnits = "required unless the subject is an individual"

// A party is what the rules about units read of a record: the subject's nature, its leader, and the office phones of the site leaders.
type party struct {
	nature            int64
	leader, phone     string
	siteLeadersPhones []string
}

// checkUnit reports what only an individual may omit (MIIT-IF30 10.1): nature, the subject leader's name, and the office phones.
func (p party) checkUnit(report func(string, schema.Rule, string)) {
	if p.nature == 0 && p.leader == "" && p.phone == "" {
		return // an individual without a nature, which the schema allows
	}
	if p.nature == IndividualNature {
		return
	}
	for _, field := range []struct {
		path    string
		missing bool
	}{
		{"Zt_xx/Dwxz", p.nature == 0}, {"Zt_xx/Fzr/Fzr_xm", p.leader == ""}, {"Zt_xx/Fzr/Fzr_dhhm", p.phone == ""},
	} {
		if field.missing {
			report(field.path, schema.Missing, requiredOfUnits)
		}
	}
	requirePhones(report, p.siteLeadersPhones)
}

func requirePhones(report func(string, schema.Rule, string), siteLeaders []string) {
	for i, phone := range siteLeaders {
		if phone == "" {
			report(fmt.Sprintf("Wz_xx[%d]/Wz_Fzr/Fzr_dhhm", i+1), schema.Missing, requiredOfUnits)
		}
	}
}

// CheckRules implements [schema.Checker].
func (a *SiteAddition) CheckRules(report func(string, schema.Rule, string)) {
	if a.Subject.Nature == 0 || a.Subject.Nature == IndividualNature {
		return
	}
	requirePhones(report, sitePhones(a.Sites))
}

// CheckRules implements [schema.Checker].
func (c *Change) CheckRules(report func(string, schema.Rule, string)) {
	p := party{nature: c.Subject.Nature, leader: c.Subject.Leader.Name, phone: c.Subject.Leader.OfficePhone}
	for _, site := range c.Sites {
		p.siteLeadersPhones = append(p.siteLeadersPhones, site.Leader.OfficePhone)
	}
	p.checkUnit(report)
}

// CheckRules implements [schema.Checker].
func (f *VerifiedFiling) CheckRules(report func(string, schema.Rule, string)) {
	p := party{nature: f.Subject.Nature, leader: f.Subject.Leader.Name, phone: f.Subject.Leader.OfficePhone}
	for _, site := range f.Sites {
		p.siteLeadersPhones = append(p.siteLeadersPhones, site.Leader.OfficePhone)
	}
	p.checkUnit(report)
}

func sitePhones(sites []Site) []string {
	var phones []string
	for _, site := range sites {
		phones = append(phones, site.Leader.OfficePhone)
	}
	return phones
}
