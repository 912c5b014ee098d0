package filing

import (
	"fmt"
	"slices"
	"time"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// DetermineType determines the type of the filing from the facts about each domain (S10).
type DetermineType struct {
	Facts map[Domain]Facts
	// DomainFacts are what is known about the registration of each domain.
	DomainFacts map[Domain]domainfacts.Facts
	// Provisional is set if the bureau was unreachable, so that the facts are from our own records only.
	Provisional bool
}

// CodeBureauUnreachable warns that the type was determined without the bureau.
const CodeBureauUnreachable finding.Code = "bureau-unreachable"

// CodeSubjectUnasked warns that nobody could say whether the subject is filed at another provider.
const CodeSubjectUnasked finding.Code = "subject-filing-unknown"

func (DetermineType) Name() string { return "determine-type" }

func (d DetermineType) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Type != "" {
		return ErrNothingToDo
	}
	if err := o.checkOpenAt(VerifyType); err != nil {
		return err
	}
	if err := checkFactsComplete(d.Facts, o.Domains); err != nil {
		return err
	}
	kind, blocks := d.determine(o.Domains)
	if kind != "" {
		count, _ := settle(checkDomainCount(o.province(), o.Entity, len(o.Domains), kind, at), nil, o.Private.Explained, application{Opening: o.opening()})
		blocks = append(blocks, count...)
	}
	o.updateDomainFacts(d.DomainFacts)
	blocks = appendNew(blocks, o.checkOpeningDomains(at))
	found := blockingFirst(appendNew(slices.Clone(blocks), o.checkOpening(at)))
	if found.Blocking() && slices.Equal(found, o.Private.Findings) {
		return ErrNothingToDo
	}
	o.Private.Findings = found
	if found.Blocking() {
		c.setFact("blocked", codesOf(blocks))
		c.notifyOnce(NoticeTypeBlocked, at)
		return nil
	}
	o.Type, o.Provisional = kind, d.Provisional
	c.setFact("type", string(kind))
	c.advance(at)
	return nil
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
		kind, blocks := Determine(d.Facts[domain])
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
	case kinds[0] != First:
		return "", append(found, finding.New(CodeTypeNotOffered, ""))
	}
	if d.Provisional {
		found = append(found, finding.New(CodeBureauUnreachable, ""))
	}
	if len(domains) > 0 && d.Facts[domains[0]].SubjectUnasked {
		found = append(found, finding.New(CodeSubjectUnasked, "/certificate/kind"))
	}
	return kinds[0], found
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

// RepeatType determines a provisional type again, before transmission.
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
	if err := checkFactsComplete(d.Facts, o.Domains); err != nil {
		return err
	}
	kind, found := DetermineType{Facts: d.Facts}.determine(o.Domains)
	o.Provisional = false
	if kind == o.Type {
		return nil
	}
	o.Private.Findings = found
	c.setFact("blocked", codesOf(found))
	c.enterStep(InitialReview, at)
	return nil
}
