package siteprobe

import (
	"strings"
	"testing"
	"time"
)

// TestHostileRobots: a robots.txt that is made to keep the visitor busy does not take minutes, and other rules count.
func TestHostileRobots(t *testing.T) {
	const rules = "User-agent: *\nDisallow: /private\n"
	for name, text := range map[string]string{
		"one long rule":   rules + "Disallow: /" + strings.Repeat("*", 60_000) + "b",
		"long rules":      rules + strings.Repeat("Disallow: /"+strings.Repeat("*a", 500)+"b\n", 60),
		"many rules":      rules + strings.Repeat("Disallow: /*a*a*a*a*a$\n", 2500),
		"many agents":     strings.Repeat("User-agent: *\n", 400) + rules + strings.Repeat("User-agent: *\n", 400) + strings.Repeat("Disallow: /x\n", 2300),
		"no UTF-8":        rules + "Disallow: /\x00\xff*(?i[((",
		"an endless wait": rules + "Crawl-delay: 1e308",
	} {
		start := time.Now()
		robots := parseRobots(answer{status: 200, body: []byte(text)})
		if robots == nil || robots.TestAgent("/private", product) {
			t.Errorf("%s: the other rule does not count", name)
			continue
		}
		robots.TestAgent("/"+strings.Repeat("a", 1900)+"b", product)
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s takes %s", name, took)
		}
	}
}
