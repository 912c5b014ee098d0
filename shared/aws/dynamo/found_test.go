package dynamo_test

import (
	"maps"
	"testing"

	"beian/shared/process/coaching"
	"beian/shared/rules/finding"
)

// foundFindings: each code is counted in its month, and months are added up.
func foundFindings(t *testing.T, d *fixture) {
	for _, one := range []struct {
		month string
		codes []finding.Code
	}{{"2019-11", []finding.Code{"a"}}, {"2019-12", []finding.Code{"a", "b"}}, {"2019-12", []finding.Code{"a"}}, {"2020-01", []finding.Code{"b"}}, {"2020-01", nil}} {
		if err := d.CountFindings(t.Context(), coaching.Month(one.month), one.codes...); err != nil {
			t.Fatal(err)
		}
	}
	for months, want := range map[[2]coaching.Month]map[finding.Code]int{{"2019-12", "2020-01"}: {"a": 2, "b": 2}, {"2019-11", "2019-11"}: {"a": 1}, {"2018-01", "2018-12"}: {}} {
		if got, err := d.Found(t.Context(), months[0], months[1]); err != nil || !maps.Equal(got, want) {
			t.Errorf("%v: %v, %v, want %v", months, got, err, want)
		}
	}
}
