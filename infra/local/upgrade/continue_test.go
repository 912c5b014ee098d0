package upgrade_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/dump"
	"beian/infra/local/recordedlog"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

// downtime is the time between the last decision of the old version and the start of the new one.
const downtime = time.Hour

// TestContinue restores the state of each older version, starts this version on it, and takes each order to its end: the applicant reads it, does what
// the order waits for, and gets the bureau's approval, or the order is closed as it was asked.
func TestContinue(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(here, "testdata", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no states: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			u, err := upgrade(t, folder)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := u.system.Close(); err != nil {
					t.Error(err)
				}
				if err := os.Chdir(here); err != nil { // the object store has changed it
					t.Error(err)
				}
			}()
			u.continueAll(t)
		})
	}
}

// An upgraded is a system of this version with the state of an older one.
type upgraded struct {
	state            state
	system           *system.System
	client           *scenario.Client
	reviewer, second *scenario.User
	log              *recordedlog.Log
}

// upgrade restores a state and starts the system.
func upgrade(t *testing.T, folder string) (*upgraded, error) {
	t.Helper()
	s, err := readState(folder)
	if err != nil {
		return nil, err
	}
	archive, err := os.Open(filepath.Join(folder, archiveFile))
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	data := t.TempDir()
	if err := dump.Restore(t.Context(), archive, data); err != nil {
		return nil, err
	}
	u := &upgraded{state: s, log: &recordedlog.Log{}}
	if u.system, err = system.Start(t.Context(), system.Config{Folder: data, Clock: clock.StandingAt(s.At.Add(downtime)), Staff: demo.Staff, Accounts: s.Accounts,
		ReviewDelay: 10 * time.Millisecond, Limits: system.Unlimited, Log: slog.New(slog.NewTextHandler(u.log, &slog.HandlerOptions{Level: slog.LevelWarn}))}); err != nil {
		return nil, err
	}
	u.client = scenario.NewClient(u.system)
	if u.second, err = u.client.Login(t.Context(), demo.SecondReviewerLogin); err == nil {
		_, u.reviewer, err = demo.LogInStaff(t.Context(), u.client)
	}
	return u, err
}

// continueAll takes every order to its end. It reports each one that does not get there.
func (u *upgraded) continueAll(t *testing.T) {
	t.Helper()
	_ = inParallel(len(u.state.Orders), func(i int) error {
		if o := u.state.Orders[i]; t.Context().Err() == nil {
			if err := u.finish(t.Context(), o); err != nil {
				t.Errorf("%s: order %s: %v", o.name(), o.ID, err)
			}
		}
		return nil
	})
	if open := u.system.Machine.Stats().Open; open > 0 && !t.Failed() {
		t.Errorf("%d executions still run", open)
	}
	if err := u.log.Check(); err != nil {
		t.Error(err)
	}
	for _, line := range u.log.Errors() {
		t.Error(line)
	}
}

// finish checks that an order stands as it was written, and takes it to its end.
func (u *upgraded) finish(ctx context.Context, o order) error {
	applicant, err := u.client.Login(ctx, o.Login)
	if err != nil {
		return err
	}
	before, err := applicant.Order(ctx, o.ID)
	if err != nil {
		return err
	}
	// What a function was about to do may be done by now.
	if !u.interrupted(o) && (before.Step != o.Step || before.Status != o.Status) {
		return fmt.Errorf("is at %s (%s), want %s (%s)", before.Step, before.Status, o.Step, o.Status)
	}
	if err := u.act(ctx, applicant, o); err != nil {
		return err
	}
	if want, closes := closings[o.Event]; closes {
		after, err := applicant.AwaitStep(ctx, o.ID, filing.Done)
		if err == nil && after.Status != want {
			err = fmt.Errorf("ended as %s, want %s", after.Status, want)
		}
		return err
	}
	course := scenario.Course{Applicant: applicant, Reviewer: u.reviewer, Server: o.Server, Details: o.Details, Picture: func(string) []byte { return smallPicture }}
	after, err := course.Finish(ctx, o.ID)
	if err == nil && after.Type != o.Kind {
		err = fmt.Errorf("was approved as %s", after.Type)
	}
	if err != nil {
		return err
	}
	ledger, err := u.reviewer.Ledger(ctx, o.ID)
	if err == nil && !ledger.Verified {
		err = fmt.Errorf("the ledger is not verified: %q", ledger.Decisions())
	}
	return err
}

// closings are the statuses as which orders end that are not approved.
var closings = map[event]filing.Status{withdrawn: filing.Withdrawn, abandoned: filing.Abandoned, rejected: filing.InitialRejected, appealed: filing.InitialRejected}

// interrupted reports whether a function of an order is between two attempts.
func (u *upgraded) interrupted(o order) bool {
	for _, p := range phases {
		if p.takes(goal{o.Step, o.Event}) {
			return true
		}
	}
	return false
}

// act does for an order what a [scenario.Course] does not.
func (u *upgraded) act(ctx context.Context, applicant *scenario.User, o order) error {
	switch {
	case o.Event == refused:
		return applicant.Resubmit(ctx, o.ID)
	case o.Event == appealed:
		if err := u.second.Claim(ctx, o.ID); err != nil {
			return err
		}
		return u.second.DecideAppeal(ctx, o.ID, "uphold", "网站内容需要前置审批。")
	case o.Step == filing.VerifyType:
		return applicant.Call(ctx, http.MethodPut, "/orders/"+string(o.ID)+"/type", o.Open, nil)
	case o.Step == filing.MailDocuments:
		if err := applicant.MailOriginals(ctx, o.ID, "顺丰", "SF1000000001"); err != nil {
			return err
		}
		return u.reviewer.ConfirmOriginals(ctx, o.ID)
	case o.Step == filing.AwaitBureau:
		return u.system.Bureau.Apply(simulator.Scenario{Release: []simulator.Match{{Subject: o.Certificate}}})
	}
	return nil
}
