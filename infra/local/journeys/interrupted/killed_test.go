package interrupted_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/setup"
)

// patience is the time limit of a filing with its interruptions.
const patience = time.Minute

// An applicant files one application and retries while the system is down.
type applicant struct {
	client         *scenario.Client
	app            scenario.Application
	user, reviewer *scenario.User
	id             filing.ID
}

// retry calls do until the system answers with success or with a problem, which it returns.
func retry(ctx context.Context, do func() error) error {
	for {
		err := do()
		refusal, answered := errors.AsType[*scenario.Problem](err)
		switch {
		case err == nil, answered && refusal.Status < 500 && refusal.Status != 429:
			return err
		case ctx.Err() != nil:
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
		pause(ctx)
	}
}

// pause waits before a retry.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(40 * time.Millisecond):
	}
}

func (f *applicant) login(ctx context.Context, login string) (p *scenario.User, err error) {
	err = retry(ctx, func() error {
		waiting, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		p, err = f.client.Login(waiting, login)
		return err
	})
	return p, err
}

// file takes the application to its approval.
func (f *applicant) file(ctx context.Context, admin *scenario.User) error {
	var err error
	if f.user, err = f.login(ctx, f.app.Login); err != nil {
		return err
	}
	now := time.Now()
	if err := retry(ctx, func() error {
		return admin.ListServer(ctx, f.app.Server, f.user.Account(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0))
	}); err != nil {
		return err
	}
	if err := retry(ctx, func() error { return f.open(ctx) }); err != nil {
		return err
	}
	var o scenario.Order
	for ctx.Err() == nil {
		if err := retry(ctx, func() (err error) { o, err = f.user.Order(ctx, f.id); return err }); err != nil {
			return fmt.Errorf("order %s after %s: %w", f.id, o.Step, err)
		}
		if o.Step == filing.Done {
			if o.Status != filing.Approved {
				return fmt.Errorf("order %s ended as %s", f.id, o.Status)
			}
			return nil
		}
		// A conflict can mean that an earlier try succeeded and its answer was lost: read the order again.
		if err := f.advance(ctx, o); err != nil {
			if refusal, ok := errors.AsType[*scenario.Problem](err); ok && refusal.Status != 409 {
				return fmt.Errorf("order %s at %s: %w", f.id, o.Step, err)
			}
		}
		pause(ctx)
	}
	return fmt.Errorf("order %s at %s: %w", f.id, o.Step, ctx.Err())
}

// open opens the order unless an earlier try did.
func (f *applicant) open(ctx context.Context) error {
	var mine struct{ Items []scenario.Order }
	if err := f.user.Call(ctx, "GET", "/orders", nil, &mine); err != nil {
		return err
	}
	if len(mine.Items) > 0 {
		f.id = mine.Items[0].ID
		return nil
	}
	o, err := f.user.OpenOrder(ctx, f.app)
	f.id = o.ID
	return err
}

// advance completes the order's current step.
func (f *applicant) advance(ctx context.Context, o scenario.Order) error {
	switch o.Step {
	case filing.VerifyProduct:
		return f.user.ChooseServer(ctx, f.id, f.app.Server.ID)
	case filing.CollectDetails:
		return f.user.EnterDetails(ctx, f.id, f.app.Details)
	case filing.CollectEvidence:
		return f.user.UploadMissing(ctx, f.id, scenario.SamplePicture("paper", 1))
	case filing.VerifyAuthenticity:
		return f.user.PassLiveness(ctx, f.id, 0)
	case filing.AwaitConfirmation:
		for _, c := range o.Channels {
			if !c.Verified {
				return f.verifyContact(ctx, c.Channel)
			}
		}
		return f.user.Confirm(ctx, f.id)
	case filing.InitialReview:
		return f.reviewer.Approve(ctx, f.id)
	case filing.VerifySMS:
		return f.replySMS(ctx)
	}
	return nil
}

// verifyContact enters the code from the mailbox if it was sent.
func (f *applicant) verifyContact(ctx context.Context, channel string) error {
	err := f.user.SendContactCode(ctx, f.id, channel)
	if refusal, ok := errors.AsType[*scenario.Problem](err); err != nil && (!ok || refusal.Status != 429) { // an earlier try sent it
		return err
	}
	sent := f.client.Sent(fmt.Sprint(f.app.Contact[channel]))
	if len(sent) == 0 {
		return nil // the next call tries again
	}
	return f.user.AnswerContactCode(ctx, f.id, channel, regexp.MustCompile(`\d{6}`).FindString(sent[len(sent)-1].Text))
}

// replySMS replies with the code if it was sent.
func (f *applicant) replySMS(ctx context.Context) error {
	mobile := scenario.LeaderMobiles(f.app.Details)[0]
	waiting, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	code, err := f.client.AwaitOrderCode(waiting, mobile, f.id)
	if err != nil {
		return nil // the next call tries again
	}
	return f.client.ReplySMS(ctx, "reply-"+string(f.id), mobile, code)
}

