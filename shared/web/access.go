package web

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
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
		if err := c.admit(ctx, o, register.ScopeRead); err != nil {
			return filing.Order{}, err
		}
		return o, nil
	}
	if err := a.admitStaff(c, o); err != nil {
		return filing.Order{}, err
	}
	return o, nil
}

// staffRole returns the role in which the caller uses the operation on the order as a member of staff: reviewer under a claim, else administrator
// for those who are both. It returns "" for applicants, also for a reviewer if the operation is not for reviewers.
func (c *Call) staffRole(o filing.Order, now time.Time) filing.Role {
	may := func(r filing.Role) bool { return c.Caller.Is(r) && slices.Contains(c.operation.Roles, r) }
	switch {
	case may(filing.Reviewer) && (o.IsClaimedBy(c.Caller.Account, now) || !may(filing.Admin)):
		return filing.Reviewer
	case may(filing.Admin):
		return filing.Admin
	}
	return ""
}

// errNoContact refuses staff whose token has neither mobile nor email address, such as an access token of Cognito: whether an order is their own
// cannot be checked.
var errNoContact = fault.New(fault.Forbidden, "登录凭证里没有手机号或邮箱，无法确认这份备案与您本人无关。请重新登录；开发者请使用 ID token。",
	"Your token has neither a phone number nor an email address, so it cannot be checked that this application is not your own. Log in again; clients send the ID token.")

// checkContact returns errNoContact if the caller's token has neither mobile nor email address.
func (c *Call) checkContact() error {
	if c.Caller.Mobile == "" && c.Caller.Email == "" {
		return errNoContact
	}
	return nil
}

// admitStaff checks that the caller may use the operation on the order as a member of staff, and notes what the response shows.
func (a *API) admitStaff(c *Call, o filing.Order) error {
	now := a.Decisions.Now()
	role := c.staffRole(o, now)
	if role == "" {
		return errNoOrder
	}
	if err := c.checkContact(); err != nil {
		return err
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

// HidesCall reports whether a phone call about an order must not be shown to the caller; see [filing.Order.HidesCall].
func (c *Call) HidesCall(o filing.Order, call filing.Call) bool {
	return c.OfStaff() && c.Caller.Is(filing.Reviewer) && o.HidesCall(c.Caller.Account, call)
}

// HidesEntry reports whether an entry of an order's ledger must not be shown to the caller; see [filing.Order.HidesEntry].
func (c *Call) HidesEntry(o filing.Order, e filing.Entry) bool {
	return c.OfStaff() && c.Caller.Is(filing.Reviewer) && o.HidesEntry(c.Caller.Account, e)
}

// AddToRead completes the entry of what staff read in this call. It does nothing for the owner.
func (c *Call) AddToRead(complete func(*filing.StaffRead)) {
	for i := range c.reads {
		complete(&c.reads[i])
	}
}

// AddFilingReads notes that staff read filings of the register.
func (a *API) AddFilingReads(c *Call, what filing.ReadPart, filings ...register.Filing) {
	role, purpose := filing.Reviewer, filing.PurposeOverview
	if c.Caller.Is(filing.Admin) {
		role, purpose = filing.Admin, filing.PurposeSupport
	}
	for _, f := range filings {
		c.reads = append(c.reads, filing.StaffRead{Filing: f.ID, At: a.Decisions.Now(), By: c.Actor(role), What: what, Purpose: purpose, Request: c.RequestID})
	}
}

// AddPersonRead notes that an administrator searches what a member of staff read.
func (a *API) AddPersonRead(c *Call, person filing.Account) {
	c.reads = append(c.reads, filing.StaffRead{Person: person, At: a.Decisions.Now(), By: c.Actor(filing.Admin), What: filing.ReadPerson,
		Purpose: filing.PurposeAudit, Request: c.RequestID})
}

// WithoutOwn returns the orders of a list for staff without those of the caller, of whom a reviewer neither sees nor claims any, and without those that await
// the reading of another; see [filing.Order.IsOwn] and [filing.Order.AwaitsOther].
func (c *Call) WithoutOwn(orders []filing.Order) []filing.Order {
	by := c.Actor(filing.Reviewer)
	return slices.DeleteFunc(slices.Clone(orders), func(o filing.Order) bool { return o.IsOwn(by) || o.AwaitsOther(by.Account) })
}

// WithoutOwnTasks is [Call.WithoutOwn] for tasks. It reads their orders, without personal data.
func (a *API) WithoutOwnTasks(ctx context.Context, c *Call, tasks []filing.Task) ([]filing.Task, error) {
	own := make([]bool, len(tasks))
	by := c.Actor(filing.Reviewer)
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(10)
	for i, t := range tasks {
		group.Go(func() error {
			o, err := a.Decisions.Store.OrderState(within, t.Order)
			own[i] = o.IsOwn(by)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var others []filing.Task
	for i, t := range tasks {
		if !own[i] {
			others = append(others, t)
		}
	}
	return others, nil
}

// AddReads notes that an administrator reads what concerns orders, with an operation that is not about one of them.
func (a *API) AddReads(c *Call, what filing.ReadPart, orders ...filing.ID) {
	for _, id := range orders {
		c.reads = append(c.reads, filing.StaffRead{Order: id, At: a.Decisions.Now(), By: c.Actor(filing.Admin), What: what,
			Purpose: filing.PurposeSupport, Request: c.RequestID})
	}
}
