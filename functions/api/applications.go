package api

import (
	"context"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/process/limits"
	"beian/shared/process/timeline"
	"beian/shared/rules/fault"
	"beian/shared/rules/text"
	"beian/shared/web"
)

// A ProductChoice names the server or the service code that hosts the sites.
type ProductChoice struct {
	Server      string `json:"server,omitempty" maxLength:"64" doc:"id of a server of the caller's account"`
	ServiceCode string `json:"serviceCode,omitempty" maxLength:"64" doc:"a filing service code (备案服务号)"`
}

// isChosen reports whether the order already has this product. Its filing slot is then already reserved.
func (p ProductChoice) isChosen(chosen filing.Product) bool {
	return p.ServiceCode == chosen.ServiceCode && (p.Server == chosen.Server || p.Server == "" && p.ServiceCode != "")
}

// Details are the data of the subject, the sites and their leaders.
type Details struct {
	Subject filing.Subject `json:"subject,omitempty"`
	Sites   []filing.Site  `json:"sites,omitempty" maxItems:"64"`
	// Explanations answer blocking findings of overridable rules.
	Explanations []filing.Explanation `json:"explanations,omitempty" maxItems:"20" doc:"answers to blocking findings of overridable rules: the finding becomes a warning, and a reviewer decides. An explanation counts while the field keeps its value, so it need not be sent again. An explanation of a finding that does not occur has no effect"`
	Readings     []filing.Reading     `json:"readings,omitempty" maxItems:"128" doc:"what the applicant's device read on photos of certificates; reviewers see it beside the details. It replaces what was sent before"`
}

type productInput struct {
	web.OrderRequest
	Body ProductChoice
}

type detailsInput struct {
	web.OrderRequest
	Body Details
}

// A Line is one event of the order's history.
type Line struct {
	At    string `json:"at" format:"date-time"`
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	Who   string `json:"who"`
}

type timelineOutput struct {
	Body struct {
		Items []Line `json:"items" nullable:"false" doc:"oldest first; at most 200 in a page"`
		Next  string `json:"next,omitempty" doc:"cursor of the next page; absent on the last page"`
	}
}

// registerApplications registers the operations on product, details and timeline.
func (a operations) registerApplications() {
	const tag = "Application"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/product", Tag: tag, Counts: limits.TryProduct,
		Summary:     "Choose the server or service code that hosts the sites",
		Description: "The server must be yours, be rented long enough and have a free slot; a service code stands for a server that another account rents. It reserves the slot. The findings say what does not fit."}, a.chooseProduct)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/details", Tag: tag, MaxBody: maxDetails, Counts: limits.Enter,
		Summary:     "Enter the data of the subject, the sites and their leaders",
		Description: "Send the whole, not the changes. All findings come at once; if one blocks, nothing is stored (422). Sites and domains of the order must match: each domain belongs to one site."},
		func(ctx context.Context, c *web.Call, in *detailsInput) (*web.OrderResult, error) {
			d := filing.EnterDetails{Subject: in.Body.Subject, Sites: in.Body.Sites, Explanations: in.Body.Explanations, Readings: in.Body.Readings}
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, d)
		})
	web.Register(a.API, web.Operation{Roles: web.AnyRole, Route: "GET /orders/{id}/timeline", Tag: tag, Reads: filing.ReadTimeline,
		Summary:     "Read the order's history as text",
		Description: "For the page of an order: a line for each decision that concerns the applicant, in the language of Accept-Language."},
		func(ctx context.Context, c *web.Call, in *web.HistoryQuery) (*timelineOutput, error) {
			o, err := a.ReadOrder(ctx, c, in.OrderPath)
			if err != nil {
				return nil, err
			}
			entries, err := a.config.Store.Ledger(ctx, o.ID)
			if err != nil {
				return nil, err
			}
			entries = slices.DeleteFunc(entries, func(e filing.Entry) bool { return c.HidesEntry(o, e) })
			page, next, err := web.PageOf(timeline.Of(entries, o.ServiceAt(""), c.Language), in.Cursor)
			if err != nil {
				return nil, err
			}
			out := &timelineOutput{}
			out.Body.Items, out.Body.Next = []Line{}, next
			for _, l := range page {
				out.Body.Items = append(out.Body.Items, Line{At: l.At.Format(timeFormat), Title: l.Title, Text: l.Text, Who: l.Who})
			}
			return out, nil
		})
}

// maxDetails keeps the details below the size of one item of the table (400 KB).
const maxDetails = 256 << 10

// timeFormat is the layout of RFC 3339 with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

func (a operations) chooseProduct(ctx context.Context, c *web.Call, in *productInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
	if err != nil {
		return nil, err
	}
	if t.Repeated {
		return c.Result(t.Order, nil)
	}
	wanted := ProductChoice{Server: text.NormalizeASCII(in.Body.Server), ServiceCode: strings.ReplaceAll(text.NormalizeASCII(in.Body.ServiceCode), " ", "")}
	if chosen := t.Order.Product; chosen != nil && wanted.isChosen(*chosen) {
		product := *chosen
		switch server, err := a.config.Store.Server(ctx, chosen.Server); {
		case err == nil:
			product.Mode = server.Mode // the provider may have corrected it
		case fault.KindOf(err) != fault.NotFound:
			return nil, err
		}
		return c.Result(t.Decide(ctx, filing.ChooseProduct{Product: product}))
	}
	var product filing.Product
	if wanted.ServiceCode == "" && t.Order.IsHostedOn(wanted.Server) {
		product, err = inventory.ChooseHosting(ctx, a.config.Store, c.Caller.Account, wanted.Server, a.Decisions.Now())
	} else {
		product, err = inventory.Choose(ctx, a.config.Store, c.Caller.Account, wanted.Server, wanted.ServiceCode, a.Decisions.Now())
	}
	if err != nil {
		return nil, t.Order.FitFault(err)
	}
	return c.Result(t.Decide(ctx, filing.ChooseProduct{Product: product}))
}