// straightPath is the path of a filing without interruptions.
var straightPath = strings.Fields("Step VerifyType VerifyProduct CollectDetails CollectEvidence VerifyAuthenticity AwaitConfirmation " +
	"InitialReview VerifySMS Transmit AwaitBureau Announce FollowUp")

// decisionsMadeOnce are the decisions that must not be repeated.
var decisionsMadeOnce = strings.Fields("open determine-type choose-product enter-details confirm pass issue-codes answer-sms queue-upload receive approve announce set-duties")

// TestKilled checks that the program continues every filing after being killed repeatedly, and repeats no decision.
func TestKilled(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := newLaptop(t)
			l.start()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			client := l.client()
			staff := &applicant{client: client}
			admin, err := staff.login(ctx, demo.AdminLogin)
			if err != nil {
				t.Fatal(err)
			}
			reviewer, err := staff.login(ctx, demo.ReviewerLogin)
			if err != nil {
				t.Fatal(err)
			}
			filers := make([]*applicant, 5)
			came := make([]error, len(filers))
			var all sync.WaitGroup
			for i := range filers {
				filers[i] = &applicant{client: client, app: scenario.Invented(900 + i), reviewer: reviewer}
				all.Go(func() { came[i] = filers[i].file(ctx, admin) })
			}
			random := rand.New(rand.NewPCG(seed, seed))
			for range 5 {
				time.Sleep(time.Duration(50+random.IntN(900)) * time.Millisecond) // until the next kill
				l.kill()
				l.start()
			}
			all.Wait()
			if err := errors.Join(came...); err != nil {
				t.Fatalf("%v\n%s", err, l.err)
			}
			for _, f := range filers {
				f.wantFiledOnce(t, l)
			}
		})
	}
}

// wantFiledOnce checks that decisions, states and messages of the filing were not repeated.
func (f *applicant) wantFiledOnce(t *testing.T, l *laptop) {
	t.Helper()
	ledger, err := f.reviewer.Ledger(t.Context(), f.id)
	if err != nil || !ledger.Verified {
		t.Fatalf("ledger: %v, verified %t", err, ledger.Verified)
	}
	count := map[string]int{}
	for _, d := range ledger.Decisions() {
		count[d]++
	}
	for _, d := range decisionsMadeOnce {
		if count[d] != 1 {
			t.Errorf("order %s: %d times %s in %v", f.id, count[d], d, ledger.Decisions())
		}
	}
	client := sfn.New(sfn.Options{Region: system.Region, BaseEndpoint: aws.String(fmt.Sprintf("http://127.0.0.1:%d", l.ports[1])), HTTPClient: setup.NewHTTPClient(),
		Credentials: credentials.NewStaticCredentialsProvider("beian", "beian-local-secret", "")})
	var path []string
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		path, err = system.Path(t.Context(), client, f.id, 1)
		return slices.Equal(path, straightPath), err
	}); err != nil {
		t.Errorf("order %s: %v, path %v", f.id, err, path)
	}
	// The code and the two notices that also go by SMS; repetitions have the same key.
	keys := map[string]bool{}
	if err := scenario.Poll(t.Context(), func() (bool, error) {
		for _, m := range f.client.Sent(f.app.Login) {
			if key := m.Attributes["beian-key"]; strings.HasPrefix(key, "notice") {
				keys[key] = true
			}
		}
		return len(keys) >= 3, nil
	}); err != nil || len(keys) != 3 {
		t.Errorf("order %s: %d different messages, %v", f.id, len(keys), err)
	}
}

// TestEngineEndsWithIt checks that the child process ends when the program is killed.
func TestEngineEndsWithIt(t *testing.T) {
	l := newLaptop(t)
	l.start()
	engines := childrenOf(t, l.running.Process.Pid)
	if len(engines) != 1 {
		t.Fatalf("children %v", engines)
	}
	l.kill()
	if err := scenario.Poll(t.Context(), func() (bool, error) { return !alive(engines[0]), nil }); err != nil {
		t.Errorf("the engine still runs: %v", err)
	}
	l.start()
	l.kill()
}

// TestStopped checks that Ctrl-C, which a terminal sends to the process group, stops the program without errors.
func TestStopped(t *testing.T) {
	l := newLaptop(t)
	l.running = l.command()
	l.running.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := l.running.Start(); err != nil {
		t.Fatal(err)
	}
	if err := scenario.Poll(t.Context(), func() (bool, error) { return strings.Contains(l.out.String(), "Ctrl-C stops it"), nil }); err != nil {
		t.Fatalf("not started: %v\n%s", err, l.err)
	}
	if err := syscall.Kill(-l.running.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := l.running.Wait()
	l.running = nil
	if err != nil || !strings.Contains(l.out.String(), "stopping") || l.err.String() != "" {
		t.Errorf("ended with %v\n%s\n%s", err, l.out, l.err)
	}
	if again := exec.Command(program, "nonsense"); again.Run() == nil || again.ProcessState.ExitCode() != 2 {
		t.Errorf("an unknown command ended with %d", again.ProcessState.ExitCode())
	}
}
