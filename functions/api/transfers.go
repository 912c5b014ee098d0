package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/decide"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/web"
)

// A RegisterTransfer is a transfer of a filing to another account.
type RegisterTransfer struct {
	Filing    register.ID            `json:"filing"`
	Number    number.Subject         `json:"number" doc:"the subject's number"`
	State     register.TransferState `json:"state" enum:"OFFERED,TAKEN,DONE,REVOKED,EXPIRED" doc:"OFFERED: the owner has a code for the other account; TAKEN: the other account entered it, and the owner confirms"`
	Code      string                 `json:"code,omitempty" doc:"for the other account; only in the response that creates it"`
	ExpiresAt time.Time              `json:"expiresAt" doc:"until then the transfer can be taken and confirmed"`
	Domains   []filing.Domain        `json:"domains" nullable:"false" doc:"of all sites"`
	// TakenBy is shown to the owner.
	TakenBy *TransferParty `json:"takenBy,omitempty" doc:"the account that took the transfer; the owner compares it before the confirmation"`
}

// A TransferParty is an account in a transfer, as its login names it.
type TransferParty struct {
	Mobile  string    `json:"mobile,omitempty" doc:"masked" example:"138****0000"`
	Email   string    `json:"email,omitempty" doc:"masked" example:"c***@example.cn"`
	TakenAt time.Time `json:"takenAt"`
}

type transferOutput struct{ Body RegisterTransfer }

type transferInput struct {
	web.FilingPath
	Key string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours answers with the same transfer and code"`
}

type takeInput struct {
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours takes the transfer only once"`
	Body struct {
		Code string `json:"code" maxLength:"64" doc:"from the owner of the filing"`
	}
}

// registerTransfers registers the transfer of a filing to another account.
func (a operations) registerTransfers() {
	const tag = "Filings"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filings/{id}/transfer", Status: http.StatusCreated, Tag: tag,
		Summary:     "Offer your filing to another account: the response has a code for it. A code that was not used becomes invalid",
		Description: "Give the code to the other account; it is shown only here, and is valid for 7 days. It is refused while an order about the filing is open, or after the other account took the transfer. You confirm after the other account has entered the code."}, a.offerTransfer)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings/{id}/transfer", Tag: tag,
		Summary:     "Read the newest transfer of your filing",
		Description: "Shows whether the other account has entered the code, and its masked mobile and email address. Compare these with the person you gave the code to, then confirm."},
		a.showTransfer(a.readTransfer))
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "DELETE /filings/{id}/transfer", Tag: tag,
		Summary:     "Revoke the transfer of your filing before you confirm it",
		Description: "The code becomes invalid. An account that entered it already gets a message."},
		a.endTransferOf(a.readTransfer, register.ToTaker))
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filings/{id}/transfer/confirmation", Tag: tag,
		Summary:     "Confirm the transfer of your filing to the account that entered the code. This cannot be undone",
		Description: "Call it after GET /filings/{id}/transfer shows the right account. The filing leaves your account at once. It is refused while an order about the filing is open, or if the other account has a subject by now."}, a.confirmTransfer)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filing-transfers", Tag: tag, Counts: limits.Transfer,
		Summary:     "Take a filing that another account offers, with its code. Its owner then confirms",
		Description: "Enter the code that the owner gave you. Your account must not have another subject. The owner sees your masked mobile and email address before confirming. A code is valid for 7 days."}, a.takeTransfer)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filing-transfers", Tag: tag,
		Summary:     "List the transfers that your account took and that wait for their owner",
		Description: "A transfer that was confirmed, revoked, declined or has expired leaves the list. One that your account offers is at GET /filings/{id}/transfer."}, a.listTaken)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filing-transfers/{id}", Tag: tag,
		Summary:     "Read a transfer that your account took",
		Description: "Poll it to learn whether the owner has confirmed. The id is that of the filing; once the state is DONE, the filing is in GET /filings."},
		a.showTransfer(a.readTaken))
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "DELETE /filing-transfers/{id}", Tag: tag,
		Summary:     "Decline a transfer that your account took, before its owner confirms",
		Description: "Use it if the filing is not the one that you expected. The owner gets a message and can offer the filing again."},
		a.endTransferOf(a.readTaken, register.ToOwner))
}

