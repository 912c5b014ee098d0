package certificate

import (
	"slices"
	"strconv"

	"beian/shared/rules/workday"
)

// A Listed is the rule of a certificate kind: who may file with it and when it is issued. See [Rules].
type Listed struct {
	ID string // "certificate." and the number of the kind
	workday.Span
	Source string
}

// Rules lists the rules of every kind that somebody may file with.
func Rules() []Listed {
	var all []Listed
	for _, k := range kinds().Kinds {
		if len(k.Entities) > 0 {
			all = append(all, Listed{"certificate." + strconv.Itoa(int(k.Number)), k.Span, k.Source})
		}
	}
	return all
}

// Data returns the text of all rules, for a digest.
func Data() []byte { return slices.Clone(kindsFile) }
