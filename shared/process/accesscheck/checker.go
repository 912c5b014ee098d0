package accesscheck

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
)

const (
	// MaxAge is the maximum age of facts that a Checker keeps, so that a host that many servers ask for is read once.
	MaxAge = 2 * time.Second
	// AllowedFor and DeniedFor are how long an answer may be cached outside. A denial is shorter: a site opens on the day of its approval. The feed of
	// changes is faster than both.
	AllowedFor = 5 * time.Minute
	DeniedFor  = time.Minute
	// maxKept is the number of domains of which a Checker keeps facts: 2 MB.
	maxKept = 4096
)

// A Store reads the register. Package dynamo implements it.
type Store interface {
	// AccessFacts returns what the register has of domains. A domain without facts may be missing.
	AccessFacts(ctx context.Context, domains []domainname.Domain) (map[domainname.Domain]Facts, error)
}

// A Question asks whether a host may be served on an address.
type Question struct {
	Host    string
	Address string // "" asks about the host on any address
}

// An Answer answers a question.
type Answer struct {
	Question
	Domain domainname.Domain // registrable; "" if the host has none
	Reason finding.Finding
	Site   Site      // that the answer is about; the zero value if there is none
	Until  time.Time // may be cached until then
}

// Allowed reports whether the host may be served.
func (a Answer) Allowed() bool { return a.Reason.Severity != finding.Block }

// A Checker answers questions. It is safe for concurrent use.
type Checker struct {
	Store Store
	Wall  func() time.Time

	mu       sync.Mutex
	new, old map[domainname.Domain]kept // old has what new had when it was full
}

type kept struct {
	facts Facts
	at    time.Time
}

// Check answers questions, in their order. A host or an address that is malformed is answered with no.
func (c *Checker) Check(ctx context.Context, questions []Question) ([]Answer, error) {
	now := c.Wall()
	answers := make([]Answer, len(questions))
	addresses := make([]netip.Addr, len(questions))
	var domains []domainname.Domain
	for i, q := range questions {
		answers[i] = Answer{Question: q}
		d, wrong := domainname.ParseHost(q.Host)
		if len(wrong) > 0 {
			answers[i].Reason = wrong[0]
			continue
		}
		answers[i].Domain = d
		if q.Address != "" {
			var code finding.Code
			if addresses[i], code = ParseAddress(q.Address); code != "" {
				answers[i].Reason = finding.New(code, "")
				continue
			}
		}
		domains = append(domains, d)
	}
	facts, err := c.Facts(ctx, domains)
	if err != nil {
		return nil, err
	}
	for i := range answers {
		a := &answers[i]
		if a.Reason.Code == "" {
			var code finding.Code
			code, a.Site = facts[a.Domain].Decide(a.Domain, addresses[i])
			a.Reason = finding.New(code, "")
		}
		a.Until = now.Add(DeniedFor)
		if a.Allowed() {
			a.Until = now.Add(AllowedFor)
		}
	}
	return answers, nil
}

// Facts returns what the register has of domains, read at most [MaxAge] ago.
func (c *Checker) Facts(ctx context.Context, domains []domainname.Domain) (map[domainname.Domain]Facts, error) {
	now := c.Wall()
	found := map[domainname.Domain]Facts{}
	asked := map[domainname.Domain]bool{}
	var missing []domainname.Domain
	c.mu.Lock()
	for _, d := range domains {
		if asked[d] {
			continue
		}
		asked[d] = true
		k, ok := c.new[d]
		if !ok {
			k, ok = c.old[d]
		}
		if age := now.Sub(k.at); ok && age >= 0 && age < MaxAge {
			found[d] = k.facts
		} else {
			missing = append(missing, d)
		}
	}
	c.mu.Unlock()
	if len(missing) == 0 {
		return found, nil
	}
	read, err := c.Store.AccessFacts(ctx, missing)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range missing {
		found[d] = read[d]
		if c.new == nil || len(c.new) >= maxKept/2 {
			c.new, c.old = map[domainname.Domain]kept{}, c.new
		}
		c.new[d] = kept{read[d], now}
	}
	return found, nil
}
