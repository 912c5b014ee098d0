package filing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
)

// DetermineType determines the type of the filing from the facts about each domain (S10).
//
// Whether a subject is filed is not public, and everybody can enter its certificate number. As long as the order is not complete with papers and
// liveness, the type is determined as if nothing was known about the subject, unless the order's own account filed it: a filed domain counts as
// the subject's, and another subject as not filed. What the applicant does not learn then is kept in Private.Withheld and WithheldType for staff;
// Confirm has the type determined again, with everything.
type DetermineType struct {
	Facts map[Domain]Facts
	// DomainFacts are what is known about the registration of each domain.
	DomainFacts map[Domain]domainfacts.Facts
	// Provisional is set if the bureau was unreachable, so that the facts are from our own records only.
	Provisional bool

	shell province.ShellPolicy // what the province asks of a subject without sites
}

// A LookUp is what the ministry's query and our register answered about subject and domains at a time.
type LookUp struct {
	At    time.Time        `json:"at"`
	Facts map[Domain]Facts `json:"facts"` // by [Order.LookupDomains]
	// Provisional is set if the ministry did not answer, so that the facts are from our register only.
	Provisional bool `json:"provisional,omitempty"`
}

// CodeBureauUnreachable warns that the type was determined without the bureau.
const CodeBureauUnreachable finding.Code = "bureau-unreachable"

// CodeSubjectUnasked warns that nobody could say whether the subject is filed at another provider.
const CodeSubjectUnasked finding.Code = "subject-filing-unknown"

// CodeNotLookedUp warns that it is not known whether subject and domains are filed at other providers, because this one has no link to the bureau.
const CodeNotLookedUp finding.Code = "filing-not-looked-up"

// CodeSubjectLater says that the applicant is told later whether the subject is filed. All applicants get it.
const CodeSubjectLater finding.Code = "subject-checked-later"

// CodeDomainFiled says that a domain is filed, and whose application this can be.
const CodeDomainFiled finding.Code = "domain-filed-elsewhere"

// CodeSubjectNumberMissing asks for the subject's number, which the ministry's query does not answer.
const CodeSubjectNumberMissing finding.Code = "subject-number-missing"

// CodeTypeAgain says that the type was determined again, with everything that is known.
const CodeTypeAgain finding.Code = "type-determined-again"

func (DetermineType) Name() string { return "determine-type" }

func (d DetermineType) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Type != "" {
		return ErrNothingToDo
	}
	if err := o.checkOpenAt(VerifyType); err != nil {
		return err
	}
	domains := o.LookupDomains()
	if err := checkFactsComplete(d.Facts, domains); err != nil {
		return err
	}
	d.Facts = o.aboutService(o.withNumbers(d.Facts))
	d.applyShell(*o, at)
	o.Private.LookUp = LookUp{at, d.Facts, d.Provisional}
	kind, blocks := d.determine(domains)
	shown := d // what the applicant may learn
	o.Private.Withheld, o.Private.WithheldType = nil, ""
	identified := o.identified(at)
	if !identified {
		all, known := blocks, kind
		shown = d.withoutSubject(o.FilingNumber)
		if kind, blocks = shown.determine(domains); kind != known {
			o.Private.WithheldType = known
		}
		o.Private.Withheld = slices.DeleteFunc(all, func(f finding.Finding) bool { return slices.Contains(blocks, f) })
	}
	if kind == AddAccess && len(sitesWith(o.Register, o.Domains)) == 0 {
		kind = AddAccessForeign // the subject filed the site elsewhere since
	}
	if kind != "" {
		blocks = append(blocks, d.checkSites(kind, *o)...)
		if o.Service == number.Site {
			count, _ := settle(checkDomainCount(o.province(), o.Entity, len(o.Domains), kind, at), nil, o.Private.Explained, application{Opening: o.opening()})
			blocks = append(blocks, count...)
		}
	}
	o.updateDomainFacts(d.DomainFacts)
	blocks = appendNew(blocks, slices.Concat(o.checkOpeningFiled(kind, at), o.checkOpeningDomains(at)))
	found := o.FitWords(o.nameFiling(blockingFirst(appendNew(slices.Clone(blocks), o.checkOpening(at)))))
	if found.Blocking() && slices.Equal(found, o.Private.Findings) {
		return ErrNothingToDo
	}
	o.Private.Findings, o.BlockedType, o.Split = found, "", nil
	if found.Blocking() {
		o.BlockedType = kind
		if onlySplits(found) {
			o.Split = d.split(*o, shown)
		}
		c.setFact("blocked", codesOf(blocks))
		c.notifyOnce(NoticeTypeBlocked, at)
		return nil
	}
	o.Type, o.Provisional = kind, d.Provisional
	d.refer(o)
	c.IndexLeaders = !o.Kind().AsksDetails()
	returned := o.Status == Returned
	if identified || returned {
		w := o.ServiceAt("").Fit(o.Kind().Words)
		o.Private.Findings = append(o.Private.Findings, finding.New(CodeTypeAgain, "", "kind", w.Chinese, "kind-en", w.English))
	}
	if !identified && !o.isOwnFiling() {
		o.Private.Findings = append(o.Private.Findings, finding.New(CodeSubjectLater, pointerNumber))
	}
	if returned {
		c.notifyOnce(NoticeTypeChanged, at)
	}
	c.setFact("type", string(kind))
	c.advance(at)
	return nil
}

