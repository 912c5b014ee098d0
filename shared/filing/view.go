package filing

import (
	"time"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// ViewEvidence records in the ledger that staff viewed an uploaded document, with the digest of what they were shown.
type ViewEvidence struct{ Slot evidence.Slot }

func (ViewEvidence) Name() string { return "view-evidence" }

func (d ViewEvidence) apply(c *Change, _ Actor, _ time.Time) error {
	e, ok := c.Order.Evidence[d.Slot]
	if !ok {
		return fault.New(fault.NotFound, "没有这份材料。", "There is no such paper.")
	}
	c.setFact("slot", string(d.Slot))
	c.setFact("sha256", e.SHA256)
	return nil
}
