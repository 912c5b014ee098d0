package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/mailserver"
	"beian/infra/local/system"
)

// keepFolder restores the working directory at the end of a test, because the evidence store of a system changes it.
func keepFolder(t *testing.T) {
	t.Helper()
	started, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(started)
}

// sampleConfig is the configuration of a system in a new data folder.
func sampleConfig(t *testing.T) system.Config {
	t.Helper()
	keepFolder(t)
	people, err := demo.People()
	if err != nil {
		t.Fatal(err)
	}
	return system.Config{Folder: t.TempDir(), Clock: clock.StandingAt(demo.KindDay), Staff: demo.Staff, People: people, ReviewDelay: time.Millisecond, Log: slog.New(slog.DiscardHandler)}
}

// An interruption calls stop once a text is written.
type interruption struct {
	bytes.Buffer
	after string
	stop  func()
}

func (i *interruption) Write(text []byte) (int, error) {
	n, err := i.Buffer.Write(text)
	if strings.Contains(i.String(), i.after) {
		i.stop()
	}
	return n, err
}

// TestSamplesInterrupted: a start that ends while the samples are filed leaves a data folder with which the next start goes on.
func TestSamplesInterrupted(t *testing.T) {
	config := sampleConfig(t)
	s, err := system.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := seed(ctx, s, config.Folder, &interruption{after: "enters the data", stop: cancel}); err == nil {
		t.Fatal("the samples were not interrupted")
	}
	var out bytes.Buffer
	if err := seed(t.Context(), s, config.Folder, &out); err != nil || !strings.Contains(out.String(), "some are missing") {
		t.Errorf("%v, %s", err, out.String())
	}
}

// TestSamplesWithARelay: a system that sends its emails through a mail relay has the samples, too: the codes of their applicants are in the outbox.
func TestSamplesWithARelay(t *testing.T) {
	post, err := mailserver.Start(mailserver.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(post.Close)
	config := sampleConfig(t)
	config.Relay = post.URL()
	var out bytes.Buffer
	for _, want := range []string{"An application waits at each of these steps", ""} { // the second start files nothing
		out.Reset()
		if err := seedWithoutRelay(t.Context(), config, &out); err != nil || !strings.Contains(out.String(), want) || want == "" && out.Len() > 0 {
			t.Fatalf("%v, %s", err, out.String())
		}
	}
	s, err := system.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := seed(t.Context(), s, config.Folder, &out); err != nil || !strings.Contains(out.String(), "continue") {
		t.Errorf("%v, %s", err, out.String())
	}
}
