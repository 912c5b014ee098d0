package operator

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/rules/text"
	"beian/shared/web"
)

// Findings about the inventory.
const (
	CodeServerDates    finding.Code = "server-dates"
	CodeServerAddress  finding.Code = "server-address-malformed"
	CodeServerProvince finding.Code = "server-province-unknown"
	CodeAccessMode     finding.Code = "access-mode-unknown"
)

// A Server is a server that the provider rents out.
type Server struct {
	Account   filing.Account `json:"account" minLength:"1" maxLength:"128" pattern:"^[!-~]+$" doc:"account that rents the server"`
	Placement province.Code  `json:"placement,omitempty" maxLength:"32" doc:"GB/T 2260 province, two digits; empty outside the mainland"`
	Mode      int            `json:"mode" minimum:"1" maximum:"64" doc:"access mode; see /access-modes"`
	IPs       []string       `json:"ips" maxItems:"16" doc:"public addresses"`
	RentedAt  time.Time      `json:"rentedAt"`
	ExpiresAt time.Time      `json:"expiresAt"`
	Quota     int            `json:"quota" minimum:"0" maximum:"100" doc:"maximum number of sites that may be filed on it; 5 for a cloud server"`
}

// A ServiceCode (备案服务号) is the request to create or change the service code for a filing slot of a server.
type ServiceCode struct {
	Server  string         `json:"server" minLength:"1" maxLength:"64"`
	Account filing.Account `json:"account,omitempty" maxLength:"128" doc:"account that may use it; default: any"`
}

// A ServerPath names a server.
type ServerPath struct {
	ID string `path:"id" maxLength:"64" pattern:"^[A-Za-z0-9._-]+$" doc:"the provider's id of the server"`
}

// A CodePath names a service code.
type CodePath struct {
	Code string `path:"code" minLength:"8" maxLength:"64" pattern:"^[A-Za-z0-9-]+$" doc:"the service code"`
}

type serverInput struct {
	ServerPath
	Body Server
}

type codeInput struct {
	CodePath
	Body ServiceCode
}

// An InventoryServer is a server in a response.
type InventoryServer struct {
	ID      string         `json:"id" doc:"the provider's id of the server" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9._-]+$"`
	Account filing.Account `json:"account" doc:"who rents it" minLength:"1" maxLength:"128"`
	// Placement is the province of the server, two digits; "" outside the mainland, as in Hong Kong, Macau and Taiwan.
	Placement province.Code `json:"placement" doc:"GB/T 2260 province, two digits; empty outside the mainland" maxLength:"2"`
	Mode      int           `json:"mode" doc:"access mode; see /access-modes" minimum:"1" maximum:"64"`
	IPs       []string      `json:"ips" doc:"its public addresses" maxItems:"16"`
	RentedAt  time.Time     `json:"rentedAt"`
	ExpiresAt time.Time     `json:"expiresAt"`
	Quota     int           `json:"quota" doc:"how many sites may be filed on it; 5 for a cloud server" minimum:"0" maximum:"100"`
	Used      int           `json:"used" readOnly:"true"`
}

// An InventoryServiceCode is a service code in a response.
type InventoryServiceCode struct {
	Code   string `json:"code" minLength:"8" maxLength:"64" pattern:"^[A-Za-z0-9-]+$"`
	Server string `json:"server" minLength:"1" maxLength:"64"`
	// Account is the only account that may use it; "" is any.
	Account filing.Account `json:"account,omitempty" maxLength:"128"`
	// Order is the order that has used it; "" if none.
	Order filing.ID `json:"order,omitempty" readOnly:"true"`
}

type serverOutput struct{ Body InventoryServer }

type codeOutput struct{ Body InventoryServiceCode }

