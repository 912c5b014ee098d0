package filing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

// Lengths in characters (MIIT-IF30 10.1, Zt_xx).
const (
	nameLimit    = 255
	addressLimit = 1024
	remarkLimit  = 1024
)

// CheckDetails returns all findings on the details of an order at a time. Their pointers refer to the document
// {"subject": …, "sites": […]}.
func (o Order) CheckDetails(subject Subject, sites []Site, at time.Time) finding.List {
	found, _ := o.settleDetails(subject, sites, nil, at)
	return found
}

// settleDetails returns the findings on the details, and on the opening as far as they are for the reviewer, after [settle].
func (o Order) settleDetails(subject Subject, sites []Site, given []Explanation, at time.Time) (finding.List, []Explained) {
	if !o.Kind().AsksDetails() {
		return nil, o.Private.Explained
	}
	a := application{Opening: o.opening(), Subject: subject, Sites: sites}
	before, documents := o.explainedByPart()
	found, explained := settle(append(o.checkDetails(subject, sites, at), o.openingInDetails(sites, at)...), given, before, a)
	return found, append(explained, documents...)
}

// openingInDetails returns the findings on the opening that are warnings, explained, or explained and refused, with the pointers that the same
// fields have in the details.
func (o Order) openingInDetails(sites []Site, at time.Time) finding.List {
	opening := o.opening()
	raw := opening.check(o.Characters, o.Codes, at)
	a := application{Opening: opening}
	values := a.values()
	answered, _ := settle(raw, nil, o.Private.Explained, a)
	var found finding.List
	for i, f := range raw {
		pointer, ok := pointerInDetails(f.Pointer, o.Domains, sites)
		now := Explained{Explanation: Explanation{Code: f.Code}}
		now.Place, now.Value = a.subjectOf(f, values)
		refused := slices.ContainsFunc(o.Private.Explained, func(e Explained) bool { return e.Refused && e.sameMatter(now) })
		if ok && (refused || answered[i].Severity != finding.Block) {
			f.Pointer = pointer
			found = append(found, f)
		}
	}
	return found
}

// pointerInDetails returns the pointer into the details for one into the opening. It returns false for fields that are not there, and for
// those that are checked again with the details.
func pointerInDetails(pointer string, domains []Domain, sites []Site) (string, bool) {
	index, ofDomain := strings.CutPrefix(pointer, pointerDomains+"/")
	if !ofDomain {
		return "/subject" + pointer, strings.HasPrefix(pointer, "/certificate/")
	}
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(domains) {
		return "", false
	}
	for s, site := range sites {
		if k := slices.Index(site.Domains, domains[i]); k >= 0 {
			return fmt.Sprintf("/sites/%d/domains/%d", s, k), true
		}
	}
	return "", false
}

func (o Order) checkDetails(subject Subject, sites []Site, at time.Time) finding.List {
	p := o.province()
	found := checkCharacters(o.Characters, subject, "/subject")
	found = append(found, checkCharacters(o.Characters, sites, "/sites")...)
	found = append(found, o.checkSubject(subject, p, at).Under("/subject")...)
	found = append(found, o.checkSites(subject, sites, p, at)...)
	found = append(found, o.CheckCodes(subject, sites)...)
	found = append(found, o.checkLeaders(subject, sites)...)
	if !o.Individual() {
		var stated []preapproval.Trade
		for _, site := range sites {
			stated = append(stated, trades(site.PreApprovals)...)
		}
		found = append(found, preapproval.CheckSubject(subject.Name.Reveal(), stated, p.Code, at).Under("/subject/name")...)
		for i, site := range sites {
			l := province.Leaders{SubjectIsLegal: subject.Leader.LegalRepresentative, SiteIsLegal: site.Leader.LegalRepresentative,
				Same: samePerson(subject.Leader, site.Leader)}
			if i == 0 {
				found = append(found, p.CheckSubjectLeader(l, at).Under("/subject/leader/legalRepresentative")...)
			}
			found = append(found, p.CheckSiteLeader(l, at).Under(fmt.Sprintf("/sites/%d/leader/legalRepresentative", i))...)
		}
	}
	found = append(found, o.warnOfDomains(subject.Name, sites, at)...)
	if check := o.Kind().check; check != nil {
		found = append(found, check(o, subject, sites, at)...)
	}
	if o.Kind().Sites == Editable { // it adds neither sites nor domains
		return o.allowFiledNames(found, subject, sites)
	}
	if o.Service == number.Site { // the provinces limit websites and their domains
		found = append(found, p.CheckCounts(o.Entity, o.siteCounts(sites), at).Under("/sites")...)
	}
	return append(o.withFixedBlocks(found), o.checkReachable(at)...)
}

// siteCounts returns the numbers of sites and domains, which the provinces limit.
func (o Order) siteCounts(sites []Site) province.Counts {
	c := province.Counts{DomainsInOrder: len(o.Domains), SitesInOrder: len(sites), SitesFiled: o.sitesFiled(), Kind: string(o.Type)}
	for _, s := range sites {
		c.DomainsInSite = max(c.DomainsInSite, len(s.Domains))
	}
	return c
}

