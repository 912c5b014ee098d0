package simulator

import (
	"slices"

	"beian/shared/bureau/document"
)

// Kinds of resource: the elements of the results of IP filings, and domain filings.
const (
	ipSource      = "Lyjg"
	ipAllocation  = "Fpjg"
	ipBroadcast   = "Gbjs"
	ipIndependent = "Zdip"
	registration  = "YM"
)

// Codes about resources (MIIT-IF30 6.2).
const (
	ipDone             = 2998
	ipFailed           = 2999
	registrationDone   = 3998
	registrationFailed = 3999
)

// A resource is a record of IP or domain filing. They need no review.
type resource struct {
	Kind     string        `json:"kind"`
	ID       int64         `json:"id,omitempty"` // the bureau's; 0 until it is filed
	OurID    int64         `json:"ourId,omitempty"`
	Provider int64         `json:"provider,omitempty"`
	First    document.IPv4 `json:"first,omitempty"`
	Last     document.IPv4 `json:"last,omitempty"`
	Domain   string        `json:"domain,omitempty"`
	Gone     bool          `json:"gone,omitempty"` // deleted
}

// resourceConflicts returns the results of the checks against what is filed.
func (s *state) resourceConflicts(r *record) []resultCode {
	var c checks
	one := r.Resource
	old := s.findResource(r)
	if r.Operation == document.RecordAdded {
		repeated := int64(2003)
		switch one.Kind {
		case ipBroadcast:
			repeated = 2004
		case registration:
			repeated = registrationFailed
		}
		c.require(!slices.ContainsFunc(s.resources, func(other *resource) bool {
			return other.Kind == one.Kind && other.Provider == r.Provider &&
				(one.Kind == registration && other.Domain == one.Domain || one.Kind != registration && other.First <= one.Last && one.First <= other.Last)
		}), repeated, "")
		c.require(one.Kind != ipAllocation || s.hasSource(r), 2005, "")
		return c.found
	}
	if one.Kind == registration {
		c.require(old != nil, registrationFailed, "")
		c.require(old == nil || old.Provider == r.Provider, 3037, "")
		return c.found
	}
	c.require(old != nil, 2055, "")
	c.require(old == nil || old.Provider == r.Provider, 2054, "")
	return c.found
}

// findResource returns what a record changes or deletes, nil if it is not filed.
func (s *state) findResource(r *record) *resource {
	one := r.Resource
	for _, other := range s.resources {
		if other.Kind == one.Kind && (one.ID != 0 && other.ID == one.ID || one.ID == 0 && one.Domain != "" && other.Domain == one.Domain) {
			return other
		}
	}
	return nil
}

// hasSource reports whether the provider filed a source of the whole range.
func (s *state) hasSource(r *record) bool {
	return slices.ContainsFunc(s.resources, func(other *resource) bool {
		return other.Kind == ipSource && other.Provider == r.Provider &&
			other.First <= r.Resource.First && r.Resource.Last <= other.Last
	})
}

// decideResource returns the decision about a record of IP or domain filing.
func (b *Bureau) decideResource(r *record) *decision {
	d := &decision{Record: r.ID, Numbers: b.state.numbers.clone(), Twice: r.Action.Twice}
	one := *r.Resource
	done, failed := int64(ipDone), int64(ipFailed)
	if one.Kind == registration {
		done, failed = registrationDone, registrationFailed
	}
	codes := slices.Clone(r.Codes)
	if len(codes) == 0 {
		codes = b.state.resourceConflicts(r)
	}
	d.Decision = decidedByCheck
	if len(codes) == 0 && r.Action.Decision == Refuse {
		d.Decision, codes = string(Refuse), r.Action.resultCodes(failed)
	}
	if len(codes) == 0 {
		d.Decision, codes = string(Approve), []resultCode{{Code: done}}
		if old := b.state.findResource(r); r.Operation != document.RecordAdded && old != nil {
			one.ID, one.OurID = old.ID, old.OurID
			one.Gone = r.Operation == document.RecordDeleted
		} else {
			one.ID = d.Numbers.nextID()
		}
		one.Provider = r.Provider
		d.Resource = &one
	}
	d.ResourceResult = &resourceResult{Kind: one.Kind, ID: one.ID, OurID: one.OurID, Operation: r.Operation}
	for _, code := range codes {
		d.ResourceResult.Items = append(d.ResourceResult.Items, document.ResultItem{Code: code.Code, Text: code.text()})
	}
	return d
}

// A resourceResult is the result of one record.
type resourceResult struct {
	Kind      string                `json:"kind"`
	ID        int64                 `json:"id,omitempty"`
	OurID     int64                 `json:"ourId,omitempty"`
	Operation int64                 `json:"operation"`
	Items     []document.ResultItem `json:"items"`
}

// resourceFiles returns the files with the results of IP and of domain filings.
func resourceFiles(decisions []*decision) []*document.Download {
	var ip *document.IPResults
	var domains []document.DomainResult
	for _, d := range decisions {
		r := d.ResourceResult
		switch {
		case r == nil:
		case r.Kind == registration:
			one := document.DomainResult{BureauID: r.ID, Operation: r.Operation, ID: r.OurID}
			for _, item := range r.Items {
				one.Items = append(one.Items, document.DomainResultItem{Text: item.Text, Code: item.Code})
			}
			domains = append(domains, one)
		default:
			if ip == nil {
				ip = &document.IPResults{}
			}
			one := document.IPResult{BureauID: r.ID, Operation: r.Operation, ID: r.OurID}
			for _, item := range r.Items {
				one.Items = append(one.Items, document.IPResultItem{Text: item.Text, Code: item.Code})
			}
			list := map[string]*[]document.IPResult{
				ipSource: &ip.Sources, ipAllocation: &ip.Allocations, ipBroadcast: &ip.Broadcasts, ipIndependent: &ip.Independent,
			}[r.Kind]
			*list = append(*list, one)
		}
	}
	var files []*document.Download
	if ip != nil {
		files = append(files, &document.Download{Version: document.Version, IP: &document.IPDownload{Results: ip}})
	}
	if domains != nil {
		files = append(files, &document.Download{Version: document.Version, Domains: &document.DomainDownload{Results: domains}})
	}
	return files
}
