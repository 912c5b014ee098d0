package lambdahost

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
)

// A Program is a built function: a folder with a file named bootstrap, as it is zipped for AWS with the runtime
// provided.al2023.
type Program struct {
	Folder  string        // holds bootstrap; absolute
	Env     []string      // "NAME=value"; the process has these, those that the service sets, and no others
	Timeout time.Duration // 0 is DefaultTimeout
	Most    int           // processes at a time, each with one call; what is asked beyond that is Throttled. 0 is 100
	Output  io.Writer     // gets what the processes write; safe for concurrent use; nil is nobody
}

const mostSandboxes = 100

// sandboxes are the processes of one function. The one that was used last is used next.
type sandboxes struct {
	name    string
	program Program

	mu     sync.Mutex
	idle   []*sandbox
	all    map[*sandbox]bool
	closed bool
	last   bool // no process is used for another call
}

func newSandboxes(name string, p Program) *sandboxes {
	if p.Most == 0 {
		p.Most = mostSandboxes
	}
	if p.Output == nil {
		p.Output = io.Discard
	}
	return &sandboxes{name: name, program: p, all: map[*sandbox]bool{}}
}

// run has a process carry the call out, and starts one when all are busy. A process that has ended or outlived the call's
// time is not used again.
func (s *sandboxes) run(ctx context.Context, c call) ([]byte, error) {
	for {
		one, fresh, err := s.take()
		if err != nil {
			return nil, err
		}
		out, usable, err := one.invoke(ctx, c)
		s.give(one, usable)
		switch {
		case !errors.Is(err, errGone):
			return out, err
		case fresh:
			return nil, one.exit(c)
		}
		// It ended after its last call, of which it said that it failed.
	}
}

// take returns a process that nobody uses, and whether it was just started.
func (s *sandboxes) take() (one *sandbox, fresh bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		one := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return one, false, nil
	}
	if s.closed {
		return nil, false, messages.InvokeResponse_Error{Type: NotFound, Message: "Function not found: " + s.name}
	}
	if len(s.all) >= s.program.Most {
		return nil, false, messages.InvokeResponse_Error{Type: Throttled, Message: "Rate Exceeded."}
	}
	one, err = startSandbox(s.name, s.program)
	if err != nil {
		return nil, false, messages.InvokeResponse_Error{Type: "Runtime.InvalidEntrypoint", Message: err.Error()}
	}
	s.all[one] = true
	return one, true, nil
}

// give gives a process back.
func (s *sandboxes) give(one *sandbox, usable bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if usable && !s.closed && !s.last {
		s.idle = append(s.idle, one)
		return
	}
	delete(s.all, one)
	one.kill()
}

func (s *sandboxes) retire() {
	s.mu.Lock()
	idle := s.idle
	s.idle, s.last = nil, true
	for _, one := range idle {
		delete(s.all, one)
	}
	s.mu.Unlock()
	for _, one := range idle {
		one.kill()
	}
}

// close ends all processes and waits for their ends.
func (s *sandboxes) close() {
	s.mu.Lock()
	all := s.all
	s.all, s.idle, s.closed = map[*sandbox]bool{}, nil, true
	s.mu.Unlock()
	for one := range all {
		one.kill()
	}
}
