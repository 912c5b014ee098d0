package interrupted_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"beian/infra/local/outbox"
	"beian/infra/local/recordedlog"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
)

var program string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "beian-interrupted-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(folder, "local")
	build := exec.Command("go", "build", "-o", program, "beian/infra/local")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// A laptop is a data folder and fixed ports to run the program with.
type laptop struct {
	t      *testing.T
	folder string
	ports  [3]int

	running  *exec.Cmd
	out, err *recordedlog.Log
}

// newLaptop returns a laptop without sample filings.
func newLaptop(t *testing.T) *laptop {
	t.Helper()
	l := &laptop{t: t, folder: t.TempDir(), ports: freePorts(t)}
	if err := system.PrepareFolder(l.folder); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.folder, "seeded"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if l.running != nil {
			l.kill()
		}
	})
	return l
}

// freePorts returns ports below those that the system gives to outgoing connections, which could take one before the next start.
func freePorts(t *testing.T) (ports [3]int) {
	t.Helper()
	for i := range ports {
		for ports[i] == 0 {
			port := 10_000 + rand.IntN(20_000)
			held, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
			if err == nil {
				defer held.Close()
				ports[i] = port
			}
		}
	}
	return ports
}

// command returns the command `local run` for the laptop.
func (l *laptop) command() *exec.Cmd {
	l.out, l.err = &recordedlog.Log{}, &recordedlog.Log{}
	c := exec.Command(program, "run")
	c.Env = append(os.Environ(), "DATA="+l.folder, "DYNAMODB_ENDPOINT=", "DYNAMODB_PORT=", "SMTP_URL=", "LOG=",
		fmt.Sprintf("PORTAL_PORT=%d", l.ports[0]), fmt.Sprintf("AWS_PORT=%d", l.ports[1]), fmt.Sprintf("BUREAU_PORT=%d", l.ports[2]))
	c.Stdout, c.Stderr = l.out, l.err
	return c
}

// start starts the program and waits until it has started.
func (l *laptop) start() {
	l.t.Helper()
	l.running = l.command()
	if err := l.running.Start(); err != nil {
		l.t.Fatal(err)
	}
	if err := scenario.Poll(context.Background(), func() (bool, error) {
		return strings.Contains(l.out.String(), "Ctrl-C stops it"), nil
	}); err != nil {
		l.t.Fatalf("not started: %v\n%s\n%s", err, l.out, l.err)
	}
}

// kill kills the program.
func (l *laptop) kill() {
	l.t.Helper()
	if err := l.running.Process.Kill(); err != nil {
		l.t.Error(err)
	}
	_ = l.running.Wait() // reports the kill
	l.running = nil
}

// client returns a client of the laptop.
func (l *laptop) client() *scenario.Client {
	portal := fmt.Sprintf("http://127.0.0.1:%d", l.ports[0])
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return &scenario.Client{Portal: portal, HTTP: client, SMSSecret: system.SMSSecret, Sent: func(to string) []outbox.Message {
		var all []outbox.Message
		response, err := client.Get(portal + "/local/outbox.json?to=" + url.QueryEscape(to))
		if err != nil {
			return nil
		}
		defer response.Body.Close()
		if json.NewDecoder(response.Body).Decode(&all) != nil {
			return nil
		}
		for i, k := 0, len(all)-1; i < k; i, k = i+1, k-1 {
			all[i], all[k] = all[k], all[i] // the outbox lists the newest first
		}
		return all
	}}
}

// wantStartError starts the program and checks that it exits with status 1 and an error with these parts.
func (l *laptop) wantStartError(prepare func(*exec.Cmd), says ...string) {
	l.t.Helper()
	c := l.command()
	if prepare != nil {
		prepare(c)
	}
	if err := c.Start(); err != nil {
		l.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || exit.ExitCode() != 1 {
			l.t.Errorf("ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		_ = c.Process.Kill()
		l.t.Fatalf("it started\n%s", l.out)
	}
	said := l.err.String()
	for _, part := range says {
		if !strings.Contains(said, part) {
			l.t.Errorf("the error lacks %q:\n%s", part, said)
		}
	}
	if !strings.HasPrefix(said, "beian: ") || strings.Contains(said, "panic") || strings.Contains(said, "goroutine") {
		l.t.Errorf("the error is\n%s", said)
	}
}
