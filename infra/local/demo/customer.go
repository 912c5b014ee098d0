package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// A Customer is an invented customer of the provider: an account that files one subject.
type Customer struct {
	demo *Demo
	user *scenario.User
	app  scenario.Application // as it files the first site
	// order is the last order, Filing the subject's filing after it.
	order  scenario.Order
	Filing web.Filing
}

// NewCustomer logs an applicant in, and lists their server.
func (d *Demo) NewCustomer(ctx context.Context, app scenario.Application) (*Customer, error) {
	user, err := d.Client.LoginApplicant(ctx, d.admin, app, d.system.Clock.Now())
	return &Customer{demo: d, user: user, app: app}, err
}

// File files an application of a kind: it opens the order, and takes it to the bureau's approval. It checks the order, the messages about the result,
// what the bureau got, and that the register's last version is the order's.
func (c *Customer) File(ctx context.Context, kind filing.Kind) error {
	d := c.demo
	sent, err := c.lastRecord()
	if err != nil {
		return err
	}
	o, details, err := c.Open(ctx, kind)
	if err != nil {
		return err
	}
	course := scenario.Course{Applicant: c.user, Reviewer: d.reviewer, Server: c.app.Server.ID, Details: details, Picture: d.Picture, Did: d.print}
	if c.byHand() {
		course.AtBureau = d.recordByHand
	}
	if c.order, err = course.Finish(ctx, o.ID); err != nil {
		return err
	}
	if c.order.Type != kind.Type {
		return fmt.Errorf("order %s is of the type %s, want %s", o.ID, c.order.Type, kind.Type)
	}
	d.print("bureau", fmt.Sprintf("approves: %s (%s)", kind.Words.English, kind.Document))
	if err := c.awaitResult(ctx); err != nil {
		return err
	}
	if err := c.checkRecord(kind, sent); err != nil {
		return err
	}
	return c.readFiling(ctx)
}

// Open opens an order of a kind. It returns the order, and what is entered where it asks for details.
func (c *Customer) Open(ctx context.Context, kind filing.Kind) (scenario.Order, scenario.Details, error) {
	p := plays[kind.Type]
	if p.open == nil {
		return scenario.Order{}, scenario.Details{}, fmt.Errorf("%s has no row in plays", kind.Type)
	}
	o, details, err := p.open(ctx, c)
	if err != nil {
		return o, details, fmt.Errorf("opening: %w", err)
	}
	c.demo.print("applicant", p.opening+": order "+string(o.ID))
	return o, details, nil
}

// result recognises the subject of the email about the bureau's approval.
var result = regexp.MustCompile(`(已完成|已通过)：|^(Approved|Done): `)

// link is the link at the end of an SMS. It ends with the demonstration.
var link = regexp.MustCompile(` ?(详情：|：|More: |Next steps: )http\S+$`)

// awaitResult waits for the email and the SMS about the bureau's approval, and prints them.
func (c *Customer) awaitResult(ctx context.Context) error {
	const keyName = "beian-key" // of the attribute that SMS and email of a notice have in common
	key := ""
	for _, medium := range []struct {
		name, to string
		about    func(outbox.Message) bool
		text     func(outbox.Message) string
	}{
		{"email", fmt.Sprint(c.app.Contact["email"]), func(m outbox.Message) bool {
			return strings.Contains(m.Text, string(c.order.ID)) && result.MatchString(m.Subject)
		},
			func(m outbox.Message) string { return m.Subject }},
		{"SMS", "+86" + fmt.Sprint(c.app.Contact["mobile"]), func(m outbox.Message) bool { return m.Attributes[keyName] == key },
			func(m outbox.Message) string { return link.ReplaceAllString(m.Text, "") }},
	} {
		if err := scenario.Poll(ctx, func() (bool, error) {
			sent := c.demo.Client.Sent(medium.to)
			i := slices.IndexFunc(sent, medium.about)
			if i >= 0 {
				key = sent[i].Attributes[keyName]
				c.demo.print(medium.name, medium.text(sent[i]))
			}
			return i >= 0, nil
		}); err != nil {
			return fmt.Errorf("no %s about the approval of order %s: %w", medium.name, c.order.ID, err)
		}
	}
	return nil
}

// byHand reports whether an operator enters the customer's applications at the bureau: without a link, and for apps.
func (c *Customer) byHand() bool {
	return c.demo.system.Parts.ByHand() || c.app.Open["serviceKind"] != nil
}

// lastRecord is the number of records that the bureau has.
func (c *Customer) lastRecord() (int, error) {
	s, err := c.demo.system.Bureau.Records(0, 0)
	return len(s), err
}

