package filing

import (
	"slices"
	"time"

	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
)

// AnnounceRules notifies the applicant that the rules of two days differ on the order, or with Pack, that the rules of today differ from those
// of the order's last check. It notifies once for the same two days or packs, and not at all if the verdict is the same.
type AnnounceRules struct {
	From, To workday.Date
	// Pack is the version of the rules of the last check, another than this program's. From and To are "" then.
	Pack string
}

func (AnnounceRules) Name() string { return "announce-rules" }

// maxRulesNotified is the number of comparisons that an order remembers. Operators announce a few a year, and an order is open for weeks.
const maxRulesNotified = 20

func (d AnnounceRules) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if o.Closing != "" || o.Status.Final() {
		return errOutOfOrder()
	}
	notice := Notice{Kind: NoticeRulesChanged, RulesFrom: d.From, RulesTo: d.To, RulesPack: d.Pack}
	comparison := string(d.From) + "/" + string(d.To)
	if d.Pack != "" {
		if o.Checked == nil || o.Checked.Pack != d.Pack || d.Pack == pack.Version() {
			return ErrNothingToDo
		}
		comparison = d.Pack + "/" + pack.Version()
		notice.RulesFrom, notice.RulesTo = o.Checked.On, workday.DateOf(at)
		c.setFact("pack", d.Pack)
		c.setFact("newPack", pack.Version())
	}
	if slices.Contains(o.RulesNotified, comparison) || len(o.NoticedRuleChanges(notice)) == 0 {
		return ErrNothingToDo
	}
	o.RulesNotified = append(o.RulesNotified, comparison)
	o.RulesNotified = o.RulesNotified[max(0, len(o.RulesNotified)-maxRulesNotified):]
	c.setFact("from", string(notice.RulesFrom))
	c.setFact("to", string(notice.RulesTo))
	c.Notices = append(c.Notices, notice)
	return nil
}

// RuleChanges returns what the rules of two days say differently about the order. The caller sets o.Codes.
func (o Order) RuleChanges(from, to workday.Date) []VerdictChange {
	return o.RuleVerdict(from.Time()).Changes(o.RuleVerdict(to.Time()))
}

// NoticedRuleChanges returns the changes that a notice of changed rules is about: none if the order was checked again since. The caller sets o.Codes.
func (o Order) NoticedRuleChanges(n Notice) []VerdictChange {
	switch {
	case n.RulesPack == "":
		return o.RuleChanges(n.RulesFrom, n.RulesTo)
	case o.Checked == nil || o.Checked.Pack != n.RulesPack || o.Checked.On != n.RulesFrom:
		return nil
	}
	return o.ChangesSinceCheck(n.RulesTo)
}