// registerInventory registers the operations on servers and service codes.
func (a operations) registerInventory() {
	const tag = "Inventory"
	server := func(ctx context.Context, id string) (*serverOutput, error) {
		s, err := a.config.Store.Server(ctx, id)
		return &serverOutput{Body: InventoryServer(s)}, withoutAdvice(err)
	}
	code := func(ctx context.Context, c *web.Call, name string) (*codeOutput, error) {
		found, err := a.config.Store.ServiceCode(ctx, name)
		if found.Order != "" {
			a.AddReads(c, filing.ReadServiceCode, found.Order)
		}
		return &codeOutput{Body: InventoryServiceCode(found)}, withoutAdvice(err)
	}
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /servers/{id}", Tag: tag, Summary: "Read a server",
		Description: "Shows how many filing slots are used. An id that was not stored is answered with 404."},
		func(ctx context.Context, _ *web.Call, in *ServerPath) (*serverOutput, error) {
			return server(ctx, in.ID)
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /servers/{id}", Tag: tag, Summary: "Create or change a server",
		Description: "Call it whenever the inventory of the provider changes: account, addresses, rental period and quota. A quota below the used slots keeps these and gives no further ones."},
		func(ctx context.Context, _ *web.Call, in *serverInput) (*serverOutput, error) {
			s := in.Body.normalize()
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			if err := web.FaultFor(s.check(tables)); err != nil {
				return nil, err
			}
			err = a.config.Store.PutServer(ctx, inventory.Server{
				ID: in.ID, Account: s.Account, Placement: s.Placement, Mode: s.Mode, IPs: s.IPs,
				RentedAt: s.RentedAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), Quota: s.Quota,
			})
			if err != nil {
				return nil, err
			}
			return server(ctx, in.ID)
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /service-codes/{code}", Tag: tag, Summary: "Read a service code",
		Description: "Shows the server, the account that may use it, and the order that has used it. A code that was not stored is answered with 404."},
		func(ctx context.Context, c *web.Call, in *CodePath) (*codeOutput, error) {
			return code(ctx, c, in.Code)
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT /service-codes/{code}", Tag: tag,
		Summary:     "Create or change a service code",
		Description: "Issue one for a customer whose account does not rent the server itself. It counts for one order. The server must be stored before."},
		func(ctx context.Context, c *web.Call, in *codeInput) (*codeOutput, error) {
			if in.Body.Account != "" && !apigateway.IsAccount(string(in.Body.Account)) {
				return nil, web.FaultFor(finding.List{finding.New(web.CodeFieldValue, "/account")})
			}
			if _, err := a.config.Store.Server(ctx, in.Body.Server); fault.KindOf(err) == fault.NotFound {
				return nil, fault.WithFindings(fault.Invalid, finding.List{finding.New(inventory.CodeUnknown, "/server")})
			} else if err != nil {
				return nil, err
			}
			given := inventory.ServiceCode{Code: in.Code, Server: in.Body.Server, Account: in.Body.Account}
			if err := a.config.Store.PutServiceCode(ctx, given); err != nil {
				return nil, err
			}
			return code(ctx, c, in.Code)
		})
}

// withoutAdvice removes the findings about a server or code that does not exist, because they advise applicants.
func withoutAdvice(err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return &fault.Fault{Kind: fault.NotFound}
	}
	return err
}

// normalize returns the server with addresses and province as they are stored, without the spaces and signs of pasted texts.
func (s Server) normalize() Server {
	s.Placement = province.Code(text.NormalizeASCII(string(s.Placement)))
	addresses := []string{}
	for _, typed := range s.IPs {
		address := strings.ReplaceAll(text.NormalizeASCII(typed), " ", "")
		if parsed, err := netip.ParseAddr(address); err == nil {
			address = parsed.Unmap().String()
		}
		addresses = append(addresses, address)
	}
	s.IPs = addresses
	return s
}

// check returns the findings about the data. Whether the server can host a filing is checked when an applicant chooses it.
func (s Server) check(tables codes.Tables) finding.List {
	found := tables.CheckWithdrawn(codes.AccessModes, int64(s.Mode)).Under("/mode")
	if !tables.Knows(codes.AccessModes, int64(s.Mode)) {
		found = append(found, finding.New(CodeAccessMode, "/mode"))
	}
	if _, ok := province.ParseCode(string(s.Placement)); s.Placement != "" && !ok {
		found = append(found, finding.New(CodeServerProvince, "/placement"))
	}
	if !apigateway.IsAccount(string(s.Account)) {
		found = append(found, finding.New(web.CodeFieldValue, "/account"))
	}
	for i, typed := range s.IPs {
		if address, err := netip.ParseAddr(typed); err != nil || address.Zone() != "" {
			found = append(found, finding.New(CodeServerAddress, fmt.Sprintf("/ips/%d", i)))
		}
	}
	for i, at := range []time.Time{s.RentedAt, s.ExpiresAt} {
		if year := at.UTC().Year(); year < 1 || year > 9999 { // RFC 3339 has no other years
			found = append(found, finding.New(web.CodeFieldValue, []string{"/rentedAt", "/expiresAt"}[i]))
		}
	}
	if !s.RentedAt.Before(s.ExpiresAt) {
		found = append(found, finding.New(CodeServerDates, "/expiresAt"))
	}
	return found
}
