package portal

import "testing"

// TestProvinceName: an English page names the province in English.
func TestProvinceName(t *testing.T) {
	for language, want := range map[string]string{"zh-CN": "江苏省", "en": "Jiangsu"} {
		v := &visit{Language: language}
		if got := v.provinceName("32"); got != want {
			t.Errorf("%s: %q, want %q", language, got, want)
		}
		if got := v.provinceName("99"); got != "" {
			t.Errorf("%s: %q", language, got)
		}
	}
}