// A transferReader returns the transfer that a request names, with its filing, if the caller is the party that it reads it for.
type transferReader func(context.Context, *web.Call, *web.FilingPath) (register.Filing, register.Transfer, error)

// showTransfer returns the handler that shows a transfer.
func (a operations) showTransfer(read transferReader) func(context.Context, *web.Call, *web.FilingPath) (*transferOutput, error) {
	return func(ctx context.Context, c *web.Call, in *web.FilingPath) (*transferOutput, error) {
		f, t, err := read(ctx, c, in)
		return a.transferOutput(f, t, ""), err
	}
}

// endTransferOf returns the handler by which a party ends a transfer, and informs the other party.
func (a operations) endTransferOf(read transferReader, other register.Recipient) func(context.Context, *web.Call, *web.FilingPath) (*transferOutput, error) {
	return func(ctx context.Context, c *web.Call, in *web.FilingPath) (*transferOutput, error) {
		f, t, err := read(ctx, c, in)
		if err != nil {
			return nil, err
		}
		return a.endTransfer(ctx, c, f, t, other)
	}
}

// once carries out a request about a transfer. For a request that was carried out before, it calls again with the newest transfer of the filing.
func (a operations) once(ctx context.Context, c *web.Call, key string, carryOut func(decide.Request) (*transferOutput, error),
	again func(register.Filing, register.Transfer) (*transferOutput, error)) (*transferOutput, error) {
	pre, err := c.Preconditions(web.Conditions{Key: key}, filing.Applicant)
	if err != nil {
		return nil, err
	}
	var out *transferOutput
	if err = a.Decisions.Store.CheckRepeated(ctx, pre.Request); err == nil {
		out, err = carryOut(pre.Request)
	}
	r, repeated := errors.AsType[*decide.RepeatedError](err)
	if !repeated {
		return out, err
	}
	f, err := a.config.Store.Filing(ctx, r.Filing)
	if err != nil {
		return nil, err
	}
	t, err := a.config.Store.Transfer(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	return again(f, t)
}

func (a operations) offerTransfer(ctx context.Context, c *web.Call, in *transferInput) (*transferOutput, error) {
	return a.once(ctx, c, in.Key, func(request decide.Request) (*transferOutput, error) { return a.makeTransfer(ctx, c, in, request) },
		func(f register.Filing, t register.Transfer) (*transferOutput, error) {
			if t.From != c.Caller.Account { // a later transfer
				return nil, errNoTransfer
			}
			code, err := a.config.Store.TransferCode(ctx, t.ID, in.Key)
			if err != nil {
				return nil, err
			}
			key, err := a.config.Store.TransferCodeKey(ctx, code)
			if key != t.CodeKey { // a later request replaced the transfer
				code = ""
			}
			return a.transferOutput(f, t, code), err
		})
}

func (a operations) makeTransfer(ctx context.Context, c *web.Call, in *transferInput, request decide.Request) (*transferOutput, error) {
	f, err := in.ReadFiling(ctx, c, a.config.Store.Filing)
	if err != nil {
		return nil, err
	}
	last, err := a.config.Store.Transfer(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	order, err := a.config.Store.OpenOrderOf(ctx, c.Caller.Account, f.SubjectKey)
	if err != nil {
		return nil, err
	}
	id, secret := a.config.NewID(), request.Key
	if secret == "" {
		secret = rand.Text()
	}
	code, err := a.config.Store.TransferCode(ctx, id, secret)
	if err != nil {
		return nil, err
	}
	key, err := a.config.Store.TransferCodeKey(ctx, code)
	if err != nil {
		return nil, err
	}
	t, err := f.Offer(last, id, key, string(order), partyOf(c), a.Decisions.Now())
	if err != nil {
		return nil, err
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	if err := a.config.Store.CommitTransfer(ctx, f, last, t, nil, request); err != nil {
		return nil, err
	}
	return a.transferOutput(f, t, code), nil
}

func (a operations) takeTransfer(ctx context.Context, c *web.Call, in *takeInput) (*transferOutput, error) {
	return a.once(ctx, c, in.Key, func(request decide.Request) (*transferOutput, error) { return a.enterTransferCode(ctx, c, in, request) },
		func(f register.Filing, t register.Transfer) (*transferOutput, error) {
			if t.To != c.Caller.Account { // a later transfer
				return nil, errNoTransfer
			}
			t.Private = register.TransferParties{} // the owner's address is not shown
			return a.transferOutput(f, t, ""), nil
		})
}

func (a operations) enterTransferCode(ctx context.Context, c *web.Call, in *takeInput, request decide.Request) (*transferOutput, error) {
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	key, err := a.config.Store.TransferCodeKey(ctx, in.Body.Code)
	if err != nil {
		return nil, err
	}
	t, err := a.config.Store.TransferByCode(ctx, key)
	if err != nil {
		return nil, err
	}
	if t.ID == "" {
		return nil, register.TransferUnknown()
	}
	f, err := a.config.Store.Filing(ctx, t.Filing)
	if err != nil {
		return nil, err
	}
	standing, err := a.config.Store.StandingFilings(ctx, c.Caller.Account)
	if err != nil {
		return nil, err
	}
	busy, err := a.config.Store.SubmittedForAnother(ctx, c.Caller.Account, f.SubjectKey)
	if err != nil {
		return nil, err
	}
	if busy {
		return nil, fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeAccountHasOrder, "")})
	}
	after, err := t.Take(f, c.Caller.Account, partyOf(c), standing, a.Decisions.Now())
	if err != nil {
		return nil, err
	}
	if after.Version != t.Version {
		notice := register.Notice{Kind: register.NoticeTransferTaken, To: register.ToOwner, Filing: f.ID, ID: t.ID}
		if err := a.config.Store.CommitTransfer(ctx, f, t, after, nil, request, notice); err != nil {
			return nil, err
		}
	}
	after.Private = register.TransferParties{} // the owner's address is not shown
	return a.transferOutput(f, after, ""), nil
}

