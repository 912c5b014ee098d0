package operator

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
	"beian/shared/web"
)

// abroad is the value of the filter for servers outside the mainland.
const abroad = "none"

// A serversInput selects servers.
type serversInput struct {
	Account filing.Account `query:"account" maxLength:"128" doc:"only those that this account rents"`
	// Placement is a province, or "none".
	Placement string `query:"placement" maxLength:"4" doc:"only those in this province (GB/T 2260, two digits); none: outside the mainland"`
	Free      bool   `query:"free" doc:"only those with a filing slot that is not used"`
	web.PageQuery
}

// A codesInput selects service codes.
type codesInput struct {
	Account filing.Account `query:"account" maxLength:"128" doc:"only those that are for this account"`
	Server  string         `query:"server" maxLength:"64" doc:"only those of this server"`
	Free    bool           `query:"free" doc:"only those that no order has used"`
	web.PageQuery
}

type usesInput struct {
	ServerPath
	web.PageQuery
}

// A ServerUse is an order that has a filing slot of a server.
type ServerUse struct {
	Order   filing.ID       `json:"order"`
	Status  filing.Status   `json:"status"`
	Step    filing.Step     `json:"step"`
	Domains []filing.Domain `json:"domains" nullable:"false" doc:"of the sites that are filed on the server, or are to be"`
	Since   time.Time       `json:"since" doc:"when the order reached its step"`
}

type fileInput struct {
	Body struct {
		File []byte `json:"file" contentEncoding:"base64" maxLength:"1398104" doc:"CSV file (RFC 4180) in UTF-8 or GBK, at most 1 MB and 2,000 rows, in base64. The downloaded file is the template"`
		Dry  bool   `json:"dry,omitempty" doc:"check only, and store nothing"`
	}
}

// A StoredFile is the result of an upload of a file.
type StoredFile struct {
	Rows     int               `json:"rows" doc:"how many rows were stored, or would be"`
	Dry      bool              `json:"dry" doc:"nothing was stored"`
	Findings []finding.Finding `json:"findings" nullable:"false" doc:"warnings, with row and column in the pointer: /file/3/B"`
}

type storedFileOutput struct{ Body StoredFile }

// A csvOutput is a page of a list as CSV.
type csvOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Link        string `header:"Link" doc:"the next part, with rel=next (RFC 8288)"`
	Body        []byte
}

const (
	// maxInventoryBody fits a file of 1 MB in base64.
	maxInventoryBody = 1500 << 10
	// csvRows is the number of rows in one part of a CSV file that is downloaded.
	csvRows = 1000
)

// registerInventoryLists registers the lists of servers and service codes, who uses them, and CSV files in and out.
func (a operations) registerInventoryLists() {
	const tag = "Inventory"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /servers", Tag: tag, Summary: "List servers by province and id",
		Description: "Filter by account, province, or free slots. A page may have fewer servers than the limit, or none, although another follows."},
		func(ctx context.Context, _ *web.Call, in *serversInput) (*web.PageResult[InventoryServer], error) {
			servers, next, err := a.listServers(ctx, in, in.Limit)
			return web.NewPage(servers, next, "/servers", in.Limit, in.query()), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /servers/{id}/uses", Tag: tag, Summary: "List the orders that use a server",
		Description: "Each order with a filing slot of the server, also once it is approved. Sites of imported filings use no slot. The read is recorded for each order."},
		func(ctx context.Context, c *web.Call, in *usesInput) (*web.PageResult[ServerUse], error) {
			if _, err := a.config.Store.Server(ctx, in.ID); err != nil {
				return nil, withoutAdvice(err)
			}
			orders, next, err := a.config.Store.ServerOrders(ctx, in.ID, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			var uses []ServerUse
			for _, id := range orders {
				o, err := a.Decisions.Store.OrderState(ctx, id)
				if err != nil {
					return nil, err
				}
				uses = append(uses, ServerUse{Order: o.ID, Status: o.Status, Step: o.Step, Domains: append([]filing.Domain{}, o.Domains...), Since: o.MovedAt})
			}
			a.AddReads(c, filing.ReadBrief, orders...)
			return web.NewPage(uses, next, "/servers/"+in.ID+"/uses", in.Limit, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /service-codes", Tag: tag, Summary: "List service codes by server and code",
		Description: "Filter by server, account, or those that are not used. A page may have fewer codes than the limit, or none, although another follows."},
		func(ctx context.Context, c *web.Call, in *codesInput) (*web.PageResult[InventoryServiceCode], error) {
			all, next, err := a.listCodes(ctx, c, in, in.Limit)
			return web.NewPage(all, next, "/service-codes", in.Limit, in.query()), err
		})
	a.registerInventoryFiles()
}

func (in *serversInput) query() url.Values {
	q := url.Values{}
	set(q, "account", string(in.Account))
	set(q, "placement", in.Placement)
	if in.Free {
		q.Set("free", "true")
	}
	return q
}

func (in *codesInput) query() url.Values {
	q := url.Values{}
	set(q, "account", string(in.Account))
	set(q, "server", in.Server)
	if in.Free {
		q.Set("free", "true")
	}
	return q
}

func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

func (a operations) listServers(ctx context.Context, in *serversInput, limit int) ([]InventoryServer, string, error) {
	f := inventory.ServerFilter{Account: in.Account, Free: in.Free}
	if code, known := province.ParseCode(in.Placement); in.Placement == abroad {
		f.Placement = new(province.Code)
	} else if known {
		f.Placement = &code
	} else if in.Placement != "" {
		return nil, "", fault.WithFindings(fault.Invalid, finding.List{finding.New(web.CodeParameter, "", "name", "placement")})
	}
	servers, next, err := a.config.Store.Servers(ctx, f, in.Cursor, limit)
	var found []InventoryServer
	for _, s := range servers {
		if s.IPs == nil {
			s.IPs = []string{}
		}
		found = append(found, InventoryServer(s))
	}
	return found, next, err
}

func (a operations) listCodes(ctx context.Context, c *web.Call, in *codesInput, limit int) ([]InventoryServiceCode, string, error) {
	all, next, err := a.config.Store.ServiceCodes(ctx, inventory.CodeFilter{Account: in.Account, Server: in.Server, Free: in.Free}, in.Cursor, limit)
	var found []InventoryServiceCode
	for _, code := range all {
		if code.Order != "" {
			a.AddReads(c, filing.ReadServiceCode, code.Order)
		}
		found = append(found, InventoryServiceCode(code))
	}
	return found, next, err
}

// csvPart returns a part of a list as a CSV file.
func csvPart(name, path, next string, query url.Values, file []byte) *csvOutput {
	out := &csvOutput{ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="` + name + `.csv"`, Body: file}
	if next != "" {
		query.Set("cursor", next)
		out.Link = "<" + web.Prefix + path + "?" + query.Encode() + `>; rel="next"`
	}
	return out
}

// storeFile returns the result of an upload: it stores nothing if a finding blocks or if the request is dry. All findings are returned at once.
func storeFile(dry bool, rows int, found finding.List, store func() error) (*storedFileOutput, error) {
	if found.Blocking() {
		return nil, fault.WithFindings(fault.Invalid, found)
	}
	if !dry {
		if err := store(); err != nil {
			return nil, err
		}
	}
	return &storedFileOutput{Body: StoredFile{Rows: rows, Dry: dry, Findings: append([]finding.Finding{}, found...)}}, nil
}

// fileErrors are the statuses of errors of an upload besides those of every request.
var fileErrors = []int{http.StatusRequestEntityTooLarge}
