package register

import (
	"strings"
	"time"

	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
)

// TransferLifetime is how long a transfer can be taken and confirmed. Our own rule.
const TransferLifetime = 7 * 24 * time.Hour

// Findings of transfers.
const (
	CodeTransferNone       finding.Code = "transfer-none"
	CodeTransferUnknown    finding.Code = "transfer-code-unknown"
	CodeTransferOwn        finding.Code = "transfer-to-own-account"
	CodeTransferTaken      finding.Code = "transfer-taken-already"
	CodeTransferNotTaken   finding.Code = "transfer-not-taken"
	CodeTransferOrderOpen  finding.Code = "transfer-order-open"
	CodeTransferTakerOrder finding.Code = "transfer-taker-has-order"
	CodeTransferTakerHas   finding.Code = "transfer-taker-has-filing"
)

// A TransferState says where a transfer stands.
type TransferState string

const (
	TransferOffered TransferState = "OFFERED" // the owner has a code for the other account
	TransferTaken   TransferState = "TAKEN"   // the other account entered it; the owner confirms
	TransferDone    TransferState = "DONE"
	TransferRevoked TransferState = "REVOKED" // by the owner, or declined by the other account
	TransferExpired TransferState = "EXPIRED"
)

// A Transfer (转移) moves a filing to another account: the owner's account gets a code, the other account enters it, and the owner confirms. Until
// then, both can end it. A filing has one transfer at a time.
type Transfer struct {
	ID      string        `json:"id"` // a ULID
	Filing  ID            `json:"filing"`
	Version int           `json:"version"` // of the filing's transfers; the first is 1
	State   TransferState `json:"state"`
	From    Account       `json:"from"`
	To      Account       `json:"to,omitempty"` // that took it
	CodeKey string        `json:"code"`         // keyed hash of the code
	At      time.Time     `json:"at"`
	TakenAt time.Time     `json:"takenAt,omitzero"`
	EndedAt time.Time     `json:"endedAt,omitzero"`

	// Private are the addresses for messages. They are stored encrypted, outside the transfer's own JSON.
	Private TransferParties `json:"-"`
}

// TransferParties are the addresses of both accounts, as their tokens had them.
type TransferParties struct {
	From, To Party
}

// A Party is an address for messages about a transfer.
type Party struct {
	Mobile   contact.Mobile `json:"mobile,omitempty"`
	Email    contact.Email  `json:"email,omitempty"`
	Language string         `json:"language,omitempty"`
}

// Expires returns the time after which the transfer can be neither taken nor confirmed.
func (t Transfer) Expires() time.Time { return t.At.Add(TransferLifetime) }

// StateAt returns the state at a time: that of the transfer, or expired.
func (t Transfer) StateAt(at time.Time) TransferState {
	if t.IsOpen(at) || t.State == TransferDone || t.State == TransferRevoked {
		return t.State
	}
	return TransferExpired
}

// IsOpen reports whether the transfer can still be completed.
func (t Transfer) IsOpen(at time.Time) bool {
	return (t.State == TransferOffered || t.State == TransferTaken) && at.Before(t.Expires())
}

// orderOpen returns the fault about an open order of the filing's owner.
func orderOpen(order string) error {
	f := finding.New(CodeTransferOrderOpen, "")
	f.Order = order
	return fault.WithFindings(fault.Conflict, finding.List{f})
}

// Offer returns a new transfer of the filing by its owner. last is the filing's transfer before, or the zero Transfer: one that was not taken is
// replaced, and its code becomes invalid. order is an open order of the owner about the filing, "" if none. The error is a fault of kind Conflict.
func (f Filing) Offer(last Transfer, id, codeKey, order string, owner Party, at time.Time) (Transfer, error) {
	switch {
	case f.Status == Cancelled:
		return Transfer{}, refusal(CodeNotStanding, "")
	case order != "":
		return Transfer{}, orderOpen(order)
	case last.IsOpen(at) && last.State == TransferTaken && last.From == f.Account:
		return Transfer{}, refusal(CodeTransferTaken, "")
	}
	return Transfer{ID: id, Filing: f.ID, Version: last.Version + 1, State: TransferOffered, From: f.Account, CodeKey: codeKey,
		At: at.UTC().Truncate(time.Millisecond), Private: TransferParties{From: owner}}, nil
}

// CodeNotStanding refuses what a cancelled filing cannot do.
const CodeNotStanding finding.Code = "filing-not-standing"

// Take returns the transfer after another account entered its code. f is the filing, and standing are the filings that the account has. Codes that
// are unknown, expired or used have the same answer.
func (t Transfer) Take(f Filing, by Account, party Party, standing []Filing, at time.Time) (Transfer, error) {
	switch {
	case t.State == TransferTaken && t.To == by && t.IsOpen(at):
		return t, nil // again
	case t.State != TransferOffered || !t.IsOpen(at) || f.Account != t.From || f.Status == Cancelled:
		return Transfer{}, TransferUnknown()
	case by == t.From:
		return Transfer{}, refusal(CodeTransferOwn, "/code")
	}
	for _, own := range standing {
		if own.Status != Cancelled {
			return Transfer{}, refusal(CodeAccountHasFiling, "", "number", own.Number.String())
		}
	}
	t.Version++
	t.State, t.To, t.TakenAt, t.Private.To = TransferTaken, by, at.UTC().Truncate(time.Millisecond), party
	return t, nil
}

// TransferUnknown is the answer to a code that no open transfer has.
func TransferUnknown() error {
	return fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeTransferUnknown, "/code")})
}

// Confirm completes a transfer that was taken, for the owner. taker are the filings that the other account has, and order is an open order of the
// owner about the filing.
func (t Transfer) Confirm(f Filing, taker []Filing, order string, at time.Time) (Transfer, Change, error) {
	switch {
	case !t.IsOpen(at) || f.Account != t.From:
		return Transfer{}, Change{}, refusal(CodeTransferNone, "")
	case t.State != TransferTaken:
		return Transfer{}, Change{}, refusal(CodeTransferNotTaken, "")
	case f.Status == Cancelled:
		return Transfer{}, Change{}, refusal(CodeNotStanding, "")
	case order != "":
		return Transfer{}, Change{}, orderOpen(order)
	}
	for _, own := range taker {
		if own.Status != Cancelled {
			return Transfer{}, Change{}, refusal(CodeTransferTakerHas, "")
		}
	}
	after := f
	after.Account = t.To
	change, _ := f.Replace(after, Source{Kind: FromAccount, ID: t.ID, From: t.From, To: t.To}, at)
	t.Version++
	t.State, t.EndedAt = TransferDone, at.UTC().Truncate(time.Millisecond)
	return t, change, nil
}

// Revoke ends a transfer that is not completed. The owner and the account that took it can.
func (t Transfer) Revoke(at time.Time) (Transfer, error) {
	if !t.IsOpen(at) {
		return Transfer{}, refusal(CodeTransferNone, "")
	}
	t.Version++
	t.State, t.EndedAt = TransferRevoked, at.UTC().Truncate(time.Millisecond)
	return t, nil
}

// TypedTransferCode returns a code as it is compared: people type it in small letters, with spaces and signs.
func TypedTransferCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToUpper(text.NormalizeASCII(typed)))
}
