package filing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/pattern"
	"beian/shared/rules/workday"
)

// An order that is filed by hand ([Order.ByHand]) is not uploaded: an operator enters it into the bureau's console, and records what the
// bureau answers. [RecordEntry] stands for [Receive], [RecordApproval] for [Approve], [RecordRefusal] for [Refuse]; they have the same names in
// the ledger, where the actor and the fact "hand" tell them apart.

// Findings about what the operator records of an order that is filed by hand.
const (
	CodeNotByHand       finding.Code = "order-not-by-hand"
	CodeEntryMissing    finding.Code = "entry-not-recorded"
	CodeEntryDate       finding.Code = "entry-date"
	CodeResultRecorded  finding.Code = "result-recorded-otherwise"
	CodeRefusalEmpty    finding.Code = "refusal-without-reason"
	CodeNumberMissing   finding.Code = "filing-number-missing"
	CodeNumberMalformed finding.Code = "filing-number-malformed"
	CodeNumberProvince  finding.Code = "filing-number-of-other-province"
	CodeNumberSubject   finding.Code = "filing-number-of-other-subject"
	CodeNumberService   finding.Code = "filing-number-of-other-service"
	CodeNumberTwice     finding.Code = "filing-number-twice"
	CodeNumberOfSite    finding.Code = "filing-number-of-other-site"
	CodeNumberKnown     finding.Code = "filing-number-differs"
	CodeMinistryID      finding.Code = "ministry-id-malformed"
	CodeMinistryIDTwice finding.Code = "ministry-id-twice"
	CodeMinistryIDKnown finding.Code = "ministry-id-differs"
)

// AwaitsEntry reports whether the order waits for an operator who enters it into the bureau's console.
func (o Order) AwaitsEntry() bool {
	return o.ByHand && o.Step == AwaitBureau && o.Closing == "" && o.Status == Transmitted
}

// EntryDays are the working days within which an operator enters an order that is filed by hand. Our own rule.
const EntryDays = 2

// EntryOverdue reports whether the order has waited longer than EntryDays for its entry at the bureau.
func (o Order) EntryOverdue(at time.Time) bool {
	return o.AwaitsEntry() && at.After(workday.Add(o.MovedAt, EntryDays))
}

// CheckAtConsole returns a fault of kind Conflict unless the order is filed by hand and waits for its entry or for the bureau's result.
func (o Order) CheckAtConsole() error {
	if err := o.checkByHand(); err != nil {
		return err
	}
	return o.checkOpenAt(AwaitBureau)
}

// checkByHand returns a fault unless the order is filed by hand and has reached the bureau in this round.
func (o Order) checkByHand() error {
	if !o.ByHand || o.Bureau == nil {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNotByHand, "")})
	}
	return nil
}

// RecordEntry records the day on which the operator entered the application into the bureau's console: the bureau's deadline counts from it. A
// second record with another day corrects the first, without another notice.
type RecordEntry struct{ On workday.Date }

func (RecordEntry) Name() string { return "receive" }

func (d RecordEntry) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkByHand(); err != nil {
		return err
	}
	b := o.Bureau
	first := b.AcceptedAt.IsZero()
	if !first && workday.DateOf(b.AcceptedAt) == d.On {
		return ErrNothingToDo
	}
	if err := o.checkOpenAt(AwaitBureau); err != nil {
		return err
	}
	today, earliest := workday.DateOf(at), workday.DateOf(o.MovedAt)
	if !d.On.Valid() || d.On > today || d.On < earliest {
		return fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeEntryDate, "/on", "from", string(earliest), "to", string(today))})
	}
	b.AcceptedAt = at
	if d.On != today {
		b.AcceptedAt = d.On.Time().UTC()
	}
	b.Deadline, b.Overdue = workday.Add(b.AcceptedAt, o.province().BureauDays(b.AcceptedAt)).UTC(), false
	o.Status = BureauReview
	c.setFact("hand", "true")
	c.setFact("on", string(d.On))
	if first {
		c.addNotices(NoticeTransmitted)
	}
	return nil
}

