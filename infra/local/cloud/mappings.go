package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/infra/local/cloudformation"
	"beian/infra/local/eventpattern"
	"beian/infra/local/iam"

	"github.com/google/uuid"
)

// A Mapping reads a stream and calls a function with what it finds.
type Mapping struct {
	FunctionName, EventSourceArn, StartingPosition  string
	BatchSize                                       int
	BisectBatchOnFunctionError                      bool
	DestinationConfig                               struct{ OnFailure struct{ Destination string } }
	FilterCriteria                                  struct{ Filters []struct{ Pattern string } }
	FunctionResponseTypes                           []string
	MaximumRecordAgeInSeconds, MaximumRetryAttempts *int
	Tags                                            []tag

	from *reader
	stop func() // waits until it reads no more
}

// Defaults of a mapping of a stream.
const (
	defaultBatch = 100
	firstPause   = 100 * time.Millisecond // before a batch is delivered again; the double after each
	longestPause = time.Minute
)

func (a *Account) mappingHandler() cloudformation.Handler {
	return handler(&a.made.mappings, maker[Mapping]{
		createOnly: []string{"EventSourceArn", "StartingPosition"},
		name:       func(cloudformation.Request, Mapping) string { return uuid.NewString() },
		attributes: func(id string, _ Mapping) map[string]any { return map[string]any{"Id": id} },
		check:      a.checkMapping,
		create: func(_ context.Context, _ string, m *Mapping) error {
			table, err := a.streamed(m.EventSourceArn)
			if err != nil {
				return err
			}
			m.from = &reader{account: a, stream: table.stream, iterators: map[string]string{}}
			return a.follow(m)
		},
		update: func(_ context.Context, _ string, old Mapping, m *Mapping) error {
			old.stop()
			m.from = old.from
			return a.follow(m)
		},
		delete: func(_ context.Context, _ string, m Mapping) error {
			m.stop()
			return nil
		},
	})
}

func (a *Account) checkMapping(m Mapping) error {
	if m.StartingPosition != "TRIM_HORIZON" {
		return fmt.Errorf("only the starting position TRIM_HORIZON is known here, not %q", m.StartingPosition)
	}
	for _, kind := range m.FunctionResponseTypes {
		if kind != "ReportBatchItemFailures" {
			return fmt.Errorf("only the response type ReportBatchItemFailures is known here, not %q", kind)
		}
	}
	if _, err := m.patterns(); err != nil {
		return err
	}
	if _, err := a.function(m.FunctionName); err != nil {
		return err
	}
	if _, err := a.streamed(m.EventSourceArn); err != nil {
		return err
	}
	if to := m.DestinationConfig.OnFailure.Destination; to != "" {
		return a.checkQueue(to)
	}
	return nil
}

