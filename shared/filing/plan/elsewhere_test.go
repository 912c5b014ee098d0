package plan_test

import (
	"slices"
	"testing"

	"beian/shared/filing/plan"
	"beian/shared/rules/finding"
)

// TestElsewhere: what is declared as filed at another provider fits the subject and its province.
func TestElsewhere(t *testing.T) {
	moved := func(number string) plan.Domain {
		return plan.Domain{Domain: "moved-example.cn", Filed: plan.Elsewhere, Number: number}
	}
	for name, c := range map[string]struct {
		subject plan.Subject
		domain  plan.Domain
		want    []string // blocking findings
	}{
		"in the province":                  {plan.Subject{FiledElsewhere: true}, moved("浙ICP备12345678号-1"), nil},
		"a site of another province":       {plan.Subject{FiledElsewhere: true}, moved("京ICP备12345678号-1"), []string{"filed-in-other-province /domains/0/number"}},
		"a subject of another province":    {plan.Subject{FiledElsewhere: true, Number: "京ICP备12345678号"}, moved(""), []string{"filed-in-other-province /subject/number"}},
		"the subject is not declared":      {plan.Subject{}, moved("浙ICP备12345678号-1"), []string{"plan-subject-undeclared /domains/0/filed"}},
		"only a number, without a subject": {plan.Subject{}, plan.Domain{Domain: "moved-example.cn", Number: "浙ICP备12345678号-1"}, []string{"plan-subject-undeclared /domains/0/filed"}},
	} {
		c.subject.Province, c.subject.EntityKind = "33", firm
		p := plan.Make(plan.Input{Request: plan.Request{Subject: &c.subject, Domains: []plan.Domain{c.domain}}}, today)
		var got []string
		for _, f := range append(slices.Clone(p.Findings), p.Domains[0].Findings...) {
			if f.Severity == finding.Block {
				got = append(got, string(f.Code)+" "+f.Pointer)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
