package scenario

import (
	"context"
	"net/http"
	"net/url"

	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// A RegisteredFiling is a filing of the register in the form of the API, as far as scenarios read it.
type RegisteredFiling struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Number string `json:"number"`
	Sites  []struct {
		Number   string `json:"number"`
		Accesses []struct {
			Ours bool `json:"ours"`
		} `json:"accesses"`
	} `json:"sites"`
}

// FilingNumbered reads the account's filing with a number.
func (u *User) FilingNumbered(ctx context.Context, number string) (RegisteredFiling, error) {
	var page struct {
		Items []RegisteredFiling `json:"items"`
	}
	if err := u.Call(ctx, http.MethodGet, "/filings", nil, &page); err != nil {
		return RegisteredFiling{}, err
	}
	var f RegisteredFiling
	for _, one := range page.Items {
		if one.Number == number {
			return f, u.Call(ctx, http.MethodGet, "/filings/"+url.PathEscape(one.ID), nil, &f)
		}
	}
	return f, nil
}

// A CancellationOffer is what could be cancelled of a filing.
type CancellationOffer struct {
	Kind         filing.Type    `json:"kind"`
	Site         string         `json:"site"`
	Possible     bool           `json:"possible"`
	Consequences finding.List   `json:"consequences"`
	Confirm      []finding.Code `json:"confirm"`
}

// Cancellations lists what could be cancelled of a filing.
func (u *User) Cancellations(ctx context.Context, id string) ([]CancellationOffer, error) {
	var list struct {
		Items []CancellationOffer `json:"items"`
	}
	err := u.Call(ctx, http.MethodGet, cancellationsPath(id), nil, &list)
	return list.Items, err
}

// Cancel opens the order that cancels what was offered, with every consequence confirmed.
func (u *User) Cancel(ctx context.Context, id string, offer CancellationOffer, contact map[string]any) (Order, error) {
	body := map[string]any{"kind": offer.Kind, "reason": 1, "confirmed": offer.Confirm, "contact": contact}
	if offer.Site != "" {
		body["site"] = offer.Site
	}
	return u.OpenCancellation(ctx, id, body)
}

// OpenCancellation opens an order that ends a part of a filing.
func (u *User) OpenCancellation(ctx context.Context, id string, body map[string]any) (Order, error) {
	var o Order
	err := u.Call(ctx, http.MethodPost, cancellationsPath(id), body, &o)
	return o, err
}

func cancellationsPath(id string) string { return "/filings/" + url.PathEscape(id) + "/cancellations" }