// applyShell sets whether the register has no site of the subject, and what the province then asks. An applicant who entered the subject's number
// says that it has sites at other providers, which the register does not have.
func (d *DetermineType) applyShell(o Order, at time.Time) {
	if o.Register.Status != register.Shell {
		return
	}
	for domain, f := range d.Facts {
		f.SubjectShell = f.SubjectKnown
		d.Facts[domain] = f
	}
	if o.FilingNumber != o.Register.Number.String() {
		d.shell = o.province().Shell(at)
	}
}

// nameFiling adds the id of the account's filing to the findings that are about it. The filing of another account is never named.
func (o Order) nameFiling(found finding.List) finding.List {
	if !o.isOwnFiling() {
		return found
	}
	for i, f := range found {
		if f.Code == CodeNothingToFile || f.Code == CodeShell || f.Code == CodeShellUnsure {
			found[i].Filing = string(o.Register.ID)
		}
	}
	return found
}

// isOwnFiling reports whether the order's account has the subject's filing, or acts for the subject by a consent.
func (o Order) isOwnFiling() bool { return o.Register.Version > 0 && o.actsOn(o.Register) }

// checkSites returns the findings about the numbers of the subject and of the filed sites that the order is about. An access of a site filed elsewhere also gets
// the finding that its domains are filed.
func (d DetermineType) checkSites(t Type, o Order) finding.List {
	if t == AddSiteForeign && d.first(o.LookupDomains()).SubjectNumber == "" {
		return finding.List{finding.New(CodeSubjectNumberMissing, pointerFilingNumber)}
	}
	if t != AddAccess && t != AddAccessForeign {
		return nil
	}
	var numbers []string
	var found finding.List
	for i, domain := range o.Domains {
		if n := d.Facts[domain].SiteNumber; n != "" {
			numbers = append(numbers, n)
		}
		if t == AddAccessForeign {
			found = append(found, finding.New(CodeDomainFiled, fmt.Sprintf("%s/%d", pointerDomains, i)))
		}
	}
	if t == AddAccess {
		numbers = nil
		for _, i := range sitesWith(o.Register, o.Domains) {
			numbers = append(numbers, o.Register.Sites[i].Number.String())
		}
	}
	return append(found, checkAccessOfOneSite(numbers)...)
}

// refer sets the filing that the order is about: that of the register if this account has it, else what the ministry's query answers. A site that
// the register does not have is always what the query answers.
func (d DetermineType) refer(o *Order) {
	o.Filed, o.Private.Filed = nil, register.Private{}
	if o.Register.ID != "" && o.actsOn(o.Register) && o.Type != AddAccessForeign {
		o.referTo(o.Register)
		return
	}
	var filed register.Filing
	for _, domain := range o.LookupDomains() {
		f := d.Facts[domain]
		if subject, _, err := number.Parse(f.SubjectNumber); err == nil {
			filed.Number = subject
		}
		if site, err := number.ParseFiling(f.SiteNumber); err == nil {
			if filed.Number == (number.Subject{}) && f.SameSubject {
				filed.Number = site.Subject
			}
			filed.Sites = append(filed.Sites, register.FiledSite{Number: site, Domains: []register.FiledDomain{{Name: domain}}})
		}
	}
	if filed.Number != (number.Subject{}) {
		o.Filed = &filed
	}
}

// referTo sets the filing of the register that the order is about, and enters what the order's kind takes from it.
func (o *Order) referTo(f register.Filing) {
	o.Private.Filed, f.Private = f.Private, register.Private{}
	o.Filed = &f
	if prefill := o.Kind().prefill; prefill != nil {
		prefill(o)
	}
}

// withoutSubject returns the decision without what only the subject may learn: each filed domain counts as the subject's.
// A subject that the ministry cannot be asked about counts as filed if the applicant entered its number.
func (d DetermineType) withoutSubject(number string) DetermineType {
	public := map[Domain]Facts{}
	for domain, f := range d.Facts {
		if ownFiling := f.SubjectKnown && !f.SubjectBound; !ownFiling {
			asIfSame := f.DomainFiled && (!f.SubjectUnasked || f.Declared)
			f = Facts{DomainBlacklisted: f.DomainBlacklisted, AccountBound: f.AccountBound, SubjectUnasked: f.SubjectUnasked, Unasked: f.Unasked, DomainFiled: f.DomainFiled,
				Declared: f.Declared, SubjectFiled: asIfSame || f.SubjectUnasked && number != "", SameSubject: asIfSame, SubjectNumber: number}
		}
		public[domain] = f
	}
	d.Facts = public
	return d
}

