package accesscheck

import (
	"context"
	"net/netip"

	"beian/shared/process/accesscheck"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
)

// changeSets is the maximum number of versions of filings in a page.
const changeSets = 100

// changes returns a page of the feed.
func (f *Function) changes(ctx context.Context, cursor string) (*changesOutput, error) {
	sets, next, err := f.config.Store.AccessChanges(ctx, cursor, changeSets)
	if err != nil {
		return nil, err
	}
	var domains []domainname.Domain
	for _, set := range sets {
		for _, c := range set.Changes {
			domains = append(domains, c.Domain)
		}
	}
	facts, err := f.config.Checker.Facts(ctx, domains)
	if err != nil {
		return nil, err
	}
	out := &changesOutput{Body: AccessChanges{Items: []AccessChange{}, Next: next}}
	for _, set := range sets {
		for _, c := range set.Changes {
			out.Body.Items = append(out.Body.Items, changeOf(set, c, facts[c.Domain]))
		}
	}
	return out, nil
}

// changeOf returns a change with the answer of now.
func changeOf(set accesscheck.ChangeSet, c accesscheck.Change, facts accesscheck.Facts) AccessChange {
	reason, site := facts.Decide(c.Domain, netip.Addr{})
	out := AccessChange{At: set.At, Domain: c.Domain, Change: c.Kind, AccessReason: reasonOf(finding.New(reason, ""), site), Addresses: []AddressRange{}}
	if !out.Allowed {
		return out
	}
	for _, s := range facts.Sites {
		for _, r := range s.Ranges {
			out.Addresses = append(out.Addresses, AddressRange{First: r.First.String(), Last: r.Last.String()})
		}
	}
	return out
}
