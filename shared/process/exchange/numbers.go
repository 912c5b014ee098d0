package exchange

import "beian/shared/filing"

// numbers are our ids of everything in an order's record (MIIT-IF30, 8.3): the subject's is the first, the others count
// up from it in the order in which the document names them.
type numbers struct {
	subject int64
	sites   []siteNumbers
	count   int
}

type siteNumbers struct {
	id      int64
	domains []int64
	access  int64
	ips     []int64
}

func numbersOf(o filing.Order, first int64) numbers {
	next := first
	take := func(n int) []int64 {
		taken := make([]int64, n)
		for i := range taken {
			taken[i] = next
			next++
		}
		return taken
	}
	ips := 0
	if o.Product != nil {
		ips = len(o.Product.IPs)
	}
	n := numbers{subject: take(1)[0]}
	for _, s := range o.Private.Sites {
		n.sites = append(n.sites, siteNumbers{id: take(1)[0], domains: take(len(s.Domains)), access: take(1)[0], ips: take(ips)})
	}
	n.count = int(next - first)
	return n
}

// Needed returns how many numbers of ours the record of an order takes; see Store.Numbers.
func Needed(o filing.Order) int { return numbersOf(o, 0).count }

// indexed are the numbers by which the bureau may name the record: the subject's and those of the sites.
func (n numbers) indexed() []int64 {
	all := []int64{n.subject}
	for _, s := range n.sites {
		all = append(all, s.id)
	}
	return all
}