func (a operations) confirmTransfer(ctx context.Context, c *web.Call, in *transferInput) (*transferOutput, error) {
	return a.once(ctx, c, in.Key, func(request decide.Request) (*transferOutput, error) { return a.completeTransfer(ctx, c, in, request) },
		func(f register.Filing, t register.Transfer) (*transferOutput, error) {
			if t.From != c.Caller.Account { // a later transfer
				return nil, errNoTransfer
			}
			return a.transferOutput(f, t, ""), nil
		})
}

func (a operations) completeTransfer(ctx context.Context, c *web.Call, in *transferInput, request decide.Request) (*transferOutput, error) {
	f, t, err := a.readTransfer(ctx, c, &in.FilingPath)
	if err != nil {
		return nil, err
	}
	taker, err := a.config.Store.StandingFilings(ctx, t.To)
	if err != nil {
		return nil, err
	}
	order, err := a.config.Store.OpenOrderOf(ctx, c.Caller.Account, f.SubjectKey)
	if err != nil {
		return nil, err
	}
	after, change, err := t.Confirm(f, taker, string(order), a.Decisions.Now())
	if err != nil {
		return nil, err
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	var notices []register.Notice
	for _, to := range []register.Recipient{register.ToOwner, register.ToTaker, register.ToLeader} {
		notices = append(notices, register.Notice{Kind: register.NoticeTransferDone, To: to, Filing: f.ID, ID: t.ID})
	}
	if err := a.config.Store.CommitTransfer(ctx, f, t, after, &change, request, notices...); err != nil {
		return nil, err
	}
	return a.transferOutput(f, after, ""), nil
}

// endTransfer revokes a transfer, and informs the other account if it takes part.
func (a operations) endTransfer(ctx context.Context, c *web.Call, f register.Filing, t register.Transfer, other register.Recipient) (*transferOutput, error) {
	after, err := t.Revoke(a.Decisions.Now())
	if err != nil {
		return nil, err
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	var notices []register.Notice
	if t.State == register.TransferTaken {
		notices = append(notices, register.Notice{Kind: register.NoticeTransferRevoked, To: other, Filing: f.ID, ID: t.ID})
	}
	if err := a.config.Store.CommitTransfer(ctx, f, t, after, nil, decide.Request{}, notices...); err != nil {
		return nil, err
	}
	return a.transferOutput(f, after, ""), nil
}

// readTransfer returns the newest transfer of a filing of the caller.
func (a operations) readTransfer(ctx context.Context, c *web.Call, in *web.FilingPath) (register.Filing, register.Transfer, error) {
	f, err := in.ReadFiling(ctx, c, a.config.Store.Filing)
	if err != nil {
		return f, register.Transfer{}, err
	}
	t, err := a.config.Store.Transfer(ctx, f.ID)
	if err == nil && (t.ID == "" || t.From != c.Caller.Account) {
		err = errNoTransfer
	}
	return f, t, err
}

var errNoTransfer = fault.New(fault.NotFound, "这条备案没有转移，请返回备案详情页查看。", "There is no transfer of this filing.")

// listTaken lists the transfers that the caller took.
func (a operations) listTaken(ctx context.Context, c *web.Call, in *web.PageQuery) (*web.PageResult[RegisterTransfer], error) {
	found, next, err := a.config.Store.ListTakenTransfers(ctx, c.Caller.Account, a.Decisions.Now(), in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	var taken []RegisterTransfer
	for _, t := range found {
		f, err := a.config.Store.Filing(ctx, t.Filing)
		if err != nil {
			return nil, err
		}
		t.Private = register.TransferParties{} // the owner's address is not shown
		taken = append(taken, a.transferOutput(f, t, "").Body)
	}
	return web.NewPage(taken, next, "/filing-transfers", in.Limit, nil), nil
}

// readTaken returns a transfer that the caller took.
func (a operations) readTaken(ctx context.Context, c *web.Call, in *web.FilingPath) (register.Filing, register.Transfer, error) {
	if _, err := ulid.ParseStrict(in.ID); err != nil {
		return register.Filing{}, register.Transfer{}, errNoTransfer
	}
	t, err := a.config.Store.Transfer(ctx, register.ID(in.ID))
	if err != nil || t.To == "" || t.To != c.Caller.Account {
		if err == nil || fault.KindOf(err) == fault.NotFound {
			err = errNoTransfer
		}
		return register.Filing{}, register.Transfer{}, err
	}
	f, err := a.config.Store.Filing(ctx, t.Filing)
	return f, t, err
}

func partyOf(c *web.Call) register.Party {
	return register.Party{Mobile: c.Caller.Mobile, Email: c.Caller.Email, Language: c.Language}
}

func (a operations) transferOutput(f register.Filing, t register.Transfer, code string) *transferOutput {
	b := web.FilingBriefOf(f)
	out := RegisterTransfer{Filing: f.ID, Number: f.Number, State: t.StateAt(a.Decisions.Now()), Code: code, ExpiresAt: t.Expires(), Domains: b.Domains}
	if to := t.Private.To; t.To != "" && to != (register.Party{}) {
		out.TakenBy = &TransferParty{Mobile: masked(to.Mobile != "", to.Mobile.Masked), Email: masked(to.Email != "", to.Email.Masked), TakenAt: t.TakenAt}
	}
	return &transferOutput{Body: out}
}

// masked returns a masked address, "" if there is none.
func masked(given bool, mask func() string) string {
	if !given {
		return ""
	}
	return mask()
}
