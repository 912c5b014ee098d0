package lambdahost

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// A Program is a built function: a folder with an executable named bootstrap, as the runtime provided.al2023 requires.
type Program struct {
	Folder       string        // holds bootstrap; absolute
	Env          []string      // "NAME=value"; the process gets these and what the service sets, nothing else
	Timeout      time.Duration // 0 is DefaultTimeout
	MaxProcesses int           // each handles one call at a time; further calls fail with Throttled. 0 is 100
	Output       io.Writer     // receives stdout and stderr; safe for concurrent use; nil discards
}

// processes are the running processes of one function.
type processes struct {
	name    string
	program Program

	mu      sync.Mutex
	idle    []*process // the last used is used next
	running map[*process]bool
	closed  bool
}

func newProcesses(name string, p Program) *processes {
	if p.MaxProcesses == 0 {
		p.MaxProcesses = 100
	}
	if p.Output == nil {
		p.Output = io.Discard
	}
	return &processes{name: name, program: p, running: map[*process]bool{}}
}

// run executes a call in an idle process, or in a new one if all are busy.
func (ps *processes) run(ctx context.Context, c call) ([]byte, error) {
	for {
		p, fresh, err := ps.acquire()
		if err != nil {
			return nil, err
		}
		out, usable, err := p.invoke(ctx, c)
		ps.release(p, usable)
		switch {
		case !errors.Is(err, errProcessEnded):
			return out, err
		case fresh:
			return nil, p.exitError(c)
		}
		// The idle process had ended since its last call: try another.
	}
}

// acquire returns an idle process, or a new one, for which fresh is true.
func (ps *processes) acquire() (p *process, fresh bool, err error) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if last := len(ps.idle) - 1; last >= 0 {
		p, ps.idle = ps.idle[last], ps.idle[:last]
		return p, false, nil
	}
	switch {
	case ps.closed:
		return nil, false, messages.InvokeResponse_Error{Type: NotFound, Message: "Function not found: " + ps.name}
	case len(ps.running) >= ps.program.MaxProcesses:
		return nil, false, messages.InvokeResponse_Error{Type: Throttled, Message: "Rate Exceeded."}
	}
	if p, err = startProcess(ps.name, ps.program); err != nil {
		return nil, false, messages.InvokeResponse_Error{Type: "Runtime.InvalidEntrypoint", Message: err.Error()}
	}
	ps.running[p] = true
	return p, true, nil
}

// release makes a process idle if it is usable and kills it otherwise.
func (ps *processes) release(p *process, usable bool) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if usable && !ps.closed {
		ps.idle = append(ps.idle, p)
		return
	}
	delete(ps.running, p)
	p.kill()
}

// close kills all processes and waits for them to end.
func (ps *processes) close() {
	ps.mu.Lock()
	running := ps.running
	ps.running, ps.idle, ps.closed = map[*process]bool{}, nil, true
	ps.mu.Unlock()
	for p := range running {
		p.kill()
	}
}
