package dynamodb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"beian/infra/local/subprocess"
)

const (
	host        = "127.0.0.1"
	answerIn    = 30 * time.Second // Java takes a few on a busy machine
	firstPause  = 100 * time.Millisecond
	longPause   = 5 * time.Second
	killAfter   = 5 * time.Second
	probeEvery  = 20 * time.Millisecond
	tailOfWords = 2000 // bytes of the child's own words kept for the error
)

// An Engine answers the DynamoDB API.
type Engine struct {
	endpoint string
	child    child
	claim    *claim
	cancel   context.CancelFunc
	done     chan struct{}
	started  chan error
	restarts atomic.Int64
	pid      atomic.Int64
	err      error
}

// At is an engine that someone else runs (DYNAMODB_ENDPOINT); Close leaves it alone.
func At(endpoint string) *Engine {
	done := make(chan struct{})
	return &Engine{endpoint: strings.TrimSuffix(endpoint, "/"), done: done, cancel: sync.OnceFunc(func() { close(done) })}
}

// Endpoint is the base URL for DynamoDB clients.
func (e *Engine) Endpoint() string { return e.endpoint }

// Pid is the child's process id; 0 while there is none.
func (e *Engine) Pid() int { return int(e.pid.Load()) }

// Restarts counts how often the engine died and was started again.
func (e *Engine) Restarts() int { return int(e.restarts.Load()) }

// Done is closed when the engine is stopped, or has died and does not come back; [Engine.Err] then says why.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err is nil until Done is closed, and after an orderly Close.
func (e *Engine) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

// Close stops the engine in an orderly way and waits for its end. It may be called again.
func (e *Engine) Close() error {
	e.cancel()
	<-e.done
	return e.err
}

// Healthy asks the engine once.
func (e *Engine) Healthy(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.endpoint, nil)
	if err != nil {
		return err
	}
	response, err := probe.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return err // any answer will do: Amazon's engine says 400 to a plain GET
}

var probe = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// A child is how to run one engine.
type child struct {
	program  string
	args     func(port string) []string
	claim    string // the file that only one engine may have open; "" claims none
	port     int
	restarts int // failed starts in a row before giving up; 0 never restarts
	logf     func(string, ...any)
}

func start(c child) (*Engine, error) {
	if c.logf == nil {
		c.logf = func(string, ...any) {}
	}
	held, err := take(c.claim, c.program)
	if err != nil {
		return nil, err
	}
	port, err := choose(c.port)
	if err != nil {
		held.release()
		return nil, err
	}
	c.port = port
	ctx, cancel := context.WithCancel(context.Background())
	e := &Engine{
		endpoint: "http://" + net.JoinHostPort(host, strconv.Itoa(port)),
		child:    c, claim: held, cancel: cancel,
		done: make(chan struct{}), started: make(chan error, 1),
	}
	go e.supervise(ctx)
	if err := <-e.started; err != nil {
		cancel()
		<-e.done
		return nil, err
	}
	return e, nil
}

// choose returns port if it is free, or a free one for 0.
func choose(port int) (int, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return 0, fmt.Errorf("%s: %w", address, ErrPortTaken)
	}
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// supervise runs the child until ctx ends.
func (e *Engine) supervise(ctx context.Context) {
	defer close(e.done)
	defer e.claim.release()

	answered := false
	tell := sync.OnceFunc(func() { answered = true; e.started <- nil })
	pause := firstPause
	for failures := 0; ; {
		healthy, err := e.run(ctx, tell)
		if ctx.Err() != nil {
			return
		}
		if healthy {
			failures, pause = 0, firstPause
		} else {
			failures++
		}
		if !answered {
			e.err = err
			e.started <- err
			return
		}
		if failures >= e.child.restarts {
			e.err = err
			return
		}
		e.child.logf("records: the engine ended (%v); starting it again in %s", err, pause)
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
		e.restarts.Add(1)
	}
}

// run starts the child, calls answered when it first answers, and waits for its end. It reports whether the child
// ever answered, and how it ended.
func (e *Engine) run(ctx context.Context, answered func()) (bool, error) {
	words := &tail{}
	cmd := exec.Command(e.child.program, e.child.args(strconv.Itoa(e.child.port))...)
	cmd.Stdout, cmd.Stderr = words, words
	if err := subprocess.Start(cmd); err != nil {
		return false, fmt.Errorf("%s: %w", e.child.program, err)
	}
	e.pid.Store(int64(cmd.Process.Pid))
	defer e.pid.Store(0)
	e.claim.note(cmd.Process.Pid)

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline := time.After(answerIn)
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for healthy := false; ; {
		select {
		case err := <-ended:
			return healthy, explain(err, words.String())
		case <-ctx.Done():
			stop(cmd.Process, ended)
			return healthy, nil
		case <-deadline:
			if !healthy {
				stop(cmd.Process, ended)
				return false, fmt.Errorf("%s did not answer within %s: %s", e.child.program, answerIn, words)
			}
		case <-tick.C:
			if !healthy && e.Healthy(ctx) == nil {
				healthy = true
				tick.Stop()
				answered()
			}
		}
	}
}

// explain gives the end of the child a reason from its own words.
func explain(err error, words string) error {
	lower := strings.ToLower(words)
	for _, sign := range []string{"malformed", "not a valid sqlite", "not a database", "corrupt"} {
		if strings.Contains(lower, sign) {
			return fmt.Errorf("%w (%s)", ErrCorrupt, words)
		}
	}
	if strings.Contains(lower, "address already in use") || strings.Contains(lower, "address in use") {
		return fmt.Errorf("%w (%s)", ErrPortTaken, words)
	}
	if err == nil {
		err = errors.New("it exited")
	}
	return fmt.Errorf("%w: %s", err, words)
}

func stop(process *os.Process, ended <-chan error) {
	process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(killAfter):
		process.Kill()
		<-ended
	}
}

// A tail keeps the last bytes written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - tailOfWords; over > 0 {
		t.text = t.text[over:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.text))
}
