package portal

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// TestTypeWhy: until the system may say whether the subject is filed, the page does not claim that it is not.
func TestTypeWhy(t *testing.T) {
	v := newFixture(t).at("/", "zh-CN")
	o := web.Order{Brief: web.Brief{Type: filing.First}}
	if why, err := v.TypeWhy(o); err != nil || !strings.Contains(why, "主体和域名都没有备案过") {
		t.Error(why, err)
	}
	o.Findings = finding.List{finding.New(filing.CodeSubjectLater, "/certificate")}
	if why, err := v.TypeWhy(o); err != nil || why == "" || strings.Contains(why, "主体和域名都没有") {
		t.Error(why, err)
	}
	o.Type = ""
	if why, err := v.TypeWhy(o); err != nil || why != "" {
		t.Error(why, err)
	}
}
