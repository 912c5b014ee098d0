package filing

import (
	"fmt"
	"slices"
	"time"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// DetermineType is the system finding out the type from what it knows of each domain (S10).
type DetermineType struct {
	Facts map[Domain]Facts
	// Provisional says that the bureau could not be asked, so that the facts are our own records only.
	Provisional bool
}

// CodeBureauUnreachable warns that the type was determined without the bureau.
const CodeBureauUnreachable finding.Code = "bureau-unreachable"

func (DetermineType) Name() string { return "determine-type" }

func (d DetermineType) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Type != "" {
		return ErrNothingToDo
	}
	if err := o.openTo(VerifyType); err != nil {
		return err
	}
	if err := complete(d.Facts, o.Domains); err != nil {
		return err
	}
	kind, found := d.determine(o.Domains)
	if found.Blocking() && slices.Equal(found, o.Findings) {
		return ErrNothingToDo
	}
	o.Findings = found
	if found.Blocking() {
		c.fact("blocked", codes(found))
		c.notify(NoticeTypeBlocked)
		return nil
	}
	o.Type, o.Provisional = kind, d.Provisional
	c.fact("type", string(kind))
	c.advance(at)
	return nil
}

// complete refuses facts that say nothing of one of the domains: silence would pass for "not filed".
func complete(facts map[Domain]Facts, domains []Domain) error {
	for _, d := range domains {
		if _, ok := facts[d]; !ok {
			return fault.Wrap(fault.Internal, fmt.Errorf("filing: no facts about the domain %s", d))
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
		return "", append(found, finding.New(CodeTypeNotYet, ""))
	}
	if d.Provisional {
		found = append(found, finding.New(CodeBureauUnreachable, ""))
	}
	return kinds[0], found
}

// codes lists the codes of findings for the ledger.
func codes(found finding.List) string {
	var all []string
	for _, f := range found {
		all = append(all, string(f.Code))
	}
	slices.Sort(all)
	return fmt.Sprint(slices.Compact(all))
}

// RepeatType is the check of the type once more, before transmission, for an order whose type is provisional.
type RepeatType struct{ Facts map[Domain]Facts }

func (RepeatType) Name() string { return "repeat-type" }

func (d RepeatType) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if !o.Provisional {
		return ErrNothingToDo
	}
	if err := o.openTo(Transmit); err != nil {
		return err
	}
	if err := complete(d.Facts, o.Domains); err != nil {
		return err
	}
	kind, found := DetermineType{Facts: d.Facts}.determine(o.Domains)
	o.Provisional = false
	if kind == o.Type {
		return nil
	}
	o.Findings = found
	c.fact("blocked", codes(found))
	c.enter(InitialReview, at)
	return nil
}
