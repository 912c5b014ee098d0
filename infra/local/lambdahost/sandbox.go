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

	"beian/infra/local/subprocess"
)

// A sandbox is one process of a function, and the Runtime API that it asks for its calls ("Lambda runtime API", version
// 2018-06-01). It has one call at a time.
type sandbox struct {
	command *exec.Cmd
	server  *http.Server
	calls   chan delivery
	ended   chan struct{} // closed when the process has ended
	err     error         // how
}

// A delivery is a call on its way to the process, and where its outcome goes.
type delivery struct {
	call
	deadline time.Time
	outcome  chan outcome
}

func startSandbox(name string, p Program) (*sandbox, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sandbox{command: exec.Command(filepath.Join(p.Folder, "bootstrap")), calls: make(chan delivery), ended: make(chan struct{})}
	s.command.Dir = p.Folder
	s.command.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String(),
		"AWS_LAMBDA_FUNCTION_NAME=" + name, "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"LAMBDA_TASK_ROOT=" + p.Folder, "_HANDLER=bootstrap", "LANG=en_US.UTF-8", "TZ=:UTC", "PATH=/usr/local/bin:/usr/bin:/bin",
	}, p.Env...)
	s.command.Stdout, s.command.Stderr = p.Output, p.Output
	if err := subprocess.Start(s.command); err != nil {
		return nil, fmt.Errorf("%w; %w", err, listener.Close())
	}
	s.server = &http.Server{Handler: s.runtimeAPI(), ReadHeaderTimeout: time.Minute}
	go s.server.Serve(listener) // ends with the process
	go func() {
		s.err = s.command.Wait()
		close(s.ended)
		s.server.Close()
	}()
	return s, nil
}

// kill ends the process and waits for its end.
func (s *sandbox) kill() {
	s.command.Process.Kill() // it may have ended by itself
	<-s.ended
}

// errGone says that the process had ended before it got the call.
var errGone = errors.New("the process has ended")

// invoke has the process carry a call out, and reports whether it may be used for another.
func (s *sandbox) invoke(ctx context.Context, c call) (payload []byte, usable bool, err error) {
	deadline, _ := ctx.Deadline()
	d := delivery{call: c, deadline: deadline, outcome: make(chan outcome, 1)}
	select {
	case s.calls <- d:
	case <-s.ended:
		return nil, false, errGone
	case <-ctx.Done(): // it did not ask for a call in time
		return nil, false, errOutOfTime
	}
	select {
	case got := <-d.outcome:
		return got.payload, true, got.err
	case <-s.ended:
		select {
		case got := <-d.outcome: // it answered, and ended
			return got.payload, false, got.err
		default:
			return nil, false, s.exit(c)
		}
	case <-ctx.Done():
		return nil, false, errOutOfTime
	}
}

// exit is what a call comes to whose process has ended.
func (s *sandbox) exit(c call) error {
	how := "exit status 0"
	if s.err != nil {
		how = s.err.Error()
	}
	return messages.InvokeResponse_Error{Type: Exited, Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", c.id, how)}
}

// runtimeAPI answers the process. What it asks out of turn is refused, as by the service.
func (s *sandbox) runtimeAPI() http.Handler {
	var mu sync.Mutex
	var current delivery
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		select {
		case current = <-s.calls:
		case <-r.Context().Done():
			return
		}
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", current.id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(current.deadline.UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", current.arn)
		w.Header().Set("Content-Type", "application/json")
		w.Write(current.payload)
	})
	finish := func(read func([]byte) outcome) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.PathValue("id") != current.id {
				refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
				return
			}
			// One byte more than is allowed is enough for the host to see that it is too much.
			body, err := io.ReadAll(io.LimitReader(r.Body, LargestPayload+1))
			if err != nil {
				refuse(w, http.StatusBadRequest, "InvalidRequest", "The body could not be read")
				return
			}
			current.outcome <- read(body)
			current = delivery{}
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", finish(func(body []byte) outcome { return outcome{payload: body} }))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", finish(func(body []byte) outcome {
		var failed messages.InvokeResponse_Error
		if err := json.Unmarshal(body, &failed); err != nil {
			failed = messages.InvokeResponse_Error{Type: "Runtime.UnknownReason", Message: "The error is no JSON"}
		}
		return outcome{err: failed}
	}))
	return mux
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message})
}
