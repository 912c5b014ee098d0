package demo

import (
	"context"
	"fmt"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// A Sample is an application that [Demo.Seed] files.
type Sample struct {
	scenario.Application
	Step filing.Step // where it waits for a person; filing.Done if it is filed
}

// waiting are the steps at which a sample application waits, because a person must act.
var waiting = []filing.Step{filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity,
	filing.AwaitConfirmation, filing.InitialReview, filing.MailDocuments, filing.VerifySMS}

// Samples returns the sample applications: three first filings, and one that waits at each step where a person must act.
func Samples() ([]Sample, error) {
	var samples []Sample
	for _, name := range []string{"enterprise-beijing", "individual-zhejiang", "enterprise-jiangsu"} {
		app, err := Application(name)
		if err != nil {
			return nil, err
		}
		samples = append(samples, Sample{app, filing.Done})
	}
	for i, step := range waiting {
		samples = append(samples, Sample{scenario.Invented(i), step})
	}
	return samples, nil
}

// Seed files the sample applications under the rules of the clock's date.
func (d *Demo) Seed(ctx context.Context) error {
	samples, err := Samples()
	if err != nil {
		return err
	}
	filed := len(samples) - len(waiting)
	for _, s := range samples[:filed] {
		c, err := d.NewCustomer(ctx, s.Application)
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
	for _, s := range samples[filed:] {
		applicant, err := d.Client.LoginApplicant(ctx, d.admin, s.Application, d.system.Clock.Now())
		if err != nil {
			return err
		}
		order, err := s.AdvanceTo(ctx, applicant, d.reviewer, s.Step)
		if err != nil {
			return fmt.Errorf("an application at %s: %w", s.Step, err)
		}
		d.print(string(order), string(s.Step))
	}
	return nil
}

const serviceCodes = 5

// ServiceCodes returns the service codes that [Demo.IssueCodes] issues. With one, an applicant who has no server can file.
func ServiceCodes() []string {
	var codes []string
	for n := range serviceCodes {
		codes = append(codes, fmt.Sprintf("DEMO-CODE-%d", n+1))
	}
	return codes
}

// IssueCodes adds a server with five slots to the inventory and issues [ServiceCodes] for it, for filings by hand.
func (d *Demo) IssueCodes(ctx context.Context) error {
	now := d.system.Clock.Now()
	server := scenario.Server{ID: "ecs-demo-0001", Placement: "11", Mode: 5, IPs: []string{"8.130.0.99"}, Quota: serviceCodes}
	if err := d.admin.ListServer(ctx, server, "demo", now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		return err
	}
	for _, code := range ServiceCodes() {
		if err := d.admin.IssueServiceCode(ctx, code, server.ID, ""); err != nil {
			return err
		}
	}
	return nil
}
