package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"beian/infra/local/clock"
	"beian/infra/local/dynamodb"
	"beian/infra/local/stepfunctions"
)

const (
	runnerAim        = 20_000 // transitions/s
	runnerExecutions = 5_000  // of each run
	runnerInFlight   = 64
	runnerRuns       = 5 // the best counts: other programs only make it slower
	runnerSyncs      = 200
)

// runnerSteps are the transitions of an execution of runnerMachine, five of them with a function. A result is stored before the next
// state begins.
const runnerSteps = 10

const runnerMachine = `{"StartAt": "T1", "States": {
	"T1": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t1", "Next": "P1",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"P1": {"Type": "Pass", "Next": "T2"},
	"T2": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t2", "Next": "C1",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"C1": {"Type": "Choice", "Choices": [{"Variable": "$.order", "StringEquals": "0123456789", "Next": "T3"}], "Default": "S"},
	"T3": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t3", "Next": "P2",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"P2": {"Type": "Pass", "Next": "T4"},
	"T4": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t4", "Next": "P3",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"P3": {"Type": "Pass", "Next": "T5"},
	"T5": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t5", "Next": "S",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"S": {"Type": "Succeed"}}}`

const (
	runnerInput  = `{"order":"0123456789","round":1}`
	runnerResult = `{"status":"INITIAL_REVIEW","version":3}`
)

//go:embed peer.mjs
var peerProgram string

// A runnerFigure is a run of runnerExecutions executions.
type runnerFigure struct {
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu"` // seconds, of all threads
}

func (f runnerFigure) rate() float64 { return runnerExecutions * runnerSteps / f.Seconds }

// perTransition returns the processor time of a transition in microseconds.
func (f runnerFigure) perTransition() float64 { return f.CPU * 1e6 / (runnerExecutions * runnerSteps) }

// measureRunner prints the state transitions per second of the laptop's Step Functions, which store each one, of a runner in JavaScript
// that keeps them in memory, and of the disk alone.
func (b *Bench) measureRunner(ctx context.Context) error {
	own, stats, err := b.runOwn(ctx)
	if err != nil {
		return err
	}
	group := stats.Stored / stats.Groups
	alone, err := syncAlone(b.folder, int(group))
	if err != nil {
		return err
	}
	peer, err := runPeer(ctx)
	if err != nil {
		return err
	}
	perGroup := float64(stats.Transitions) / float64(stats.Groups)
	fmt.Fprintf(b.out, "\nThe workflow's runner, %d executions in flight, %d states of which 5 have a function; the best of %d runs\n", runnerInFlight, runnerSteps, runnerRuns)
	fmt.Fprintf(b.out, "  durable                      %8.0f transitions/s   %5.1f µs of processor each   %s\n", own.rate(), own.perTransition(),
		compareWithAim(own.rate() >= runnerAim, fmt.Sprintf("aim: at least %d", runnerAim)))
	fmt.Fprintf(b.out, "  aws-local-stepfunctions 3    %8.0f transitions/s   %5.1f µs of processor each   in memory only; ours is %.1f times as fast\n",
		peer.rate(), peer.perTransition(), own.rate()/peer.rate())
	fmt.Fprintf(b.out, "  the disk alone               %8.0f transitions/s   one write of %d bytes with fsync: %.2f ms (p50), for %.1f transitions\n",
		perGroup/alone.Seconds(), group, alone.Seconds()*1000, perGroup)
	return nil
}

// runOwn returns the best run of our runner, and the counts of all runs.
func (b *Bench) runOwn(ctx context.Context) (best runnerFigure, stats stepfunctions.Stats, err error) {
	folder := filepath.Join(b.folder, "runner")
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	host, err := stepfunctions.Start(stepfunctions.Config{
		Dir: folder, Clock: clock.New(), Machines: map[string]string{"bench": runnerMachine}, Log: b.config.Log,
		Invoke: func(context.Context, string, []byte) ([]byte, bool, error) { return []byte(runnerResult), false, nil },
	})
	if err != nil {
		return best, stats, err
	}
	defer func() { err = errors.Join(err, host.Close()) }()
	for run := range runnerRuns {
		before, started := processorSeconds(), time.Now()
		err := inParallel(runnerInFlight, runnerInFlight, func(line int) error {
			for i := line; i < runnerExecutions; i += runnerInFlight {
				if err := runExecution(ctx, host, fmt.Sprintf("%d-%d", run, i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return best, stats, err
		}
		figure := runnerFigure{Seconds: time.Since(started).Seconds(), CPU: processorSeconds() - before}
		if run == 0 || figure.Seconds < best.Seconds {
			best = figure
		}
	}
	stats = host.Stats()
	if want := int64(runnerRuns * runnerExecutions * runnerSteps); stats.Transitions != want {
		return best, stats, fmt.Errorf("the runner made %d transitions, want %d", stats.Transitions, want)
	}
	return best, stats, nil
}

// runExecution starts an execution through the API, without a network, and waits for its end.
func runExecution(ctx context.Context, host *stepfunctions.Host, name string) error {
	body, err := json.Marshal(map[string]string{"stateMachineArn": host.MachineARN("bench"), "name": name, "input": runnerInput})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("X-Amz-Target", "AWSStepFunctions.StartExecution")
	w := &answer{header: http.Header{}}
	if host.ServeHTTP(w, r); w.status != http.StatusOK {
		return fmt.Errorf("StartExecution answers %d: %s", w.status, w.body.String())
	}
	return host.Wait(ctx, host.ExecutionARN("bench", name))
}

// An answer is a response that is kept in memory.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header            { return a.header }
func (a *answer) WriteHeader(status int)         { a.status = status }
func (a *answer) Write(text []byte) (int, error) { return a.body.Write(text) }

// runPeer returns the best run of aws-local-stepfunctions.
func runPeer(ctx context.Context) (best runnerFigure, err error) {
	modules, err := dynamodb.FindModules(".")
	if err != nil {
		return best, err
	}
	asked, err := json.Marshal(map[string]any{"definition": json.RawMessage(runnerMachine), "input": json.RawMessage(runnerInput),
		"result": json.RawMessage(runnerResult), "executions": runnerExecutions, "inFlight": runnerInFlight})
	if err != nil {
		return best, err
	}
	for run := range runnerRuns {
		node := exec.CommandContext(ctx, "node", "--input-type=module", "--eval", peerProgram)
		node.Dir, node.Stdin, node.Stderr = filepath.Dir(string(modules)), bytes.NewReader(asked), os.Stderr
		out, err := node.Output()
		if err != nil {
			return best, fmt.Errorf("aws-local-stepfunctions: %w", err)
		}
		var figure runnerFigure
		if err := json.Unmarshal(out, &figure); err != nil {
			return best, err
		}
		if run == 0 || figure.Seconds < best.Seconds {
			best = figure
		}
	}
	return best, nil
}

// syncAlone returns the median duration of appending bytes to a file and waiting for the disk.
func syncAlone(folder string, size int) (median time.Duration, err error) {
	file, err := os.Create(filepath.Join(folder, "sync"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	text := []byte(strings.Repeat("0", size))
	var took []time.Duration
	for range runnerSyncs {
		started := time.Now()
		if _, err := file.Write(text); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// processorSeconds returns the processor time of this process so far.
func processorSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}
