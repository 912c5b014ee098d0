package stepfunctions

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"beian/infra/local/asl"
)

type startExecutionInput struct {
	MachineARN string `json:"stateMachineArn"`
	Name       string `json:"name"`
	Input      string `json:"input"`
}

type startExecutionOutput struct {
	ARN     string  `json:"executionArn"`
	Started seconds `json:"startDate"`
}

// startExecution starts an execution. If one with the same name and input runs, it returns that one.
func (h *Host) startExecution(ctx context.Context, in startExecutionInput) (*startExecutionOutput, error) {
	m, err := h.machine(in.MachineARN)
	if err != nil {
		return nil, err
	}
	if in.Name == "" {
		in.Name = strings.ToLower(rand.Text())
	}
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if in.Input == "" {
		in.Input = "{}"
	}
	if len(in.Input) > asl.PayloadLimit {
		return nil, newAPIError("InvalidExecutionInput", "Invalid Execution Input: it is longer than %d bytes.", asl.PayloadLimit)
	}
	if !json.Valid([]byte(in.Input)) {
		return nil, newAPIError("InvalidExecutionInput", "Invalid Execution Input: it is not JSON.")
	}
	arn := h.ExecutionARN(m.name, in.Name)
	origin := asl.Origin{
		ID: arn, Name: in.Name, MachineID: h.MachineARN(m.name), MachineName: m.name, Input: json.RawMessage(in.Input),
		Seed: make([]byte, 16),
	}
	rand.Read(origin.Seed)
	stored, done := newStoredSignal()
	started, err := h.beginExecution(m, origin, stored)
	if err != nil {
		return nil, err
	}
	if err := h.awaitStored(ctx, done); err != nil {
		return nil, err
	}
	return &startExecutionOutput{ARN: arn, Started: seconds(started)}, nil
}

// beginExecution starts the execution, or finds the running one with the same name and input. It returns the time of the start.
func (h *Host) beginExecution(m *machine, o asl.Origin, stored func(error)) (time.Time, error) {
	key := executionKey(o.MachineName, o.Name)
	exists := newAPIError("ExecutionAlreadyExists", "Execution Already Exists: '%s'", o.ID)

	l, begun, err := h.reserve(key)
	if err != nil {
		return time.Time{}, err
	}
	if l != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.x.Status != asl.Running || !sameJSON(l.x.Input, o.Input) {
			return time.Time{}, exists
		}
		h.enqueueStep(l, asl.Step{}, stored)
		return l.x.Started, nil
	}
	ended, err := h.store.has(key)
	if err == nil && ended {
		err = exists
	}
	if err != nil {
		begun(nil)
		return time.Time{}, err
	}
	x, step, err := m.parsed.Start(o, h.now())
	if err != nil {
		begun(nil)
		return time.Time{}, err
	}
	l = newOpenExecution(key, m.parsed, m.revision)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.x = x
	begun(l)
	h.enqueueStep(l, step, stored)
	return x.Started, nil
}

// reserve returns the open execution with a key. If there is none, the caller must call begun with a new one, or with nil. Until then,
// others that ask for the same key wait.
func (h *Host) reserve(key string) (l *openExecution, begun func(*openExecution), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.starting[key] != nil {
		other := h.starting[key]
		h.mu.Unlock()
		<-other
		h.mu.Lock()
	}
	if h.broken != nil {
		return nil, nil, h.broken
	}
	if l := h.open[key]; l != nil {
		return l, nil, nil
	}
	done := make(chan struct{})
	h.starting[key] = done
	return nil, func(l *openExecution) {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.starting, key)
		close(done)
		if l != nil {
			h.open[key] = l
		}
	}, nil
}

func sameJSON(a, b []byte) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil && bytes.Equal(x.Bytes(), y.Bytes())
}

// key returns the key of an execution's ARN.
func (h *Host) key(arn string) (string, error) {
	key, ok := strings.CutPrefix(arn, h.arn("execution:"))
	if machine, name, two := strings.Cut(key, ":"); !ok || !two || machine == "" || name == "" {
		return "", newAPIError("InvalidArn", "Invalid Arn: '%s'", arn)
	}
	return key, nil
}

type stopExecutionInput struct {
	ARN   string `json:"executionArn"`
	Error string `json:"error"`
	Cause string `json:"cause"`
}

type stopExecutionOutput struct {
	Stopped *seconds `json:"stopDate"`
}

// stopExecution aborts an execution. For one that has ended it returns the time of its end.
func (h *Host) stopExecution(ctx context.Context, in stopExecutionInput) (*stopExecutionOutput, error) {
	if err := checkFailure(in.Error, in.Cause); err != nil {
		return nil, err
	}
	key, err := h.key(in.ARN)
	if err != nil {
		return nil, err
	}
	if l := h.find(key); l != nil {
		stored, done := newStoredSignal()
		err := h.applyEvent(l, func(now time.Time) (asl.Step, error) {
			return l.machine.Stop(l.x, &asl.Failure{Name: in.Error, Cause: in.Cause}, now), nil
		}, stored)
		if err != nil {
			return nil, err
		}
		if err := h.awaitStored(ctx, done); err != nil {
			return nil, err
		}
	}
	x, err := h.execution(in.ARN)
	if err != nil {
		return nil, err
	}
	return &stopExecutionOutput{Stopped: stopped(x)}, nil
}

