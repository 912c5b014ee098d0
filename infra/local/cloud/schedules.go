package cloud

import (
	"context"
	"fmt"
	"sync"

	"beian/infra/local/cloudformation"
	"beian/infra/local/ticker"
)

// A Schedule is a schedule of EventBridge Scheduler. A turn that fails is told in the log and not repeated: the next one
// comes.
type Schedule struct {
	Name, ScheduleExpression, ScheduleExpressionTimezone string
	FlexibleTimeWindow                                   struct{ Mode string }
	Target                                               struct {
		Arn, RoleArn, Input string
		DeadLetterConfig    struct{ Arn string }
		RetryPolicy         struct{ MaximumEventAgeInSeconds, MaximumRetryAttempts *int }
	}

	turn *sync.Mutex // held during a turn
	stop context.CancelFunc
}

func (a *Account) scheduleHandler() cloudformation.Handler {
	return handler(&a.made.schedules, maker[Schedule]{
		createOnly: []string{"Name"},
		name:       named(func(s Schedule) string { return s.Name }, 64),
		attributes: func(id string, _ Schedule) map[string]any {
			return map[string]any{"Arn": a.arn("scheduler", "schedule/default/"+id)}
		},
		check: a.checkSchedule,
		create: func(_ context.Context, id string, s *Schedule) error {
			s.turn = &sync.Mutex{}
			return a.schedule(id, s)
		},
		update: func(_ context.Context, id string, old Schedule, s *Schedule) error {
			old.stop()
			s.turn = old.turn
			return a.schedule(id, s)
		},
		delete: func(_ context.Context, _ string, s Schedule) error {
			s.stop()
			return nil
		},
	})
}

func (a *Account) checkSchedule(s Schedule) error {
	if s.FlexibleTimeWindow.Mode != "OFF" {
		return fmt.Errorf("only the time window OFF is known here, not %q", s.FlexibleTimeWindow.Mode)
	}
	if _, err := ticker.Parse(s.ScheduleExpression, s.ScheduleExpressionTimezone); err != nil {
		return err
	}
	if _, err := a.function(s.Target.Arn); err != nil {
		return err
	}
	if to := s.Target.DeadLetterConfig.Arn; to != "" {
		if err := a.checkQueue(to); err != nil {
			return err
		}
	}
	return a.checkRole(s.Target.RoleArn, "scheduler.amazonaws.com")
}

// schedule has a schedule take its turns.
func (a *Account) schedule(id string, s *Schedule) error {
	next, err := ticker.Parse(s.ScheduleExpression, s.ScheduleExpressionTimezone)
	if err != nil {
		return err
	}
	var ctx context.Context
	ctx, s.stop = context.WithCancel(a.running)
	turn := called(func(ctx context.Context, _ []byte) ([]byte, error) { return nil, a.Tick(ctx, id) })
	a.loops.Go(func() {
		ticker.Run(ctx, a.config.Clock, ticker.Schedule{Name: id, Handler: turn, Next: next}, func(name string, err error) {
			a.config.Log.Error("a schedule's function failed", "schedule", name, "error", err)
		})
	})
	return nil
}

// Tick has a schedule take a turn at once, after one that is under way.
func (a *Account) Tick(ctx context.Context, name string) error {
	s, is := a.made.schedules.get(name)
	if !is {
		return fmt.Errorf("cloud: there is no schedule %q", name)
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	_, err := a.invokeAs(ctx, s.Target.RoleArn, s.Target.Arn, []byte(s.Target.Input))
	return err
}
