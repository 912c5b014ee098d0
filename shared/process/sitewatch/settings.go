package sitewatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"

	"beian/shared/rules/strictjson"
)

// Settings say which sites are visited and what is known of the provider's addresses. The zero value visits sites, and knows none.
type Settings struct {
	Visits Visits `json:"visits,omitempty"`
	// Ours are the networks in which the provider's customers have their sites. Without them, nothing is said about where a site leads.
	Ours []netip.Prefix `json:"ours,omitempty"`
	// Never are networks that are not visited although they are public: those from which the provider manages its machines.
	Never []netip.Prefix `json:"never,omitempty"`
}

// Visits says how sites are visited.
type Visits string

const (
	Public    Visits = ""          // over the Internet
	Off       Visits = "off"       // not at all
	Simulated Visits = "simulator" // invented, on the laptop
)

// maxSettings is the size of the settings in bytes; see "Lambda quotas".
const maxSettings = 1500

// ParseSettings reads settings strictly from JSON. The empty text is the zero value.
func ParseSettings(text string) (Settings, error) {
	var s Settings
	if text == "" {
		return s, nil
	}
	if err := strictjson.UnmarshalSettings(text, &s); err != nil {
		return s, fmt.Errorf("siteWatch: %w", err)
	}
	return s, s.Check()
}

// Check returns an error with a line for each mistake: its place, and what is wrong in English and Chinese.
func (s Settings) Check() error {
	var all []error
	for _, list := range []struct {
		name     string
		networks []netip.Prefix
	}{{"ours", s.Ours}, {"never", s.Never}} {
		for _, p := range list.networks {
			if !p.IsValid() || p.Masked() != p {
				all = append(all, fmt.Errorf("siteWatch.%s: %s is not a network such as 198.51.100.0/24 / %[2]s 不是 198.51.100.0/24 这样的网段", list.name, p))
			}
		}
	}
	if s.Visits != Public && s.Visits != Off && s.Visits != Simulated {
		all = append(all, fmt.Errorf("siteWatch.visits: %q is not %s; leave it out to visit sites / %[1]q 不是 %[2]s；如需巡查网站，请删除此项", s.Visits, Off))
	}
	if size := len(s.Text()); size > maxSettings {
		all = append(all, fmt.Errorf("siteWatch: %d bytes as JSON, at most %d, because the variables of a function have 4 KB together; list fewer networks / JSON 共 %[1]d 字节，最多 %[2]d 字节，因为一个函数的环境变量合计 4 KB，请减少网段", size, maxSettings))
	}
	return errors.Join(all...)
}

// Text returns the settings as [ParseSettings] reads them.
func (s Settings) Text() string {
	text, err := json.Marshal(s)
	if err != nil || string(text) == "{}" {
		return ""
	}
	return string(text)
}

// OurRanges returns the provider's networks as ranges.
func (s Settings) OurRanges() []Range {
	var all []Range
	for _, p := range s.Ours {
		last := p.Addr().AsSlice()
		for i := p.Bits(); i < len(last)*8; i++ {
			last[i/8] |= 1 << (7 - i%8)
		}
		end, _ := netip.AddrFromSlice(last)
		all = append(all, Range{p.Addr(), end})
	}
	return all
}
