// Package stepfunctions is AWS Step Functions on the laptop. It runs state machines with package asl, stores executions durably, and
// serves the part of the Step Functions API (AWS JSON 1.0) that Beian and its operators use:
//
//	host, err := stepfunctions.Start(stepfunctions.Config{Dir: dir, Clock: clock, Invoke: invoke, Machines: machines})
//	http.Handle("/", host)
//
// An event (a start, the result of a function, a task token, a timer) changes an execution in memory. The writer appends the changes of
// many events to a journal, as one group with one fsync. Only then does the host invoke functions and respond to callers. So a change is
// durable once its caller has the response, even after kill -9. A function whose result was stored is not invoked again; one that was
// running is invoked again at the next start.
//
// A full journal is moved to a bbolt file in the background, in one transaction, while a new journal takes what follows. Of an execution
// that changed a hundred times meanwhile, the file gets the last state. The next start moves what a killed process left in journals. The
// file has the number of the last journal that it contains, so that no change is applied twice. Reads look into the changes that are not
// moved yet, then into the file; lists move them first.
//
// A start deletes the executions that ended 90 days ago, with their histories, as AWS does.
//
// Buckets of the file:
//
//	definitions  SHA-256 of the text                     → text; executions end with the text they began with
//	open         machine:name                            → executionRecord that runs
//	ended        machine:name                            → executionRecord that has ended
//	history      machine:name, 0, id of the first event  → lists of events
//	started      machine, 0, status, 0, time↓, name      → empty; for ListExecutions, also with the status ""
//	journal      "last"                                  → number of the last journal that was moved
package stepfunctions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"beian/infra/local/asl"
	"beian/infra/local/clock"
)

// ErrNoFunction is the error of Config.Invoke for a function that does not exist. The state machine sees it as
// Lambda.ResourceNotFoundException, and any other error as Lambda.ServiceException.
var ErrNoFunction = errors.New("there is no such function")

// Config configures a host.
type Config struct {
	// Dir is the folder of the data file. Start creates it.
	Dir string
	// Clock drives waits, timeouts and retries. Required.
	Clock *clock.Clock
	// Invoke calls a function by name or ARN, as the definitions name it. functionError reports that the result is the
	// function's error object. Invoke must be safe for concurrent use. Required.
	Invoke func(ctx context.Context, function string, payload []byte) (result []byte, functionError bool, err error)
	// Machines are the definitions of the state machines, by name. Running executions keep the definition with which they started.
	Machines map[string]string
	// Alias, if not "", may follow a machine's name in the ARN of StartExecution.
	Alias string
	// Workers is the maximum number of functions that run at the same time; 0 means 64.
	Workers int
	// Region and Account are for ARNs; "" is us-east-1 and 000000000000.
	Region, Account string
	// Log receives errors that no caller sees; nil is slog.Default().
	Log *slog.Logger
}

const (
	defaultRegion  = "us-east-1"
	defaultAccount = "000000000000"
)

// A Host runs executions. It is an [http.Handler] for the API. Create it with [Start], end it with [Host.Shutdown].
type Host struct {
	config Config
	store  *store
	writer *writer
	timers *timers
	queue  *queue

	mu       sync.Mutex
	machines map[string]*machine       // by name
	parsed   map[string]*asl.Machine   // by revision
	open     map[string]*openExecution // by key
	starting map[string]chan struct{}  // keys that a start has reserved; closed when it is done
	broken   error                     // if not nil, the host stores nothing more

	alive   context.Context // ends when the host closes
	kill    context.CancelFunc
	running context.Context // of invocations
	cancel  context.CancelFunc
	workers sync.WaitGroup
	loops   sync.WaitGroup

	transitions, invocations atomic.Int64
	closing                  sync.Once
	closed                   chan struct{} // nothing is stored any more
}

// Stats are counts since the start of the host.
type Stats struct {
	Transitions int64 // states entered and retries begun
	Invocations int64 // functions invoked
	Open        int   // executions that run now
	Groups      int64 // writes of the journal, each with one fsync
	Stored      int64 // bytes of these writes
}

