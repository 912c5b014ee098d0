// Package demo tells the story of three first filings, from the first form to the number in the footer: an enterprise in
// Beijing, an individual in Zhejiang who answers the SMS, and an enterprise in Jiangsu that is returned once.
//
// It acts through the public API alone, as package people does, and checks what it tells: that each order took the
// path of states that it should, that the messages went out, and that the bureau gave a number.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"beian/events"
	"beian/infra/local/identity"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// Day is the day on which the story is told: the seed's 22 provinces have the SMS verification then, Beijing and
// Jiangsu do not (S18).
var Day = time.Date(2019, 12, 26, 1, 30, 0, 0, time.UTC)

// Logins of the staff.
const (
	ReviewerLogin = "reviewer@provider.example"
	AdminLogin    = "admin@provider.example"
)

// Staff are the provider's people on a laptop.
var Staff = []identity.Staff{
	{Login: ReviewerLogin, Groups: []string{identity.Reviewer}},
	{Login: AdminLogin, Groups: []string{identity.Admin}},
}

// A Story is being told.
type Story struct {
	System *system.System
	World  *scenario.Client
	Out    io.Writer

	admin, reviewer *scenario.User
	told            map[string]int // messages told so far, by recipient
}

// New begins a story in a running system: the staff log in.
func New(ctx context.Context, s *system.System, w *scenario.Client, out io.Writer) (*Story, error) {
	story := &Story{System: s, World: w, Out: out, told: map[string]int{}}
	var err error
	if story.admin, err = w.Login(ctx, AdminLogin); err != nil {
		return nil, fmt.Errorf("the operator: %w", err)
	}
	if story.reviewer, err = w.Login(ctx, ReviewerLogin); err != nil {
		return nil, fmt.Errorf("the reviewer: %w", err)
	}
	return story, nil
}

// Reviewer is the reviewer of the story.
func (s *Story) Reviewer() *scenario.User { return s.reviewer }

