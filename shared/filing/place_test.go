package filing_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// TestPlaceOf: the place of a finding is a leader before a site, and a paper by its name.
func TestPlaceOf(t *testing.T) {
	site, app := filing.Order{Service: number.Site}, filing.Order{Service: number.App}
	for _, test := range []struct {
		order   filing.Order
		pointer string
		chinese string
		english string
	}{
		{site, "", "", ""}, {site, "/domains/0", "", ""}, {site, "/contact/mobile", "", ""},
		{site, "/subject/certificate/number", "主体信息", "Subject"}, {site, "/subject/leader/mobile", "主体负责人", "Subject leader"}, {site, "/subject/leader", "主体负责人", "Subject leader"},
		{site, "/sites/1/name", "第 2 个网站", "Site 2"}, {site, "/sites/1/leader/name", "第 2 个网站的负责人", "Leader of site 2"},
		{site, "/evidence/subject-certificate-front", "主体证件（正面）", "The subject's certificate (front)"}, {site, "/evidence/sites~10~1verification-form", "第 1 个网站：网站备案信息真实性核验单", "Site 1: the verification form"},
		{app, "/sites/0/name", "第 1 个APP", "App 1"},
	} {
		if got := test.order.PlaceOf(test.pointer); got != (finding.Words{Chinese: test.chinese, English: test.english}) {
			t.Errorf("%s: %q, %q", test.pointer, got.Chinese, got.English)
		}
	}
}
