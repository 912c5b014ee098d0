package stepfunctions_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"beian/infra/local/clock"
	"beian/infra/local/stepfunctions"
)

// killDir, if set in the environment, makes the test binary run a host on this folder.
const killDir = "STEPFUNCTIONS_KILL_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(killDir); dir != "" {
		if err := hostToBeKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

const threeSteps = `{"StartAt": "One", "States": {
	"One": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Ask", "ResultPath": null,
		"Parameters": {"FunctionName": "work", "Payload": {"name.$": "$.name", "state": "One"}}},
	"Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken", "Next": "Two",
		"ResultPath": null, "Parameters": {"FunctionName": "work", "Payload":
			{"name.$": "$.name", "state": "Ask", "token.$": "$$.Task.Token"}}},
	"Two": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done", "ResultPath": null,
		"Parameters": {"FunctionName": "work", "Payload": {"name.$": "$.name", "state": "Two"}}},
	"Done": {"Type": "Succeed"}}}`

// hostToBeKilled serves a host whose function appends every invocation to a file and completes its task at once. It prints the
// address.
func hostToBeKilled(dir string) error {
	stepfunctions.SetJournalFull(20_000) // so that it is killed while changes are moved to the file, too
	notes, err := os.OpenFile(filepath.Join(dir, "notes"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	api := client("http://" + listener.Addr().String())
	host, err := stepfunctions.Start(stepfunctions.Config{
		Dir: dir, Clock: clock.New(), Machines: map[string]string{"three": threeSteps},
		Invoke: func(ctx context.Context, _ string, payload []byte) ([]byte, bool, error) {
			var in struct{ Name, State, Token string }
			if err := json.Unmarshal(payload, &in); err != nil {
				return nil, false, err
			}
			if _, err := fmt.Fprintln(notes, in.Name+"/"+in.State); err != nil {
				return nil, false, err
			}
			if in.Token != "" {
				_, err := api.SendTaskSuccess(ctx, &sfn.SendTaskSuccessInput{
					TaskToken: aws.String(in.Token), Output: aws.String("{}"),
				})
				return []byte("{}"), false, err
			}
			return []byte("{}"), false, nil
		},
	})
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, host)
}

// A victim is a host in a separate process.
type victim struct {
	*sfn.Client
	command *exec.Cmd
}

func startVictim(t *testing.T, dir string) *victim {
	t.Helper()
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), killDir+"="+dir)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() }) // it may have ended already
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return &victim{Client: client("http://" + strings.TrimSpace(address)), command: command}
}

func (v *victim) kill(t *testing.T) {
	t.Helper()
	if err := v.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = v.command.Wait() // the error is that it was killed
}

// TestKill kills the process repeatedly while executions run. Acknowledged executions complete, and functions whose success was in
// the history are not invoked again.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	var started []string
	finished := map[string]bool{} // keys of functions whose success was in the history before a kill
	doneBefore := 0               // invocations in the file at the last kill
	for round := range 4 {
		v := startVictim(t, dir)
		var mu sync.Mutex
		var starting sync.WaitGroup
		for worker := range 4 {
			starting.Go(func() {
				for i := 0; ; i++ {
					name := fmt.Sprintf("%d-%d-%d", round, worker, i)
					out, err := v.StartExecution(t.Context(), &sfn.StartExecutionInput{
						StateMachineArn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:three"),
						Name:            aws.String(name), Input: aws.String(fmt.Sprintf(`{"name": %q}`, name)),
					})
					if err != nil {
						return // killed
					}
					mu.Lock()
					started = append(started, *out.ExecutionArn)
					mu.Unlock()
				}
			})
		}
		pollUntil(t, func() (int, bool) {
			mu.Lock()
			defer mu.Unlock()
			return len(started), len(started) >= 100*(round+1)
		})
		mu.Lock()
		seen := started[max(0, len(started)-40):]
		mu.Unlock()
		for _, arn := range seen {
			noteFinished(t, v, arn, finished)
		}
		v.kill(t)
		starting.Wait()
		doneBefore = len(readNotes(t, dir))
		before := map[string]bool{}
		for key := range finished {
			before[key] = true
		}

		v = startVictim(t, dir)
		for _, arn := range started {
			pollUntil(t, func() (types.ExecutionStatus, bool) {
				out, err := v.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn)})
				if err != nil {
					t.Fatal(err)
				}
				return out.Status, out.Status == types.ExecutionStatusSucceeded
			})
		}
		for _, key := range readNotes(t, dir)[doneBefore:] {
			if before[key] {
				t.Errorf("%s succeeded before the kill and was invoked again after it", key)
			}
		}
		v.kill(t)
	}
	if len(finished) == 0 {
		t.Error("no function succeeded before a kill")
	}
}

