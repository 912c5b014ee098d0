package notify_test

import (
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/process/notify"
	"beian/shared/process/timeline"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// TestRefusalIsNotRepeated: the SMS about a refusal without a more specific reason says so once.
func TestRefusalIsNotRepeated(t *testing.T) {
	for language, want := range map[string]string{
		"zh-CN": "【示例云】example.cn 等2个域名的备案未获管局通过。请在", "en": "[Example Cloud] The bureau refused the filing of example.cn (2 domains). Please correct it",
	} {
		o := orderFor(filing.NoticeRefused, language)
		o.Private.Findings = finding.List{finding.New("bureau-1002", "")}
		if m := render(t, o, filing.NoticeRefused); !strings.HasPrefix(m.SMS, want) {
			t.Errorf("in %s: %s", language, m.SMS)
		}
	}
}

// TestUnsentIsNoRefusal: the message about an application that was not sent does not name the bureau as the one that refused it.
func TestUnsentIsNoRefusal(t *testing.T) {
	for _, language := range languages {
		o := orderFor(filing.NoticeRefused, language)
		o.Domains, o.Private.Opinion = o.Domains[:1], ""
		m := render(t, o, filing.NoticeRefused)
		lines := timeline.Of([]filing.Entry{{At: noon, By: filing.Beian, Decision: "refuse"}}, number.Site, language)
		for _, text := range []string{m.SMS, m.Subject, m.Text, lines[0].Title} {
			for _, refusal := range []string{"未获管局通过", "管局未通过", "bureau refused", "did not approve", "bureau found", "管局指出"} {
				if strings.Contains(text, refusal) {
					t.Errorf("in %s: %q", language, text)
				}
			}
		}
		if l := notify.LengthOf(m.SMS); l.Segments > 2 {
			t.Errorf("in %s: %d units of %s: %s", language, l.Units, l.Encoding, m.SMS)
		}
	}
}
