package filing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/codes"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
)

// filedAs returns an order with the data of a filing, so that the rules for orders apply to it.
func filedAs(f register.Filing) Order {
	o := Order{Type: First, Province: f.Province, Entity: f.Entity}
	o.Private.Subject, o.Private.Sites = f.Private.Subject, f.Private.Sites
	for _, s := range f.Sites {
		o.Domains = append(o.Domains, s.DomainNames()...)
	}
	return o
}

// NormalizeFiled returns a filing that was made elsewhere, with its personal data in the form in which those of orders are stored. A site without a
// leader has the subject's.
func NormalizeFiled(f register.Filing) register.Filing {
	f.Private.Sites = slices.Clone(f.Private.Sites)
	for i, s := range f.Private.Sites { // before an individual's name and certificate are filled in
		if s.Leader.Name == "" && s.Leader.Certificate.Number == "" && s.Leader.Mobile == "" {
			f.Private.Sites[i].Leader = f.Private.Subject.Leader
		}
	}
	f.Private.Subject, f.Private.Sites = filedAs(f).completeDetails(f.Private.Subject, f.Private.Sites)
	return f
}

// CheckFiled returns the findings on a filing that was made elsewhere, by the rules for new applications at a time. Pointers are those of
// the details, /entityKind, and /province. The filing stands, so the caller decides which findings matter: rules have changed since it was made. What
// only an application in progress can violate is not among them.
func CheckFiled(f register.Filing, tables codes.Tables, at time.Time) finding.List {
	o := filedAs(f)
	o.Codes = tables
	p := o.province()
	certificate := OpeningCertificate{Kind: f.Private.Subject.Certificate.Kind, Number: f.Private.Subject.Certificate.Number}
	var found finding.List
	for _, one := range checkSubjectCertificate(tables, f.Entity, certificate, at) {
		if strings.HasPrefix(one.Pointer, "/certificate") {
			one.Pointer = "/subject" + one.Pointer
		}
		found = append(found, one)
	}
	domains := make([]string, len(o.Domains))
	for i, d := range o.Domains {
		domains[i] = string(d)
	}
	ofDomains := checkDomainRules(p, f.Entity, domains, at).Under(pointerDomains)
	for i, d := range domains {
		_, wrong := domainname.Parse(d)
		ofDomains = append(ofDomains, wrong.Under(fmt.Sprintf("%s/%d", pointerDomains, i))...)
	}
	for _, one := range ofDomains {
		if pointer, ok := pointerInDetails(one.Pointer, o.Domains, f.Private.Sites); ok {
			one.Pointer = pointer
			found = append(found, one)
		}
	}
	found = append(found, o.checkDetails(f.Private.Subject, f.Private.Sites, at)...)
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		return f.Pointer == "/sites" || slices.Contains(domainfacts.Codes, f.Code)
	})
}
