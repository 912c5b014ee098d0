package messageid_test

import (
	"strings"
	"testing"

	"beian/shared/partners/messageid"
)

func TestParse(t *testing.T) {
	const key = "notice_01DX2QTM8000000000000000NT"
	id := messageid.New("provider.example", "applicant@example.cn", key)
	if other := messageid.New("provider.example", "other@example.cn", key); other == id {
		t.Error("two recipients have the same id")
	}
	_, want := messageid.Parse(id)
	for _, one := range []string{id, strings.Trim(id, "<>"), " " + strings.Replace(id, "provider", "PROVIDER", 1) + "\r\n", strings.TrimSuffix(id, ">") + strings.Repeat("a", 4000)} {
		if got, recipient := messageid.Parse(one); got != key || recipient != want || want == "" {
			t.Errorf("%.80q has the key %q of %q", one, got, recipient)
		}
	}
	for _, one := range []string{"", "@", "nothing", "<.0123456789abcdef@>", "<x@example.cn>", "<a.b@example.cn>", "<" + key + ".0123456789abcdeF@provider.example>", "<" + key + ".ééééeeee@provider.example>",
		"<" + strings.Repeat("a", 4000) + ".0123456789abcdef@provider.example>", "<" + strings.Repeat("a", 4000) + "." + strings.Trim(id, "<>") + ">"} {
		if got, recipient := messageid.Parse(one); got+recipient != "" {
			t.Errorf("%.80q has the key %q of %q", one, got, recipient)
		}
	}
}
