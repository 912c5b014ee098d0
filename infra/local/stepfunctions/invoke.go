package stepfunctions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"beian/infra/local/asl"
)

// A job is an invocation that an execution requested.
type job struct {
	execution *openExecution
	asl.Invocation
}

// A queue contains the jobs that no worker has started.
type queue struct {
	mu     sync.Mutex
	filled *sync.Cond
	jobs   []job
	closed bool
}

func newQueue() *queue {
	q := &queue{}
	q.filled = sync.NewCond(&q.mu)
	return q
}

func (q *queue) push(j job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, j)
	q.filled.Signal()
}

// pop waits for a job. ok is false if the queue is closed, even if jobs are left.
func (q *queue) pop() (j job, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.jobs) == 0 && !q.closed {
		q.filled.Wait()
	}
	if q.closed {
		return job{}, false
	}
	j = q.jobs[0]
	q.jobs[0] = job{}
	q.jobs = q.jobs[1:]
	return j, true
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}

// runWorker invokes functions until the host closes.
func (h *Host) runWorker() {
	for {
		j, ok := h.queue.pop()
		if !ok {
			return
		}
		h.performJob(j)
	}
}

// performJob invokes one function and passes the result to the execution.
func (h *Host) performJob(j job) {
	ctx, cancel := context.WithCancel(h.running)
	defer cancel()
	if !j.execution.registerCancel(j.Task, cancel) {
		return
	}
	h.invocations.Add(1)
	result, functionError, err := h.invoke(ctx, j)
	if err != nil && h.running.Err() != nil {
		return // the host is closing; the next one invokes it again
	}
	m, x := j.execution.machine, j.execution.x
	err = h.applyEvent(j.execution, func(now time.Time) (asl.Step, error) {
		delete(j.execution.cancels, j.Task)
		switch {
		case errors.Is(err, ErrNoFunction):
			return m.FailInvocation(x, j.Task, &asl.Failure{Name: "Lambda.ResourceNotFoundException", Cause: err.Error()}, now)
		case err != nil:
			return m.FailInvocation(x, j.Task, &asl.Failure{Name: "Lambda.ServiceException", Cause: err.Error()}, now)
		case functionError:
			return m.FailInvocation(x, j.Task, asl.FunctionFailure(result), now)
		}
		return m.CompleteInvocation(x, j.Task, result, now)
	}, nil)
	if err != nil && !errors.Is(err, asl.ErrNoTask) {
		h.config.Log.Error("the result of a function was not accepted", "execution", j.execution.key, "error", err)
	}
}

// invoke calls the function; a panic becomes a function error, as in Lambda.
func (h *Host) invoke(ctx context.Context, j job) (result []byte, functionError bool, err error) {
	defer func() {
		if p := recover(); p != nil {
			object := map[string]string{"errorType": "panic", "errorMessage": fmt.Sprint(p)}
			result, err = json.Marshal(object)
			functionError = true
		}
	}()
	return h.config.Invoke(ctx, j.Function, j.Payload)
}

// registerCancel records how to cancel an invocation. It returns false if the execution no longer waits for it.
func (l *openExecution) registerCancel(task int64, cancel context.CancelFunc) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.x.Awaits(task) {
		return false
	}
	if l.cancels == nil {
		l.cancels = map[int64]context.CancelFunc{}
	}
	l.cancels[task] = cancel
	return true
}