// A GivenSite is the number that the bureau's console shows for a site, as the operator wrote it.
type GivenSite struct {
	Number string `json:"number,omitempty" maxLength:"128" doc:"the site's filing number" example:"京ICP备12345678号-1"`
	ID     string `json:"ministryId,omitempty" maxLength:"64" doc:"the ministry's id of the site (Wzid), where the console shows it"`
}

// RecordApproval records the bureau's approval with the numbers that its console shows. A kind that begins at a filing needs no numbers: they
// are those of the filing, and numbers that are given must agree with them.
type RecordApproval struct {
	SubjectNumber string
	SubjectID     string // the ministry's id (Ztid); optional
	Sites         []GivenSite
	// Holders are the filings that the register has under the numbers and ids given, by the JSON pointer of the value.
	Holders map[string]register.Filing
}

func (RecordApproval) Name() string { return "approve" }

func (d RecordApproval) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkByHand(); err != nil {
		return err
	}
	approval, found := d.approval(*o)
	if !o.Bureau.DecidedAt.IsZero() {
		b := o.Bureau
		if b.Approved && len(found) == 0 && b.SubjectNumber == approval.SubjectNumber && b.SubjectID == approval.SubjectID && slices.Equal(b.Sites, approval.Sites) {
			return ErrNothingToDo
		}
		return errResultRecorded()
	}
	if err := o.checkEntered(); err != nil {
		return err
	}
	if err := blockingFault(found); err != nil {
		return err
	}
	c.setFact("hand", "true")
	return approval.apply(c, by, at)
}

// RecordRefusal records the bureau's refusal. Findings are those of the result codes.
type RecordRefusal struct {
	Codes    []int // result codes (MIIT-IF30 6.2)
	Opinion  string
	Findings finding.List
}

func (RecordRefusal) Name() string { return "refuse" }

func (d RecordRefusal) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkByHand(); err != nil {
		return err
	}
	if b := o.Bureau; !b.DecidedAt.IsZero() {
		if !b.Approved && slices.Equal(b.Codes, d.Codes) && o.Private.Opinion == d.Opinion {
			return ErrNothingToDo
		}
		return errResultRecorded()
	}
	if err := o.checkEntered(); err != nil {
		return err
	}
	if len(d.Codes) == 0 {
		return fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeRefusalEmpty, "/codes")})
	}
	c.setFact("hand", "true")
	return Refuse{Record: o.Bureau.Record, Codes: d.Codes, Opinion: d.Opinion, Findings: d.Findings}.apply(c, by, at)
}

func errResultRecorded() error {
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeResultRecorded, "")})
}

// checkEntered returns a fault unless the order waits for the bureau's answer, and its entry is recorded.
func (o Order) checkEntered() error {
	if err := o.checkOpenAt(AwaitBureau); err != nil {
		return err
	}
	if o.Bureau.AcceptedAt.IsZero() {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeEntryMissing, "")})
	}
	return nil
}

// JSON pointers of the numbers of an approval.
const (
	PointerSubjectNumber = "/subjectNumber"
	PointerSubjectID     = "/subjectMinistryId"
)

func pointerSiteNumber(site int) string { return fmt.Sprintf("/sites/%d/number", site) }
func pointerSiteID(site int) string     { return fmt.Sprintf("/sites/%d/ministryId", site) }

// MinistryIDs returns the ids that the operator gave, by their JSON pointers.
func (d RecordApproval) MinistryIDs() map[string]string {
	ids := map[string]string{}
	add := func(pointer, id string) {
		if id = strings.TrimSpace(id); ministryID().MatchString(id) {
			ids[pointer] = id
		}
	}
	add(PointerSubjectID, d.SubjectID)
	for i, s := range d.Sites {
		add(pointerSiteID(i), s.ID)
	}
	return ids
}

