package filing

import (
	"slices"
	"strings"
)

// VerifyLedger reports whether entries, oldest first, are the unbroken ledger of an order. The ledger may be longer than
// the order knows, for a decision may have been stored since the order was read.
//
// Each entry contains the hash of the entry before it, and an HMAC of its own hash under a key that only the key service
// holds ([Entry.MACValid]). So whoever can write the table, but cannot call the key service, cannot change, insert,
// reorder or remove an entry, nor move one to another order, nor change the order's account, province, domains, status, step
// or round without an entry. Two things are not detected: that the newest entries were removed and these fields put back to what
// they were at the last entry that is left; and entries written by a function of Beian, which can call the key service.
func VerifyLedger(entries []Entry, o Order) bool {
	previous := ""
	for i, e := range entries {
		if e.Order != o.ID || e.Seq != i+1 || e.Previous != previous || e.Hash != e.Sum() || !e.MACValid {
			return false
		}
		previous = e.Hash
	}
	if o.LastSeq < 1 || o.LastSeq > len(entries) {
		return false
	}
	last, opening := entries[o.LastSeq-1], entries[0].Facts
	for _, e := range entries[:o.LastSeq] {
		if _, opens := e.Facts["domains"]; opens {
			opening = e.Facts
		}
	}
	sameDomains := slices.EqualFunc(strings.Fields(opening["domains"]), o.Domains, func(text string, d Domain) bool { return text == string(d) })
	return entries[0].By.Account == o.Account && opening["province"] == string(o.Province) && sameDomains &&
		last.Hash == o.LastHash && last.Status == o.Status && last.Step == o.Step && last.Round == o.Round
}
