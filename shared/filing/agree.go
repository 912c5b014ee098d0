package filing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing/register"
)

// Agree records that the bureau approved a change before its filed data arrive, which complete the approval. If the filing has changed since the
// record was queued, the filed data came first, and Agree completes the approval.
type Agree struct{ Record string }

func (Agree) Name() string { return "agree" }

func (d Agree) apply(c *Change, by Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkAwaitsAnswer(d.Record); err != nil {
		return err
	}
	if o.Bureau.Agreed {
		return ErrNothingToDo
	}
	o.Bureau.Agreed = true
	if !o.filingChanged() || o.Register.ID != o.Filed.ID {
		return nil
	}
	approve := Approve{Record: d.Record, SubjectID: o.Filed.MinistryID, SubjectNumber: o.Filed.Number}
	for i, s := range o.Filed.Sites {
		approve.Sites = append(approve.Sites, FiledSite{Site: i, ID: s.MinistryID, Number: s.Number})
	}
	return approve.apply(c, by, at)
}

// AnsweredBy reports whether filed data can be the answer to the order. Every change of a filing has the same name, also one that another
// provider sent: filed data answer an order that edits a filing only if the bureau has agreed, or if they have everything that the order changes.
// What they lack is not compared, because most of the interface's elements are optional.
func (o Order) AnsweredBy(filed register.Filing) bool {
	if !o.Kind().Edits() || o.Bureau != nil && o.Bureau.Agreed {
		return true
	}
	before := *o.Filed
	before.Private = o.Private.Filed
	after := comparableOf(o.Changed())
	changes := register.Differences(comparableOf(before), after)
	return !slices.ContainsFunc(register.Differences(after, comparableOf(filed)), func(d register.Difference) bool {
		return d.After != nil && slices.ContainsFunc(changes, func(c register.Difference) bool {
			return d.Pointer == c.Pointer || strings.HasPrefix(d.Pointer, c.Pointer+"/") || strings.HasPrefix(c.Pointer, d.Pointer+"/")
		})
	})
}

// comparableFiling is what the ministry's interface has of a filing, in a form that does not depend on the order of lists.
type comparableFiling struct {
	Subject Subject                   `json:"subject"`
	Remark  string                    `json:"remark,omitempty"`
	Sites   map[string]comparableSite `json:"sites"` // by number
}

type comparableSite struct {
	Site   Site     `json:"site"`
	Remark string   `json:"remark,omitempty"`
	IPs    []string `json:"ips,omitempty"` // of our access
	// PreApprovals are those for whose trade the ministry has a number.
	PreApprovals []string `json:"preApprovals,omitempty"`
}

func comparableOf(f register.Filing) comparableFiling {
	c := comparableFiling{Subject: atBureau(f.Private.Subject), Remark: f.Private.Subject.Remark, Sites: map[string]comparableSite{}}
	for i, s := range f.Sites {
		if i >= len(f.Private.Sites) {
			continue
		}
		one := comparableSite{Site: siteAtBureau(f.Private.Sites[i]), Remark: f.Private.Sites[i].Remark}
		one.Site.Domains, one.Site.ServiceContent, one.Site.Languages = sorted(one.Site.Domains), sorted(one.Site.ServiceContent), sorted(one.Site.Languages)
		for _, p := range one.Site.PreApprovals {
			if n, _ := p.Trade.Number(); n != 0 {
				one.PreApprovals = append(one.PreApprovals, strconv.Itoa(n)+" "+p.Number)
			}
		}
		slices.Sort(one.PreApprovals)
		one.Site.PreApprovals = nil
		ours, _ := s.OurAccess()
		for _, r := range ours.IPs {
			one.IPs = append(one.IPs, r.First+"-"+r.Last)
		}
		slices.Sort(one.IPs)
		c.Sites[s.Number.String()] = one
	}
	return c
}

func sorted[T ~int | ~string](all []T) []T {
	all = slices.Clone(all)
	slices.Sort(all)
	return all
}
