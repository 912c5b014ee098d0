// Package demo plays a year of a provider with one customer, from the first filing to the cancellation, or one kind of application. It also
// creates the sample filings of a new system.
//
// Create a [Demo] with [New] in a running system, then call [Demo.PlayYear], [Demo.PlayKind] or [Demo.Seed]. It uses the public API only, prints
// each action, and fails at the first result that is not as expected: type, decision, messages, numbers, what the bureau got, and the register.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"beian/events"
	"beian/infra/local/identity"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/rules/workday"
)

// Day is the date on which the year begins. On that day 22 provinces require the SMS verification, but Beijing does not (S18).
var Day = time.Date(2019, 12, 26, 1, 30, 0, 0, time.UTC)

// Logins of the staff.
const (
	ReviewerLogin       = "reviewer@provider.example"
	SecondReviewerLogin = "second-reviewer@provider.example" // decides appeals against the first one's rejections
	AdminLogin          = "admin@provider.example"
)

// Staff are the provider's employees on the laptop.
var Staff = []identity.Staff{
	{Login: ReviewerLogin, Groups: []string{identity.Reviewer}},
	{Login: SecondReviewerLogin, Groups: []string{identity.Reviewer}},
	{Login: AdminLogin, Groups: []string{identity.Admin}},
}

// A Demo files sample applications in a running system.
type Demo struct {
	Client *scenario.Client // of its users
	// Picture, if not nil, returns the picture that customers upload for a slot.
	Picture func(slot string) []byte

	system   *system.System
	admin    *scenario.User
	reviewer *scenario.User
	out      io.Writer
	// recorded counts the approvals that were recorded by hand.
	recorded int
}

// New logs the staff in. The demonstration writes a line for each action to out.
func New(ctx context.Context, s *system.System, out io.Writer) (*Demo, error) {
	d := &Demo{system: s, Client: scenario.NewClient(s), out: out}
	var err error
	d.admin, d.reviewer, err = LogInStaff(ctx, d.Client)
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

// Application reads a sample of events/applications.
func Application(name string) (a scenario.Application, err error) {
	text, err := events.Files.ReadFile("applications/" + name + ".json")
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}

// print writes a line: who did what.
func (d *Demo) print(who, what string) { fmt.Fprintf(d.out, "  %-10s %s\n", who, what) }

// today is the date of the system's clock, for the reader.
func (d *Demo) today() string {
	return d.system.Clock.Now().In(workday.Shanghai).Format("2 January 2006")
}
