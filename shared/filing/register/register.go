// Package register is the register of what is filed (备案库): a [Filing] for each subject filed through us, as it stands at the bureau.
//
// A filing changes by [Filing.Replace], which returns the new version and the [Entry] that says what made it: an order that the bureau
// approved, a file of the bureau, or an import. Where the bureau says something else than we know, the bureau is right; see
// [Filing.WithBureau].
//
//	change, changed := filing.Replace(after, register.Source{Kind: register.FromOrder, ID: order}, now)
//
// Package filing has the applications (orders) that change a filing; package dynamo stores both.
package register

import (
	"slices"
	"strings"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/evidence"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// An ID is the identifier of a filing: a ULID. A filing that an order made has the order's.
type ID string

// keyPrefix begins the names of the data keys of filings.
const keyPrefix = "filing/"

// KeyName returns the name of the filing's data key.
func (id ID) KeyName() string { return keyPrefix + string(id) }

// OfKeyName returns the filing whose data key has a name; false for another name.
func OfKeyName(name string) (ID, bool) {
	id, ok := strings.CutPrefix(name, keyPrefix)
	return ID(id), ok
}

// An Account is the identifier of a user: the token's subject.
type Account string

// A Status says how a filing stands. Whether an open order is about to change it is not part of it.
type Status string

const (
	Filed     Status = "FILED"     // 已备案
	Shell     Status = "SHELL"     // 空壳主体: no site is left (icp-filing 8.5)
	Cancelled Status = "CANCELLED" // 已注销: the subject may file anew
)

// Statuses lists every status.
var Statuses = []Status{Filed, Shell, Cancelled}

// A Filing is what is filed of one subject.
type Filing struct {
	ID      ID      `json:"id"`
	Version int     `json:"version"`           // the first is 1
	Account Account `json:"account,omitempty"` // that has the filing; "" until an account claims an imported one
	// SubjectKey is the look-up key of the subject's certificate: a keyed hash.
	SubjectKey string                 `json:"subject"`
	Province   province.Code          `json:"province"`
	Entity     certificate.EntityKind `json:"entityKind"`
	Status     Status                 `json:"status"`
	MinistryID string                 `json:"ministryId,omitempty"` // of the subject (Ztid)
	Number     number.Subject         `json:"number"`
	Sites      []FiledSite            `json:"sites"`
	Papers     []Paper                `json:"papers,omitempty"`
	ChangedAt  time.Time              `json:"changedAt"` // of this version
	// CancelledOn is the day on which the bureau cancelled the filing.
	CancelledOn workday.Date `json:"cancelledOn,omitempty"`
	// Erased is set when the personal data are erased. Private and SubjectKey are empty then.
	Erased bool `json:"erased,omitempty"`
	// LastHash is the hash of the newest entry.
	LastHash string `json:"lastHash"`

	// Private is the personal data. It is stored encrypted, outside the filing's own JSON.
	Private Private `json:"-"`
}

// A FiledSite is what is public of a filed site. The site with the same index in [Private] has the rest.
type FiledSite struct {
	MinistryID string        `json:"ministryId,omitempty"` // Wzid
	Number     number.Filing `json:"number"`
	Domains    []FiledDomain `json:"domains"`
	Accesses   []Access      `json:"accesses"`
}

// A FiledDomain is a domain of a filed site.
type FiledDomain struct {
	MinistryID string            `json:"ministryId,omitempty"` // Ymid
	Name       domainname.Domain `json:"name"`
}

// An Access is the hosting of a site by a provider (接入).
type Access struct {
	MinistryID string `json:"ministryId,omitempty"` // Jrid
	// Provider is the ministry's number of the provider (Ispid); 0 if it is not known.
	Provider int64 `json:"provider,omitempty"`
	Ours     bool  `json:"ours,omitempty"`
	// Server and Placement are those of our own accesses.
	Server    string        `json:"server,omitempty"`
	Placement province.Code `json:"placement,omitempty"`
	Locations []int64       `json:"locations,omitempty"` // the ministry's codes of the server's location
	Modes     []int64       `json:"modes,omitempty"`     // the ministry's codes of the access mode
	IPs       []IPRange     `json:"ips,omitempty"`
}

// An IPRange is a range of public IPv4 addresses; a single address is both first and last.
type IPRange struct {
	MinistryID string `json:"ministryId,omitempty"` // Ipid
	First      string `json:"first"`
	Last       string `json:"last"`
}

// A Paper is a document with which the filing was made. It is kept with its order.
type Paper struct {
	Order string `json:"order"`
	// Slot is the document's place in that order, and Site the number of its site; "" for a document of the subject.
	Slot   evidence.Slot `json:"slot"`
	Site   string        `json:"site,omitempty"`
	SHA256 string        `json:"sha256"`
}

// Orders returns the orders whose papers the filing has.
func (f Filing) Orders() []string {
	var orders []string
	for _, p := range f.Papers {
		if !slices.Contains(orders, p.Order) {
			orders = append(orders, p.Order)
		}
	}
	return orders
}

// OurAccess returns the site's access through us.
func (s FiledSite) OurAccess() (Access, bool) {
	for _, a := range s.Accesses {
		if a.Ours {
			return a, true
		}
	}
	return Access{}, false
}

// DomainNames returns the names of the site's domains.
func (s FiledSite) DomainNames() []domainname.Domain {
	names := make([]domainname.Domain, len(s.Domains))
	for i, d := range s.Domains {
		names[i] = d.Name
	}
	return names
}

// Websites returns the number of the filing's websites, which the provinces limit. Apps, mini programs and quick apps do not count.
func (f Filing) Websites() int {
	n := 0
	for _, s := range f.Sites {
		if s.Number.Service == number.Site {
			n++
		}
	}
	return n
}
