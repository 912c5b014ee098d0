package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"beian/infra/local/bench"
	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/process/agency"
	"beian/shared/process/limits"
	"beian/shared/setup/environ"
)

// reviewDelay is how long the simulated bureau needs for a decision. A real one needs up to 20 working days.
const reviewDelay = 500 * time.Millisecond

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	programs := flags.String("bootstrap", "", "run the built functions, `folder`/<function>/bootstrap, in processes of their own")
	if err := flags.Parse(args); err != nil {
		return err
	}
	folder, err := dataFolder()
	if err != nil {
		return err
	}
	config := system.Config{
		Folder: folder, Engine: os.Getenv("DYNAMODB_ENDPOINT"), SMTP: os.Getenv("SMTP_URL"), Staff: demo.Staff,
		ReviewDelay: reviewDelay, Log: logger(),
	}
	if config.Clock, err = system.OpenClock(folder); err != nil {
		return err
	}
	if config.People, err = demo.People(); err != nil {
		return err
	}
	if config.Limits, err = limits.ParseSettings(os.Getenv("LIMITS")); err != nil {
		return fmt.Errorf("LIMITS is not valid: %w", err)
	}
	if config.Agencies, err = agency.ParseSettings(os.Getenv("AGENCIES")); err != nil {
		return fmt.Errorf("AGENCIES is not valid: %w", err)
	}
	switch sms := os.Getenv("SMS"); sms {
	case "", "sns":
	case "carrier":
		config.Carrier = true
	default:
		return fmt.Errorf("SMS=%q is not valid; use sns or carrier / SMS=%[1]q 无效，请使用 sns 或 carrier", sms)
	}
	switch mail := os.Getenv("MAIL"); mail {
	case "", "ses":
	case "smtp":
		config.Relay, config.SMTP = config.SMTP, ""
		if config.Relay == "" {
			return errors.New("MAIL=smtp sends through the mail relay at SMTP_URL, which is not set; set it / MAIL=smtp 经 SMTP_URL 的邮件服务商发送，请设置 SMTP_URL")
		}
	default:
		return fmt.Errorf("MAIL=%q is not valid; use ses or smtp / MAIL=%[1]q 无效，请使用 ses 或 smtp", mail)
	}
	switch bureau := os.Getenv("BUREAU"); bureau {
	case "":
	case environ.Manual:
		config.ByHand = true
	default:
		return fmt.Errorf("BUREAU=%q is not valid; use %s, or leave it out / BUREAU=%[1]q 无效，请使用 %[2]s 或不设置", bureau, environ.Manual)
	}
	if config.BureauSendsPlain, err = switchFromEnv("BUREAU_SENDS_PLAIN"); err != nil {
		return err
	}
	if config.PCUploads, err = switchFromEnv("PC_UPLOADS"); err != nil {
		return err
	}
	if config.SMSByDay, err = switchFromEnv("SMS_BY_DAY"); err != nil {
		return err
	}
	if *programs != "" {
		log, err := useBuilt(&config, *programs)
		if err != nil {
			return err
		}
		defer log.Close()
	}
	var portal, aws, bureau, engine error
	config.PortalPort, portal = portFromEnv("PORTAL_PORT", 8080)
	config.AWSPort, aws = portFromEnv("AWS_PORT", 4566)
	config.BureauPort, bureau = portFromEnv("BUREAU_PORT", 8090)
	config.EnginePort, engine = portFromEnv("DYNAMODB_PORT", 0)
	if err := errors.Join(portal, aws, bureau, engine); err != nil {
		return err
	}
	if config.Relay != "" {
		if err := seedWithoutRelay(ctx, config, os.Stdout); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	s, err := system.Start(ctx, config)
	if err != nil {
		return err
	}
	fmt.Printf(`Beian is running. Data: %s

  start here       %s/local             log in as a sample person, outbox, executions, clock, faults
  portal           %s
  API              %s/api/v1/docs
  outbox           %s/local/outbox      all SMS and emails, with the log-in codes
  AWS endpoints    %s             aws --endpoint-url …
  bureau           %s             provider %d, user %s, password %s, key %s, IV %s
  staff            %s, %s, %s
  service codes    %s      each stands for a server, for one site

`, folder, s.PortalURL, s.PortalURL, s.PortalURL, s.PortalURL, s.AWSURL, s.BureauURL, system.BureauProvider, system.BureauUser, system.BureauPassword,
		system.BureauKey, system.BureauIV, demo.ReviewerLogin, demo.SecondReviewerLogin, demo.AdminLogin, strings.Join(demo.ServiceCodes(), ", "))
	if config.ByHand {
		fmt.Print("The bureau is not asked: the administrator enters applications by hand (GET /api/v1/sheets).\n\n")
	}
	if err := seed(ctx, s, folder, os.Stdout); err != nil && ctx.Err() == nil {
		return errors.Join(err, s.Close())
	}
	fmt.Println("\nCtrl-C stops it. All data is kept.")
	select {
	case <-ctx.Done():
		fmt.Println("\nstopping")
		return s.Close()
	case err := <-s.Ended():
		return errors.Join(err, s.Close())
	}
}

