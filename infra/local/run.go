package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"beian/infra/local/bench"
	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
)

// port reads a port from the environment.
func port(name string, otherwise int) (int, error) {
	text := os.Getenv(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 65535 {
		return 0, fmt.Errorf("%s=%q is no port; it is a number up to 65535, or 0 for a free one", name, text)
	}
	return n, nil
}

// ports fills in where the system listens.
func ports(c *system.Config) error {
	var failed error
	for _, p := range []struct {
		name      string
		otherwise int
		into      *int
	}{
		{"PORTAL_PORT", 8080, &c.PortalPort}, {"AWS_PORT", 4566, &c.AWSPort}, {"BUREAU_PORT", 8090, &c.BureauPort},
		{"DYNAMODB_PORT", 0, &c.EnginePort},
	} {
		n, err := port(p.name, p.otherwise)
		failed = errors.Join(failed, err)
		*p.into = n
	}
	return failed
}

// reviewDelay is how long the simulated bureau takes; a real one takes up to 20 working days.
const reviewDelay = 500 * time.Millisecond

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	bootstrap := flags.String("bootstrap", "", "run the built functions, <folder>/<function>/bootstrap, in processes of their own")
	if err := flags.Parse(args); err != nil {
		return err
	}
	folder, err := filepath.Abs(orElse(os.Getenv("DATA"), ".local"))
	if err != nil {
		return err
	}
	config := system.Config{
		Folder: folder, Engine: os.Getenv("DYNAMODB_ENDPOINT"), SMTP: os.Getenv("SMTP_URL"), Clock: clock.New(), Staff: demo.Staff,
		ReviewDelay: reviewDelay, Log: logger(),
	}
	switch sms := os.Getenv("SMS"); sms {
	case "", "sns":
	case "carrier":
		config.Carrier = true
	default:
		return fmt.Errorf("SMS=%q is neither sns nor carrier", sms)
	}
	if *bootstrap != "" {
		log, err := runBuilt(&config, *bootstrap)
		if err != nil {
			return err
		}
		defer log.Close()
	}
	if err := ports(&config); err != nil {
		return err
	}
	s, err := system.Start(ctx, config)
	if err != nil {
		return err
	}
	fmt.Printf(`Beian is running. Data: %s

  portal and API   %s/api/v1/docs
  outbox           %s/local/outbox      every SMS and email, log-in codes too
  AWS endpoints    %s             aws --endpoint-url …
  bureau           %s             provider %d, user %s, password %s, key %s, IV %s
  staff            %s, %s

`, folder, s.PortalURL, s.PortalURL, s.AWSURL, s.BureauURL, system.BureauProvider, system.BureauUser, system.BureauPassword,
		system.BureauKey, system.BureauIV, demo.ReviewerLogin, demo.AdminLogin)
	if err := seed(ctx, s, folder); err != nil && ctx.Err() == nil {
		return errors.Join(fmt.Errorf("the sample filings: %w", err), s.Close())
	}
	fmt.Println("\nCtrl-C stops it; nothing is lost.")
	select {
	case <-ctx.Done():
		fmt.Println("\nstopping")
		return s.Close()
	case err := <-s.Ended():
		return errors.Join(err, s.Close())
	}
}

// runBuilt has the built functions run, <programs>/<function>/bootstrap, and opens their log, functions.log among the data.
func runBuilt(c *system.Config, programs string) (*os.File, error) {
	programs, err := filepath.Abs(programs)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(c.Folder, "functions.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	c.Programs, c.Output = programs, log
	fmt.Println("The functions run in processes of their own; their log is", log.Name())
	return log, nil
}

// seed puts the sample filings into a fresh data folder.
func seed(ctx context.Context, s *system.System, folder string) error {
	mark := filepath.Join(folder, "seeded")
	if _, err := os.Stat(mark); err == nil {
		fmt.Println("The filings of the last run go on where they stopped.")
		return nil
	}
	story, err := demo.New(ctx, s, world(s), os.Stdout)
	if err != nil {
		return err
	}
	if err := story.Seed(ctx); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "sample.jpg"), scenario.SamplePicture("made by make run", 7), 0o600); err != nil {
		return err
	}
	return os.WriteFile(mark, []byte("The sample filings are here.\n"), 0o600)
}

// world is the running system as people see it.
func world(s *system.System) *scenario.Client {
	return &scenario.Client{
		Portal: s.PortalURL, HTTP: &http.Client{Timeout: 30 * time.Second}, Sent: s.Outbox.Sent, SMSSecret: []byte(system.SMSSecret),
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// tellDemo tells three filings in a system of its own, on free ports, in a folder that goes away.
func tellDemo(ctx context.Context, _ []string) (err error) {
	folder, err := os.MkdirTemp("", "beian-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	begun := time.Now()
	s, err := system.Start(ctx, system.Config{
		Folder: folder, Clock: clock.StandingAt(demo.Day), Staff: demo.Staff, ReviewDelay: reviewDelay, Log: logger(),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	fmt.Printf("It is %s. Beian started in %.1f s.\n", demo.Day.Format("2 January 2006"), time.Since(begun).Seconds())
	story, err := demo.New(ctx, s, world(s), os.Stdout)
	if err != nil {
		return err
	}
	told, err := story.Three(ctx)
	if err != nil {
		return err
	}
	fmt.Println("\nThree filings, three numbers:")
	for _, f := range told {
		fmt.Printf("\n  %-20s %s   %s   %.1f s\n  %s\n", f.Name, f.Number, strings.Join(f.Sites, " "), f.Took.Seconds(), strings.Join(f.Path, " → "))
	}
	fmt.Println("\nEverything held.")
	return nil
}

// measure runs the benchmark in a system of its own, in a folder that goes away.
func measure(ctx context.Context, rest []string) (err error) {
	if len(rest) == 2 { // a part of the benchmark that has a process of its own
		return bench.Codec(rest[0], rest[1])
	}
	folder, err := os.MkdirTemp("", "beian-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	return bench.New(folder, system.Config{Log: logger()}, world, os.Stdout).Run(ctx)
}
