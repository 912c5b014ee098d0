package web

import (
	"context"
	"slices"

	"beian/shared/filing"
)

// ReadOrder reads an order for its owner or for staff, as the operation declares. What staff read is stored in the order's audit before the
// response is sent. A reviewer without a claim may read it only if the operation requires none, and then must not see personal data; see
// [Call.SeesAll].
func (a *API) ReadOrder(ctx context.Context, c *Call, path OrderPath) (filing.Order, error) {
	o, err := a.readOrder(ctx, path, "")
	switch owns := o.Account == c.Caller.Account; {
	case err != nil:
		return filing.Order{}, err
	case owns && slices.Contains(c.operation.Roles, filing.Applicant):
		return o, nil
	case !c.Caller.Staff():
		return filing.Order{}, errNoOrder
	}
	return o, a.admitStaff(c, o)
}

// admitStaff checks that the caller, a member of staff, may use the operation on the order, and notes what the response shows.
func (a *API) admitStaff(c *Call, o filing.Order) error {
	now := a.Decisions.Now()
	role := filing.Reviewer
	if c.Caller.Is(filing.Admin) && slices.Contains(c.operation.Roles, filing.Admin) && !o.IsClaimedBy(c.Caller.Account, now) {
		role = filing.Admin
	}
	by := c.Actor(role)
	if err := o.CheckStaff(by, c.operation.Claim && role == filing.Reviewer, now); err != nil || c.operation.Reads == "" {
		return err
	}
	what := c.operation.Reads
	purpose := o.PurposeOf(by, now)
	if what == filing.ReadOrder && purpose == filing.PurposeOverview {
		what = filing.ReadBrief
	}
	c.reads = append(c.reads, filing.StaffRead{Order: o.ID, At: now, By: by, What: what, Purpose: purpose, Request: c.RequestID})
	return nil
}

// SeesAll reports whether the response to the caller may show all of the order that was read: to its owner, an administrator, or a reviewer
// with a claim.
func (c *Call) SeesAll() bool {
	return len(c.reads) == 0 || c.reads[0].Purpose != filing.PurposeOverview
}

// OfStaff reports whether the caller reads the order as a member of staff.
func (c *Call) OfStaff() bool { return len(c.reads) > 0 }

// AddToRead completes the entry of what staff read in this call. It does nothing for the owner.
func (c *Call) AddToRead(complete func(*filing.StaffRead)) {
	for i := range c.reads {
		complete(&c.reads[i])
	}
}

// AddReads notes that an administrator reads what concerns orders, with an operation that is not about one of them.
func (a *API) AddReads(c *Call, what filing.ReadPart, orders ...filing.ID) {
	for _, id := range orders {
		c.reads = append(c.reads, filing.StaffRead{Order: id, At: a.Decisions.Now(), By: c.Actor(filing.Admin), What: what,
			Purpose: filing.PurposeSupport, Request: c.RequestID})
	}
}
