package api

import (
	"context"

	"beian/shared/filing"
	"beian/shared/web"
)

type staffReadsInput struct {
	web.OrderPath
	web.PageQuery
}

// registerStaffReads registers the list of what staff read of an order. It is shown to the order's owner, whose personal data they are.
func (a operations) registerStaffReads() {
	web.Register(a.API, web.Operation{Roles: web.Roles{filing.Applicant, filing.Admin}, Route: "GET /orders/{id}/staff-reads", Tag: "Orders",
		Reads: filing.ReadStaffReads, Summary: "List what staff read of the order, newest first",
		Description: "Shows who read what and why, by role; only administrators see the account. Each read of staff is listed."},
		func(ctx context.Context, c *web.Call, in *staffReadsInput) (*web.PageResult[web.StaffRead], error) {
			o, err := a.ReadOrder(ctx, c, in.OrderPath)
			if err != nil {
				return nil, err
			}
			found, next, err := a.config.Store.Reads(ctx, o.ID, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			var shown []web.StaffRead
			for _, r := range found {
				shown = append(shown, web.StaffReadOf(r, c.OfStaff()))
			}
			return web.NewPage(shown, next, "/orders/"+string(o.ID)+"/staff-reads", in.Limit, nil), nil
		})
}