// approval returns the approval that the operator recorded, and all findings about its numbers.
func (d RecordApproval) approval(o Order) (Approve, finding.List) {
	a := Approve{Record: o.Bureau.Record, SubjectID: strings.TrimSpace(d.SubjectID)}
	if k := o.Kind(); k.Begins == AtFiling && !k.AsksDetails() { // a cancellation gets no numbers
		return Approve{Record: a.Record}, d.checkKnown(o)
	}
	var found finding.List
	a.SubjectNumber, found = d.subjectNumber(o)
	found = append(found, checkMinistryID(a.SubjectID, PointerSubjectID)...)
	seen := map[int]bool{} // running numbers, which all services of the subject share
	ids := map[string]number.Filing{}
	for s := range o.filedSites() {
		if s.MinistryID != "" {
			ids[s.MinistryID] = s.Number
		}
	}
	for i := range max(len(o.Private.Sites), len(d.Sites)) {
		if i >= len(o.Private.Sites) {
			found = append(found, finding.New(CodeSiteUnknown, fmt.Sprintf("/sites/%d", i)))
			continue
		}
		var given GivenSite
		if i < len(d.Sites) {
			given = d.Sites[i]
		}
		site := FiledSite{Site: i, ID: strings.TrimSpace(given.ID)}
		var wrong finding.List
		site.Number, wrong = d.siteNumber(o, i, given.Number, a.SubjectNumber)
		if len(wrong) == 0 && seen[site.Number.Running] {
			wrong = finding.List{finding.New(CodeNumberTwice, pointerSiteNumber(i))}
		}
		seen[site.Number.Running] = true
		found = append(append(found, wrong...), checkMinistryID(site.ID, pointerSiteID(i))...)
		if other, known := ids[site.ID]; known && other != site.Number {
			found = append(found, finding.New(CodeMinistryIDTwice, pointerSiteID(i), "id", site.ID))
		}
		if site.ID != "" {
			ids[site.ID] = site.Number
		}
		a.Sites = append(a.Sites, site)
	}
	for pointer, holder := range d.Holders {
		switch {
		case holder.Version == 0 || holder.SubjectKey == o.SubjectKey:
		case pointer == PointerSubjectNumber:
			found = append(found, finding.New(register.CodeNumberTaken, pointer, "number", holder.Number.String()))
		default:
			found = append(found, finding.New(register.CodeMinistryIDTaken, pointer, "id", d.MinistryIDs()[pointer]))
		}
	}
	slices.SortStableFunc(found, func(a, b finding.Finding) int { return strings.Compare(a.Pointer, b.Pointer) })
	return a, found
}

// checkKnown returns the findings about numbers and ids that the operator gave of an order that gets none: they must be those of the filing.
func (d RecordApproval) checkKnown(o Order) finding.List {
	subject, found := d.subjectNumber(o)
	sites := len(o.Filed.Sites)
	if len(o.Chosen) > 0 {
		sites = len(o.Chosen)
	}
	found = append(found, checkKnownID(d.SubjectID, o.Filed.MinistryID, PointerSubjectID)...)
	for i, given := range d.Sites {
		if i >= sites {
			found = append(found, finding.New(CodeSiteUnknown, fmt.Sprintf("/sites/%d", i)))
			continue
		}
		_, wrong := d.siteNumber(o, i, given.Number, subject)
		found = append(append(found, wrong...), checkKnownID(given.ID, o.filedSiteOf(i).MinistryID, pointerSiteID(i))...)
	}
	return found
}

// checkKnownID returns the finding about an id of the ministry that is malformed, or that is not the one of the filing. If the filing has none, any id is
// accepted.
func checkKnownID(given, known, pointer string) finding.List {
	given = strings.TrimSpace(given)
	if found := checkMinistryID(given, pointer); len(found) > 0 || given == "" || known == "" || given == known {
		return found
	}
	return finding.List{finding.New(CodeMinistryIDKnown, pointer, "id", known)}
}

