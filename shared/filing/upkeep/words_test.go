package upkeep_test

import (
	"strings"
	"testing"

	"beian/shared/filing/upkeep"
)

// TestWordsOfReview: a reminder of the annual review says to which number the answer goes, and about which site.
func TestWordsOfReview(t *testing.T) {
	d := upkeep.Duty{Key: upkeep.AnnualReview, Site: "鄂ICP备12345678号-1", Numbers: "10690001 / 10690002"}
	for _, want := range []string{"短信平台（10690001 / 10690002）发", "#鄂ICP备12345678号-1#"} {
		if got := d.Words().Remedy.Chinese; !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	if got := d.Words().Remedy.English; !strings.Contains(got, "SMS platform (10690001 / 10690002),") {
		t.Error(got)
	}
	d.Numbers = ""
	if got := d.Words().Remedy; !strings.Contains(got.English, "SMS platform,") || !strings.Contains(got.Chinese, "短信平台发") {
		t.Error(got)
	}
}
