package lambdahost

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"beian/infra/local/loopback"
	"beian/infra/local/subprocess"
)

// A process is one process of a function, with the Runtime API that it polls ("Lambda runtime API", version 2018-06-01). It
// handles one call at a time.
type process struct {
	command *exec.Cmd
	server  *http.Server
	calls   chan pendingCall
	ended   chan struct{} // closed when the process has ended
	err     error         // of Wait, once ended is closed
}

type pendingCall struct {
	call
	deadline time.Time
	outcome  chan outcome
}

func startProcess(name string, program Program) (*process, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{command: exec.Command(filepath.Join(program.Folder, "bootstrap")), calls: make(chan pendingCall), ended: make(chan struct{})}
	p.command.Dir = program.Folder
	p.command.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String(),
		"AWS_LAMBDA_FUNCTION_NAME=" + name, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"LAMBDA_TASK_ROOT=" + program.Folder, "_HANDLER=bootstrap", "LANG=en_US.UTF-8", "TZ=:UTC", "PATH=/usr/local/bin:/usr/bin:/bin",
	}, program.Env...)
	p.command.Stdout, p.command.Stderr = program.Output, program.Output
	if err := subprocess.Start(p.command); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	p.server = &http.Server{Handler: loopback.Guard(listener.Addr(), p.runtimeAPI()), ReadHeaderTimeout: time.Minute}
	go p.server.Serve(listener) // until the process has ended
	go func() {
		p.err = p.command.Wait()
		close(p.ended)
		p.server.Close()
	}()
	return p, nil
}

// kill ends the process and waits until it has ended.
func (p *process) kill() {
	p.command.Process.Kill() // fails if the process has ended already
	<-p.ended
}

var errProcessEnded = errors.New("the process ended before it received the call")

// invoke executes one call and reports whether the process can be used for another.
func (p *process) invoke(ctx context.Context, c call) (payload []byte, usable bool, err error) {
	deadline, _ := ctx.Deadline()
	pending := pendingCall{call: c, deadline: deadline, outcome: make(chan outcome, 1)}
	select {
	case p.calls <- pending:
	case <-p.ended:
		return nil, false, errProcessEnded
	case <-ctx.Done():
		return nil, false, errTimeout
	}
	select {
	case got := <-pending.outcome:
		return got.payload, true, got.err
	case <-p.ended:
		select {
		case got := <-pending.outcome: // it responded before it ended
			return got.payload, false, got.err
		default:
			return nil, false, p.exitError(c)
		}
	case <-ctx.Done():
		return nil, false, errTimeout
	}
}

// exitError returns the service's error for a call whose process ended without a response.
func (p *process) exitError(c call) error {
	status := "exit status 0"
	if p.err != nil {
		status = p.err.Error()
	}
	return messages.InvokeResponse_Error{Type: Exited, Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", c.id, status)}
}

// runtimeAPI returns the handler of the Runtime API. It rejects responses to any call but the current one.
func (p *process) runtimeAPI() http.Handler {
	var mu sync.Mutex
	var current pendingCall
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		select {
		case current = <-p.calls:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", current.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(current.deadline.UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", current.arn)
		w.Header().Set("Content-Type", "application/json")
		w.Write(current.payload)
	})
	finish := func(decode func([]byte) outcome) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			body, err := io.ReadAll(io.LimitReader(r.Body, LargestPayload+1)) // one byte more lets Invoke see that it is too large
			if err != nil || r.PathValue("id") != current.id {
				http.Error(w, `{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}`, http.StatusBadRequest)
				return
			}
			current.outcome <- decode(body)
			current = pendingCall{}
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", finish(func(body []byte) outcome { return outcome{payload: body} }))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", finish(func(body []byte) outcome {
		var failed messages.InvokeResponse_Error
		if err := json.Unmarshal(body, &failed); err != nil {
			failed = messages.InvokeResponse_Error{Type: "Runtime.UnknownReason", Message: "The error is not JSON"}
		}
		return outcome{err: failed}
	}))
	return mux
}
