package ticker

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Parse reads a schedule expression of EventBridge Scheduler, with its time zone, "" being UTC. Of the expressions there are
// rate(n minutes), hours or days too, and cron(minute hour * * ? *).
func Parse(expression, zone string) (next func(after time.Time) time.Time, err error) {
	kind, rest, _ := strings.Cut(expression, "(")
	inside, closed := strings.CutSuffix(rest, ")")
	fields := strings.Fields(inside)
	unknown := fmt.Errorf("the schedule expression %q is not known here; there are rate(n minutes) and cron(minute hour * * ? *)", expression)
	switch {
	case closed && kind == "rate" && len(fields) == 2:
		n, err := strconv.Atoi(fields[0])
		unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[strings.TrimSuffix(fields[1], "s")]
		if err != nil || n < 1 || n > 1000 || unit == 0 {
			return nil, unknown
		}
		return Every(time.Duration(n) * unit), nil
	case closed && kind == "cron" && len(fields) == 6 && strings.Join(fields[2:], " ") == "* * ? *":
		minute, wrongMinute := strconv.ParseUint(fields[0], 10, 8)
		hour, wrongHour := strconv.ParseUint(fields[1], 10, 8)
		if wrongMinute != nil || wrongHour != nil || minute > 59 || hour > 23 {
			return nil, unknown
		}
		place, err := time.LoadLocation(zone)
		if err != nil {
			return nil, fmt.Errorf("the time zone %q is not known", zone)
		}
		return Daily(int(hour), int(minute), place), nil
	}
	return nil, unknown
}
