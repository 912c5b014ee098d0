package exchange

import "beian/shared/filing"

// ids are our ids of the subject, sites, domains, accesses and addresses in an order's record (MIIT-IF30 8.3). The subject's is the
// first. The others follow in the order of the document.
type ids struct {
	subject int64
	sites   []siteIDs
	count   int
}

type siteIDs struct {
	id      int64
	domains []int64
	access  int64
	ips     []int64
}

func idsOf(o filing.Order, first int64) ids {
	next := first
	allocate := func(n int) []int64 {
		block := make([]int64, n)
		for i := range block {
			block[i] = next
			next++
		}
		return block
	}
	ips := 0
	if o.Product != nil {
		ips = len(o.Product.IPs)
	}
	n := ids{subject: allocate(1)[0]}
	for i, s := range o.Private.Sites {
		n.sites = append(n.sites, siteIDs{id: allocate(1)[0], domains: allocate(len(s.Domains)), access: allocate(1)[0], ips: allocate(ips + filedIPs(o, i))})
	}
	n.count = int(next - first)
	return n
}

// CountIDs returns the number of ids that the record of an order needs.
func CountIDs(o filing.Order) int { return idsOf(o, 0).count }

// filedIPs returns the number of address ranges that a site has in the filing that the order edits.
func filedIPs(o filing.Order, site int) int {
	if !o.Kind().Edits() || site >= len(o.Filed.Sites) {
		return 0
	}
	count := 0
	for _, a := range o.Filed.Sites[site].Accesses {
		count += len(a.IPs)
	}
	return count
}