// Application reads a sample application.
func Application(name string) (scenario.Application, error) {
	var a scenario.Application
	text, err := events.Files.ReadFile("applications/" + name + ".json")
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

// A Filing is one filing of the story.
type Filing struct {
	Name      string
	Order     filing.ID
	Number    string   // the subject's
	Sites     []string // the sites' numbers
	Path      []string // the states the machine went through
	Took      time.Duration
	applicant *scenario.User
	contact   [2]string // where the applicant is reached
	app       scenario.Application
}

// say tells one line.
func (s *Story) say(who, format string, args ...any) {
	fmt.Fprintf(s.Out, "  %-10s %s\n", who, fmt.Sprintf(format, args...))
}

// Begin has an applicant log in and open an application, and an operator list their server.
func (s *Story) Begin(ctx context.Context, name string) (*Filing, error) {
	app, err := Application(name)
	if err != nil {
		return nil, err
	}
	f := &Filing{Name: name, app: app}
	f.contact = [2]string{"+86" + fmt.Sprint(app.Contact["mobile"]), fmt.Sprint(app.Contact["email"])}
	fmt.Fprintf(s.Out, "\n%s\n", app.About)
	for _, to := range append(f.contact[:], app.Login) {
		s.told[to] = len(s.World.Sent(to))
	}
	if f.applicant, err = s.World.Login(ctx, app.Login); err != nil {
		return nil, err
	}
	s.say("applicant", "logs in with a one-time code")
	for _, to := range append(f.contact[:], app.Login) {
		s.told[to] = len(s.World.Sent(to))
	}
	now := s.System.Clock.Now()
	if err := s.admin.ListServer(ctx, app.Server, f.applicant.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		return nil, fmt.Errorf("listing the server: %w", err)
	}
	order, err := f.applicant.OpenOrder(ctx, app)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	f.Order = order.ID
	s.say("applicant", "says who files and for which domain: order %s", f.Order)
	if order, err = f.applicant.AwaitStep(ctx, f.Order, filing.VerifyProduct); err != nil {
		return nil, err
	}
	s.say("beian", "asks the bureau and finds: a %s filing → %s", order.Type, order.Status)
	return f, nil
}

// Fill has the applicant give everything, up to the confirmation.
func (s *Story) Fill(ctx context.Context, f *Filing) error {
	if err := f.applicant.ChooseServer(ctx, f.Order, f.app.Server.ID); err != nil {
		return fmt.Errorf("choosing the server: %w", err)
	}
	s.say("applicant", "names the server %s", f.app.Server.ID)
	if err := f.applicant.EnterDetails(ctx, f.Order, f.app.Details); err != nil {
		return fmt.Errorf("entering details: %w", err)
	}
	s.say("applicant", "gives the data of subject, leaders and site")
	owed, err := f.applicant.MissingPapers(ctx, f.Order)
	if err != nil {
		return err
	}
	papers := map[string][]byte{}
	for i, slot := range owed {
		papers[slot] = scenario.SamplePicture(slot, uint64(i))
	}
	if err := f.applicant.Upload(ctx, f.Order, papers, "image/jpeg"); err != nil {
		return fmt.Errorf("uploading: %w", err)
	}
	s.say("applicant", "uploads %d papers: %s", len(owed), strings.Join(owed, ", "))
	for site := range f.app.Details.Sites {
		if err := f.applicant.PassLiveness(ctx, f.Order, site); err != nil {
			return fmt.Errorf("liveness: %w", err)
		}
	}
	s.say("leader", "passes the liveness check on the phone (simulated)")
	return s.confirm(ctx, f)
}

func (s *Story) confirm(ctx context.Context, f *Filing) error {
	if err := f.applicant.Confirm(ctx, f.Order); err != nil {
		return fmt.Errorf("confirming: %w", err)
	}
	s.say("applicant", "reads the summary once more and confirms")
	return s.listen(ctx, f, filing.NoticeSubmitted, "")
}

// Pass has the reviewer pass the application.
func (s *Story) Pass(ctx context.Context, f *Filing) error {
	if err := s.reviewer.Approve(ctx, f.Order); err != nil {
		return fmt.Errorf("reviewing: %w", err)
	}
	s.say("reviewer", "takes the order off the queue and passes it")
	return s.listen(ctx, f, filing.NoticePassed, "")
}

// Finish waits for the bureau's answer and for the last message.
func (s *Story) Finish(ctx context.Context, f *Filing) error {
	order, err := f.applicant.AwaitStep(ctx, f.Order, filing.Done)
	if err != nil {
		return err
	}
	if order.Status != filing.Approved || order.Bureau == nil {
		return fmt.Errorf("order %s ended as %s: %v", f.Order, order.Status, order.Findings)
	}
	f.Number = order.Bureau.SubjectNumber
	for _, site := range order.Bureau.Sites {
		f.Sites = append(f.Sites, site.Number)
	}
	s.say("bureau", "files the subject as %s and the site as %s", f.Number, strings.Join(f.Sites, ", "))
	if err := s.listen(ctx, f, filing.NoticeApproved, f.Number); err != nil {
		return err
	}
	f.Path, err = s.System.Path(ctx, f.Order, 1)
	return err
}

// listen waits until the applicant has got an SMS and an email more that hold a text, and tells them, and those that came
// before them, in their words.
func (s *Story) listen(ctx context.Context, f *Filing, about filing.NoticeKind, text string) error {
	for _, to := range f.contact {
		var fresh []outbox.Message
		err := scenario.Poll(ctx, func() (bool, error) {
			fresh = s.World.Sent(to)[s.told[to]:]
			return slices.ContainsFunc(fresh, func(m outbox.Message) bool { return strings.Contains(m.Text, text) }), nil
		})
		if err != nil {
			return fmt.Errorf("no message about %s: %w", about, err)
		}
		s.told[to] += len(fresh)
		for _, m := range fresh {
			s.tell(m)
		}
	}
	return nil
}

func (s *Story) tell(m outbox.Message) {
	if m.Kind == outbox.SMS {
		s.say("  SMS", "%s", m.Text)
		return
	}
	s.say("  email", "%s", m.Subject)
}

// Expect checks the path of states.
func (f *Filing) Expect(path ...string) error {
	if !slices.Equal(f.Path, path) {
		return fmt.Errorf("%s took the path %s, not %s", f.Name, strings.Join(f.Path, " → "), strings.Join(path, " → "))
	}
	return nil
}
