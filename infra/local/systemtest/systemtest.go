// Package systemtest runs the tests of a package on one whole system, because a process can run only one S3 gateway.
//
//	func TestMain(m *testing.M) {
//		systemtest.Main(m, system.Config{Clock: clock.StandingAt(day)}, "../../stack/testdata/golden", func(s *systemtest.Suite) { sys, client = s.System, s.Client })
//	}
package systemtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"beian/infra/local/demo"
	"beian/infra/local/privilege"
	"beian/infra/local/recordedlog"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
)

// A Suite is the system of a package's tests, with its staff logged in.
type Suite struct {
	System          *system.System
	Client          *scenario.Client
	Reviewer, Admin *scenario.User
	Config          system.Config
	Log             recordedlog.Log

	use   func(*Suite)
	calls sync.Map // privilege.Call of the functions, by their text
}

// Main starts a system, runs the tests and exits. The folder, the log and the limits are the suite's; the other settings are those of config, with the staff
// of the demo added. It calls use after each start. If a test fails, it prints the errors in the log. After the tests it fails if the log holds personal data or a panic, if a function called what its role in
// the golden templates of the folder golden does not allow (china with a mail relay, else default), or if a check fails.
func Main(m *testing.M, config system.Config, golden string, use func(*Suite), checks ...func(*Suite, *privilege.Proof) error) {
	s := &Suite{Config: config, use: use}
	code, err := s.run(m, golden, checks)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func (s *Suite) run(m *testing.M, golden string, checks []func(*Suite, *privilege.Proof) error) (code int, err error) {
	environment, region := "default", "ap-southeast-1"
	if s.Config.Relay != "" {
		environment, region = "china", "cn-north-1"
	}
	proof, err := privilege.Read(region, filepath.Join(golden, environment+"-records.json"), filepath.Join(golden, environment+"-system.json"))
	if err != nil {
		return 1, err
	}
	if s.Config.Folder, err = os.MkdirTemp("", "beian-"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(s.Config.Folder)) }()
	s.Config.Staff = slices.Concat(s.Config.Staff, demo.Staff)
	s.Config.Output, s.Config.ReviewDelay = &s.Log, 10*time.Millisecond
	s.Config.Log = slog.New(slog.NewTextHandler(&s.Log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	s.Config.Calls = func(c privilege.Call) { s.calls.Store(fmt.Sprint(c), c) }
	if err := s.Start(context.Background()); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, s.System.Close()) }()
	code, err = m.Run(), s.Log.Check()
	if code != 0 && err == nil {
		for _, line := range s.Log.Errors() {
			fmt.Fprintln(os.Stderr, line)
		}
	}
	for _, problem := range proof.Forbidden(s.Calls(proof)) {
		err = errors.Join(err, errors.New(problem))
	}
	for _, check := range checks {
		err = errors.Join(err, check(s, proof))
	}
	return code, err
}

// Start starts the system on its folder, again if it was closed, and logs the staff in.
func (s *Suite) Start(ctx context.Context) (err error) {
	if s.System, err = system.Start(ctx, s.Config); err != nil {
		return err
	}
	s.Client = scenario.NewClient(s.System)
	s.Admin, s.Reviewer, err = demo.LogInStaff(ctx, s.Client)
	s.use(s)
	return err
}

// Calls returns the calls of the functions until now, as they would be on AWS.
func (s *Suite) Calls(proof *privilege.Proof) []privilege.Call {
	var recorded []privilege.Call
	s.calls.Range(func(_, c any) bool {
		recorded = append(recorded, c.(privilege.Call))
		return true
	})
	variables := map[string]string{}
	for name, value := range s.System.Parts.Env {
		variables[string(name)] = value
	}
	return proof.Calls(recorded, variables)
}

// WantProblem checks that an error is a problem with a status and these findings, as "code pointer".
func WantProblem(t *testing.T, err error, status int, want ...string) {
	t.Helper()
	refusal, ok := errors.AsType[*scenario.Problem](err)
	if !ok {
		t.Fatalf("not a problem: %v", err)
	}
	got := []string{}
	for _, f := range refusal.Findings {
		got = append(got, string(f.Code)+" "+f.Pointer)
	}
	if refusal.Status != status || !slices.Equal(got, append([]string{}, want...)) {
		t.Fatalf("problem %d %q, want %d %q", refusal.Status, got, status, want)
	}
}