// noteFinished adds the functions that succeeded according to the history.
func noteFinished(t *testing.T, v *victim, arn string, finished map[string]bool) {
	t.Helper()
	out, err := v.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(arn)})
	if err != nil {
		t.Fatal(err)
	}
	name := arn[strings.LastIndex(arn, ":")+1:]
	for _, e := range out.Events {
		if e.Type == types.HistoryEventTypeTaskStateExited {
			finished[name+"/"+*e.StateExitedEventDetails.Name] = true
		}
	}
}

func readNotes(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "notes"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// TestDamagedFile: a damaged file gives an error with its name, and no panic.
func TestDamagedFile(t *testing.T) {
	h := newHarness(t, nil, map[string]string{"wait": waitMachine})
	for i := range 50 {
		h.start("wait", fmt.Sprint("order-", i), `{}`)
	}
	h.close()
	file := filepath.Join(h.dir, "executions.db")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string][]byte{
		"cut to some bytes": whole[:100],
		"cut in the middle": whole[:len(whole)/2],
		"cut to two pages":  whole[:8192],
		"not a data file":   []byte(strings.Repeat("not a data file\n", 4096)),
		"all zero":          make([]byte, len(whole)),
	}
	for page := 2; page < 12; page++ {
		torn := append([]byte{}, whole...)
		clear(torn[page*4096 : (page+1)*4096])
		damages[fmt.Sprint("page ", page, " lost")] = torn
		mixed := append([]byte{}, whole...)
		copy(mixed[page*4096:], strings.Repeat("garbage!", 512))
		damages[fmt.Sprint("page ", page, " overwritten")] = mixed
	}
	refused := 0
	for name, text := range damages {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "executions.db"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		host, err := stepfunctions.Start(stepfunctions.Config{Dir: dir, Clock: h.clock, Invoke: h.invoke})
		if err == nil { // the page was not in use
			err = host.Close()
		}
		if err != nil {
			refused++
			if !strings.Contains(err.Error(), "executions.db") {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if refused < 5 {
		t.Errorf("only %d kinds of damage are detected", refused)
	}
}

func TestFileInUse(t *testing.T) {
	h := newHarness(t, nil, nil)
	_, err := stepfunctions.Start(stepfunctions.Config{Dir: h.dir, Clock: h.clock, Invoke: h.invoke})
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a second host on the same file: %v", err)
	}
}

// TestShutdownWaits: Shutdown waits for functions in flight.
func TestShutdownWaits(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	h := newHarness(t, map[string]function{"echo": func(context.Context, []byte) (any, error) {
		close(begun)
		<-goOn
		return 1, nil
	}}, map[string]string{"echo": echoMachine})
	arn := h.start("echo", "one", `{}`)
	<-begun
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	closed := make(chan error)
	go func() { closed <- h.host.Shutdown(ctx) }()
	close(goOn)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	_, err := h.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(h.host.MachineARN("echo")), Name: aws.String("late"),
	})
	if err == nil {
		t.Error("a closed host starts an execution")
	}
	h.restart()
	if got := h.awaitEnd(arn); aws.ToString(got.Output) != "1" || h.countCalls("echo") != 1 {
		t.Errorf("it ended as %s after %d invocations", got.Status, h.countCalls("echo"))
	}
}
