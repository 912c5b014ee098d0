package exchange

import (
	"context"
	"time"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/bureautask"
	"beian/shared/process/duties"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// concernsCustomer reports whether the customer has to do something about tasks of a kind, so that they are reminded: the filing is verified with them, or they
// correct it. The others are the provider's.
func concernsCustomer(k bureautask.Kind) bool {
	return k == bureautask.Verify || k == bureautask.Correct || k == bureautask.Audit
}

// followTask brings what the task's filing owes up to the task: it is open, or done. service is nil in tests that have none.
func followTask(ctx context.Context, service *duties.Service, t bureautask.Task) error {
	if service == nil || t.About.Filing == "" || !concernsCustomer(t.Kind) {
		return nil
	}
	var d upkeep.Decision = upkeep.CloseTask{ID: t.ID}
	if !t.State.Done() {
		open := upkeep.Task{ID: t.ID, Kind: string(t.Kind), OpenedAt: t.ReceivedAt, Until: workday.DateOf(t.Deadline.Add(-time.Second))}
		if t.About.Part == register.SitePart {
			open.Site = t.About.Number
		}
		d = upkeep.OpenTask{Task: open}
	}
	_, err := service.Record(ctx, t.About.Filing, d)
	if kind := fault.KindOf(err); kind == fault.Conflict || kind == fault.NotFound { // the filing is cancelled
		return nil
	}
	return err
}