// Start starts a host: it reads the data file, registers the machines and continues every running execution. It returns an error if
// the file is damaged or in use, or a definition is invalid.
func Start(config Config) (*Host, error) {
	if config.Clock == nil || config.Invoke == nil {
		return nil, errors.New("stepfunctions: Clock and Invoke are required")
	}
	config.Workers = cmp.Or(config.Workers, 64)
	config.Region = cmp.Or(config.Region, defaultRegion)
	config.Account = cmp.Or(config.Account, defaultAccount)
	if config.Log == nil {
		config.Log = slog.Default()
	}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("stepfunctions: %w", err)
	}
	s, err := openStore(config.Dir)
	if err != nil {
		return nil, fmt.Errorf("stepfunctions: %w", err)
	}
	h := &Host{
		config: config, store: s, queue: newQueue(),
		machines: map[string]*machine{}, parsed: map[string]*asl.Machine{}, open: map[string]*openExecution{}, starting: map[string]chan struct{}{},
		closed: make(chan struct{}),
	}
	h.alive, h.kill = context.WithCancel(context.Background())
	h.running, h.cancel = context.WithCancel(context.Background())
	h.writer = &writer{host: h, wake: make(chan struct{}, 1)}
	h.timers = &timers{kick: make(chan struct{}, 1)}
	if err := h.load(); err != nil {
		h.kill()
		h.cancel()
		return nil, errors.Join(fmt.Errorf("stepfunctions: %w", err), s.close())
	}
	h.loops.Go(h.writer.run)
	h.loops.Go(h.runTimers)
	h.loops.Go(h.runFlusher)
	for range config.Workers {
		h.workers.Go(h.runWorker)
	}
	return h, nil
}

// load registers the machines and reads the executions that run.
func (h *Host) load() error {
	for name, definition := range h.config.Machines {
		if err := h.register(name, definition); err != nil {
			return fmt.Errorf("state machine %q: %w", name, err)
		}
	}
	if _, err := h.store.deleteExpired(slices.Collect(maps.Keys(h.machines)), h.config.Clock.Now().AddDate(0, 0, -keptDays)); err != nil {
		return err
	}
	return h.store.eachOpen(func(key string, r *executionRecord) error {
		parsed := h.parsed[r.Revision]
		if parsed == nil {
			definition, err := h.store.definition(r.Revision)
			if err != nil {
				return err
			}
			if parsed, err = h.parse(definition); err != nil {
				return fmt.Errorf("the definition of running execution %q is invalid: %w", key, err)
			}
		}
		l := newOpenExecution(key, parsed, r.Revision)
		l.x, l.stored = r.Execution, true
		h.open[key] = l
		h.timers.set(l, l.x.Wake())
		for _, i := range l.x.Unfinished() {
			h.queue.push(job{l, i})
		}
		return nil
	})
}

// runFlusher moves changes from full journals to the file until the host closes.
func (h *Host) runFlusher() {
	for {
		select {
		case <-h.store.full:
			if err := h.store.flush(); err != nil {
				h.fail(err)
			}
		case <-h.alive.Done():
			return
		}
	}
}

// parse parses each definition once.
func (h *Host) parse(definition string) (*asl.Machine, error) {
	revision := revisionOf(definition)
	if m := h.parsed[revision]; m != nil {
		return m, nil
	}
	m, err := asl.Parse([]byte(definition))
	if err != nil {
		return nil, err
	}
	h.parsed[revision] = m
	return m, nil
}

// Stats returns the counts.
func (h *Host) Stats() Stats {
	h.mu.Lock()
	open := len(h.open)
	h.mu.Unlock()
	return Stats{Transitions: h.transitions.Load(), Invocations: h.invocations.Load(), Open: open,
		Groups: h.store.groups.Load(), Stored: h.store.stored.Load()}
}

// Shutdown stops invoking functions and waits for those in flight. When ctx ends, it cancels their contexts. Then it stores all
// changes and closes the data file. The next [Start] invokes cancelled functions again.
func (h *Host) Shutdown(ctx context.Context) error {
	var err error
	h.closing.Do(func() {
		h.queue.close()
		idle := make(chan struct{})
		go func() {
			h.workers.Wait()
			close(idle)
		}()
		select {
		case <-idle:
		case <-ctx.Done():
			h.cancel()
			<-idle
		}
		h.cancel()
		h.kill()
		h.loops.Wait()
		close(h.closed)
		err = h.store.close()
	})
	return err
}

// Close is [Host.Shutdown] without waiting for functions in flight.
func (h *Host) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return h.Shutdown(ctx)
}

// MachineARN returns the ARN of the state machine with a name.
func (h *Host) MachineARN(name string) string { return h.arn("stateMachine:" + name) }

// ExecutionARN returns the ARN of an execution.
func (h *Host) ExecutionARN(machine, name string) string {
	return h.arn("execution:" + machine + ":" + name)
}

func (h *Host) arn(resource string) string {
	return "arn:aws:states:" + h.config.Region + ":" + h.config.Account + ":" + resource
}

func (h *Host) now() time.Time { return h.config.Clock.Now() }
