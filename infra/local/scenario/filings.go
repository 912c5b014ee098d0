package scenario

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"beian/functions/api"
	"beian/infra/local/outbox"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// Filings lists what is filed of the account's subjects.
func (u *User) Filings(ctx context.Context) ([]web.FilingBrief, error) {
	var page web.Page[web.FilingBrief]
	err := u.Call(ctx, http.MethodGet, "/filings", nil, &page)
	return page.Items, err
}

// Filing reads a filing of the account.
func (u *User) Filing(ctx context.Context, id register.ID) (web.Filing, error) {
	var f web.Filing
	err := u.Call(ctx, http.MethodGet, "/filings/"+string(id), nil, &f)
	return f, err
}

// FilingVersions reads what changed a filing of the account.
func (u *User) FilingVersions(ctx context.Context, id register.ID) (web.FilingVersions, error) {
	var v web.FilingVersions
	err := u.Call(ctx, http.MethodGet, "/filings/"+string(id)+"/versions", nil, &v)
	return v, err
}

// SearchRegister looks filings up as staff: search has number, domain or name.
func (u *User) SearchRegister(ctx context.Context, search map[string]string) ([]web.FilingBrief, error) {
	var page web.Page[web.FilingBrief]
	err := u.Call(ctx, http.MethodPost, "/register/search", search, &page)
	return page.Items, err
}

// Claims lists the account's claim that waits for its code.
func (u *User) Claims(ctx context.Context) ([]api.RegisterClaim, error) {
	var page web.Page[api.RegisterClaim]
	err := u.Call(ctx, http.MethodGet, "/filing-claims", nil, &page)
	return page.Items, err
}

// ClaimFiling claims a filing that no account has.
func (u *User) ClaimFiling(ctx context.Context, number string) (api.RegisterClaim, error) {
	var c api.RegisterClaim
	err := u.Call(ctx, http.MethodPost, "/filing-claims", map[string]string{"number": number}, &c)
	return c, err
}

// AnswerClaim enters the code of the claim.
func (u *User) AnswerClaim(ctx context.Context, code string) (web.Filing, error) {
	var f web.Filing
	err := u.Call(ctx, http.MethodPost, "/filing-claims/answers", map[string]string{"code": code}, &f)
	return f, err
}

// OfferTransfer offers a filing of the account to another one.
func (u *User) OfferTransfer(ctx context.Context, id register.ID) (api.RegisterTransfer, error) {
	return u.transfer(ctx, http.MethodPost, "/filings/"+string(id)+"/transfer", nil)
}

// TakeTransfer enters the code of a transfer.
func (u *User) TakeTransfer(ctx context.Context, code string) (api.RegisterTransfer, error) {
	return u.transfer(ctx, http.MethodPost, "/filing-transfers", map[string]string{"code": code})
}

// TakenTransfers lists the transfers that the account took and that wait for their owner.
func (u *User) TakenTransfers(ctx context.Context) ([]api.RegisterTransfer, error) {
	var page web.Page[api.RegisterTransfer]
	err := u.Call(ctx, http.MethodGet, "/filing-transfers", nil, &page)
	return page.Items, err
}

// ConfirmTransfer confirms the transfer of a filing of the account.
func (u *User) ConfirmTransfer(ctx context.Context, id register.ID) (api.RegisterTransfer, error) {
	return u.transfer(ctx, http.MethodPost, "/filings/"+string(id)+"/transfer/confirmation", nil)
}

// Transfer reads the transfer of a filing of the account.
func (u *User) Transfer(ctx context.Context, id register.ID) (api.RegisterTransfer, error) {
	return u.transfer(ctx, http.MethodGet, "/filings/"+string(id)+"/transfer", nil)
}

// RevokeTransfer revokes the transfer of a filing of the account.
func (u *User) RevokeTransfer(ctx context.Context, id register.ID) (api.RegisterTransfer, error) {
	return u.transfer(ctx, http.MethodDelete, "/filings/"+string(id)+"/transfer", nil)
}

// DeclineTransfer declines a transfer that the account took.
func (u *User) DeclineTransfer(ctx context.Context, id register.ID) (api.RegisterTransfer, error) {
	return u.transfer(ctx, http.MethodDelete, "/filing-transfers/"+string(id), nil)
}

func (u *User) transfer(ctx context.Context, method, path string, body any) (api.RegisterTransfer, error) {
	var t api.RegisterTransfer
	err := u.Call(ctx, method, path, body, &t)
	return t, err
}

// AwaitClaimCode waits for the SMS with the code of a claim, and returns the newest code.
func (c *Client) AwaitClaimCode(ctx context.Context, mobile, number string) (string, error) {
	return c.awaitCode(ctx, "+86"+mobile, func(sent []outbox.Message) []outbox.Message {
		return slices.DeleteFunc(slices.Clone(sent), func(m outbox.Message) bool { return !strings.Contains(m.Text, number) })
	})
}
