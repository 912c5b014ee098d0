package reminders

import (
	"context"

	"beian/shared/filing"
)

// reportEntries logs each order that has waited too long for an operator who enters it into the bureau's console. An alarm counts these lines.
func (h Handler) reportEntries(ctx context.Context, report *Report) error {
	for cursor := ""; ; {
		found, err := h.Orders.ListOpen(ctx, filing.AwaitBureau, cursor, pageSize)
		if err != nil {
			return err
		}
		for _, o := range found.Orders {
			if o.EntryOverdue(h.Now()) {
				report.Checked++
				report.Waiting++
				h.Log.WarnContext(ctx, "an application waits to be entered at the bureau", "order", o.ID, "since", o.MovedAt)
			}
		}
		if cursor = found.Next; cursor == "" {
			return nil
		}
	}
}
