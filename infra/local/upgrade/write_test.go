package upgrade_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"golang.org/x/sync/errgroup"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/dump"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/workflow"
)

var (
	update  = flag.Bool("update", false, "write the state of this version into testdata")
	release = flag.String("release", "", "the name of this version: year and month")
)

// day is the date of the state: all kinds have SMS codes.
var day = time.Date(2026, 11, 9, 1, 30, 0, 0, time.UTC)

// firstPerson is the number of the first invented applicant.
const firstPerson = 12_000

// TestWrite writes the state of this version.
func TestWrite(t *testing.T) {
	if !*update || *release == "" {
		t.Skip("writes the data of a release, and only with -update and -release")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	target := filepath.Join(here, "testdata", *release)
	folder := t.TempDir()
	w, err := newWriter(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.write(t.Context()), w.system.Close(), os.Chdir(here), w.trim(folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if err := dump.Write(t.Context(), folder, &archive); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(w.state, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{archiveFile: archive.Bytes(), ordersFile: append(text, '\n'), definitionFile: []byte(workflow.Definition)} {
		if err := os.WriteFile(filepath.Join(target, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d orders, %d bytes", len(w.state.Orders), archive.Len())
}

// A writer takes the orders to their steps in a new system.
type writer struct {
	system          *system.System
	demo            *demo.Demo
	admin, reviewer *scenario.User

	mu    sync.Mutex
	state state
	next  int // number of the next invented applicant
}

func newWriter(ctx context.Context, folder string) (*writer, error) {
	s, err := system.Start(ctx, system.Config{Folder: folder, Clock: clock.StandingAt(day), Staff: demo.Staff, ReviewDelay: 10 * time.Millisecond, Limits: system.Unlimited,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		return nil, err
	}
	w := &writer{system: s, next: firstPerson, state: state{Accounts: map[string]string{}}}
	if w.demo, err = demo.New(ctx, s, io.Discard); err == nil {
		w.demo.Picture = func(string) []byte { return smallPicture }
		w.admin, w.reviewer, err = demo.LogInStaff(ctx, w.demo.Client)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	w.state.Accounts[demo.AdminLogin], w.state.Accounts[demo.ReviewerLogin] = w.admin.Account(), w.reviewer.Account()
	return w, nil
}

// smallPicture is the smallest picture that is accepted as a document.
var smallPicture = func() []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 300, 100))
	draw.Draw(picture, picture.Rect, image.NewUniform(color.RGBA{35, 87, 150, 255}), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, nil); err != nil {
		panic(err) // a buffer does not fail
	}
	return out.Bytes()
}()

// A customer is an applicant who has everything that the order of a kind needs.
type customer struct {
	*demo.Customer
	user *scenario.User
	app  scenario.Application
	kind filing.Kind
}

// prepare creates the customers for orders: one for each.
func (w *writer) prepare(ctx context.Context, kinds []filing.Kind) ([]customer, error) {
	customers := make([]customer, len(kinds))
	err := inParallel(len(kinds), func(i int) (err error) {
		w.mu.Lock()
		app := scenario.Invented(w.next)
		w.next++
		w.mu.Unlock()
		c := customer{app: app, kind: kinds[i]}
		if c.user, err = w.demo.Client.Login(ctx, app.Login); err != nil {
			return err
		}
		if c.Customer, err = w.demo.NewCustomer(ctx, app); err != nil {
			return err
		}
		w.mu.Lock()
		w.state.Accounts[app.Login] = c.user.Account()
		w.mu.Unlock()
		customers[i] = c
		return c.Prepare(ctx, c.kind)
	})
	return customers, err
}

// inParallel calls do for 0 to count-1. Most of the time an order is awaited, so many run at a time.
func inParallel(count int, do func(int) error) error {
	var group errgroup.Group
	group.SetLimit(24)
	for i := range count {
		group.Go(func() error { return do(i) })
	}
	return group.Wait()
}

// A goal is where an order is to wait.
type goal struct {
	step  filing.Step
	event event
}

// goals returns where orders of a kind are to wait.
func goals(k filing.Kind) []goal {
	var all []goal
	for _, step := range k.Steps() {
		if step != filing.Done {
			all = append(all, goal{step: step})
		}
	}
	if k.Type != filing.First {
		return all
	}
	return append(all, goal{filing.CollectDetails, returned}, goal{filing.Done, refused}, goal{filing.InitialReview, resubmitted}, goal{filing.Done, appealed},
		goal{filing.InitialReview, withdrawn}, goal{filing.CollectEvidence, abandoned}, goal{filing.InitialReview, rejected})
}

// phases are the functions that fail from a phase on, so that the orders of the phase stay where the function works. Other orders must be taken past that step before.
var phases = []struct {
	function string // "" for none
	takes    func(goal) bool
}{
	{"followup", func(g goal) bool { return g.step == filing.FollowUp }},
	{"announce", func(g goal) bool { return g.step == filing.Announce }},
	{"transmit", func(g goal) bool { return g.step == filing.Transmit }},
	{"withdraw", func(g goal) bool { return g.event == withdrawn }},
	{"abandon", func(g goal) bool { return g.event == abandoned }},
	{"reject", func(g goal) bool { return g.event == rejected }},
}

// write takes an order of every kind to each of its steps, and waits until nothing happens any more.
func (w *writer) write(ctx context.Context) error {
	var kinds []filing.Kind
	var wanted []goal
	for _, k := range filing.Kinds {
		for _, g := range goals(k) {
			kinds, wanted = append(kinds, k), append(wanted, g)
		}
	}
	customers, err := w.prepare(ctx, kinds)
	if err != nil {
		return fmt.Errorf("before the orders: %w", err)
	}
	run := func(takes func(goal) bool) error {
		return inParallel(len(customers), func(i int) error {
			if !takes(wanted[i]) {
				return nil
			}
			if err := w.take(ctx, customers[i], wanted[i]); err != nil {
				return fmt.Errorf("%s at %s %s: %w", kinds[i].Type, wanted[i].step, wanted[i].event, err)
			}
			return nil
		})
	}
	late := func(g goal) bool {
		for _, p := range phases {
			if p.takes(g) {
				return true
			}
		}
		return false
	}
	if err := run(func(g goal) bool { return !late(g) }); err != nil {
		return err
	}
	for _, p := range phases {
		w.system.Functions.Register(p.function, func(context.Context, json.RawMessage) error {
			return messages.InvokeResponse_Error{Type: "Unavailable", Message: "stopped for the upgrade"}
		}, 0)
		if err := run(p.takes); err != nil {
			return err
		}
	}
	slices.SortFunc(w.state.Orders, func(a, b order) int { return strings.Compare(a.name(), b.name()) })
	w.state.At = w.system.Clock.Now()
	return scenario.Poll(ctx, func() (bool, error) {
		sent := w.system.Outbox.Sent("")
		for _, o := range w.state.Orders {
			if o.Step == filing.VerifySMS && !slices.ContainsFunc(sent, func(m outbox.Message) bool { return strings.Contains(m.Text, "/sms/"+string(o.ID)) }) {
				return false, nil
			}
		}
		return w.system.Machine.Settled(), nil
	})
}

// take takes an order of a customer to its goal, and records it.
func (w *writer) take(ctx context.Context, c customer, g goal) error {
	o := order{Kind: c.kind.Type, Event: g.event, Login: c.app.Login, Server: c.app.Server.ID,
		Certificate: fmt.Sprint(c.app.Details.Subject["certificate"].(map[string]any)["number"])}
	if g.step == filing.VerifyType {
		return w.blockType(ctx, c, o)
	}
	open := c.Customer.Open
	if c.kind.Type == filing.ChangeFiling && g.step == filing.VerifyProduct {
		open = c.openMove
	}
	opened, details, err := open(ctx, c.kind)
	if err != nil {
		return err
	}
	o.ID, o.Details = opened.ID, details
	if err := w.steer(o, g); err != nil {
		return err
	}
	course := scenario.Course{Applicant: c.user, Reviewer: w.reviewer, Server: o.Server, Details: details, Picture: w.demo.Picture}
	if err := w.advance(ctx, course, o, g); err != nil {
		return err
	}
	return w.record(ctx, c, o, g)
}

// openMove opens a change that moves the site to another server. The server is the same, with another address.
func (c customer) openMove(ctx context.Context, _ filing.Kind) (scenario.Order, scenario.Details, error) {
	o, err := c.user.OpenChange(ctx, c.Filing.ID, c.app, 0)
	return o, scenario.Details{Subject: o.Subject, Sites: o.Sites}, err
}

// steer says what the bureau does with the record of an order.
func (w *writer) steer(o order, g goal) error {
	then := simulator.Action{Decision: simulator.Refuse}
	switch {
	case g.step == filing.AwaitBureau:
		then = simulator.Action{Silent: true}
	case g.event != refused && g.event != resubmitted:
		return nil
	}
	return w.system.Bureau.Apply(simulator.Scenario{Rules: []simulator.Rule{{Match: simulator.Match{Subject: o.Certificate}, Times: 1, Then: then}}})
}

// advance takes an order to its goal.
func (w *writer) advance(ctx context.Context, course scenario.Course, o order, g goal) error {
	u := course.Applicant
	to := func(step filing.Step) error {
		_, err := course.To(ctx, o.ID, step)
		return err
	}
	inReview := func(verdict string) error {
		if err := to(filing.InitialReview); err != nil {
			return err
		}
		if err := w.reviewer.Claim(ctx, o.ID); err != nil {
			return err
		}
		return w.reviewer.Review(ctx, o.ID, verdict, scenario.Remark{Pointer: "/sites/0/name", Message: map[string]string{"zh-CN": "请写明网站的内容。", "en": "Say what the site is about."}})
	}
	switch g.event {
	case returned:
		if err := inReview("return"); err != nil {
			return err
		}
	case rejected:
		return inReview("reject")
	case appealed:
		if err := inReview("reject"); err != nil {
			return err
		}
		if _, err := u.AwaitStep(ctx, o.ID, filing.Done); err != nil {
			return err
		}
		return u.Appeal(ctx, o.ID, "网站内容可以备案。")
	case refused:
		return to(filing.Done)
	case resubmitted:
		if err := to(filing.Done); err != nil {
			return err
		}
		if err := u.Resubmit(ctx, o.ID); err != nil {
			return err
		}
	case withdrawn:
		if err := to(filing.InitialReview); err != nil {
			return err
		}
		return u.Withdraw(ctx, o.ID)
	case abandoned:
		if err := to(filing.CollectEvidence); err != nil {
			return err
		}
		return u.Abandon(ctx, o.ID)
	}
	if g.step == filing.MailDocuments {
		if err := to(filing.InitialReview); err != nil {
			return err
		}
		slot, err := firstPaper(ctx, u, o.ID)
		if err != nil {
			return err
		}
		if err := w.reviewer.ApproveAndRequestOriginals(ctx, o.ID, slot); err != nil {
			return err
		}
	}
	return to(g.step)
}

// firstPaper returns the slot of an accepted document.
func firstPaper(ctx context.Context, u *scenario.User, id filing.ID) (string, error) {
	var list struct {
		Owed []struct {
			Slot  string `json:"slot"`
			Given bool   `json:"given"`
		} `json:"owed"`
	}
	if err := u.Call(ctx, "GET", "/orders/"+string(id)+"/evidence", nil, &list); err != nil {
		return "", err
	}
	for _, paper := range list.Owed {
		if paper.Given {
			return paper.Slot, nil
		}
	}
	return "", errors.New("the order has no document")
}

// blockType opens an order whose type cannot be determined: its domain's holder is not verified. The applicant will correct the domain.
func (w *writer) blockType(ctx context.Context, c customer, o order) error {
	good := c.app.Open["domains"].([]string)[0]
	const word = "unverified-"
	app := c.app
	app.Open = maps.Clone(app.Open)
	app.Open["domains"] = []string{word + good}
	blocked, err := w.demo.NewCustomer(ctx, app)
	if err != nil {
		return err
	}
	opened, details, err := blocked.Open(ctx, c.kind)
	if err != nil {
		return err
	}
	text, err := json.Marshal(details)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), word, "")), &o.Details); err != nil {
		return err
	}
	o.ID, o.Open = opened.ID, maps.Clone(app.Open)
	o.Open["domains"] = o.Details.Sites[0]["domains"]
	return w.record(ctx, c, o, goal{step: filing.VerifyType})
}

// record records an order once it is at its goal and the function of the step has done its part: the bureau has received the order, the codes are drawn.
func (w *writer) record(ctx context.Context, c customer, o order, g goal) error {
	var at scenario.Order
	if err := scenario.Poll(ctx, func() (ready bool, err error) {
		at, err = c.user.Order(ctx, o.ID)
		return at.Step == g.step && at.Status != filing.Transmitted && (g.step != filing.VerifySMS || at.SMS != nil), err
	}); err != nil {
		return err
	}
	o.Step, o.Status = at.Step, at.Status
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state.Orders = append(w.state.Orders, o)
	return nil
}

// trim deletes what no order needs any more: the files that were exchanged with the bureau, and messages without a code that is waited for.
func (w *writer) trim(folder string) error {
	name := filepath.Join(folder, "messages", "messages.jsonl")
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var codes bytes.Buffer
	for line := range bytes.Lines(text) {
		if slices.ContainsFunc(w.state.Orders, func(o order) bool {
			return o.Step == filing.VerifySMS && bytes.Contains(line, []byte("/sms/"+string(o.ID)))
		}) {
			codes.Write(line)
		}
	}
	return errors.Join(os.WriteFile(name, codes.Bytes(), 0o600), os.RemoveAll(filepath.Join(system.ObjectsConfig(folder).Folder, "files", system.Bucket, "bureau")))
}
