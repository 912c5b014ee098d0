package filing

import (
	"beian/shared/rules/workday"
)

// DurationLimit is the longest visit of a step that is counted apart, in working days. Longer ones count as this.
const DurationLimit = 60

// MinVisits is the number of visits from which on their median says something. Our own rule.
const MinVisits = 20

// A Visit says how long an order was at a step, in working days (holidays and weekends do not count).
type Visit struct {
	Step Step
	Days int
}

// Visits returns the visits of steps that a ledger shows as ended, oldest first. Steps that last no time for the applicant, after the bureau's decision, are
// left out.
func Visits(entries []Entry) []Visit {
	var visits []Visit
	for begin, i := 0, 1; i < len(entries); i++ {
		if entries[i].Step == entries[begin].Step && entries[i].Round == entries[begin].Round {
			continue
		}
		if step := entries[begin].Step; step.Before(Announce) {
			visits = append(visits, Visit{step, min(workday.Between(entries[begin].At, entries[i].At), DurationLimit)})
		}
		begin = i
	}
	return visits
}

// Durations counts how long the visits of one step lasted in applications of one kind: Days[n] lasted n working days.
type Durations struct {
	Type Type
	Step Step
	Days [DurationLimit + 1]int
}

// Count is the number of visits.
func (d Durations) Count() int {
	n := 0
	for _, visits := range d.Days {
		n += visits
	}
	return n
}

// Within returns the number of working days within which a share of the visits ended, in percent: 50 is the median.
func (d Durations) Within(percent int) int {
	ended, all := 0, d.Count()
	for days, visits := range d.Days {
		if ended += visits; ended*100 >= percent*all {
			return days
		}
	}
	return DurationLimit
}
