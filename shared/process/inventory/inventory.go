// Package inventory is what the provider rents out: servers in the mainland, and the service codes (备案服务号) that stand for
// them. [Choose] is the product verification (S7, S11): it decides whether a server can host a site that is to be filed.
package inventory

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// A Server can host a site.
type Server struct {
	ID      string         `json:"id" doc:"the provider's id of the server" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9._-]+$"`
	Account filing.Account `json:"account" doc:"who rents it" minLength:"1" maxLength:"128"`
	// Placement is the province of the server, two digits; "" outside the mainland, as in Hong Kong, Macau and Taiwan.
	Placement province.Code `json:"placement" doc:"GB/T 2260 province, two digits; empty outside the mainland" maxLength:"2"`
	Mode      int           `json:"mode" doc:"access mode: 1 leased line, 2 hosting, 3 virtual host, 4 other, 5 cloud" minimum:"1" maximum:"5"`
	IPs       []string      `json:"ips" doc:"its public addresses" maxItems:"16"`
	RentedAt  time.Time     `json:"rentedAt"`
	ExpiresAt time.Time     `json:"expiresAt"`
	Quota     int           `json:"quota" doc:"how many sites may be filed on it; 5 for a cloud server" minimum:"0" maximum:"100"`
	Used      int           `json:"used" readOnly:"true"`
}

// A ServiceCode stands for a filing slot of a server. Another account may use it.
type ServiceCode struct {
	Code   string `json:"code" minLength:"8" maxLength:"64" pattern:"^[A-Za-z0-9-]+$"`
	Server string `json:"server" minLength:"1" maxLength:"64"`
	// Account is the only account that may use it; "" is any.
	Account filing.Account `json:"account,omitempty" maxLength:"128"`
	// Order is the order that has used it; "" if none.
	Order filing.ID `json:"order,omitempty" readOnly:"true"`
}

// Findings of product verification.
const (
	CodeUnknown   finding.Code = "server-unknown"
	CodeExpired   finding.Code = "server-expired"
	CodeTooShort  finding.Code = "server-rented-too-short"
	CodeAbroad    finding.Code = "server-outside-mainland"
	CodeNoAddress finding.Code = "server-without-public-ipv4"
	CodeQuota     finding.Code = "server-quota-used-up"
	CodeUsed      finding.Code = "service-code-used"
	CodeForeign   finding.Code = "service-code-of-another"
	CodeOneOfTwo  finding.Code = "server-or-service-code"
)

// LeastRent is the shortest rent with which a server can be used for a filing (icp-filing 3.2, step 0: three months).
const LeastRent = 3

// A Store looks up the inventory. What does not exist is a fault of kind NotFound. Package dynamo implements it.
type Store interface {
	Server(ctx context.Context, id string) (Server, error)
	ServiceCode(ctx context.Context, code string) (ServiceCode, error)
}

// Choose returns the product that an account names by a server or by a service code, as of a moment. If the account may not
// use it, or CheckServer blocks it, Choose returns a fault of kind Invalid with all findings. Another account's server is
// reported like one that does not exist.
func Choose(ctx context.Context, store Store, account filing.Account, server, code string, at time.Time) (filing.Product, error) {
	pointer := "/server"
	if (server == "") == (code == "") {
		return filing.Product{}, invalid(CodeOneOfTwo, "")
	}
	if code != "" {
		pointer = "/serviceCode"
		c, err := store.ServiceCode(ctx, code)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			return filing.Product{}, invalid(CodeUnknown, pointer)
		case err != nil:
			return filing.Product{}, err
		case c.Account != "" && c.Account != account:
			return filing.Product{}, invalid(CodeForeign, pointer)
		case c.Order != "":
			return filing.Product{}, invalid(CodeUsed, pointer)
		}
		server = c.Server
	}
	s, err := store.Server(ctx, server)
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && code == "" && s.Account != account:
		return filing.Product{}, invalid(CodeUnknown, pointer)
	case err != nil:
		return filing.Product{}, err
	}
	findings := CheckServer(s, at)
	for i := range findings {
		findings[i].Pointer = pointer + strings.TrimPrefix(findings[i].Pointer, "/server")
	}
	if findings.Blocking() {
		return filing.Product{}, fault.Found(fault.Invalid, findings)
	}
	return Product(s, code), nil
}

func invalid(code finding.Code, pointer string) error {
	return fault.Found(fault.Invalid, finding.List{finding.New(code, pointer)})
}

// CheckServer returns the findings against filing on a server, as of a moment. It does not check the account.
func CheckServer(s Server, at time.Time) finding.List {
	var found finding.List
	if !at.Before(s.ExpiresAt) {
		found = append(found, finding.New(CodeExpired, "/server"))
	}
	if s.RentedAt.AddDate(0, LeastRent, 0).After(s.ExpiresAt) {
		found = append(found, finding.New(CodeTooShort, "/server", "months", "3"))
	}
	if s.Placement == "" {
		found = append(found, finding.New(CodeAbroad, "/server"))
	}
	if len(PublicIPv4(s.IPs)) == 0 {
		found = append(found, finding.New(CodeNoAddress, "/server"))
	}
	if s.Used >= s.Quota {
		found = append(found, finding.New(CodeQuota, "/server"))
	}
	return found
}

// PublicIPv4 returns the addresses that the ministry's interface can carry: IPv4, not private, loopback, shared or reserved
// (icp-filing 4.4).
func PublicIPv4(addresses []string) []string {
	var public []string
	for _, text := range addresses {
		a, err := netip.ParseAddr(text)
		if err == nil && a.Is4() && a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a) && !future.Contains(a) {
			public = append(public, text)
		}
	}
	return public
}

var (
	shared = netip.MustParsePrefix("100.64.0.0/10") // carrier-grade NAT, RFC 6598
	future = netip.MustParsePrefix("240.0.0.0/4")   // reserved, RFC 1112
)

// Product is what an order stores of a server.
func Product(s Server, code string) filing.Product {
	return filing.Product{Server: s.ID, ServiceCode: code, IPs: PublicIPv4(s.IPs), Placement: s.Placement, Mode: s.Mode, ExpiresAt: s.ExpiresAt}
}
