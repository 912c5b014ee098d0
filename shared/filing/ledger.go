package filing

import (
	"slices"
	"strings"
)

// VerifyLedger checks entries, oldest first, as the ledger of an order, and reports whether it found nothing wrong. Entries that were
// added after the order was read are allowed.
//
// Each entry contains the hash of the entry before it, and an HMAC of its own hash under a key that only the key service
// holds ([Entry.MACValid]). So VerifyLedger detects that a writer of the table without access to the key service changed, inserted,
// reordered or removed an entry, moved one to another order, or changed the order's account, province, domains, status, step
// or round without an entry. It does not detect that the newest entries were removed and these fields reset to their values at the
// last remaining entry, nor entries written by a function of Beian, which can call the key service.
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
