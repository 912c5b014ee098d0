package stepfunctions

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"

	"beian/infra/local/asl"
)

// seedGroup is the number of copies that Seed stores together.
const seedGroup = 10_000

// Seed stores copies of a running execution under other names, with its history, in a data folder that no host uses. It is for measurements
// with many open executions: their tokens are valid, but nothing else knows them.
func Seed(config Config, machine, source string, count int, name func(int) string) (err error) {
	s, err := openStore(config.Dir)
	if err != nil {
		return fmt.Errorf("stepfunctions: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	key := executionKey(machine, source)
	r, err := s.execution(key)
	if err != nil {
		return err
	}
	if r == nil || r.Status != asl.Running {
		return fmt.Errorf("stepfunctions: no execution %q runs", key)
	}
	events, err := s.events(key, 1, r.Events)
	if err != nil {
		return err
	}
	history := appendEvents(nil, events)
	h := &Host{config: config}
	h.config.Region, h.config.Account = cmp.Or(config.Region, defaultRegion), cmp.Or(config.Account, defaultAccount)
	for first := 0; first < count; first += seedGroup {
		var group []change
		for i := first; i < min(first+seedGroup, count); i++ {
			x := *r.Execution
			x.Name, x.ID, x.Seed = name(i), h.ExecutionARN(machine, name(i)), make([]byte, 16)
			rand.Read(x.Seed)
			group = append(group, change{machine: machine, name: x.Name, fresh: true, status: x.Status, started: x.Started.UnixNano(),
				record: appendExecution(nil, r.Revision, &x), first: 1, events: history})
		}
		if err := errors.Join(s.save(group), s.awaitSpace()); err != nil {
			return err
		}
	}
	return nil
}