// checkRecord checks that the bureau got a record of the kind's operation after another one.
func (c *Customer) checkRecord(kind filing.Kind, after int) error {
	if c.byHand() {
		return nil
	}
	records, err := c.demo.system.Bureau.Records(after, 0)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(records, func(r simulator.Record) bool { return r.Operation == kind.Operation }) {
		return fmt.Errorf("the bureau got no %s (operation %d)", kind.Document, kind.Operation)
	}
	return nil
}

// readFiling reads the customer's filing, and checks its ledger.
func (c *Customer) readFiling(ctx context.Context) error {
	all, err := c.user.Filings(ctx)
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return fmt.Errorf("the account has %d filings, want 1", len(all))
	}
	if c.Filing, err = c.user.Filing(ctx, all[0].ID); err != nil {
		return err
	}
	versions, err := c.user.FilingVersions(ctx, c.Filing.ID)
	if err != nil {
		return err
	}
	if last := versions.Items[len(versions.Items)-1]; !versions.Verified || last.Source != register.FromOrder || last.ID != string(c.order.ID) {
		return fmt.Errorf("the register's ledger (verified: %t) ends with %+v", versions.Verified, last)
	}
	return nil
}

// site returns a further site of the customer: like the first, with a prefix in its domain and a suffix in its name.
func (c *Customer) site(prefix, suffix string) (site map[string]any, domain string) {
	site = maps.Clone(c.app.Details.Sites[0])
	domain = prefix + c.opening().Domains[0]
	site["name"], site["domains"] = fmt.Sprint(site["name"])+suffix, []string{domain}
	delete(site, "homeUrl")
	return site, domain
}

// opening is what the customer's applications are opened with.
func (c *Customer) opening() (o struct {
	EntityKind  int64
	Certificate struct {
		Kind   int64
		Number string
	}
	Domains []string
}) {
	text, _ := json.Marshal(c.app.Open)
	_ = json.Unmarshal(text, &o)
	return o
}

// openFor opens an order for a domain.
func (c *Customer) openFor(ctx context.Context, domain string) (scenario.Order, error) {
	app := c.app
	app.Open = maps.Clone(app.Open)
	app.Open["domains"] = []string{domain}
	return c.user.OpenOrder(ctx, app)
}

// fileElsewhere has another provider file a site of the customer.
func (c *Customer) fileElsewhere(site map[string]any, domain string) error {
	open := c.opening()
	division, err := strconv.ParseInt(fmt.Sprint(c.app.Details.Subject["division"]), 10, 64)
	if err != nil {
		return err
	}
	seed := simulator.Seed{Name: fmt.Sprint(c.app.Open["name"]), Nature: open.EntityKind, CertificateKind: open.Certificate.Kind,
		CertificateNumber: open.Certificate.Number, Division: division,
		Sites: []simulator.SeedSite{{Name: fmt.Sprint(site["name"]), Domains: []string{domain}}}}
	if c.Filing.ID != "" {
		seed.Number = c.Filing.Number.String()
	}
	c.demo.print("elsewhere", "another provider files "+domain+" for the customer")
	return c.demo.system.Bureau.Apply(simulator.Scenario{Filed: []simulator.Seed{seed}})
}

// hostElsewhere has another provider host a filed site too.
func (c *Customer) hostElsewhere(site string) error {
	c.demo.print("elsewhere", "another provider hosts "+site+" too")
	return c.demo.system.Bureau.Apply(simulator.Scenario{Hosted: []simulator.Hosting{{Site: site}}})
}

// standing says how the customer's filing stands in the register: "FILED 1:us 2:elsewhere,us".
func (c *Customer) standing() string {
	text := string(c.Filing.Status)
	for _, s := range c.Filing.Sites {
		text += fmt.Sprintf(" %d:%s", s.Number.Running, strings.Join(hosts(s), ","))
	}
	return text
}

// hosts returns who hosts a site, as far as the register says: us or elsewhere.
func hosts(s web.RegisteredSite) []string {
	all := []string{}
	for _, a := range s.Accesses {
		if a.Ours {
			all = append(all, "us")
		} else {
			all = append(all, "elsewhere")
		}
	}
	return all
}

// printFiling prints the customer's filing as it stands in the register.
func (c *Customer) printFiling() {
	f := c.Filing
	c.demo.print("register", fmt.Sprintf("%s, %s", f.Number, f.Status))
	for _, s := range f.Sites {
		hosted := "not with us"
		switch all := hosts(s); {
		case f.Status == register.Cancelled:
			hosted = "cancelled with it"
		case len(all) > 0:
			hosted = "hosted " + strings.ReplaceAll(strings.Join(all, " and "), "us", "by us")
		}
		what := s.Details.Name // a mini program may have no domain
		if len(s.Details.Domains) > 0 {
			what = string(s.Details.Domains[0])
		}
		c.demo.print("", fmt.Sprintf("%s  %-28s %s, led by %s", s.Number, what, hosted, string(s.Details.Leader.Name)))
	}
}
