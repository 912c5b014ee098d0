package filing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// An OverrideRequest is a reviewer's decision to accept an explained finding.
type OverrideRequest struct {
	Code    finding.Code `json:"code" maxLength:"64" doc:"code of the explained finding"`
	Pointer string       `json:"pointer" maxLength:"256" doc:"pointer of the explained finding" example:"/sites/0/name"`
	Reason  string       `json:"reason" maxLength:"4096" doc:"why the rule does not fit: 1 to 500 characters. The applicant sees it"`
}

// An Override is a reviewer's acceptance of an explained finding. The applicant sees reason and time.
type Override struct {
	Reason   string    `json:"reason"`
	Reviewer Account   `json:"reviewer"`
	At       time.Time `json:"at"`
}

// Findings about overrides.
const (
	CodeOverrideRule    finding.Code = "override-rule"
	CodeOverrideUnknown finding.Code = "override-unknown"
	CodeOverrideReason  finding.Code = "override-reason"
	CodeOverrideTwice   finding.Code = "override-twice"
	CodeOverrideMissing finding.Code = "override-missing"
)

// override applies a reviewer's overrides to the order's explained findings. It returns a finding for each override that is wrong, and for
// each explained finding that is not overridden, now or before.
func (c *Change) override(requests []OverrideRequest, by Actor, at time.Time) finding.List {
	o := &c.Order
	var found finding.List
	for i, r := range requests {
		pointer := fmt.Sprintf("/overrides/%d", i)
		named := func(e Explained) bool { return e.Applies && e.Code == r.Code && e.Pointer == r.Pointer }
		k := slices.IndexFunc(o.Private.Explained, named)
		switch {
		case !r.Code.Overridable():
			found = append(found, finding.New(CodeOverrideRule, pointer+"/code"))
		case k < 0:
			found = append(found, finding.New(CodeOverrideUnknown, pointer+"/pointer"))
		case slices.ContainsFunc(requests[:i], func(b OverrideRequest) bool { return b.Code == r.Code && b.Pointer == r.Pointer }):
			found = append(found, finding.New(CodeOverrideTwice, pointer))
		}
		if !validExplanation(r.Reason) {
			found = append(found, finding.New(CodeOverrideReason, pointer+"/reason", "max", strconv.Itoa(ExplanationLimit)))
		}
		if len(found) > 0 {
			continue
		}
		e := o.Private.Explained[k]
		if reason := text.Normalize(r.Reason); e.Override == nil || e.Override.Reason != reason {
			if e.Override != nil {
				past := e
				past.Applies = false
				o.Private.Explained = append(o.Private.Explained, past)
			}
			o.Private.Explained[k].Override = &Override{Reason: reason, Reviewer: by.Account, At: at}
			c.setFact(overrideFact+string(r.Code)+" "+r.Pointer, o.keyedDigest([]byte(reason)))
		}
	}
	for _, e := range o.Private.Explained {
		missing := e.Applies && e.Override == nil
		if missing && !slices.ContainsFunc(requests, func(r OverrideRequest) bool { return r.Code == e.Code && r.Pointer == e.Pointer }) {
			found = append(found, finding.New(CodeOverrideMissing, "/overrides", "pointer", e.Pointer, "finding-zh", e.Message.Chinese, "finding-en", e.Message.English))
		}
	}
	return found
}

// refuseExplanations refuses the explanations at the places that findings of a reviewer or the bureau name. Their records stay: the last one
// without an override, and each with one.
func (o *Order) refuseExplanations(found finding.List) {
	named := func(e Explained) bool {
		return e.Applies && slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Pointer == e.Pointer })
	}
	var left []Explained
	for _, e := range o.Private.Explained {
		switch {
		case named(e):
			e.Applies, e.Refused = false, true
		case slices.ContainsFunc(o.Private.Explained, func(r Explained) bool { return named(r) && r.sameMatter(e) }):
			if e.Override == nil {
				continue
			}
			e.Refused = true
		}
		left = append(left, e)
	}
	o.Private.Explained = left
}

// overrideFact begins the names of the ledger's facts about overrides. The rest is code and pointer; the value is the HMAC-SHA256 of the
// reason under Private.DigestKey, because a reason may name people.
const overrideFact = "override "

// A RecordedOverride is an override in the ledger.
type RecordedOverride struct {
	Code    finding.Code `json:"code"`
	Pointer string       `json:"pointer"`
	Reason  string       `json:"reason,omitempty" doc:"missing once the personal data are erased"`
}

// OverridesIn returns the overrides of a ledger entry, with their reasons while the order has them, ordered by code and pointer.
func (o Order) OverridesIn(e Entry) []RecordedOverride {
	var overrides []RecordedOverride
	for name, digest := range e.Facts {
		rest, ok := strings.CutPrefix(name, overrideFact)
		if !ok {
			continue
		}
		code, pointer, _ := strings.Cut(rest, " ")
		recorded := RecordedOverride{Code: finding.Code(code), Pointer: pointer}
		for _, one := range o.Private.Explained {
			if one.Override != nil && o.keyedDigest([]byte(one.Override.Reason)) == digest {
				recorded.Reason = one.Override.Reason
			}
		}
		overrides = append(overrides, recorded)
	}
	slices.SortFunc(overrides, func(a, b RecordedOverride) int {
		return strings.Compare(string(a.Code)+" "+a.Pointer, string(b.Code)+" "+b.Pointer)
	})
	return overrides
}
