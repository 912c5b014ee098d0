// Package inventory describes the servers that the provider rents out, and the service codes (备案服务号) that stand for a filing slot of
// a server. [Choose] is the product verification (S7, S11): it checks whether an account can file a site on a server.
//
//	product, err := inventory.Choose(ctx, store, account, "server-1", "", now)
package inventory

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// A Server is a rented server that can host sites.
type Server struct {
	ID      string         `json:"id"`
	Account filing.Account `json:"account"`
	// Placement is the province of the server, two digits; "" outside the mainland, as in Hong Kong, Macau and Taiwan.
	Placement province.Code `json:"placement"`
	Mode      int           `json:"mode"`
	IPs       []string      `json:"ips"`
	RentedAt  time.Time     `json:"rentedAt"`
	ExpiresAt time.Time     `json:"expiresAt"`
	Quota     int           `json:"quota"`
	Used      int           `json:"used"`
}

// A ServiceCode stands for a filing slot of a server. Accounts that do not rent the server may use it.
type ServiceCode struct {
	Code   string `json:"code"`
	Server string `json:"server"`
	// Account is the only account that may use it; "" is any.
	Account filing.Account `json:"account,omitempty"`
	// Order is the order that has used it; "" if none.
	Order filing.ID `json:"order,omitempty"`
}

// A ServerFilter selects servers of a list. The zero value selects all.
type ServerFilter struct {
	Account   filing.Account
	Placement *province.Code // nil is any; "" outside the mainland
	Free      bool           // with a filing slot that is not used
}

// A CodeFilter selects service codes of a list. The zero value selects all.
type CodeFilter struct {
	Account filing.Account
	Server  string
	Free    bool // not used by an order
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
	CodeOneOfTwo  finding.Code = "server-or-service-code"
)

// MinRentMonths is the minimum rental period of a server for a filing, in months (icp-filing 3.2, step 0).
const MinRentMonths = 3

// A Store looks up the inventory. The error is a fault of kind NotFound for a server or code that does not exist. Package dynamo
// implements it.
type Store interface {
	Server(ctx context.Context, id string) (Server, error)
	ServiceCode(ctx context.Context, code string) (ServiceCode, error)
}

// Choose returns the product for a server or a service code that an account names. Exactly one of server and code must be set. If the
// account may not use it, or if [CheckServer] returns a blocking finding for the given time, the error is a fault of kind Invalid with
// all findings. Choose reports another account's server or service code as unknown.
func Choose(ctx context.Context, store Store, account filing.Account, server, code string, at time.Time) (filing.Product, error) {
	return choose(ctx, store, account, server, code, at, false)
}

// ChooseHosting is [Choose] for a server that hosts the sites already: it needs no slot that is left.
func ChooseHosting(ctx context.Context, store Store, account filing.Account, server string, at time.Time) (filing.Product, error) {
	return choose(ctx, store, account, server, "", at, true)
}

func choose(ctx context.Context, store Store, account filing.Account, server, code string, at time.Time, hosting bool) (filing.Product, error) {
	pointer := "/server"
	if (server == "") == (code == "") {
		return filing.Product{}, invalidFault(CodeOneOfTwo, "")
	}
	if code != "" {
		pointer = "/serviceCode"
		c, err := store.ServiceCode(ctx, code)
		switch {
		case fault.KindOf(err) == fault.NotFound, err == nil && c.Account != "" && c.Account != account:
			return filing.Product{}, invalidFault(CodeUnknown, pointer)
		case err != nil:
			return filing.Product{}, err
		case c.Order != "":
			return filing.Product{}, invalidFault(CodeUsed, pointer)
		}
		server = c.Server
	}
	s, err := store.Server(ctx, server)
	switch {
	case fault.KindOf(err) == fault.NotFound, err == nil && code == "" && s.Account != account:
		return filing.Product{}, invalidFault(CodeUnknown, pointer)
	case err != nil:
		return filing.Product{}, err
	}
	findings := CheckServer(s, at)
	if hosting {
		findings = slices.DeleteFunc(findings, func(f finding.Finding) bool { return f.Code == CodeQuota })
	}
	for i := range findings {
		findings[i].Pointer = pointer + strings.TrimPrefix(findings[i].Pointer, "/server")
	}
	if findings.Blocking() {
		return filing.Product{}, fault.WithFindings(fault.Invalid, findings)
	}
	return Product(s, code), nil
}

func invalidFault(code finding.Code, pointer string) error {
	return fault.WithFindings(fault.Invalid, finding.List{finding.New(code, pointer)})
}

// CheckServer returns the findings that prevent a filing on a server at a time. It does not check the account.
func CheckServer(s Server, at time.Time) finding.List {
	var found finding.List
	if !at.Before(s.ExpiresAt) {
		found = append(found, finding.New(CodeExpired, "/server"))
	}
	if s.RentedAt.AddDate(0, MinRentMonths, 0).After(s.ExpiresAt) {
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
		if err == nil && a.Is4() && a.IsGlobalUnicast() && !a.IsPrivate() && !carrierNAT.Contains(a) && !reservedRange.Contains(a) {
			public = append(public, text)
		}
	}
	return public
}

var (
	carrierNAT    = netip.MustParsePrefix("100.64.0.0/10") // carrier-grade NAT, RFC 6598
	reservedRange = netip.MustParsePrefix("240.0.0.0/4")   // reserved, RFC 1112
)

// Product returns the data of a server that an order stores.
func Product(s Server, code string) filing.Product {
	return filing.Product{Server: s.ID, ServiceCode: code, IPs: PublicIPv4(s.IPs), Placement: s.Placement, Mode: s.Mode, ExpiresAt: s.ExpiresAt}
}
