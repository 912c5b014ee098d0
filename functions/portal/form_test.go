package portal

import (
	"slices"
	"testing"

	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// TestProblemsInOrder: the summary lists what is wrong in the order of the page, and first what belongs to no field.
func TestProblemsInOrder(t *testing.T) {
	v := newFixture(t).at("/begin", "zh-CN")
	v.Fields = []pages.Field{{Name: "/number"}, {Name: "/officePhone"}, {Name: "/email"}}
	v.Problem = &web.Problem{Findings: finding.List{
		{Pointer: "/email", Severity: finding.Block}, {Pointer: "/officePhone", Severity: finding.Block}, {Pointer: "", Severity: finding.Block}, {Pointer: "/number", Severity: finding.Block}}}
	var got []string
	for _, p := range v.Problems() {
		got = append(got, p.Pointer)
	}
	if want := []string{"", "/number", "/officePhone", "/email"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
