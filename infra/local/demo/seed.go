package demo

import (
	"context"
	"fmt"
	"net/http"

	"beian/infra/local/scenario"
	"beian/shared/filing"
)

// Seed fills a system for somebody who looks around: the three filings, as they go on the day that the clock shows, and
// one application waiting at each step where a person has to do something.
func (s *Story) Seed(ctx context.Context) error {
	for _, name := range []string{"enterprise-beijing", "individual-zhejiang", "enterprise-jiangsu"} {
		f, err := s.Begin(ctx, name)
		if err != nil {
			return err
		}
		if err := s.Fill(ctx, f); err != nil {
			return err
		}
		if err := s.reviewer.Approve(ctx, f.Order); err != nil {
			return err
		}
		s.say("reviewer", "passes it")
		if err := s.answerAll(ctx, f); err != nil {
			return err
		}
		if err := s.Finish(ctx, f); err != nil {
			return err
		}
	}
	if err := s.Codes(ctx); err != nil {
		return err
	}
	fmt.Fprintln(s.Out, "\nOne application waits at each step where a person has to act:")
	for i, step := range []filing.Step{filing.VerifyProduct, filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity,
		filing.AwaitConfirmation, filing.InitialReview, filing.MailDocuments, filing.VerifySMS} {
		order, err := s.leaveAt(ctx, step, i)
		if err != nil {
			return fmt.Errorf("an application at %s: %w", step, err)
		}
		s.say(string(order), "%s", step)
	}
	return nil
}

// serviceCodes are filing service codes for whoever tries the API by hand: each stands for a slot of a server, once.
var serviceCodes = []string{"DEMO-CODE-1", "DEMO-CODE-2", "DEMO-CODE-3", "DEMO-CODE-4", "DEMO-CODE-5"}

// Codes lists a server and its service codes.
func (s *Story) Codes(ctx context.Context) error {
	now := s.System.Clock.Now()
	server := scenario.Server{ID: "ecs-demo-0001", Placement: "11", Mode: 5, IPs: []string{"8.130.0.99"}, Quota: len(serviceCodes)}
	if err := s.admin.ListServer(ctx, server, "demo", now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		return err
	}
	for _, code := range serviceCodes {
		if err := s.admin.Call(ctx, http.MethodPut, "/service-codes/"+code, map[string]any{"server": server.ID}, nil); err != nil {
			return err
		}
	}
	return nil
}

// answerAll answers every leader's code, where the day asks for it.
func (s *Story) answerAll(ctx context.Context, f *Filing) error {
	order, err := f.applicant.Order(ctx, f.Order)
	if err != nil || order.Step != filing.VerifySMS {
		return err
	}
	for i, mobile := range f.leaders() {
		code, err := s.World.AwaitOrderCode(ctx, mobile, f.Order)
		if err != nil {
			return err
		}
		if err := s.World.ReplySMS(ctx, fmt.Sprintf("reply-%s-%d", f.Order, i), mobile, code); err != nil {
			return err
		}
	}
	s.say("leaders", "answer the SMS with their codes")
	return nil
}

// leaders are the mobiles of the application's leaders, each once.
func (f *Filing) leaders() []string { return scenario.LeaderMobiles(f.app.Details) }

// leaveAt takes an application of an invented person to a step and leaves it there.
func (s *Story) leaveAt(ctx context.Context, step filing.Step, n int) (filing.ID, error) {
	app := scenario.Invented(n)
	person, err := s.World.Login(ctx, app.Login)
	if err != nil {
		return "", err
	}
	now := s.System.Clock.Now()
	if err := s.admin.ListServer(ctx, app.Server, person.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		return "", err
	}
	return app.AdvanceTo(ctx, person, s.reviewer, step)
}