// withNumbers returns the facts with the numbers that the applicant entered, where the ministry's query has none. Where the ministry was not asked, a
// domain that is not filed through us is one of the declared site.
func (o Order) withNumbers(facts map[Domain]Facts) map[Domain]Facts {
	site, err := number.ParseFiling(o.SiteNumber)
	declared := err == nil
	all := map[Domain]Facts{}
	for domain, f := range facts {
		f.SubjectNumber = cmp.Or(f.SubjectNumber, o.FilingNumber)
		f.SubjectFiled = f.SubjectFiled || f.SubjectUnasked && o.FilingNumber != ""
		if declared && f.Unasked && !f.DomainFiled && domain != "" {
			f.Declared, f.SubjectFiled, f.DomainFiled, f.SameSubject = true, true, true, true
			f.SubjectNumber, f.SiteNumber = cmp.Or(f.SubjectNumber, site.Subject.String()), site.String()
		}
		all[domain] = f
	}
	return all
}

// identified reports whether the order has the papers of the subject and the liveness of its site leaders.
func (o Order) identified(at time.Time) bool {
	if !o.DetailsComplete || o.MissingEvidence(at).Blocking() {
		return false
	}
	return !slices.ContainsFunc(o.SitesForLiveness(), func(i int) bool { return !o.hasPassedLiveness(i) })
}

// appendNew appends the findings that are not in found yet.
func appendNew(found, more finding.List) finding.List {
	for _, f := range more {
		if !slices.Contains(found, f) {
			found = append(found, f)
		}
	}
	return found
}

// checkFactsComplete returns an error if facts about a domain are missing: the domain would count as "not filed".
func checkFactsComplete(facts map[Domain]Facts, domains []Domain) error {
	for _, d := range domains {
		if _, ok := facts[d]; !ok {
			return fault.Wrap(fault.Internal, fmt.Errorf("filing: determine the type: facts about the domain %s are missing", d))
		}
	}
	return nil
}

func (d DetermineType) determine(domains []Domain) (Type, finding.List) {
	var kinds []Type
	var found finding.List
	for i, domain := range domains {
		kind, blocks := Determine(d.Facts[domain], d.shell)
		for _, b := range blocks {
			if b.Pointer == pointerDomains {
				b.Pointer = fmt.Sprintf("%s/%d", pointerDomains, i)
			}
			if !slices.Contains(found, b) {
				found = append(found, b)
			}
		}
		if kind != "" && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	switch {
	case found.Blocking():
		return "", found
	case len(kinds) != 1:
		return "", append(found, finding.New(CodeTypesDiffer, pointerDomains))
	}
	if d.Provisional {
		found = append(found, finding.New(CodeBureauUnreachable, ""))
	}
	switch first := d.first(domains); {
	case first.Unasked:
		found = append(found, finding.New(CodeNotLookedUp, ""))
	case first.SubjectUnasked:
		found = append(found, finding.New(CodeSubjectUnasked, "/certificate/kind"))
	}
	return kinds[0], found
}

// first returns the facts about the first domain.
func (d DetermineType) first(domains []Domain) Facts {
	if len(domains) == 0 {
		return Facts{}
	}
	return d.Facts[domains[0]]
}

// codesOf returns the codes of findings as text for the ledger.
func codesOf(found finding.List) string {
	var codes []string
	for _, f := range found {
		codes = append(codes, string(f.Code))
	}
	slices.Sort(codes)
	return fmt.Sprint(slices.Compact(codes))
}

// RepeatType compares a provisional type with what the bureau answers now, before transmission. If it is another one, the type is determined again
// with everything that the applicant entered, and the applicant confirms the application once more.
type RepeatType struct{ Facts map[Domain]Facts }

func (RepeatType) Name() string { return "repeat-type" }

func (d RepeatType) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if !o.Provisional {
		return ErrNothingToDo
	}
	if err := o.checkOpenAt(Transmit); err != nil {
		return err
	}
	domains := o.LookupDomains()
	if err := checkFactsComplete(d.Facts, domains); err != nil {
		return err
	}
	repeated := DetermineType{Facts: o.aboutService(o.withNumbers(d.Facts))}
	o.Private.LookUp = LookUp{At: at, Facts: repeated.Facts}
	kind, _ := repeated.determine(domains)
	o.Provisional = false
	if kind == o.Type || kind == AddAccess && o.Type == AddAccessForeign {
		return nil
	}
	c.determineAgain(at)
	return nil
}

// determineAgain sends an order that was reviewed back, so that its type is determined again and the applicant confirms it once more.
func (c *Change) determineAgain(at time.Time) {
	c.Order.Type, c.Order.Review = "", nil
	c.setFact("determined", "again")
	c.returnToApplicant(nil, at)
}
