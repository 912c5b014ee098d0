package api

import (
	"context"
	"time"

	"beian/shared/filing"
)

// A Ledger is who decided what.
type Ledger struct {
	// Verified is whether each entry has the hash that it has to have and the chain is whole up to the order.
	Verified bool    `json:"verified" doc:"every entry has its hash, and the chain is whole"`
	Entries  []Entry `json:"entries" nullable:"false" doc:"oldest first"`
}

// An Entry is one decision.
type Entry struct {
	Seq      int               `json:"seq"`
	At       time.Time         `json:"at"`
	Account  filing.Account    `json:"account"`
	Role     filing.Role       `json:"role"`
	Decision string            `json:"decision"`
	Status   filing.Status     `json:"status" doc:"after it"`
	Step     filing.Step       `json:"step" doc:"after it"`
	Round    int               `json:"round"`
	Facts    map[string]string `json:"facts,omitempty" doc:"nothing personal"`
	Hash     string            `json:"hash" doc:"SHA-256, hex; covers the hash of the entry before"`
}

type ledgerOutput struct{ Body Ledger }

func (a *API) ledger(ctx context.Context, c *call, in *OrderPath) (*ledgerOutput, error) {
	o, err := a.order(ctx, *in, "")
	if err != nil {
		return nil, err
	}
	entries, err := a.Store.Ledger(ctx, o.ID)
	if err != nil {
		return nil, err
	}
	out := &ledgerOutput{Body: Ledger{Verified: whole(entries, o), Entries: []Entry{}}}
	for _, e := range entries {
		out.Body.Entries = append(out.Body.Entries, Entry{
			Seq: e.Seq, At: e.At, Account: e.By.Account, Role: e.By.Role, Decision: e.Decision,
			Status: e.Status, Step: e.Step, Round: e.Round, Facts: e.Facts, Hash: e.Hash,
		})
	}
	return out, nil
}

// whole reports whether entries are an unbroken chain that reaches at least to where the order was when it was read;
// a decision in between may have added to it.
func whole(entries []filing.Entry, o filing.Order) bool {
	previous := ""
	for i, e := range entries {
		if e.Order != o.ID || e.Seq != i+1 || e.Previous != previous || e.Hash != e.Sum() {
			return false
		}
		previous = e.Hash
	}
	return o.LastSeq >= 1 && o.LastSeq <= len(entries) && entries[o.LastSeq-1].Hash == o.LastHash
}
