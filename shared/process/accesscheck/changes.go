package accesscheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
)

// A ChangeKind says what changed the answer for the hosts of a domain.
type ChangeKind string

const (
	BecameFiled   ChangeKind = "filed"
	Ended         ChangeKind = "ended"        // the filing, the site or the domain
	AccessEnded   ChangeKind = "access-ended" // filed still, but not through us
	AccessChanged ChangeKind = "changed"      // the number, or our access: its addresses or server
	Blacklisted   ChangeKind = "blacklisted"
	Unblacklisted ChangeKind = "unblacklisted"
)

// ChangeKinds lists every kind.
var ChangeKinds = []ChangeKind{BecameFiled, Ended, AccessEnded, AccessChanged, Blacklisted, Unblacklisted}

// A Change is a domain whose answer changed.
type Change struct {
	Domain domainname.Domain `json:"domain"`
	Kind   ChangeKind        `json:"kind"`
}

// A ChangeSet is what one version of a filing, or one entry of the blacklist, changed at a time.
type ChangeSet struct {
	At      time.Time
	Changes []Change
}

const (
	// ChangesKept is how long the feed keeps a change.
	ChangesKept = 30 * 24 * time.Hour
	// ChangesSettle is how old a change must be before the feed shows it. Transactions of the last seconds may become visible in another order than that of
	// their times, and a reader who has passed a time does not come back to it.
	ChangesSettle = 5 * time.Second
	// MaxChanges is the number of changes at which a page of the feed ends, so that its answer fits into 6 MB.
	MaxChanges = 1000
	// CodeCursorExpired says that changes after a cursor are not kept any more.
	CodeCursorExpired finding.Code = "access-cursor-expired"
)

// Changes returns the domains whose answer a new version of a filing may change, by name.
func Changes(before, after register.Filing) []Change {
	was, is := accesses(before), accesses(after)
	names := maps.Clone(was)
	maps.Copy(names, is)
	var changes []Change
	for _, d := range slices.Sorted(maps.Keys(names)) {
		old, filedBefore := was[d]
		now, filedNow := is[d]
		kind := AccessChanged
		switch {
		case old == now && filedBefore == filedNow:
			continue
		case !filedBefore:
			kind = BecameFiled
		case !filedNow:
			kind = Ended
		case old.hosted && !now.hosted:
			kind = AccessEnded
		}
		changes = append(changes, Change{d, kind})
	}
	return changes
}

// An access is what the answer for a domain depends on.
type access struct {
	hosted bool
	detail string
}

// accesses returns the accesses of the domains of a filing; none if it is cancelled.
func accesses(f register.Filing) map[domainname.Domain]access {
	all := map[domainname.Domain]access{}
	if f.Status == register.Cancelled {
		return all
	}
	for _, s := range f.Sites {
		a, hosted := s.OurAccess()
		detail := fmt.Sprint(s.Number, hosted, a.Server)
		for _, ip := range a.IPs {
			detail += " " + ip.First + "-" + ip.Last
		}
		for _, d := range s.DomainNames() {
			d = cmp.Or(d.Registrable(), d)
			all[d] = access{all[d].hosted || hosted, all[d].detail + detail + "\n"} // a website and an app may have one domain
		}
	}
	return all
}

// DomainsOf returns the domains of a filing that stands, by name.
func DomainsOf(f register.Filing) []domainname.Domain { return slices.Sorted(maps.Keys(accesses(f))) }