func (m Mapping) patterns() (all []eventpattern.Pattern, err error) {
	for _, f := range m.FilterCriteria.Filters {
		p, err := eventpattern.Parse(f.Pattern)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// streamed finds the table that has a stream.
func (a *Account) streamed(arn string) (Table, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(arn, a.arn("dynamodb", "table/")), "/stream/")
	t, is := a.made.tables.get(name)
	if !is || t.stream == "" {
		return t, fmt.Errorf("there is no stream %s", arn)
	}
	return t, nil
}

// follow has a mapping read its stream until it is stopped.
func (a *Account) follow(m *Mapping) error {
	patterns, err := m.patterns()
	if err != nil {
		return err
	}
	if m.BatchSize == 0 {
		m.BatchSize = defaultBatch
	}
	ctx, stop := context.WithCancel(a.running)
	ended := make(chan struct{})
	m.stop = func() {
		stop()
		<-ended
	}
	followed := *m
	a.loops.Go(func() {
		defer close(ended)
		for sleep(ctx, polls) {
			if err := a.poll(ctx, followed, patterns); err != nil && ctx.Err() == nil {
				a.config.Log.Error("a stream could not be read", "stream", followed.EventSourceArn, "error", err)
			}
		}
	})
	return nil
}

// poll reads once and delivers what the filters want.
func (a *Account) poll(ctx context.Context, m Mapping, patterns []eventpattern.Pattern) error {
	f, err := a.function(m.FunctionName)
	if err != nil {
		return err
	}
	if err := a.mayRead(f.Role, m.EventSourceArn); err != nil {
		return err
	}
	batches, err := m.from.read(ctx, m.BatchSize)
	for _, batch := range batches {
		batch = slices.DeleteFunc(batch, func(r record) bool {
			return len(patterns) > 0 && !slices.ContainsFunc(patterns, func(p eventpattern.Pattern) bool { return p.Fits(r.fields) })
		})
		a.deliver(ctx, m, f, batch)
	}
	return err
}

// deliver hands records to the function until it has taken them. What it fails at is delivered again, from the first record
// that it names, or in halves; when that has been done often enough or the record is too old, the on-failure queue is told.
func (a *Account) deliver(ctx context.Context, m Mapping, f Function, batch []record) {
	pause := firstPause
	for tries := 0; len(batch) > 0 && ctx.Err() == nil; tries++ {
		taken, err := a.hand(ctx, m, f, batch)
		batch = batch[taken:]
		switch {
		case len(batch) == 0:
			return
		case m.MaximumRetryAttempts != nil && *m.MaximumRetryAttempts >= 0 && tries >= *m.MaximumRetryAttempts,
			m.MaximumRecordAgeInSeconds != nil && *m.MaximumRecordAgeInSeconds >= 0 &&
				time.Since(batch[0].happens) > time.Duration(*m.MaximumRecordAgeInSeconds)*time.Second:
			a.giveUp(m, f, batch)
			return
		case err != nil && m.BisectBatchOnFunctionError && len(batch) > 1:
			a.deliver(ctx, m, f, batch[:len(batch)/2])
			a.deliver(ctx, m, f, batch[len(batch)/2:])
			return
		}
		sleep(ctx, pause)
		pause = min(2*pause, longestPause)
	}
}

// hand calls the function once and returns how many records it has taken. The error is the function's.
func (a *Account) hand(ctx context.Context, m Mapping, f Function, batch []record) (taken int, err error) {
	var event struct{ Records []map[string]any }
	for _, r := range batch {
		r.fields["eventSourceARN"] = m.EventSourceArn
		event.Records = append(event.Records, r.fields)
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return 0, err
	}
	out, err := a.lambda.Invoke(ctx, f.FunctionName, payload)
	if err != nil {
		return 0, err
	}
	if !slices.Contains(m.FunctionResponseTypes, "ReportBatchItemFailures") {
		return len(batch), nil
	}
	var answer struct {
		Failures []struct {
			Item string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return 0, err
	}
	taken = len(batch)
	for _, failed := range answer.Failures {
		at := slices.IndexFunc(batch, func(r record) bool { return r.number == failed.Item })
		taken = min(taken, max(at, 0)) // a number that is not in the batch fails all of it
	}
	return taken, nil
}

// giveUp tells the on-failure queue of records that were not taken: which, not what is in them.
func (a *Account) giveUp(m Mapping, f Function, batch []record) {
	a.config.Log.Error("records of a stream were given up", "function", f.FunctionName, "records", len(batch), "first", batch[0].number)
	to := m.DestinationConfig.OnFailure.Destination
	if to == "" {
		return
	}
	asked := iam.Request{Action: "sqs:SendMessage", Resource: to}
	if !iam.Allowed(a.policiesOf(roleName(f.Role)), asked) {
		a.deny(f.Role, asked)
		return
	}
	letter, err := json.Marshal(map[string]any{
		"version": "1.0", "requestContext": map[string]any{"functionArn": a.functionARN(f.FunctionName), "condition": "RetryAttemptsExhausted"},
		"DDBStreamBatchInfo": map[string]any{"startSequenceNumber": batch[0].number, "endSequenceNumber": batch[len(batch)-1].number,
			"batchSize": len(batch), "streamArn": m.EventSourceArn},
	})
	if err != nil {
		a.config.Log.Error("a letter to a queue", "error", err)
		return
	}
	a.put(to, string(letter))
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
