package sweeper

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// applyVerdict lets a verdict take effect that its reviewer did not take back. If the reviewer was locked out meanwhile, or other orders have taken what it needs,
// such as the last slot of a server, it is dropped, and the order waits for a reviewer again.
func (h Handler) applyVerdict(ctx context.Context, e decide.OutboxEntry) error {
	o, err := h.Decisions.Store.OrderState(ctx, e.Order)
	if err != nil {
		return err
	}
	locked := false
	if o.Waiting != nil {
		if locked, err = h.People.IsLocked(ctx, o.Waiting.Reviewer); err != nil {
			return err
		}
	}
	_, err = h.Decisions.Decide(ctx, e.Order, filing.Beian, filing.ApplyVerdict{Seq: e.Verdict, Drop: locked})
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	h.Log.WarnContext(ctx, "a verdict could not take effect", "order", e.Order, "entry", e.ID, "cause", err.Error())
	_, err = h.Decisions.Decide(ctx, e.Order, filing.Beian, filing.ApplyVerdict{Seq: e.Verdict, Drop: true})
	return err
}
