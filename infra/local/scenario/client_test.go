package scenario

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/process/notify"
	"beian/shared/process/notify/notifytest"
	"beian/shared/rules/finding"
)

// TestAsksForOrderCode: the SMS with a code is found in both languages, with a link and, as through a carrier, without.
func TestAsksForOrderCode(t *testing.T) {
	sender := notify.Sender{ProviderName: finding.Words{Chinese: "示例云", English: "Example Cloud"}, PortalURL: "https://beian.example.cn"}
	for _, language := range []string{"zh-CN", "en"} {
		for _, replies := range []bool{false, true} {
			sender.Replies = replies
			o := notifytest.Order(filing.NoticeSMSCode, language)
			m, err := notify.Render(o, notifytest.Notice(filing.NoticeSMSCode), sender)
			if err != nil {
				t.Fatal(err)
			}
			if !asksForOrderCode(m.SMS, o.ID) {
				t.Errorf("not recognised: %s", m.SMS)
			}
		}
		m, err := notify.Render(notifytest.Order(filing.NoticeApproved, language), notifytest.Notice(filing.NoticeApproved), sender)
		if err != nil {
			t.Fatal(err)
		}
		if asksForOrderCode(m.SMS, notifytest.Order(filing.NoticeApproved, language).ID) {
			t.Errorf("taken for a code: %s", m.SMS)
		}
	}
}