// sitesFiled returns the number of the subject's sites that the register has, if the order adds to them.
func (o Order) sitesFiled() int {
	if o.Kind().Sites != Asked || o.Filed == nil || o.Filed.ID == "" {
		return 0
	}
	return o.Filed.Websites()
}

func (o Order) checkSubject(s Subject, p province.Province, at time.Time) finding.List {
	var found finding.List
	known := o.Private.Subject
	found = append(found, checkSubjectName(o.Entity, OpeningCertificate{Kind: s.Certificate.Kind, Number: s.Certificate.Number}, s.Name, p, at).Under("/name")...)
	changed := CodeSubjectChanged
	if o.Kind().Subject == Editable {
		changed = CodeChangeCertificate
	}
	if s.Certificate.Kind != known.Certificate.Kind {
		found = append(found, finding.New(changed, "/certificate/kind"))
	}
	if s.Certificate.Number != known.Certificate.Number {
		found = append(found, finding.New(changed, "/certificate/number"))
	}
	found = append(found, s.Certificate.Validity.Check(at).Under("/certificate/validity")...)
	found = append(found, checkAddress(s.CertificateAddress, p, false, "/certificateAddress")...)
	found = append(found, o.checkDivision(s, p, at)...)
	found = append(found, checkAddress(s.Address, p, true, "/address")...)
	if province := p.Name.Chinese; province != "" && strings.HasPrefix(strings.TrimSpace(s.Address), province) {
		found = append(found, finding.New(CodeAddressPrefixed, "/address"))
	}
	if isNoName(s.Investor) { // copied from a licence without a name
		found = append(found, finding.New(CodeInvestorMissing, "/investor"))
	} else {
		found = append(found, checkValue(s.Investor, nameLimit, CodeInvestorMissing, "/investor")...)
	}
	if utf8.RuneCountInString(s.Remark) > remarkLimit {
		found = append(found, finding.New(CodeTextTooLong, "/remark", "max", strconv.Itoa(remarkLimit)))
	}
	if region, ok := certificate.Region(s.Certificate.Kind, s.Certificate.Number); ok && o.Individual() {
		found = append(found, p.CheckResidence(regionWithin(region, string(p.Code), at), at).Under("/certificate/number")...)
	}
	if certificate.Category(s.Certificate.Number) == certificate.SoleTrader && s.Name == s.Leader.Name {
		found = append(found, p.CheckOperatorName(s.Remark, at)...)
	}
	found = append(found, o.checkLeader(s.Leader, s, p, at).Under("/leader")...)
	return found
}

// checkDivision requires a city or county of the order's province. If the bureau requires the city of the certificate, another
// city is only a warning: an organisation's code names the place of its first registration, and it may have moved since.
func (o Order) checkDivision(s Subject, p province.Province, at time.Time) finding.List {
	city, county := s.Division, ""
	if len(city) == 6 && city[4:] != "00" {
		city, county = city[:4]+"00", city
	}
	found := o.Codes.CheckDivision(p.Code.GB2260(), city, county, at)
	region, ok := certificate.Region(s.Certificate.Kind, s.Certificate.Number)
	if !found.Blocking() && ok && !o.Individual() && region[2:4] != "00" {
		for _, f := range p.CheckMailingCity(regionWithin(region, city[:4], at), s.Division, at) {
			f.Severity = finding.Warn
			found = append(found, f)
		}
	}
	for i := range found {
		found[i].Pointer = "/division"
	}
	return slices.CompactFunc(found, func(a, b finding.Finding) bool { return a.Code == b.Code }) // city and county are one field
}

// regionWithin returns the code within a province or city, given by the first digits, of a division that a certificate names: certificates keep
// the codes of divisions that were abolished or moved. It returns the region itself if it became nothing there.
func regionWithin(region, prefix string, at time.Time) string {
	for _, now := range division.InForce(region, at) {
		if strings.HasPrefix(now.Code, prefix) {
			return now.Code
		}
	}
	return region
}

// checkText requires a text of at most limit characters.
func checkText(text string, limit int, missing finding.Code, pointer string) finding.List {
	switch n := utf8.RuneCountInString(strings.TrimSpace(text)); {
	case n == 0:
		return finding.List{finding.New(missing, pointer)}
	case n > limit:
		return finding.List{finding.New(CodeTextTooLong, pointer, "max", strconv.Itoa(limit))}
	}
	return nil
}

// checkSubjectCertificate checks the certificate that opens an order. Pointers are into the opening.
func checkSubjectCertificate(tables codes.Tables, e certificate.EntityKind, c OpeningCertificate, at time.Time) finding.List {
	kind := "/certificate/kind"
	if !e.Known() {
		kind = "/entityKind"
	}
	found := tables.CheckKind(e, c.Kind, at).Under(kind)
	found = append(found, certificate.Check(c.Kind, c.Number, at).Under(pointerNumber)...)
	return append(found, certificate.CheckEntity(e, c.Number).Under(pointerNumber)...)
}
