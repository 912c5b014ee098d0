package application_test

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// TestDiffers: what was read counts as different only if the applicant entered something else, and not for spaces, wide letters, or a number that was misread.
func TestDiffers(t *testing.T) {
	d, err := pages.DocumentOf(map[string]any{"subject": map[string]any{"name": "古丽·示例（集团）", "certificate": map[string]any{"number": "91110105MA00000001",
		"validity": map[string]any{"from": "2015-05-01", "longTerm": true}}}})
	if err != nil {
		t.Fatal(err)
	}
	if to := d.Text("/subject/certificate/validity/to"); to != "长期" {
		t.Errorf("the page shows the last day %q of a certificate without end", to)
	}
	for _, test := range []struct {
		reading filing.Reading
		row     string
		want    bool
	}{
		{filing.Reading{Pointer: "/subject/name", Text: "古丽•示例 (集团)", Confidence: 1}, "/subject/name", false},
		{filing.Reading{Pointer: "/subject/name", Text: "古丽·样例（集团）", Confidence: .5}, "/subject/name", true},
		{filing.Reading{Pointer: "/subject/name", Text: "古丽·样例（集团）", Confidence: .5}, "/subject/leader/name", false},
		{filing.Reading{Pointer: "/subject/certificate/number", Text: "91110105ma00000001", Check: "passed"}, "/subject/certificate/number", false},
		{filing.Reading{Pointer: "/subject/certificate/number", Text: "91110105MA00000007", Check: "failed"}, "/subject/certificate/number", false},
		{filing.Reading{Pointer: "/subject/certificate/number", Text: "91110105MA00000007", Check: "passed"}, "/subject/certificate/number", true},
		{filing.Reading{Pointer: "/subject/certificate/validity/from", Text: "2015-06-01"}, "/subject/certificate/validity", true},
		{filing.Reading{Pointer: "/subject/certificate/validity/to", Text: "长期"}, "/subject/certificate/validity", false},
		{filing.Reading{Pointer: "/subject/certificate/validity/to", Text: "2035-05-01"}, "/subject/certificate/validity", true},
		{filing.Reading{Pointer: "/subject/certificateAddress", Text: "北京市"}, "/subject/certificateAddress", false}, // nothing was entered
	} {
		if got := application.Differs([]filing.Reading{test.reading}, d, test.row); (len(got) == 1) != test.want {
			t.Errorf("%s of %s: %v", test.reading.Pointer, test.row, got)
		}
	}
}
