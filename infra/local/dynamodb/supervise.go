package dynamodb

import (
	"context"
	"errors"
	"fmt"
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
	host         = "127.0.0.1"
	startTimeout = 30 * time.Second // Java needs a few seconds on a busy machine
	minPause     = 100 * time.Millisecond
	maxPause     = 5 * time.Second
	stopTimeout  = 5 * time.Second
	lockTimeout  = 2 * time.Second // the child of a killed process needs a moment to end
	pollInterval = 20 * time.Millisecond
	maxPorts     = 5
	outputKept   = 2000 // bytes of the child's output, for error messages
)

// An Engine is a running engine that serves the DynamoDB API.
type Engine struct {
	endpoint string
	child    child
	lock     *os.File // nil without a file
	cancel   context.CancelFunc
	done     chan struct{}
	started  chan error
	pid      atomic.Int64
	err      error
}

// Endpoint is the base URL for DynamoDB clients.
func (e *Engine) Endpoint() string { return e.endpoint }

// Pid is the child's process id, 0 while there is none.
func (e *Engine) Pid() int { return int(e.pid.Load()) }

// Wait waits until the engine has stopped and will not be restarted. It returns nil after [Engine.Close].
func (e *Engine) Wait() error {
	<-e.done
	return e.err
}

// Close stops the engine and waits until it has ended. Later calls do nothing.
func (e *Engine) Close() error {
	e.cancel()
	return e.Wait()
}

// Healthy sends one request to the engine. Any response counts: Amazon's engine responds with 400 to a GET.
func (e *Engine) Healthy(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.endpoint, nil)
	if err != nil {
		return err
	}
	response, err := healthClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

var healthClient = &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

// A child describes how to run an engine.
type child struct {
	program  string
	args     []string // without the port, which is appended
	file     string   // the database file, "" for one in memory
	host     string
	port     int
	restarts int // failed starts in a row before giving up; 0 never restarts
	logf     func(string, ...any)
}

// start starts a child. For port 0 it picks a free one, and another if a program takes that one before the child does.
func start(c child) (*Engine, error) {
	for tries := 1; ; tries++ {
		e, err := startOnce(c)
		if c.port != 0 || tries == maxPorts || !errors.Is(err, ErrPortTaken) {
			return e, err
		}
	}
}

func startOnce(c child) (*Engine, error) {
	lock, err := lockFile(c.file)
	if err != nil {
		return nil, err
	}
	if c.port, err = freePort(c.host, c.port); err != nil {
		lock.Close()
		return nil, err
	}
	address := net.JoinHostPort(c.host, strconv.Itoa(c.port))
	ctx, cancel := context.WithCancel(context.Background())
	e := &Engine{endpoint: "http://" + address, child: c, lock: lock, cancel: cancel, done: make(chan struct{}), started: make(chan error, 1)}
	go e.supervise(ctx)
	if err := <-e.started; err != nil {
		cancel()
		<-e.done
		return nil, err
	}
	return e, nil
}

// lockFile acquires an advisory lock on file+".lock". It returns ErrInUse if another process has the lock, and nil if file is "".
func lockFile(file string) (*os.File, error) {
	if file == "" {
		return nil, nil
	}
	lock, err := os.OpenFile(file+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(lockTimeout); ; time.Sleep(pollInterval) {
		switch err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case err == nil:
			return lock, nil
		case !errors.Is(err, syscall.EWOULDBLOCK):
			lock.Close()
			return nil, err
		case time.Now().After(deadline):
			lock.Close()
			return nil, fmt.Errorf("%s: %w", file, ErrInUse)
		}
	}
}

// freePort returns port if nothing listens on it at the host, or any free port for 0.
func freePort(host string, port int) (int, error) {
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

// supervise runs the child until ctx ends, and restarts it as the child allows.
func (e *Engine) supervise(ctx context.Context) {
	defer close(e.done)
	defer e.lock.Close()
	answered := false
	onAnswer := sync.OnceFunc(func() { answered = true; e.started <- nil })
	pause := minPause
	for failures := 0; ; {
		healthy, err := e.run(ctx, onAnswer)
		if ctx.Err() != nil {
			return
		}
		if healthy {
			failures, pause = 0, minPause
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
		if e.child.logf != nil {
			e.child.logf("dynamodb: the engine ended (%v); restarting it in %s", err, pause)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, maxPause)
	}
}

// run starts the child, calls onAnswer at its first response, and waits until it ends. It returns whether the child ever responded,
// and the error with which it ended.
func (e *Engine) run(ctx context.Context, onAnswer func()) (bool, error) {
	output := &lastOutput{}
	cmd := exec.Command(e.child.program, append(e.child.args[:len(e.child.args):len(e.child.args)], strconv.Itoa(e.child.port))...)
	cmd.Stdout, cmd.Stderr = output, output
	if e.lock != nil {
		cmd.ExtraFiles = []*os.File{e.lock} // the child keeps the lock if this process ends first
	}
	if err := subprocess.Start(cmd); err != nil {
		return false, fmt.Errorf("%s: %w", e.child.program, err)
	}
	e.pid.Store(int64(cmd.Process.Pid))
	defer e.pid.Store(0)

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline := time.After(startTimeout)
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for healthy := false; ; {
		select {
		case err := <-ended:
			return healthy, explainExit(err, output.String())
		case <-ctx.Done():
			stopProcess(cmd.Process, ended)
			return healthy, nil
		case <-deadline:
			if !healthy {
				stopProcess(cmd.Process, ended)
				return false, fmt.Errorf("%s did not answer within %s: %s", e.child.program, startTimeout, output)
			}
		case <-tick.C:
			if !healthy && e.Healthy(ctx) == nil {
				healthy = true
				tick.Stop()
				onAnswer()
			}
		}
	}
}

// explainExit returns the error for a child that ended, by its output.
func explainExit(err error, output string) error {
	lower := strings.ToLower(output)
	for sign, reason := range map[string]error{
		"malformed": ErrCorrupt, "not a valid sqlite": ErrCorrupt, "not a database": ErrCorrupt, "corrupt": ErrCorrupt,
		"already in use": ErrPortTaken, "address in use": ErrPortTaken,
	} {
		if strings.Contains(lower, sign) {
			return fmt.Errorf("%w (%s)", reason, output)
		}
	}
	if err == nil {
		err = errors.New("it exited")
	}
	return fmt.Errorf("%w: %s", err, output)
}

func stopProcess(process *os.Process, ended <-chan error) {
	process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(stopTimeout):
		process.Kill()
		<-ended
	}
}

// lastOutput keeps the last bytes written to it.
type lastOutput struct {
	mu   sync.Mutex
	text []byte
}

func (o *lastOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, p...)
	o.text = o.text[max(0, len(o.text)-outputKept):]
	return len(p), nil
}

func (o *lastOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.TrimSpace(string(o.text))
}
