package demo_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/recordedlog"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
)

// TestDemo plays the year, then each kind of application, which check their results themselves, and checks what a reader sees of them.
func TestDemo(t *testing.T) {
	var log recordedlog.Log
	s, err := system.Start(t.Context(), system.Config{
		Folder: t.TempDir(), Clock: clock.StandingAt(demo.Day), Staff: demo.Staff, ReviewDelay: 50 * time.Millisecond, Limits: system.Unlimited,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if failures := log.Errors(); len(failures) > 0 {
			t.Errorf("errors were logged: %q", failures)
		}
	})
	app, err := demo.Application("enterprise-beijing")
	if err != nil {
		t.Fatal(err)
	}
	d, output := newDemo(t, s)
	if err := d.PlayYear(t.Context(), app); err != nil {
		t.Fatalf("%v, after\n%s", err, output)
	}
	year := output.String()
	number, _, _ := strings.Cut(strings.SplitAfter(year+"备案已通过：", "备案已通过：")[1], "\n") // the subject of the email
	if !strings.HasPrefix(number, "京ICP备19") {
		t.Errorf("the subject's number is %s", number)
	}
	for _, line := range []string{"26 December 2019 · first filing", "determines the type: ADD_ACCESS_FOREIGN", "answers the SMS with the code",
		number + ", FILED", number + "-2", "hosted elsewhere and by us", "not with us", number + ", CANCELLED"} {
		if !strings.Contains(year, line) {
			t.Errorf("the output lacks %q:\n%s", line, year)
		}
	}
	d, output = newDemo(t, s)
	if err := d.PlayUpkeep(t.Context(), scenario.Invented(10900)); err != nil {
		t.Fatalf("%v, after\n%s", err, output)
	}
	for _, line := range []string{"Reminder: public-security filing", "The public-security number was recorded", "email: 备案 "} {
		if !strings.Contains(output.String(), line) {
			t.Errorf("the diary lacks %q:\n%s", line, output)
		}
	}
	t.Log(output)
	t.Run("kinds", func(t *testing.T) {
		for i, kind := range filing.Kinds {
			d, output := newDemo(t, s)
			t.Run(string(kind.Type), func(t *testing.T) {
				t.Parallel()
				if err := d.PlayKind(t.Context(), kind, scenario.Invented(i)); err != nil || !strings.Contains(output.String(), kind.Words.Chinese) {
					t.Errorf("%v, after\n%s", err, output)
				}
			})
		}
	})
}

// TestServices: an app, a mini program and a quick app are filed by hand, also in a system with a link. Their numbers have the letter of the kind.
func TestServices(t *testing.T) {
	var log recordedlog.Log
	s, err := system.Start(t.Context(), system.Config{
		Folder: t.TempDir(), Clock: clock.StandingAt(demo.ServiceDay), Staff: demo.Staff, ReviewDelay: 50 * time.Millisecond, Limits: system.Unlimited,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d, output := newDemo(t, s)
	for i, name := range []string{"APP", "mini-program", "quick-app"} {
		service, known := demo.ServiceNamed(name)
		if !known {
			t.Fatalf("%s is no service", name)
		}
		if err := d.PlayService(t.Context(), service, scenario.Invented(3694+i)); err != nil || !strings.Contains(output.String(), "-1"+string(service)) {
			t.Errorf("%s: %v, after\n%s", name, err, output)
		}
	}
	if _, known := demo.ServiceNamed("site"); known {
		t.Error("a website is played by its kinds")
	}
}

// TestAccountChanges: a filing is claimed after its import, and another one is transferred.
func TestAccountChanges(t *testing.T) {
	s, err := system.Start(t.Context(), system.Config{
		Folder: t.TempDir(), Clock: clock.StandingAt(demo.KindDay), Staff: demo.Staff, ReviewDelay: 50 * time.Millisecond, Limits: system.Unlimited, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, sample := range map[string]string{"claim": "enterprise-beijing", "TRANSFER": "enterprise-jiangsu"} {
		change, known := demo.AccountChangeNamed(name)
		if !known {
			t.Fatalf("%s is not played", name)
		}
		app, err := demo.Application(sample)
		if err != nil {
			t.Fatal(err)
		}
		d, output := newDemo(t, s)
		if err := d.PlayAccountChange(t.Context(), change, app); err != nil || !strings.Contains(output.String(), ", FILED") {
			t.Errorf("%s: %v, after\n%s", name, err, output)
		}
	}
}

// newDemo returns a demonstration and its output.
func newDemo(t *testing.T, s *system.System) (*demo.Demo, *bytes.Buffer) {
	t.Helper()
	var output bytes.Buffer
	d, err := demo.New(t.Context(), s, &output)
	if err != nil {
		t.Fatal(err)
	}
	return d, &output
}

// TestKindNamed: a kind is found in small letters too, and a wrong name lists all.
func TestKindNamed(t *testing.T) {
	if k, err := demo.KindNamed("change"); err != nil || k.Type != filing.ChangeFiling {
		t.Errorf("%s, %v", k.Type, err)
	}
	_, err := demo.KindNamed("CHANGES")
	for _, c := range demo.AccountChanges {
		if err == nil || !strings.Contains(err.Error(), "KIND="+c.Name) {
			t.Errorf("%v does not list %s", err, c.Name)
		}
	}
	for _, k := range filing.Kinds {
		if err == nil || !strings.Contains(err.Error(), "KIND="+string(k.Type)) {
			t.Errorf("%v does not list %s", err, k.Type)
		}
	}
}
