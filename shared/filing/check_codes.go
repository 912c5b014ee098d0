package filing

import (
	"fmt"
	"strings"

	"beian/shared/rules/codes"
	"beian/shared/rules/finding"
)

// A UsedCode is a code in the data of an application. Pointer is its JSON pointer in {"subject": …, "sites": …, "product": …}.
type UsedCode struct {
	Pointer string
	Table   codes.Name
	ID      int64
}

// UsedCodes lists the codes in details and in the order's product. Pre-approvals without a number of the ministry have none.
func (o Order) UsedCodes(subject Subject, sites []Site) []UsedCode {
	var used []UsedCode
	add := func(pointer string, table codes.Name, id int) {
		used = append(used, UsedCode{pointer, table, int64(id)})
	}
	if o.Cancellation != nil { // the bureau gets nothing else
		add("/cancellation/reason", codes.CancellationReasons, int(o.Cancellation.Reason))
		return used
	}
	if o.Product != nil {
		add("/product", codes.AccessModes, o.Product.Mode)
	}
	add("/subject/certificate/kind", codes.Natures, int(o.Entity))
	add("/subject/certificate/kind", codes.CertificateKinds, int(subject.Certificate.Kind))
	add("/subject/leader/certificate/kind", codes.CertificateKinds, int(subject.Leader.Certificate.Kind))
	for i, s := range sites {
		site := fmt.Sprintf("/sites/%d", i)
		add(site+"/leader/certificate/kind", codes.CertificateKinds, int(s.Leader.Certificate.Kind))
		for k, id := range s.ServiceContent {
			add(fmt.Sprintf("%s/serviceContent/%d", site, k), codes.Services, id)
		}
		for k, id := range s.Languages {
			add(fmt.Sprintf("%s/languages/%d", site, k), codes.Languages, id)
		}
		for k, p := range s.PreApprovals {
			if number, _ := p.Trade.Number(); number != 0 {
				add(fmt.Sprintf("%s/preApprovals/%d/trade", site, k), codes.PreApprovals, number)
			}
		}
	}
	return used
}

// CheckCodes returns a finding for each used code that the ministry has withdrawn, except those of a subject or sites that the order does not
// change. It is part of [Order.CheckDetails], and made again when the reviewer passes the order and before its record is sent.
func (o Order) CheckCodes(subject Subject, sites []Site) finding.List {
	var found finding.List
	for _, used := range o.UsedCodes(subject, sites) {
		k := o.Kind()
		if !k.Subject.entered() && strings.HasPrefix(used.Pointer, "/subject/") || !k.Sites.entered() && strings.HasPrefix(used.Pointer, "/sites/") {
			continue // the bureau has them already
		}
		found = append(found, o.Codes.CheckWithdrawn(used.Table, used.ID).Under(used.Pointer)...)
	}
	return found
}
