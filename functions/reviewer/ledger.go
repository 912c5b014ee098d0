package reviewer

import (
	"context"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// A Ledger lists all decisions on an order.
type Ledger struct {
	Verified bool    `json:"verified" doc:"whether all hashes and HMACs are correct, and the chain is complete up to the order"`
	Entries  []Entry `json:"entries" nullable:"false" doc:"oldest first; at most 200 in a page"`
	Next     string  `json:"next,omitempty" doc:"cursor of the next page; absent on the last page"`
}

// An Entry is one decision.
type Entry struct {
	Seq      int               `json:"seq"`
	At       time.Time         `json:"at"`
	Account  filing.Account    `json:"account"`
	Role     filing.Role       `json:"role"`
	Consent  string            `json:"consent,omitempty" doc:"by which an agency acted; see GET /agency-consents"`
	For      register.ID       `json:"for,omitempty" doc:"for the subject of which filing the agency acted; for a first filing, the order's id"`
	Decision string            `json:"decision"`
	Status   filing.Status     `json:"status" doc:"after the decision"`
	Step     filing.Step       `json:"step" doc:"after the decision"`
	Round    int               `json:"round"`
	Facts    map[string]string `json:"facts,omitempty" doc:"no personal data; of the reasons of overrides an HMAC"`
	// Overrides are read from the facts and the order.
	Overrides []filing.RecordedOverride `json:"overrides,omitempty" doc:"the rules that the reviewer overrode; to a reviewer without a claim, the reasons are not shown"`
	Hash      string                    `json:"hash" doc:"SHA-256, hex; includes the hash of the previous entry"`
}

type ledgerOutput struct{ Body Ledger }

func (a operations) readLedger(ctx context.Context, c *web.Call, in *web.HistoryQuery) (*ledgerOutput, error) {
	o, err := a.ReadOrder(ctx, c, in.OrderPath)
	if err != nil {
		return nil, err
	}
	entries, err := a.config.Store.Ledger(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	shown := slices.DeleteFunc(slices.Clone(entries), func(e filing.Entry) bool { return c.HidesEntry(o, e) })
	page, next, err := web.PageOf(shown, in.Cursor)
	if err != nil {
		return nil, err
	}
	out := &ledgerOutput{Body: Ledger{Verified: filing.VerifyLedger(entries, o), Entries: []Entry{}, Next: next}}
	for _, e := range page {
		entry := Entry{
			Seq: e.Seq, At: e.At, Account: e.By.Account, Role: e.By.Role, Consent: e.By.Consent, For: e.By.For, Decision: e.Decision,
			Status: e.Status, Step: e.Step, Round: e.Round, Facts: e.Facts, Overrides: o.OverridesIn(e), Hash: e.Hash,
		}
		for i := range entry.Overrides {
			if !c.SeesAll() {
				entry.Overrides[i].Reason = "" // it may name people
			}
		}
		out.Body.Entries = append(out.Body.Entries, entry)
	}
	return out, nil
}
