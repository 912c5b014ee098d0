// Package demo files three first filings, from the first form to the filing number: an enterprise in Beijing, an individual in
// Zhejiang who answers the SMS, and an enterprise in Jiangsu whose application is returned once. It also creates the sample filings
// of a new system.
//
// Create a [Demo] with [New] in a running system, then call [Demo.FileThree] or [Demo.Seed]. It uses the public API only, prints each
// action, and checks the results: the path of states, the messages and the numbers from the bureau.
package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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

// Day is the date of the demonstration. On that day 22 provinces require the SMS verification, but Beijing and Jiangsu do
// not (S18).
var Day = time.Date(2019, 12, 26, 1, 30, 0, 0, time.UTC)

// Logins of the staff.
const (
	ReviewerLogin = "reviewer@provider.example"
	AdminLogin    = "admin@provider.example"
)

// Staff are the provider's employees on the laptop.
var Staff = []identity.Staff{
	{Login: ReviewerLogin, Groups: []string{identity.Reviewer}},
	{Login: AdminLogin, Groups: []string{identity.Admin}},
}

// A Demo files sample applications in a running system.
type Demo struct {
	Reviewer *scenario.User

	system  *system.System
	client  *scenario.Client
	admin   *scenario.User
	out     io.Writer
	printed map[string]int // messages printed so far, by recipient
}

// New logs the staff in. The demonstration writes a line for each action to out.
func New(ctx context.Context, s *system.System, out io.Writer) (*Demo, error) {
	d := &Demo{system: s, client: scenario.NewClient(s), out: out, printed: map[string]int{}}
	var err error
	d.admin, d.Reviewer, err = LogInStaff(ctx, d.client)
	return d, err
}

// LogInStaff logs the operator and the reviewer of [Staff] in.
func LogInStaff(ctx context.Context, client *scenario.Client) (admin, reviewer *scenario.User, err error) {
	if admin, err = client.Login(ctx, AdminLogin); err != nil {
		return nil, nil, fmt.Errorf("the operator: %w", err)
	}
	if reviewer, err = client.Login(ctx, ReviewerLogin); err != nil {
		return nil, nil, fmt.Errorf("the reviewer: %w", err)
	}
	return admin, reviewer, nil
}

// A Filing is one filing of the demonstration.
type Filing struct {
	Name   string // of the sample in events/applications
	Order  filing.ID
	Number string   // of the subject
	Sites  []string // numbers of the sites
	Path   []string // states of the execution
	Took   time.Duration

	applicant *scenario.User
	contacts  [2]string // mobile and email
	app       scenario.Application
}

func (d *Demo) print(who, format string, args ...any) {
	fmt.Fprintf(d.out, "  %-10s %s\n", who, fmt.Sprintf(format, args...))
}

