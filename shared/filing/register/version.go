package register

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"beian/shared/rules/workday"
)

// A SourceKind says what made a version of a filing.
type SourceKind string

const (
	FromOrder    SourceKind = "order"    // the bureau approved an order; the id is the order's
	FromDownload SourceKind = "download" // a file of the bureau; the id is the file's
	FromImport   SourceKind = "import"   // an import of the operator; the id is the import's
	FromAccount  SourceKind = "account"  // a claim of the filing, or a transfer between accounts; the id is that of the claim or transfer
)

// A Source is what made a version of a filing.
type Source struct {
	Kind SourceKind `json:"kind"`
	ID   string     `json:"id"`
	// From and To are the accounts of a claim or transfer: the one that had the filing, "" if none, and the one that has it.
	From Account `json:"from,omitempty"`
	To   Account `json:"to,omitempty"`
}

// An Entry is one line of a filing's ledger. It contains the hash of the entry before it; see [VerifyLedger].
type Entry struct {
	Filing  ID        `json:"filing"`
	Version int       `json:"version"`
	At      time.Time `json:"at"`
	Source  Source    `json:"source"`
	Status  Status    `json:"status"` // after the change
	// Changed are the places that differ from the version before, without their values: /subject/leader/mobile, /sites/京ICP备12345678号-1.
	Changed  []string `json:"changed"`
	Previous string   `json:"previous"`
	Hash     string   `json:"hash"`

	// MAC is the store's HMAC of the hash. The store sets MACValid on reading if MAC is correct.
	MAC      string `json:"mac,omitempty"`
	MACValid bool   `json:"-"`
}

// Sum returns the hash of the entry: SHA-256 over its JSON without hash and MAC, in hex.
func (e Entry) Sum() string {
	e.Hash, e.MAC = "", ""
	return Sum(e)
}

// Sum returns the SHA-256 of the JSON of a value in hex. The value must be one that always marshals, such as a ledger entry without hash and MAC.
func Sum(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // see above
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// VerifyLedger returns the number of the first version whose entry is not as it was written, or is missing; 0 if all are.
func VerifyLedger(entries []Entry, last string) int {
	previous := ""
	for i, e := range entries {
		if e.Version != i+1 || !e.MACValid || e.Previous != previous || e.Sum() != e.Hash {
			return i + 1
		}
		previous = e.Hash
	}
	if previous != last {
		return len(entries) + 1
	}
	return 0
}

// A Change is a new version of a filing. The store writes all of it in one transaction.
type Change struct {
	Before Filing // the zero Filing for the first version
	After  Filing
	Entry  Entry
}

// Replace returns the change to the state after: its status is that of its sites, unless it is [Cancelled], and version and hash continue
// those of f, which is the zero Filing for the first version. It returns false if after is as f.
func (f Filing) Replace(after Filing, by Source, at time.Time) (Change, bool) {
	at = at.UTC().Truncate(time.Millisecond)
	switch {
	case after.Status == Cancelled && after.CancelledOn == "":
		after.CancelledOn = workday.DateOf(at)
	case after.Status == Cancelled:
	case len(after.Sites) == 0:
		after.Status = Shell
	default:
		after.Status = Filed
	}
	changed := []string{}
	for _, d := range Differences(f.content(), after.content()) {
		changed = append(changed, d.Pointer)
	}
	if f.Version > 0 && len(changed) == 0 {
		return Change{}, false
	}
	slices.Sort(changed)
	after.Version, after.ChangedAt = f.Version+1, at
	entry := Entry{Filing: after.ID, Version: after.Version, At: at, Source: by, Status: after.Status, Changed: changed, Previous: f.LastHash}
	entry.Hash = entry.Sum()
	after.LastHash = entry.Hash
	return Change{Before: f, After: after, Entry: entry}, true
}

// content returns what a version says, as decoded JSON. A site is named by its number, because its index changes.
func (f Filing) content() any {
	sites := map[string]any{}
	for i, s := range f.Sites {
		site := map[string]any{"filed": s}
		if i < len(f.Private.Sites) {
			site["details"] = f.Private.Sites[i]
		}
		sites[s.Number.String()] = site
	}
	return decoded(map[string]any{
		"account": f.Account, "status": f.Status, "number": f.Number, "ministryId": f.MinistryID, "province": f.Province, "entityKind": f.Entity,
		"cancelledOn": f.CancelledOn, "subject": f.Private.Subject, "filingPassword": f.Private.FilingPassword, "papers": f.Papers, "sites": sites,
	})
}
