package clock_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
)

var christmas = time.Date(2019, 12, 26, 9, 0, 0, 0, time.UTC)

func TestStandingAt(t *testing.T) {
	c := clock.StandingAt(christmas)
	if now := c.Now(); now.Before(christmas) || now.After(christmas.Add(time.Hour)) {
		t.Errorf("the clock shows %v", now)
	}
	c.Advance(21 * 24 * time.Hour)
	if now := c.Now(); now.Before(christmas.AddDate(0, 0, 21)) {
		t.Errorf("after three weeks the clock shows %v", now)
	}
}

func TestWaitEndsWhenTheClockIsMoved(t *testing.T) {
	c := clock.StandingAt(christmas)
	done := make(chan error)
	go func() { done <- c.Wait(t.Context(), christmas.AddDate(0, 1, 0)) }()
	c.Advance(14 * 24 * time.Hour)
	c.Advance(21 * 24 * time.Hour)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestWaitEndsInRealTime(t *testing.T) {
	c := clock.New()
	if err := c.Wait(t.Context(), c.Now().Add(time.Millisecond)); err != nil {
		t.Error(err)
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := clock.New()
	if err := c.Wait(ctx, c.Now().Add(time.Hour)); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait = %v", err)
	}
}

func TestChanged(t *testing.T) {
	c := clock.New()
	changed := c.Changed()
	c.Set(christmas)
	<-changed
}

// TestSaveOffset checks that the file holds the offset after each move.
func TestSaveOffset(t *testing.T) {
	c, file := clock.New(), filepath.Join(t.TempDir(), "clock")
	var failures []error
	failed := func(err error) { failures = append(failures, err) }
	if err := c.SaveOffset(file, failed); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"0s\n", "36h0m0s\n", "24h0m0s\n"} {
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
		if want == "0s\n" {
			c.Advance(36 * time.Hour)
		} else {
			c.Advance(-12 * time.Hour)
		}
	}
	if err := os.RemoveAll(filepath.Dir(file)); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Hour)
	if len(failures) != 1 {
		t.Errorf("failures: %v", failures)
	}
	if c.SaveOffset(file, failed) == nil {
		t.Error("Keep succeeded without the folder")
	}
}

// TestOpen: a clock continues with the saved offset; without a file it shows real time, and a damaged file is an error that names it.
func TestOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c, err := clock.Open(file)
	if err != nil || c.Offset() != 0 {
		t.Fatalf("without a file: %v, %v", c, err)
	}
	if err := c.SaveOffset(file, func(err error) { t.Error(err) }); err != nil {
		t.Fatal(err)
	}
	c.Advance(31 * 24 * time.Hour)
	if again, err := clock.Open(file); err != nil || again.Offset() != c.Offset() {
		t.Errorf("opened again: %v", err)
	}
	if err := os.WriteFile(file, []byte("tomorrow"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := clock.Open(file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a damaged file: %v", err)
	}
}