// Application reads a sample of events/applications.
func Application(name string) (a scenario.Application, err error) {
	text, err := events.Files.ReadFile("applications/" + name + ".json")
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

// runAll calls steps in order until one fails.
func runAll(ctx context.Context, f *Filing, steps ...func(context.Context, *Filing) error) error {
	for _, step := range steps {
		if err := step(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// openOrder logs an applicant in, lists their server and opens the order.
func (d *Demo) openOrder(ctx context.Context, f *Filing) error {
	var err error
	if f.app, err = Application(f.Name); err != nil {
		return err
	}
	f.contacts = [2]string{"+86" + fmt.Sprint(f.app.Contact["mobile"]), fmt.Sprint(f.app.Contact["email"])}
	fmt.Fprintf(d.out, "\n%s\n", f.app.About)
	if f.applicant, err = d.client.LoginApplicant(ctx, d.admin, f.app, d.system.Clock.Now()); err != nil {
		return err
	}
	d.print("applicant", "logs in with a one-time code")
	for _, to := range f.contacts {
		d.printed[to] = len(d.client.Sent(to))
	}
	if f.Name == "individual-zhejiang" {
		if err := d.tryRareName(ctx, f); err != nil {
			return err
		}
	}
	order, err := f.applicant.OpenOrder(ctx, f.app)
	if err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	f.Order = order.ID
	d.print("applicant", "enters who files and the domain: order %s", f.Order)
	if order, err = f.applicant.AwaitStep(ctx, f.Order, filing.VerifyProduct); err != nil {
		return err
	}
	d.print("beian", "asks the bureau what is filed already: this is a %s filing → %s", order.Type, order.Status)
	if err := f.applicant.VerifyContact(ctx, f.Order); err != nil {
		return fmt.Errorf("verifying the contact: %w", err)
	}
	for _, to := range f.contacts {
		d.printMessages(to)
	}
	d.print("applicant", "enters the code from the email: messages go to it from now on")
	return nil
}

// rareName is the name on the applicant's certificate. The bureau cannot read its second character. The sample has the substitute, and
// the pinyin in the remark.
const rareName = "林𬭎"

// tryRareName checks that an order is refused for a name that the bureau cannot read, with a finding that names the character.
func (d *Demo) tryRareName(ctx context.Context, f *Filing) error {
	app := f.app
	app.Open = maps.Clone(app.Open)
	app.Open["name"] = rareName
	_, err := f.applicant.OpenOrder(ctx, app)
	problem, ok := errors.AsType[*scenario.Problem](err)
	if !ok || len(problem.Findings) != 1 || problem.Findings[0].Code != filing.CodeCharacter {
		return fmt.Errorf("the name with a rare character: %v", err)
	}
	d.print("applicant", "enters the name %s, and reads: %s %s", rareName, problem.Findings[0].Message.Chinese, problem.Findings[0].Remedy.Chinese)
	return nil
}

// fillApplication chooses the server, enters the details, uploads the papers and passes the liveness checks.
func (d *Demo) fillApplication(ctx context.Context, f *Filing) error {
	if err := f.applicant.ChooseServer(ctx, f.Order, f.app.Server.ID); err != nil {
		return fmt.Errorf("choosing the server: %w", err)
	}
	d.print("applicant", "chooses the server %s", f.app.Server.ID)
	if err := f.applicant.EnterDetails(ctx, f.Order, f.app.Details); err != nil {
		return fmt.Errorf("entering details: %w", err)
	}
	d.print("applicant", "enters the data of subject, leaders and site")
	slots, err := f.applicant.MissingPapers(ctx, f.Order)
	if err != nil {
		return err
	}
	papers := map[string][]byte{}
	for i, slot := range slots {
		papers[slot] = scenario.SamplePicture(slot, uint64(i))
	}
	if err := f.applicant.Upload(ctx, f.Order, papers, "image/jpeg"); err != nil {
		return fmt.Errorf("uploading: %w", err)
	}
	d.print("applicant", "uploads %d papers: %s", len(slots), strings.Join(slots, ", "))
	for site := range f.app.Details.Sites {
		if err := f.applicant.PassLiveness(ctx, f.Order, site); err != nil {
			return fmt.Errorf("liveness: %w", err)
		}
	}
	d.print("leader", "passes the liveness check on the phone (simulated)")
	return d.confirmSummary(ctx, f)
}

func (d *Demo) confirmSummary(ctx context.Context, f *Filing) error {
	if err := f.applicant.Confirm(ctx, f.Order); err != nil {
		return fmt.Errorf("confirming: %w", err)
	}
	d.print("applicant", "reads the summary and confirms it")
	return d.awaitMessages(ctx, f, "")
}

// approveOrder makes the reviewer pass the application.
func (d *Demo) approveOrder(ctx context.Context, f *Filing) error {
	if err := d.Reviewer.Approve(ctx, f.Order); err != nil {
		return fmt.Errorf("reviewing: %w", err)
	}
	d.print("reviewer", "claims the order and passes it")
	return d.awaitMessages(ctx, f, "")
}

// answerCodes answers the SMS of each leader, if the day and the province require it.
func (d *Demo) answerCodes(ctx context.Context, f *Filing) error {
	order, err := f.applicant.Order(ctx, f.Order)
	if err != nil || order.Step != filing.VerifySMS {
		return err
	}
	for i, mobile := range scenario.LeaderMobiles(f.app.Details) {
		code, err := d.client.AwaitOrderCode(ctx, mobile, f.Order)
		if err != nil {
			return fmt.Errorf("no SMS with a code: %w", err)
		}
		d.printMessages("+86" + mobile)
		if err := d.client.ReplySMS(ctx, fmt.Sprintf("reply-%s-%d", f.Order, i), mobile, "验证码 "+code); err != nil {
			return err
		}
		d.print("leader", "answers the SMS with the code")
	}
	return nil
}

// awaitNumbers waits for the bureau's approval and for the last messages.
func (d *Demo) awaitNumbers(ctx context.Context, f *Filing) error {
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
	d.print("bureau", "approves: subject %s, site %s", f.Number, strings.Join(f.Sites, ", "))
	if err := d.awaitMessages(ctx, f, f.Number); err != nil {
		return err
	}
	f.Path, err = d.system.Path(ctx, f.Order, 1)
	return err
}

// awaitMessages waits until both contacts have a new message with a text in it, and prints all new messages.
func (d *Demo) awaitMessages(ctx context.Context, f *Filing, text string) error {
	for _, to := range f.contacts {
		if err := scenario.Poll(ctx, func() (bool, error) {
			unprinted := d.client.Sent(to)[d.printed[to]:]
			return slices.ContainsFunc(unprinted, func(m outbox.Message) bool { return strings.Contains(m.Text, text) }), nil
		}); err != nil {
			return fmt.Errorf("an expected message was not sent: %w", err)
		}
		d.printMessages(to)
	}
	return nil
}

// printMessages prints the new messages to a recipient.
func (d *Demo) printMessages(to string) {
	sent := d.client.Sent(to)
	for _, m := range sent[d.printed[to]:] {
		if m.Kind == outbox.SMS {
			d.print("  SMS", "%s", m.Text)
		} else {
			d.print("  email", "%s", m.Subject)
		}
	}
	d.printed[to] = len(sent)
}
