package lambdahost_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"beian/infra/local/lambdahost"
	"beian/shared/aws/lambdaerror"
	"beian/shared/rules/fault"
)

// TestMain makes the test binary the installed program when the variable FUNCTION is set.
func TestMain(m *testing.M) {
	if os.Getenv("FUNCTION") == "" {
		os.Exit(m.Run())
	}
	if os.Getenv("FUNCTION") == "broken" {
		fmt.Fprintln(os.Stderr, "it cannot start")
		os.Exit(1)
	}
	lambda.Start(lambdaerror.Wrap(runCommand))
}

// runCommand executes a command and describes the call and the process.
func runCommand(ctx context.Context, command string) (map[string]any, error) {
	switch command {
	case "refuse":
		return nil, fault.New(fault.Conflict, "不行", "no")
	case "panic":
		panic("as commanded")
	case "exit":
		os.Exit(3)
	case "hang":
		select {}
	case "long":
		return map[string]any{"text": strings.Repeat("x", lambdahost.LargestPayload)}, nil
	case "wait":
		fmt.Println("waiting")
		time.Sleep(200 * time.Millisecond)
	}
	about, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return map[string]any{
		"said": command, "process": os.Getpid(), "arn": about.InvokedFunctionArn, "in time": time.Until(deadline) > 0, "environment": os.Environ(),
	}, nil
}

// program returns the test binary as a Program.
func program(t *testing.T, variables ...string) lambdahost.Program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(self, filepath.Join(folder, "bootstrap")); err != nil {
		t.Fatal(err)
	}
	return lambdahost.Program{Folder: folder, Env: append([]string{"FUNCTION=obey"}, variables...)}
}

func installHost(t *testing.T, p lambdahost.Program) *lambdahost.Host {
	t.Helper()
	var host lambdahost.Host
	host.Install("obey", p)
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	return &host
}

type answer struct {
	Said        string
	Process     int
	ARN         string
	InTime      bool `json:"in time"`
	Environment []string
}

func send(t *testing.T, host *lambdahost.Host, command string) (answer, error) {
	t.Helper()
	var got answer
	out, err := host.Invoke(t.Context(), "obey", fmt.Appendf(nil, "%q", command))
	if err == nil {
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
	}
	return got, err
}

// checkFailed checks the error type of a failed call.
func checkFailed(t *testing.T, err error, kind string) {
	t.Helper()
	if named, ok := errors.AsType[messages.InvokeResponse_Error](err); !ok || named.Type != kind {
		t.Errorf("%v, want %s", err, kind)
	}
}

func TestProgram(t *testing.T) {
	host := installHost(t, program(t, "COLOUR=blue"))
	first, err := send(t, host, "hello")
	if err != nil {
		t.Fatal(err)
	}
	if first.Said != "hello" || first.ARN != host.Prefix+"obey" || !first.InTime || first.Process == os.Getpid() {
		t.Errorf("%+v", first)
	}
	for _, name := range first.Environment {
		name, _, _ = strings.Cut(name, "=")
		if !slices.Contains([]string{"FUNCTION", "COLOUR", "LAMBDA_TASK_ROOT", "_HANDLER", "LANG", "TZ", "PATH", "PWD", "_X_AMZN_TRACE_ID"}, name) && !strings.HasPrefix(name, "AWS_LAMBDA_") {
			t.Errorf("the function sees %s of this process", name)
		}
	}
	if !slices.Contains(first.Environment, "COLOUR=blue") {
		t.Error("the function does not see its own variable")
	}
	_, err = send(t, host, "refuse")
	checkFailed(t, err, "Conflict")
	second, err := send(t, host, "again")
	if err != nil || second.Process != first.Process {
		t.Errorf("an idle process was not reused: %+v, %v", second, err)
	}
	if got := host.Invocations()["obey"]; got != 3 {
		t.Errorf("%d calls", got)
	}
	if err := host.Close(); err != nil {
		t.Error(err)
	}
	_, err = send(t, host, "hello")
	checkFailed(t, err, lambdahost.NotFound)
}

// TestProcessThatEnds checks the error of a call whose process ends, and that the next call gets another process.
func TestProcessThatEnds(t *testing.T) {
	p := program(t)
	p.Timeout = 5 * time.Second
	host := installHost(t, p)
	before, err := send(t, host, "hello")
	if err != nil {
		t.Fatal(err)
	}
	for command, kind := range map[string]string{"panic": "string", "exit": lambdahost.Exited, "hang": lambdahost.TimedOut, "long": lambdahost.ResponseTooLarge} {
		_, err := send(t, host, command)
		checkFailed(t, err, kind)
		after, err := send(t, host, "hello")
		if err != nil {
			t.Fatalf("after %s: %v", command, err)
		}
		if same := after.Process == before.Process; same != (command == "long") {
			t.Errorf("after %s: the same process: %t", command, same)
		}
		before = after
	}
}

func TestPrograms(t *testing.T) {
	p := program(t)
	p.MaxProcesses = 3
	host := installHost(t, p)
	came := make([]answer, 3)
	var all sync.WaitGroup
	for i := range came {
		all.Go(func() {
			var err error
			if came[i], err = send(t, host, "wait"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if came[0].Process == came[1].Process || came[1].Process == came[2].Process || came[0].Process == came[2].Process {
		t.Errorf("calls at once share a process: %d, %d, %d", came[0].Process, came[1].Process, came[2].Process)
	}
	var errs [4]error
	for i := range errs {
		all.Go(func() { _, errs[i] = send(t, host, "wait") })
	}
	all.Wait()
	throttled := 0
	for _, err := range errs {
		if err != nil {
			checkFailed(t, err, lambdahost.Throttled)
			throttled++
		}
	}
	if throttled != 1 {
		t.Errorf("%d of 4 concurrent calls were throttled with 3 processes, want 1", throttled)
	}
}

func TestProgramThatCannotStart(t *testing.T) {
	nothing := lambdahost.Program{Folder: t.TempDir()}
	_, err := send(t, installHost(t, nothing), "hello")
	checkFailed(t, err, "Runtime.InvalidEntrypoint")
	var said lines
	broken := program(t, "FUNCTION=broken")
	broken.Output = &said
	_, err = send(t, installHost(t, broken), "hello")
	checkFailed(t, err, lambdahost.Exited)
	if said.String() != "it cannot start\n" {
		t.Errorf("it said %q", said.String())
	}
}

// lines records the output of processes.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestRuntimeAPIRefusesPages: a web page gets no event of a function.
func TestRuntimeAPIRefusesPages(t *testing.T) {
	host := installHost(t, program(t))
	got, err := send(t, host, "hello")
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(got.Environment, func(v string) bool { return strings.HasPrefix(v, "AWS_LAMBDA_RUNTIME_API=") })
	_, address, _ := strings.Cut(got.Environment[i], "=")
	for name, change := range map[string]func(*http.Request){
		"another host":   func(r *http.Request) { r.Host = "evil.example" },
		"another origin": func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
		"another site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/2018-06-01/runtime/invocation/next", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(r)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden && response.StatusCode != http.StatusMisdirectedRequest {
			t.Errorf("%s: %d", name, response.StatusCode)
		}
	}
	if _, err := send(t, host, "hello again"); err != nil {
		t.Error("the function itself:", err)
	}
}
