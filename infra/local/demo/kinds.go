package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/functions/api"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/number"
)

// A play says how a kind of application is demonstrated.
type play struct {
	// before is a kind that is filed before it, and prepare what other providers do then.
	before  filing.Type
	prepare func(*Customer) error
	// opening says what open does. open returns the order and what is entered where it asks for details.
	opening string
	open    func(context.Context, *Customer) (scenario.Order, scenario.Details, error)
	// want is how the filing stands afterwards; see [Customer.standing].
	want string
}

// plays has a row for each of [filing.Kinds].
var plays = map[filing.Type]play{
	filing.First: {opening: "opens an application for a domain", open: openFirst, want: "FILED 1:us"},
	filing.AddSiteForeign: {prepare: prepareSiteElsewhere, opening: "opens an application for a domain", open: openFirst,
		want: "FILED 1:elsewhere 2:us"},
	filing.AddSiteOwn: {before: filing.First, opening: "opens an application for a second domain", open: openSecondSite, want: "FILED 1:us 2:us"},
	filing.AddAccess: {before: filing.AddSiteForeign, opening: "opens an application for the domain filed elsewhere", open: openAccess,
		want: "FILED 1:elsewhere,us 2:us"},
	filing.AddAccessForeign: {prepare: prepareSiteElsewhere, opening: "opens an application for the domain filed elsewhere", open: openAccess, want: "FILED 1:elsewhere,us"},
	filing.ChangeFiling:     {before: filing.First, opening: "opens a change of the filing", open: openChange, want: "FILED 1:us"},
	filing.CancelAccess:     {before: filing.First, prepare: prepareHosting, opening: "cancels the access of a site, and confirms what that means", open: openCancellation(filing.CancelAccess), want: "FILED 1:"},
	filing.CancelSubject: {before: filing.First, opening: "cancels the whole filing, and confirms what that means",
		open: openCancellation(filing.CancelSubject), want: "CANCELLED 1:us"},
	filing.CancelSite: {before: filing.First, opening: "cancels a site, and confirms what that means",
		open: openCancellation(filing.CancelSite), want: "SHELL"},
	filing.SubmitEvidence: {before: filing.First, opening: "sends the renewed certificate of the subject", open: openSubmission, want: "FILED 1:us"},
}

// KindDay is the date on which a kind is played: all provinces require the SMS verification (S18).
var KindDay = time.Date(2020, 9, 15, 1, 30, 0, 0, time.UTC)

// ServiceDay is the date on which an app is filed: bureaus file them since September 2023.
var ServiceDay = time.Date(2023, 10, 9, 1, 30, 0, 0, time.UTC)

// PlayService plays the first filing of an app, a mini program or a quick app, which an operator enters at the bureau.
func (d *Demo) PlayService(ctx context.Context, service number.Service, app scenario.Application) error {
	c, err := d.NewCustomer(ctx, app.AsApp(service.Name()))
	if err != nil {
		return err
	}
	kind, _ := filing.KindOf(filing.First)
	fmt.Fprintf(d.out, "\n%s · %s\n", service.Words().English, service.Words().Chinese)
	return c.play(ctx, kind, nil, plays[filing.First].want)
}

// ServiceNamed returns the kind of service of a name. It returns false for websites and for what is no service.
func ServiceNamed(name string) (number.Service, bool) {
	service, known := number.ParseService(strings.ToLower(name))
	return service, known && service != number.Site
}

// KindNamed returns the kind of a name, which may be written in small letters. The error lists the kinds.
func KindNamed(name string) (filing.Kind, error) {
	if k, ok := filing.KindOf(filing.Type(strings.ToUpper(name))); ok {
		return k, nil
	}
	text := fmt.Sprintf("%q is not a kind of application; use one of:", name)
	for _, k := range filing.Kinds {
		text += fmt.Sprintf("\n  KIND=%-20s %s", k.Type, k.Words.English)
	}
	for _, c := range AccountChanges {
		text += fmt.Sprintf("\n  KIND=%-20s %s", c.Name, c.Words.English)
	}
	for _, s := range number.Services {
		if s != number.Site {
			text += fmt.Sprintf("\n  KIND=%-20s first filing of %s", s.Name(), s.Words().English)
		}
	}
	return filing.Kind{}, errors.New(text)
}

// PlayKind plays one kind of application for a customer, after the kinds that it needs.
func (d *Demo) PlayKind(ctx context.Context, kind filing.Kind, app scenario.Application) error {
	c, err := d.NewCustomer(ctx, app)
	if err != nil {
		return err
	}
	if err := c.fileBefore(ctx, kind); err != nil {
		return err
	}
	p := plays[kind.Type]
	return c.play(ctx, kind, p.prepare, p.want)
}

