package exchange

import "context"

// discardCopy ends what waits for the operator because of a copy that a newer one replaces: the bureau's data that were not imported, with their data keys,
// and the copy's issues. It may be repeated.
func (r *run) discardCopy(ctx context.Context, c Copy) error {
	for cursor := ""; ; {
		open, next, err := r.Store.Differences(ctx, r.Link, c.copyID(), false, cursor, sweepPage)
		if err != nil {
			return err
		}
		for _, d := range open {
			if d.Kind != MissingHere && d.Kind != Conflict {
				continue // has no data of the bureau
			}
			if err := r.Store.DeleteDifference(ctx, r.Link, c.copyID(), d); err != nil {
				return err
			}
		}
		if next == "" {
			return clearReconciliation(ctx, r.Store, r.Link, c)
		}
		cursor = next
		if err := r.saveLink(ctx); err != nil { // renews the lease
			return err
		}
	}
}

// clearReconciliation removes the issues about the differences of a copy.
func clearReconciliation(ctx context.Context, s Store, link string, c Copy) error {
	for _, f := range c.Files {
		if err := s.ClearIssue(ctx, link, IssueReconciliation, f.ID); err != nil {
			return err
		}
	}
	return nil
}

// clearIfSettled removes the issues about a copy of which no difference is open any more.
func (o *Operator) clearIfSettled(ctx context.Context) error {
	for cursor := ""; ; {
		page, err := o.Reconciliation(ctx, false, cursor, sweepPage)
		switch {
		case err != nil || len(page.Differences) > 0:
			return err
		case page.Next == "":
			return clearReconciliation(ctx, o.Store, o.Link, page.Copy)
		}
		cursor = page.Next
	}
}
