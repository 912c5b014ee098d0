package api

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/inventory"
	"beian/shared/process/timeline"
)

// A ProductChoice names what hosts the sites: one of the two.
type ProductChoice struct {
	Server      string `json:"server,omitempty" maxLength:"64" doc:"the id of a server of one's own account"`
	ServiceCode string `json:"serviceCode,omitempty" maxLength:"64" doc:"a filing service code (备案服务号)"`
}

// names reports whether the choice is the product that the order has. Its slot is in use then, by the order itself.
func (p ProductChoice) names(chosen filing.Product) bool {
	return p.ServiceCode == chosen.ServiceCode && (p.Server == chosen.Server || p.Server == "" && p.ServiceCode != "")
}

// Details are the data of subject, sites and leaders.
type Details struct {
	Subject Subject `json:"subject,omitempty"`
	Sites   []Site  `json:"sites,omitempty" maxItems:"64"`
}

type productInput struct {
	OrderPath
	Conditions
	Body ProductChoice
}

type detailsInput struct {
	OrderPath
	Conditions
	Body Details
}

// A Line is one thing that happened.
type Line struct {
	At    string `json:"at" format:"date-time"`
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	Who   string `json:"who"`
}

type timelineOutput struct {
	Body struct {
		Items []Line `json:"items" nullable:"false"`
	}
}

// applications declares product, details and the timeline.
func (a *API) applications() {
	const tag = "Application"
	register(a, operation{who: applicants, route: "PUT /orders/{id}/product", tag: tag,
		does: "Choose what hosts the sites"}, a.chooseProduct)
	register(a, operation{who: applicants, route: "PUT /orders/{id}/details", tag: tag, body: maxDetails,
		does: "Enter the data of subject, sites and leaders"},
		func(ctx context.Context, c *call, in *detailsInput) (*changed, error) {
			d := filing.EnterDetails{Subject: in.Body.Subject.filing()}
			for _, s := range in.Body.Sites {
				d.Sites = append(d.Sites, s.filing())
			}
			return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Applicant, d))
		})
	register(a, operation{who: anyRole, route: "GET /orders/{id}/timeline", tag: tag,
		does: "Read what happened to the order, in words"},
		func(ctx context.Context, c *call, in *OrderPath) (*timelineOutput, error) {
			o, err := a.seen(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			entries, err := a.Store.Ledger(ctx, o.ID)
			if err != nil {
				return nil, err
			}
			out := &timelineOutput{}
			out.Body.Items = []Line{}
			for _, l := range timeline.Of(entries, c.language) {
				out.Body.Items = append(out.Body.Items, Line{At: l.At.Format(timeForm), Title: l.Title, Text: l.Text, Who: l.Who})
			}
			return out, nil
		})
}

// maxDetails keeps the details well within what one item of the table holds (400 KB).
const maxDetails = 256 << 10

// timeForm is RFC 3339 with milliseconds.
const timeForm = "2006-01-02T15:04:05.000Z07:00"

func (a *API) chooseProduct(ctx context.Context, c *call, in *productInput) (*changed, error) {
	t, err := a.turn(ctx, c, in.OrderPath, in.Conditions, filing.Applicant)
	if err != nil {
		return nil, err
	}
	if t.repeated {
		return c.changed(t.order, nil)
	}
	if chosen := t.order.Product; chosen != nil && in.Body.names(*chosen) {
		return c.changed(a.take(ctx, c, t, filing.Applicant, filing.ChooseProduct{Product: *chosen}))
	}
	product, err := inventory.Choose(ctx, a.Store, c.caller.Account, in.Body.Server, in.Body.ServiceCode, a.Decisions.Now())
	if err != nil {
		return nil, err
	}
	return c.changed(a.take(ctx, c, t, filing.Applicant, filing.ChooseProduct{Product: product}))
}
