package filing

import (
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// ViewEvidence is one of the staff opening a paper. It changes nothing but the ledger.
type ViewEvidence struct{ Slot evidence.Slot }

func (ViewEvidence) Name() string { return "view-evidence" }

func (d ViewEvidence) apply(c *Change, _ Actor, _ time.Time) error {
	if _, ok := c.Order.Evidence[d.Slot]; !ok {
		return fault.New(fault.NotFound, "没有这份材料。", "There is no such paper.")
	}
	c.fact("slot", string(d.Slot))
	return nil
}
