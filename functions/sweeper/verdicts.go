package sweeper

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// applyVerdict lets a verdict take effect that its reviewer did not take back. If other orders have taken what it needs, such as the last slot of a server,
// it is dropped, and the order waits for a reviewer again.
func (h Handler) applyVerdict(ctx context.Context, e decide.OutboxEntry) error {
	_, err := h.Decisions.Decide(ctx, e.Order, filing.Beian, filing.ApplyVerdict{Seq: e.Verdict})
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	h.Log.WarnContext(ctx, "a verdict could not take effect", "order", e.Order, "entry", e.ID, "cause", err.Error())
	_, err = h.Decisions.Decide(ctx, e.Order, filing.Beian, filing.ApplyVerdict{Seq: e.Verdict, Drop: true})
	return err
}
