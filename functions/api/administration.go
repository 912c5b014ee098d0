package api

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// Findings about the inventory.
const (
	CodeServerDates   finding.Code = "server-dates"
	CodeServerAddress finding.Code = "server-address-malformed"
)

// A Server is one that the provider rents out.
type Server struct {
	Account   filing.Account `json:"account" minLength:"1" maxLength:"128" pattern:"^[!-~]+$" doc:"who rents it"`
	Placement string         `json:"placement,omitempty" maxLength:"2" doc:"GB/T 2260 province, two digits; empty outside the mainland"`
	Mode      int            `json:"mode" minimum:"1" maximum:"5" doc:"access mode: 1 leased line, 2 hosting, 3 virtual host, 4 other, 5 cloud"`
	IPs       []string       `json:"ips" maxItems:"16" doc:"its public addresses"`
	RentedAt  time.Time      `json:"rentedAt"`
	ExpiresAt time.Time      `json:"expiresAt"`
	Quota     int            `json:"quota" minimum:"0" maximum:"100" doc:"how many sites may be filed on it; 5 for a cloud server"`
}

// A ServiceCode stands for a filing slot of a server.
type ServiceCode struct {
	Server  string         `json:"server" minLength:"1" maxLength:"64"`
	Account filing.Account `json:"account,omitempty" maxLength:"128" doc:"who may use it; left out: whoever has it"`
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

type serverOutput struct{ Body inventory.Server }

type codeOutput struct{ Body inventory.ServiceCode }

// administration declares the inventory.
func (a *API) administration() {
	const tag = "Inventory"
	store := a.Store
	server := func(ctx context.Context, id string) (*serverOutput, error) {
		s, err := store.Server(ctx, id)
		return &serverOutput{Body: s}, err
	}
	code := func(ctx context.Context, name string) (*codeOutput, error) {
		found, err := store.ServiceCode(ctx, name)
		return &codeOutput{Body: found}, err
	}
	register(a, operation{who: admins, route: "GET /servers/{id}", tag: tag, does: "Read a server"},
		func(ctx context.Context, _ *call, in *ServerPath) (*serverOutput, error) { return server(ctx, in.ID) })
	register(a, operation{who: admins, route: "PUT /servers/{id}", tag: tag, does: "Enter a server, or change one"},
		func(ctx context.Context, _ *call, in *serverInput) (*serverOutput, error) {
			if err := refused(in.Body.check()); err != nil {
				return nil, err
			}
			s := in.Body
			err := store.PutServer(ctx, inventory.Server{
				ID: in.ID, Account: s.Account, Placement: s.Placement, Mode: s.Mode, IPs: s.IPs,
				RentedAt: s.RentedAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), Quota: s.Quota,
			})
			if err != nil {
				return nil, err
			}
			return server(ctx, in.ID)
		})
	register(a, operation{who: admins, route: "GET /service-codes/{code}", tag: tag, does: "Read a service code"},
		func(ctx context.Context, _ *call, in *CodePath) (*codeOutput, error) { return code(ctx, in.Code) })
	register(a, operation{who: admins, route: "PUT /service-codes/{code}", tag: tag,
		does: "Give out a service code, or change one"},
		func(ctx context.Context, _ *call, in *codeInput) (*codeOutput, error) {
			if _, err := store.Server(ctx, in.Body.Server); fault.KindOf(err) == fault.NotFound {
				return nil, fault.Found(fault.Invalid, finding.List{finding.New(inventory.CodeUnknown, "/server")})
			} else if err != nil {
				return nil, err
			}
			given := inventory.ServiceCode{Code: in.Code, Server: in.Body.Server, Account: in.Body.Account}
			if err := store.PutServiceCode(ctx, given); err != nil {
				return nil, err
			}
			return code(ctx, in.Code)
		})
}

// check returns what cannot be true of any server. Whether one can be used for a filing is looked at when it is.
func (s Server) check() finding.List {
	var found finding.List
	if _, ok := province.Of(s.Placement); s.Placement != "" && !ok {
		found = append(found, finding.New(filing.CodeProvinceUnknown, "/placement"))
	}
	for i, text := range s.IPs {
		if _, err := netip.ParseAddr(text); err != nil {
			found = append(found, finding.New(CodeServerAddress, fmt.Sprintf("/ips/%d", i)))
		}
	}
	if !s.RentedAt.Before(s.ExpiresAt) {
		found = append(found, finding.New(CodeServerDates, "/expiresAt"))
	}
	return found
}