func checkFailure(name, cause string) error {
	if err := checkLength("error", name, maxError); err != nil {
		return err
	}
	return checkLength("cause", cause, maxCause)
}

// execution returns a stored execution by its ARN.
func (h *Host) execution(arn string) (*asl.Execution, error) {
	key, err := h.key(arn)
	if err != nil {
		return nil, err
	}
	r, err := h.store.execution(key)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, newAPIError("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
	}
	return r.Execution, nil
}

// Wait waits until an execution has ended and its end is stored. It returns an error if ctx ends first or the execution does not
// exist.
func (h *Host) Wait(ctx context.Context, arn string) error {
	key, err := h.key(arn)
	if err != nil {
		return err
	}
	if l := h.find(key); l != nil {
		select {
		case <-l.gone:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	_, err = h.execution(arn)
	return err
}

type executionInput struct {
	ARN string `json:"executionArn"`
}

type includedDetails struct {
	Included bool `json:"included"`
}

type describeExecutionOutput struct {
	ARN           string           `json:"executionArn"`
	MachineARN    string           `json:"stateMachineArn"`
	Name          string           `json:"name"`
	Status        asl.Status       `json:"status"`
	Started       seconds          `json:"startDate"`
	Stopped       *seconds         `json:"stopDate,omitempty"`
	Input         string           `json:"input"`
	InputDetails  includedDetails  `json:"inputDetails"`
	Output        string           `json:"output,omitempty"`
	OutputDetails *includedDetails `json:"outputDetails,omitempty"`
	Error         string           `json:"error,omitempty"`
	Cause         string           `json:"cause,omitempty"`
}

func (h *Host) describeExecution(_ context.Context, in executionInput) (*describeExecutionOutput, error) {
	x, err := h.execution(in.ARN)
	if err != nil {
		return nil, err
	}
	out := &describeExecutionOutput{
		ARN: x.ID, MachineARN: x.MachineID, Name: x.Name, Status: x.Status,
		Started: seconds(x.Started), Stopped: stopped(x),
		Input: string(x.Input), InputDetails: includedDetails{true},
		Output: string(x.Output), Error: x.Error, Cause: x.Cause,
	}
	if len(x.Output) > 0 {
		out.OutputDetails = &includedDetails{true}
	}
	return out, nil
}

type listExecutionsInput struct {
	pageInput
	MachineARN string     `json:"stateMachineArn"`
	Status     asl.Status `json:"statusFilter"`
}

type executionItem struct {
	ARN        string     `json:"executionArn"`
	MachineARN string     `json:"stateMachineArn"`
	Name       string     `json:"name"`
	Status     asl.Status `json:"status"`
	Started    seconds    `json:"startDate"`
	Stopped    *seconds   `json:"stopDate,omitempty"`
}

type listExecutionsOutput struct {
	Executions []executionItem `json:"executions"`
	NextToken  string          `json:"nextToken,omitempty"`
}

// listExecutions lists a machine's executions, most recently started first.
func (h *Host) listExecutions(_ context.Context, in listExecutionsInput) (*listExecutionsOutput, error) {
	m, err := h.machine(in.MachineARN)
	if err != nil {
		return nil, err
	}
	switch in.Status {
	case "", asl.Running, asl.Succeeded, asl.Failed, "TIMED_OUT", asl.Aborted, "PENDING_REDRIVE":
	default:
		return nil, newAPIError("ValidationException", "Value at 'statusFilter' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]")
	}
	size, err := pageSize(in.MaxResults)
	if err != nil {
		return nil, err
	}
	purpose := "executions:" + m.name + ":" + string(in.Status)
	from, err := decodePage(purpose, in.NextToken)
	if err != nil {
		return nil, err
	}
	prefix := startedPrefix(m.name, in.Status)
	if from == nil {
		from = prefix
	}
	if err := h.store.flush(); err != nil { // the index is in the file
		return nil, err
	}
	out := &listExecutionsOutput{Executions: []executionItem{}}
	err = h.store.readTx(func(tx *bolt.Tx) error {
		c := tx.Bucket(startedBucket).Cursor()
		for k, _ := c.Seek(from); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
			if len(out.Executions) == size {
				out.NextToken = encodePage(purpose, k)
				return nil
			}
			key := executionKey(m.name, string(k[len(prefix)+8:]))
			text := tx.Bucket(endedBucket).Get([]byte(key))
			if text == nil {
				text = tx.Bucket(openBucket).Get([]byte(key))
			}
			r, err := h.store.decodeExecution(key, text)
			if err != nil {
				return err
			}
			out.Executions = append(out.Executions, executionItem{
				ARN: r.ID, MachineARN: r.MachineID, Name: r.Name, Status: r.Status,
				Started: seconds(r.Started), Stopped: stopped(r.Execution),
			})
		}
		return nil
	})
	return out, err
}
