package figures

import (
	"beian/shared/filing"
)

// BySteps adds up durations of all provinces and kinds by step, in the sequence of the steps. Steps without a visit are left out.
func BySteps(all []filing.Durations) []filing.Durations {
	var sums []filing.Durations
	for _, step := range filing.Steps {
		sum := filing.Durations{Step: step}
		for _, d := range all {
			if d.Step == step {
				for days, visits := range d.Days {
					sum.Days[days] += visits
				}
			}
		}
		if sum.Count() > 0 {
			sums = append(sums, sum)
		}
	}
	return sums
}
