package plan

import (
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Make plans the orders for a request that [Request.Read] accepted. The verdicts are in the order of the request's domains. It plans no order if a
// finding about the subject blocks.
func Make(in Input, at time.Time) Plan {
	b := newBuilder(in, at)
	b.checkSubject()
	for i := range b.lines {
		b.checkDomain(&b.lines[i])
	}
	b.checkShell()
	if !b.found.Blocking() {
		b.planOrders()
	}
	b.assume()
	return b.plan()
}

// A builder collects the parts of a plan.
type builder struct {
	in       Input
	at       time.Time
	opening  filing.Opening // of the subject, without domains
	province province.Province
	change   bool // the subject's data change first

	// What is filed when the next order opens.
	subject    filing.Facts
	number     number.Subject // zero if it is not known
	sitesFiled int

	lines  []line
	seen   map[domainname.Domain]bool
	orders []Order
	found  finding.List
}

// A line is a domain of the request, with what the plan does with it.
type line struct {
	Domain
	pointer string
	verdict Verdict
	facts   filing.Facts
	own     bool        // a site of our register has the domain
	filing  register.ID // of the account, whose site has the domain; "" if none
	filed   string      // names the filed site of the domain; "" if it is not known
}

func (l *line) add(found ...finding.Finding) {
	l.verdict.Findings = append(l.verdict.Findings, found...)
}

// blocked reports whether no order can file the domain.
func (l *line) blocked() bool { return l.verdict.Findings.Blocking() }

func newBuilder(in Input, at time.Time) *builder {
	b := &builder{in: in, at: at, seen: map[domainname.Domain]bool{}, found: finding.List{}, orders: []Order{}}
	for i, d := range in.Domains {
		row, pointer := d.place(i)
		b.lines = append(b.lines, line{Domain: d, pointer: pointer, verdict: Verdict{Row: row, Given: d.shown(), Findings: finding.List{}}})
	}
	if f := in.Filing; f.ID != "" {
		b.subject.SubjectFiled, b.subject.SubjectKnown = true, true
		b.number, b.sitesFiled = f.Number, f.Websites()
		b.subject.SubjectShell = f.Status == register.Shell
	} else if s := in.Subject; s != nil {
		b.subject.SubjectFiled, b.subject.AccountBound = s.FiledElsewhere, in.Bound
		if s.FiledElsewhere {
			b.sitesFiled = max(0, s.SitesFiled)
			b.number, _, _ = number.Parse(s.Number) // a number that is none is a finding
		}
	}
	b.opening = in.Opening()
	b.province = b.opening.Province.Province()
	return b
}

// Opening returns the subject of the plan as that of an order: of the filing, else of the request.
func (in Input) Opening() filing.Opening {
	if f := in.Filing; f.ID != "" {
		s := f.Private.Subject
		return filing.Opening{Province: f.Province, EntityKind: f.Entity, Name: s.Name,
			Certificate: filing.OpeningCertificate{Kind: s.Certificate.Kind, Number: s.Certificate.Number}}
	}
	if in.Subject == nil {
		return filing.Opening{}
	}
	return in.Subject.opening()
}

// opening returns the subject as that of an order.
func (s Subject) opening() filing.Opening {
	n := filing.Opening{Province: s.Province, EntityKind: s.EntityKind, Name: s.Name, Certificate: s.Certificate}
	if s.FiledElsewhere {
		n.FilingNumber = s.Number
	}
	return n.Normalize()
}

// checkSubject adds the findings about the subject, and sets whether its data change.
func (b *builder) checkSubject() {
	if b.in.Filing.ID != "" {
		b.compareSubject()
		return
	}
	s, found := b.in.Subject, finding.List{}
	if s.checked() {
		found = b.opening.CheckSubject(b.in.Characters, b.in.Codes, b.at)
	} else {
		if _, ok := province.ParseCode(string(b.opening.Province)); !ok {
			found = append(found, finding.New(filing.CodeProvinceUnknown, "/province"))
		}
		if !b.opening.EntityKind.Known() {
			found = append(found, finding.New(certificate.EntityUnknown, "/entityKind"))
		}
		found = append(found, finding.New(CodeAssumesSubject, ""))
	}
	if b.number == (number.Subject{}) && s.Number != "" && s.FiledElsewhere {
		found = append(found, finding.New(CodeNumberMalformed, "/number"))
	}
	found = append(found, b.checkProvince(b.number, "/number")...)
	if s.Number != "" && !s.FiledElsewhere {
		found = append(found, finding.New(CodeContradicts, "/filedElsewhere"))
	}
	if b.in.Bound {
		found = append(found, finding.New(filing.CodeAccountBound, "/certificate/number"))
	}
	b.found = append(b.found, found.Under("/subject")...)
}

// checked reports whether name and certificate are there to be checked.
func (s Subject) checked() bool { return s.Name != "" || s.Certificate.Number != "" }

// compareSubject compares the request's subject with the filing. The province of a filing never changes, nor does the certificate's number; other
// data are changed before anything is added (icp-filing 2.3).
func (b *builder) compareSubject() {
	f := b.in.Filing
	filed := f.Private.Subject
	if filed.Certificate.Validity.Check(b.at).Has(certificate.ValidityExpired) || filed.Leader.Certificate.Validity.Check(b.at).Has(certificate.ValidityExpired) {
		b.change = true
	}
	if b.in.Subject == nil {
		return
	}
	s := b.in.Subject.opening()
	if s.Province != "" && s.Province != f.Province {
		name := f.Province.Province().Name
		b.found = append(b.found, finding.New(filing.CodeFiledProvince, "/subject/province", "province", name.Chinese, "province-en", name.English))
	}
	b.change = b.change || s.Name != "" && s.Name != filed.Name || s.EntityKind != 0 && s.EntityKind != f.Entity
}

// checkDomain adds the findings about a domain by itself, and sets its facts.
func (b *builder) checkDomain(l *line) {
	d, wrong := domainname.Parse(l.Domain.Domain)
	l.add(wrong.Under(l.pointer + "/domain")...)
	if !wrong.Blocking() {
		l.verdict.Domain = d
		if b.seen[d] {
			l.add(finding.New(filing.CodeDomainTwice, l.pointer+"/domain"))
		}
		b.seen[d] = true
		e := b.opening.EntityKind
		rules := append(b.province.CheckSuffix(e, d.Suffix(), b.at), b.province.CheckDomainName(e, d.Display(), b.at)...)
		l.add(rules.Under(l.pointer + "/domain")...)
	}
	declared, known := l.Filed.normalize()
	if !known {
		l.add(finding.New(CodeFiledUnknown, l.pointer+"/filed"))
	}
	subject, site, err := number.Parse(l.Number)
	if l.Number != "" && err != nil {
		l.add(finding.New(CodeNumberMalformed, l.pointer+"/number"))
	}
	if l.Number != "" && declared == "" {
		declared = Elsewhere
	}
	if l.Number != "" && declared == NotFiled {
		l.add(finding.New(CodeContradicts, l.pointer+"/filed"))
	}
	if l.blocked() {
		return
	}
	l.filed = site.String()
	l.facts = b.factsOf(l, d, declared, subject)
	if l.blocked() {
		return
	}
	_, found := filing.Determine(l.facts, b.province.Shell(b.at))
	for _, f := range found {
		if f.Pointer == "/domains" {
			f.Pointer, f.Filing = l.pointer+"/domain", string(l.filing)
			l.add(f)
		}
	}
}

// checkShell adds the finding about new sites of a subject without sites: most bureaus cancel it first (icp-filing 2.2, row 3).
func (b *builder) checkShell() {
	if !slices.ContainsFunc(b.lines, func(l line) bool { return !l.blocked() && !l.facts.DomainFiled }) {
		return
	}
	_, found := filing.Determine(b.subject, b.province.Shell(b.at))
	for _, f := range found {
		if f.Code == filing.CodeShell || f.Code == filing.CodeShellUnsure {
			f.Pointer, f.Filing = "/filing", string(b.in.Filing.ID)
			b.found = append(b.found, f)
		}
	}
}

// factsOf returns the facts about a domain: what the account's filings have, else what the request declares.
func (b *builder) factsOf(l *line, d domainname.Domain, declared Declared, declaredNumber number.Subject) filing.Facts {
	f := b.subject
	site, own := siteOf(b.in.Filing, d)
	other := slices.IndexFunc(b.in.Others, func(o register.Filing) bool {
		_, has := siteOf(o, d)
		return has
	})
	switch {
	case own:
		_, f.OurAccess = site.OurAccess()
		f.DomainFiled, f.SameSubject, l.own, l.filed = true, true, true, site.Number.String()
		l.filing = b.in.Filing.ID
		if declared == NotFiled || declared == Elsewhere && f.OurAccess {
			l.add(finding.New(CodeContradicts, l.pointer+"/filed"))
		}
	case other >= 0:
		f.DomainFiled, f.OurAccess, l.filing = true, true, b.in.Others[other].ID
	case declared == Here:
		l.add(finding.New(CodeNotInFilings, l.pointer+"/filed"))
	case declared == Elsewhere && b.in.Filing.ID == "" && !b.in.Subject.FiledElsewhere:
		l.add(finding.New(CodeSubjectUndeclared, l.pointer+"/filed"))
	case declared == Elsewhere:
		f.DomainFiled = true
		known := declaredNumber != (number.Subject{}) && b.number != (number.Subject{})
		f.SameSubject = b.subject.SubjectFiled && (!known || declaredNumber == b.number)
		if f.SameSubject && !known {
			l.add(b.checkProvince(declaredNumber, l.pointer+"/number")...)
			l.add(finding.New(CodeAssumesSame, l.pointer+"/number"))
		}
	}
	return f
}

// checkProvince returns a finding if a number is of another province than the plan: a subject is filed in one province.
func (b *builder) checkProvince(n number.Subject, pointer string) finding.List {
	p, ok := n.Province()
	if _, known := province.ParseCode(string(b.opening.Province)); !ok || !known || p.Code == b.opening.Province {
		return nil
	}
	return finding.List{finding.New(filing.CodeFiledProvince, pointer, "province", p.Name.Chinese, "province-en", p.Name.English)}
}

// siteOf returns the website of a filing that has a domain. An app with the domain is filed independently.
func siteOf(f register.Filing, d domainname.Domain) (register.FiledSite, bool) {
	for _, s := range f.Sites {
		if s.Number.Service == number.Site && slices.Contains(s.DomainNames(), d) {
			return s, true
		}
	}
	return register.FiledSite{}, false
}

// assume adds the findings that say what the plan assumes.
func (b *builder) assume() {
	b.found = append(b.found, finding.New(CodeAsksBureau, ""))
	if b.in.Filing.ID == "" {
		code := CodeAssumesNew
		if b.subject.SubjectFiled && b.in.Subject.FiledElsewhere {
			code = CodeAssumesFiled
		}
		b.found = append(b.found, finding.New(code, "/subject/filedElsewhere"))
	}
	b.found = append(b.found, finding.New(CodeAssumesLeaders, ""))
}

// plan returns the plan.
func (b *builder) plan() Plan {
	p := Plan{Orders: b.orders, Domains: []Verdict{}, Documents: totalDocuments(b.orders), Findings: b.found.Limited(0)}
	p.Ready = !b.found.Blocking() && len(b.orders) > 0
	for _, l := range b.lines {
		p.Domains = append(p.Domains, l.verdict)
		p.Ready = p.Ready && !l.blocked()
	}
	for i := range p.Orders {
		o := &p.Orders[i]
		p.Days.Least, p.Days.Most = p.Days.Least+o.Days.Least, p.Days.Most+o.Days.Most
		o.FiledFrom, o.FiledBy = workday.DateOf(workday.Add(b.at, p.Days.Least)), workday.DateOf(workday.Add(b.at, p.Days.Most))
	}
	p.Digest = digest(p.Orders)
	return p
}

// digest returns a digest of the types and sites of orders, in hex.
func digest(orders []Order) string {
	var parts []any
	for _, o := range orders {
		parts = append(parts, o.Type, o.Sites)
	}
	return register.Sum(parts)
}

// Add adds findings about the plan as a whole, which the caller has found.
func (p *Plan) Add(found ...finding.Finding) {
	p.Findings = append(p.Findings, found...).Limited(0)
	p.Ready = p.Ready && !p.Findings.Blocking()
}

// siteLabel returns the text by which the request groups domains into sites.
func (l *line) siteLabel() string { return text.Normalize(l.Site) }
