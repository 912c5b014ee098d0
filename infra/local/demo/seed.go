package demo

import (
	"context"
	"fmt"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// Seed files sample applications: three first filings under the rules of the clock's date, and one that waits at each
// step where a person must act.
func (d *Demo) Seed(ctx context.Context) error {
	for _, name := range []string{"enterprise-beijing", "individual-zhejiang", "enterprise-jiangsu"} {
		app, err := Application(name)
		if err != nil {
			return err
		}
		c, err := d.NewCustomer(ctx, app)
		if err != nil {
			return err
		}
		if err := c.play(ctx, filing.Kinds[0], nil, "FILED 1:us"); err != nil {
			return err
		}
	}
	if err := d.IssueCodes(ctx); err != nil {
		return err
	}
	fmt.Fprintln(d.out, "\nAn application waits at each of these steps, where a person must act:")
	for i, step := range []filing.Step{filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity,
		filing.AwaitConfirmation, filing.InitialReview, filing.MailDocuments, filing.VerifySMS} {
		app := scenario.Invented(i)
		applicant, err := d.Client.LoginApplicant(ctx, d.admin, app, d.system.Clock.Now())
		if err != nil {
			return err
		}
		order, err := app.AdvanceTo(ctx, applicant, d.reviewer, step)
		if err != nil {
			return fmt.Errorf("an application at %s: %w", step, err)
		}
		d.print(string(order), string(step))
	}
	return nil
}

const serviceCodes = 5

// IssueCodes adds a server with five slots to the inventory and issues the service codes DEMO-CODE-1 to 5 for it, for filings by
// hand.
func (d *Demo) IssueCodes(ctx context.Context) error {
	now := d.system.Clock.Now()
	server := scenario.Server{ID: "ecs-demo-0001", Placement: "11", Mode: 5, IPs: []string{"8.130.0.99"}, Quota: serviceCodes}
	if err := d.admin.ListServer(ctx, server, "demo", now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		return err
	}
	for n := range serviceCodes {
		if err := d.admin.IssueServiceCode(ctx, fmt.Sprintf("DEMO-CODE-%d", n+1), server.ID, ""); err != nil {
			return err
		}
	}
	return nil
}