// subjectNumber returns the subject's number. A subject that is filed has its number already.
func (d RecordApproval) subjectNumber(o Order) (number.Subject, finding.List) {
	var filed number.Subject
	if o.Filed != nil {
		filed = o.Filed.Number
	}
	if o.Register.Version > 0 {
		filed = o.Register.Number
	}
	if strings.TrimSpace(d.SubjectNumber) == "" && o.Kind().Begins == AtFiling {
		return filed, nil
	}
	wrong := func(code finding.Code, args ...string) finding.List {
		return finding.List{finding.New(code, PointerSubjectNumber, args...)}
	}
	if strings.TrimSpace(d.SubjectNumber) == "" {
		return number.Subject{}, wrong(CodeNumberMissing)
	}
	subject, err := number.ParseSubject(d.SubjectNumber)
	if err != nil {
		return number.Subject{}, wrong(CodeNumberMalformed)
	}
	if p, ofProvince := subject.Province(); ofProvince && p.Code != o.Province {
		return subject, wrong(CodeNumberProvince, "abbreviation", o.province().Abbreviation)
	}
	if filed != (number.Subject{}) && filed != subject {
		return subject, wrong(CodeNumberKnown, "number", filed.String())
	}
	return subject, nil
}

// siteNumber returns the number of the order's site i. If the operator gives none, it is that of the filing that the order is about.
func (d RecordApproval) siteNumber(o Order, i int, given string, subject number.Subject) (number.Filing, finding.List) {
	wrong := func(code finding.Code, args ...string) finding.List {
		return finding.List{finding.New(code, pointerSiteNumber(i), args...)}
	}
	if strings.TrimSpace(given) == "" {
		if filed := o.filedSiteOf(i); filed != nil && o.Kind().Begins == AtFiling {
			return filed.Number, nil
		}
		return number.Filing{}, wrong(CodeNumberMissing)
	}
	parsed, err := number.ParseFiling(given)
	switch {
	case err != nil:
		return number.Filing{}, wrong(CodeNumberMalformed)
	case subject != (number.Subject{}) && parsed.Subject != subject:
		return parsed, wrong(CodeNumberSubject, "number", subject.String())
	case parsed.Service != o.ServiceOf(i):
		is, wanted := parsed.Service.Words(), o.ServiceOf(i)
		return parsed, wrong(CodeNumberService, "service", is.Chinese, "service-en", is.English, "wanted", wanted.Words().Chinese, "wanted-en", wanted.Words().English,
			"form", subject.String()+"-1"+string(wanted))
	}
	own := o.filedSiteOf(i)
	if own != nil && own.Number != (number.Filing{}) && own.Number != parsed {
		return parsed, wrong(CodeNumberKnown, "number", own.Number.String())
	}
	for s := range o.filedSites() {
		if s.Number.Subject == parsed.Subject && s.Number.Running == parsed.Running && own == nil {
			return parsed, wrong(CodeNumberOfSite)
		}
	}
	return parsed, nil
}

// filedSites yields the sites that the register has of the subject, and those of the filing that the order is about.
func (o Order) filedSites() func(yield func(register.FiledSite) bool) {
	sites := o.Register.Sites
	if o.Filed != nil {
		sites = slices.Concat(sites, o.Filed.Sites)
	}
	return slices.Values(sites)
}

// filedSiteOf returns the filed site that the order's site i is: of an order at a filing, the one that it was filled in from; else the website with one
// of its domains; nil if there is none.
func (o Order) filedSiteOf(i int) *register.FiledSite {
	if o.Kind().Begins == AtFiling && o.Filed != nil {
		if len(o.Chosen) > i {
			i = o.Chosen[i]
		}
		if i < len(o.Filed.Sites) {
			return &o.Filed.Sites[i]
		}
		return nil
	}
	if o.Service != number.Site {
		return nil
	}
	for s := range o.filedSites() {
		if s.Number.Service != number.Site {
			continue
		}
		for _, d := range s.Domains {
			if slices.Contains(o.Private.Sites[i].Domains, d.Name) {
				return &s
			}
		}
	}
	return nil
}

var ministryID = pattern.New(`^[1-9][0-9]{0,18}$`)

// checkMinistryID returns the finding about an id of the ministry that is no positive number; "" is none.
func checkMinistryID(id, pointer string) finding.List {
	if id == "" || ministryID().MatchString(id) {
		return nil
	}
	return finding.List{finding.New(CodeMinistryID, pointer)}
}
