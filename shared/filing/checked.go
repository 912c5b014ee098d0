package filing

import (
	"time"

	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
)

// A CheckedVerdict is the verdict of an order's last check: of the decision that opened it, entered its data, confirmed or passed it. It is
// stored with the order, because a later version of Beian has other rules and cannot compute it (ADR 31). It has no personal data.
type CheckedVerdict struct {
	Pack string       `json:"pack"` // version of the rules; see [pack.Version]
	On   workday.Date `json:"on"`   // the day of the check, Shanghai time
	// Parts are the parts of the verdict, each as a change from a verdict that says nothing.
	Parts []VerdictChange `json:"parts,omitempty"`
}

// recordVerdict stores the verdict of a decision that checks the order.
func (c *Change) recordVerdict(d Decision, at time.Time) {
	_, opens := d.(openDecision)
	_, announces := d.(AnnounceRules) // the applicant was not asked anything
	switch d.(type) {
	case RecordVerdict, ApplyVerdict, DecideByOne: // nothing has taken effect
		return
	}
	if !opens && !ChecksCodes(d) || announces {
		return
	}
	o := &c.Order
	o.Checked = &CheckedVerdict{Pack: pack.Version(), On: workday.DateOf(at), Parts: RuleVerdict{}.Changes(o.RuleVerdict(at))}
}

// Changes returns the differences between the verdict and a later one, sorted.
func (v CheckedVerdict) Changes(later RuleVerdict) []VerdictChange {
	before := map[VerdictChange]string{}
	for _, part := range v.Parts {
		was := part.After
		part.After = ""
		before[part] = was
	}
	return changesBetween(before, later.parts())
}

// ChangesSinceCheck returns what the rules of this version of Beian say on a day that the order's last check did not. It returns
// nothing if no check is stored. The caller sets o.Codes.
func (o Order) ChangesSinceCheck(on workday.Date) []VerdictChange {
	if o.Checked == nil {
		return nil
	}
	return o.Checked.Changes(o.RuleVerdict(on.Time()))
}