// Prepare does everything that must have happened before a new customer can file an application of a kind with [Customer.File].
func (c *Customer) Prepare(ctx context.Context, kind filing.Kind) error {
	if err := c.fileBefore(ctx, kind); err != nil {
		return err
	}
	if prepare := plays[kind.Type].prepare; prepare != nil {
		return prepare(c)
	}
	return nil
}

// fileBefore files the kind that must be filed before a kind, if there is one.
func (c *Customer) fileBefore(ctx context.Context, kind filing.Kind) error {
	before, ok := filing.KindOf(plays[kind.Type].before)
	if !ok {
		return nil
	}
	p := plays[before.Type]
	return c.play(ctx, before, p.prepare, p.want)
}

// play files an application under a heading, and checks and prints the register. prepare is what other providers do before; nil if nothing.
func (c *Customer) play(ctx context.Context, kind filing.Kind, prepare func(*Customer) error, want string) error {
	fmt.Fprintf(c.demo.out, "\n%s · %s · %s\n", c.demo.today(), kind.Words.English, kind.Words.Chinese)
	if prepare != nil {
		if err := prepare(c); err != nil {
			return fmt.Errorf("before %s: %w", kind.Type, err)
		}
	}
	if err := c.File(ctx, kind); err != nil {
		return fmt.Errorf("%s: %w", kind.Type, err)
	}
	c.printFiling()
	if got := c.standing(); got != want {
		return fmt.Errorf("%s: the filing stands as %q in the register, want %q", kind.Type, got, want)
	}
	return nil
}

func openFirst(ctx context.Context, c *Customer) (scenario.Order, scenario.Details, error) {
	o, err := c.user.OpenOrder(ctx, c.app)
	return o, c.app.Details, err
}

func openSecondSite(ctx context.Context, c *Customer) (scenario.Order, scenario.Details, error) {
	site, domain := c.site("shop-", "商店")
	o, err := c.openFor(ctx, domain)
	return o, scenario.Details{Sites: []map[string]any{site}}, err
}

func prepareSiteElsewhere(c *Customer) error { return c.fileElsewhere(c.site("help-", "帮助")) }

func prepareHosting(c *Customer) error { return c.hostElsewhere(c.Filing.Sites[0].Number.String()) }

func openAccess(ctx context.Context, c *Customer) (scenario.Order, scenario.Details, error) {
	site, domain := c.site("help-", "帮助")
	o, err := c.openFor(ctx, domain)
	return o, scenario.Details{Subject: c.app.Details.Subject, Sites: []map[string]any{site}}, err
}

// openChange opens the change of the first site's leader: another person of an organisation, another mobile of an individual.
func openChange(ctx context.Context, c *Customer) (scenario.Order, scenario.Details, error) {
	o, err := c.user.OpenChange(ctx, c.Filing.ID, c.app)
	if err != nil {
		return o, scenario.Details{}, err
	}
	leader, _ := o.Sites[0]["leader"].(map[string]any)
	leader["mobile"] = "13700000025"
	if o.Subject["name"] != leader["name"] {
		leader["name"], leader["email"] = "王样例", "wang.yangli@xinghe-example.com"
		leader["certificate"] = map[string]any{"kind": 2, "number": scenario.WithCheckDigit("11010819920315302"),
			"validity": map[string]any{"from": "2016-05-01", "to": "2036-05-01"}}
	}
	return o, scenario.Details{Subject: o.Subject, Sites: o.Sites}, nil
}

// openSubmission opens the order that sends the subject's certificate on its own.
func openSubmission(ctx context.Context, c *Customer) (scenario.Order, scenario.Details, error) {
	o, err := c.user.OpenSubmission(ctx, c.Filing.ID, c.app, "subject-certificate-front")
	return o, scenario.Details{}, err
}

// openCancellation returns a function that cancels what is offered of a kind: of sites, the first.
func openCancellation(kind filing.Type) func(context.Context, *Customer) (scenario.Order, scenario.Details, error) {
	return func(ctx context.Context, c *Customer) (scenario.Order, scenario.Details, error) {
		offers, err := c.user.Cancellations(ctx, c.Filing.ID)
		if err != nil {
			return scenario.Order{}, scenario.Details{}, err
		}
		i := slices.IndexFunc(offers, func(o api.CancellationOffer) bool { return o.Kind == kind && o.Possible })
		if i < 0 {
			return scenario.Order{}, scenario.Details{}, fmt.Errorf("%s is not offered: %+v", kind, offers)
		}
		o, err := c.user.Cancel(ctx, c.Filing.ID, offers[i], c.app.Contact)
		return o, scenario.Details{}, err
	}
}
