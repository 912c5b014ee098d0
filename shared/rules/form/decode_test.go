package form

import (
	"strings"
	"testing"
)

// TestDecodeErrors: templates that are incomplete, unknown or in force together are refused.
func TestDecodeErrors(t *testing.T) {
	const good = `{"id": "x.1", "kind": "commitment-letter", "provinces": ["44"], "from": "2021-06-01", "until": "2022-01-01", "basis": "bureau", "source": "S8", "term": "承诺书",
		"title": {"zh-CN": "承诺书", "en": "Letter"}, "parts": ["subject"], "text": ["{self}"], "signatures": [{"label": "签字"}]}`
	if _, err := decode([]byte("[" + good + "]")); err != nil {
		t.Fatal(err)
	}
	later := strings.NewReplacer(`"x.1"`, `"x.2"`, `"2021-06-01", "until": "2022-01-01"`, `"2022-01-02"`).Replace(good)
	if _, err := decode([]byte("[" + good + "," + later + "]")); err != nil {
		t.Errorf("a later version: %v", err)
	}
	for _, change := range [][2]string{{`"x.1"`, `"x/1"`}, {`"x.1"`, `"x"`}, {`"commitment-letter"`, `"poem"`}, {`"bureau"`, `"somebody"`}, {`"S8"`, `""`}, {`"2021-06-01"`, `"2021-06-31"`},
		{`["subject"]`, `["weather"]`}, {`["subject"]`, `[]`}, {`["{self}"]`, `[]`}, {`"Letter"`, `""`}, {`"term": "承诺书"`, `"terms": "承诺书"`}} {
		bad := strings.Replace(good, change[0], change[1], 1)
		if _, err := decode([]byte("[" + bad + "]")); bad == good || err == nil {
			t.Errorf("%s instead of %s is accepted", change[1], change[0])
		}
	}
	for _, second := range []string{good, strings.Replace(good, `"x.1"`, `"x.2"`, 1)} {
		if _, err := decode([]byte("[" + good + "," + second + "]")); err == nil {
			t.Errorf("two templates are in force: %s", second)
		}
	}
}