// useBuilt configures the built functions in a folder. It returns their log, functions.log in the data folder.
func useBuilt(c *system.Config, programs string) (*os.File, error) {
	programs, err := filepath.Abs(programs)
	if err != nil {
		return nil, err
	}
	if err := system.PrepareFolder(c.Folder); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(c.Folder, "functions.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	c.Programs, c.Output = programs, log
	fmt.Println("The functions run in processes of their own and log to", log.Name())
	return log, nil
}

// seededFile marks in the data folder that samples were filed, seedingFile that this has begun.
const seededFile, seedingFile = "seeded", "seeding"

// seed files the samples in a new data folder. If an earlier start ended in the middle of it, it leaves them as they are, because the filings of a second attempt would conflict with them.
func seed(ctx context.Context, s *system.System, folder string, out io.Writer) error {
	if exists(filepath.Join(folder, seededFile)) {
		fmt.Fprintln(out, "The filings of the last run continue.")
		return nil
	}
	begun := filepath.Join(folder, seedingFile)
	if exists(begun) {
		fmt.Fprintf(out, "The filings of the last run continue. It ended while the sample filings were made, so some are missing; to have all, move %s away.\n", folder)
		return nil
	}
	if err := os.WriteFile(begun, []byte("The sample filings were begun.\n"), 0o600); err != nil {
		return err
	}
	d, err := demo.New(ctx, s, out)
	if err != nil {
		return fmt.Errorf("the sample filings: %w", err)
	}
	if err := d.Seed(ctx); err != nil {
		return fmt.Errorf("the sample filings: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "sample.jpg"), scenario.SamplePicture("made by make run", 7), 0o600); err != nil {
		return err
	}
	return os.Rename(begun, filepath.Join(folder, seededFile))
}

// seedWithoutRelay files the samples in a new data folder by a system that sends no email through the mail relay, because their applicants read their codes in the outbox.
func seedWithoutRelay(ctx context.Context, c system.Config, out io.Writer) error {
	if exists(filepath.Join(c.Folder, seededFile)) || exists(filepath.Join(c.Folder, seedingFile)) {
		return nil
	}
	c.Relay = ""
	s, err := system.Start(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(seed(ctx, s, c.Folder, out), s.Close())
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// runDemo plays a year of a provider, one kind of application, a claim, a transfer or the first filing of an app, in a system with free ports and a temporary folder.
func runDemo(ctx context.Context, args []string) error {
	app, err := demo.Application("enterprise-beijing")
	if err != nil {
		return err
	}
	day, play := demo.Day, func(d *demo.Demo, ctx context.Context, app scenario.Application) error {
		if err := d.PlayYear(ctx, app); err != nil {
			return err
		}
		return d.PlayUpkeep(ctx, scenario.Invented(10900))
	}
	if len(args) > 0 {
		kind, err := demo.KindNamed(args[0])
		service, isService := demo.ServiceNamed(args[0])
		change, isChange := demo.AccountChangeNamed(args[0])
		if err != nil && !isService && !isChange {
			return err
		}
		day, play = demo.KindDay, func(d *demo.Demo, ctx context.Context, app scenario.Application) error {
			return d.PlayKind(ctx, kind, app)
		}
		switch {
		case isChange:
			play = func(d *demo.Demo, ctx context.Context, app scenario.Application) error {
				return d.PlayAccountChange(ctx, change, app)
			}
		case isService:
			day, play = demo.ServiceDay, func(d *demo.Demo, ctx context.Context, app scenario.Application) error {
				return d.PlayService(ctx, service, app)
			}
		}
	}
	return inTempFolder(func(folder string) (err error) {
		started := time.Now()
		s, err := system.Start(ctx, system.Config{Folder: folder, Clock: clock.StandingAt(day), Staff: demo.Staff, ReviewDelay: reviewDelay, Log: logger()})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.Close()) }()
		fmt.Printf("Beian started in %.1f s. Its clock shows %s.\n", time.Since(started).Seconds(), day.Format("2 January 2006"))
		d, err := demo.New(ctx, s, os.Stdout)
		if err != nil {
			return err
		}
		if err := play(d, ctx, app); err != nil {
			return err
		}
		fmt.Printf("\nAll results are as expected. It took %.0f s.\n", time.Since(started).Seconds())
		return nil
	})
}

// runBench runs the benchmark in a system with a temporary folder.
func runBench(ctx context.Context, args []string) error {
	if len(args) == 2 { // started by the benchmark itself
		return bench.MeasureCodec(args[0], args[1])
	}
	return inTempFolder(func(folder string) error {
		only := ""
		if len(args) == 1 {
			only = args[0]
		}
		return bench.New(folder, logger(), os.Stdout).Run(ctx, only)
	})
}

// switchFromEnv reports whether an environment variable is "true". It is an error if the variable is anything else but empty.
func switchFromEnv(name string) (bool, error) {
	text := os.Getenv(name)
	if text != "" && text != "true" {
		return false, fmt.Errorf("%s=%q is not valid; use true, or leave it out / %[1]s=%[2]q 无效，请使用 true 或不设置", name, text)
	}
	return text == "true", nil
}
