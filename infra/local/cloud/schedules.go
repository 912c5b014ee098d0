package cloud

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

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
	if _, err := s.turns(); err != nil {
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

// turns reads the expression: rate(5 minutes), or cron(30 9 * * ? *) with a time of each day.
func (s Schedule) turns() (func(time.Time) time.Time, error) {
	kind, rest, _ := strings.Cut(s.ScheduleExpression, "(")
	inside, closed := strings.CutSuffix(rest, ")")
	fields := strings.Fields(inside)
	unknown := fmt.Errorf("the schedule expression %q is not known here; there are rate(n minutes) and cron(minute hour * * ? *)", s.ScheduleExpression)
	switch {
	case closed && kind == "rate" && len(fields) == 2:
		n, err := strconv.Atoi(fields[0])
		unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[strings.TrimSuffix(fields[1], "s")]
		if err != nil || n < 1 || n > 1000 || unit == 0 {
			return nil, unknown
		}
		return ticker.Every(time.Duration(n) * unit), nil
	case closed && kind == "cron" && len(fields) == 6 && strings.Join(fields[2:], " ") == "* * ? *":
		minute, err := strconv.ParseUint(fields[0], 10, 8)
		hour, wrong := strconv.ParseUint(fields[1], 10, 8)
		if err != nil || wrong != nil || minute > 59 || hour > 23 {
			return nil, unknown
		}
		place, err := time.LoadLocation(s.ScheduleExpressionTimezone)
		if err != nil {
			return nil, fmt.Errorf("the time zone %q is not known", s.ScheduleExpressionTimezone)
		}
		return ticker.Daily(int(hour), int(minute), place), nil
	}
	return nil, unknown
}

// schedule has a schedule take its turns.
func (a *Account) schedule(id string, s *Schedule) error {
	next, err := s.turns()
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
