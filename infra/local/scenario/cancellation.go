package scenario

import (
	"context"
	"net/http"
	"net/url"

	"beian/functions/api"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// FilingNumbered reads the account's filing with a number; the zero Filing if it has none.
func (u *User) FilingNumbered(ctx context.Context, number string) (web.Filing, error) {
	all, err := u.Filings(ctx)
	if err != nil {
		return web.Filing{}, err
	}
	for _, one := range all {
		if one.Number.String() == number {
			return u.Filing(ctx, one.ID)
		}
	}
	return web.Filing{}, nil
}

// Cancellations lists what could be cancelled of a filing.
func (u *User) Cancellations(ctx context.Context, id register.ID) ([]api.CancellationOffer, error) {
	var list api.Cancellations
	err := u.Call(ctx, http.MethodGet, cancellationsPath(id), nil, &list)
	return list.Items, err
}

// Cancel opens the order that cancels what was offered, with every consequence confirmed.
func (u *User) Cancel(ctx context.Context, id register.ID, offer api.CancellationOffer, contact map[string]any) (Order, error) {
	body := map[string]any{"kind": offer.Kind, "reason": 1, "confirmed": offer.Confirm, "contact": contact}
	if offer.Site != "" {
		body["site"] = offer.Site
	}
	return u.OpenCancellation(ctx, id, body)
}

// OpenCancellation opens an order that ends a part of a filing.
func (u *User) OpenCancellation(ctx context.Context, id register.ID, body map[string]any) (Order, error) {
	var o Order
	err := u.Call(ctx, http.MethodPost, cancellationsPath(id), body, &o)
	return o, err
}

func cancellationsPath(id register.ID) string {
	return "/filings/" + url.PathEscape(string(id)) + "/cancellations"
}
