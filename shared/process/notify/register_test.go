package notify_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/process/agency"
	"beian/shared/process/notify"
	"beian/shared/process/notify/notifytest"
	"beian/shared/rules/finding"
)

// TestRegisterWords: the messages about claims and transfers fit into two parts of an SMS and have no personal data.
func TestRegisterWords(t *testing.T) {
	for _, language := range languages {
		for _, kind := range register.NoticeKinds {
			if len(notifytest.RegisterNotices[kind]) == 0 {
				t.Errorf("no recipient of %s", kind)
			}
			for _, to := range notifytest.RegisterNotices[kind] {
				message := notifytest.RegisterMessage(kind, to, language)
				m, err := notify.RenderRegister(message, sender)
				if err != nil {
					t.Fatalf("%s in %s: %v", kind, language, err)
				}
				compareGolden(t, filepath.Join(language, "register", string(kind)+"-"+string(to)+".txt"), "SMS: "+m.SMS+"\n\nSubject: "+m.Subject+"\n\n"+m.Text)
				if link := sender.PortalURL + "/mute/" + message.MuteToken; message.MuteToken == "" && m.Unsubscribe != "" || message.MuteToken != "" && (m.Unsubscribe != link || !strings.Contains(m.Text, link)) {
					t.Errorf("%s in %s: the link to turn reminders off is %q", kind, language, m.Unsubscribe)
				}
				want := 2
				if kind.IsCode() {
					want = 1
				}
				if l := notify.LengthOf(m.SMS); l.Segments > want {
					t.Errorf("%s in %s: the SMS has %d units of %s: %s", kind, language, l.Units, l.Encoding, m.SMS)
				}
				if valid := map[string]string{"zh-CN": "，30分钟", "en": ", valid 30 minutes"}[language]; kind.IsCode() && !strings.Contains(m.SMS, valid) {
					t.Errorf("%s in %s: the SMS does not say how long the code is valid: %s", kind, language, m.SMS)
				}
				if strings.Contains(m.SMS+m.Subject+m.Text, secretName) || !kind.IsCode() && strings.Contains(m.SMS+m.Text, "482913") {
					t.Errorf("%s in %s contains personal data or a code", kind, language)
				}
				if (m.Text == "") != (kind.IsCode() && to == register.ToLeader || to == register.ToSender) || (m.HTML == "") != (m.Text == "") {
					t.Errorf("%s in %s: mail %q", kind, language, m.Text)
				}
			}
		}
	}
}

// TestConsentCode: the code of a consent says who may do what until when, for which filing if there is room, and that it is given away only to agree.
func TestConsentCode(t *testing.T) {
	for language, want := range map[string]string{
		"zh-CN": "【示例云】验证码482913，30分钟内有效。同意「示例代办公司」代办备案（注销，至2027年3月1日）才告诉对方。",
		"en":    "[Example Cloud] Code 482913, valid 30 minutes. Share it only to let Example Agency cancel for ICP2026012345 until 1 March 2027.",
	} {
		message := notifytest.RegisterMessage(register.NoticeConsentCode, register.ToLeader, language)
		message.Agency = agency.Agency{ChineseName: "示例代办公司", EnglishName: "Example Agency"}
		message.Consent.Scopes = []register.Scope{register.ScopeRead, register.ScopeCancel}
		m, err := notify.RenderRegister(message, sender)
		if err != nil {
			t.Fatal(err)
		}
		if m.SMS != want {
			t.Errorf("%s: %s", language, m.SMS)
		}
		long := sender
		long.ProviderName = finding.Words{Chinese: "示例云计算科技", English: "Example Cloud Computing"}
		m, err = notify.RenderRegister(notifytest.RegisterMessage(register.NoticeConsentCode, register.ToLeader, language), long)
		if l := notify.LengthOf(m.SMS); err != nil || l.Segments != 1 {
			t.Errorf("%s, with the longest name of an agency and every scope: %d units of %s, %v: %s", language, l.Units, l.Encoding, err, m.SMS)
		}
	}
}

// TestReviewWords: the answer to an SMS about an annual review says for each outcome what became of it, in two parts of an SMS.
func TestReviewWords(t *testing.T) {
	for _, language := range languages {
		seen := map[string]bool{}
		for _, outcome := range register.ReviewOutcomes {
			m, err := notify.RenderRegister(notify.RegisterMessage{Notice: register.Notice{Kind: register.NoticeReviewAnswer, To: register.ToSender}, Review: notifytest.Review(outcome), Language: language}, sender)
			if err != nil {
				t.Fatal(err)
			}
			if l := notify.LengthOf(m.SMS); l.Segments > 2 {
				t.Errorf("%s in %s: the SMS has %d units of %s: %s", outcome, language, l.Units, l.Encoding, m.SMS)
			}
			if seen[m.SMS] {
				t.Errorf("%s in %s has the words of another outcome: %s", outcome, language, m.SMS)
			}
			seen[m.SMS] = true
		}
	}
}

// TestDutyWords: each kind of duty has words that fit into an SMS of two parts.
func TestDutyWords(t *testing.T) {
	f := notifytest.Filing()
	for _, language := range languages {
		for _, key := range upkeep.Keys {
			part := map[upkeep.Key]string{upkeep.DomainExpires: "example.cn", upkeep.ServerExpires: "i-0123456789abcdef"}[key]
			m, err := notify.RenderRegister(notify.RegisterMessage{Notice: register.Notice{Kind: register.NoticeDuties, To: register.ToOwner}, Filing: f, Language: language,
				Duties: []upkeep.Duty{{Key: key, Part: part, Site: "浙ICP备2026012345号-1", Deadline: "2026-04-04"}, {Key: key, Deadline: "2026-04-05"}}}, sender)
			if err != nil {
				t.Fatal(err)
			}
			if l := notify.LengthOf(m.SMS); l.Segments > 2 {
				t.Errorf("%s in %s: the SMS has %d units of %s: %s", key, language, l.Units, l.Encoding, m.SMS)
			}
			if strings.Contains(m.SMS+m.Text, "{") {
				t.Errorf("%s in %s: %s", key, language, m.Text)
			}
		}
	}
}

// TestConsentToFirstFiling: a leader whose subject has no number yet reads what is asked, by whom, and how to revoke it.
func TestConsentToFirstFiling(t *testing.T) {
	f := notifytest.Filing()
	if err := (agency.Settings{"agency": notifytest.LongName}).Check(); err != nil {
		t.Fatal(err)
	}
	c := notifytest.Consent(register.Filing{})
	c.Order, c.EndedBy = "01KJZ2Y0M0QK8W3V5T7R9P1N2D", register.EndedByLeader
	for _, language := range languages {
		for _, kind := range []register.NoticeKind{register.NoticeConsentCode, register.NoticeConsentGiven, register.NoticeConsentRevoked} {
			m, err := notify.RenderRegister(notify.RegisterMessage{Notice: register.Notice{Kind: kind, To: register.ToLeader}, Filing: f, Code: "482913", Language: language,
				Consent: c, Agency: notifytest.LongName}, sender)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join(language, "register", string(kind)+"-first.txt"), "SMS: "+m.SMS+"\n\nSubject: "+m.Subject+"\n\n"+m.Text)
			if strings.Contains(m.SMS+m.Text, f.Number.String()) || tooLong(m.SMS) {
				t.Errorf("%s in %s: %s", kind, language, m.SMS)
			}
			if kind != register.NoticeConsentRevoked {
				continue
			}
			m, err = notify.RenderRegister(notify.RegisterMessage{Notice: register.Notice{Kind: kind, To: register.ToAgency}, Language: language, Consent: c, Agency: notifytest.LongName}, sender)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, filepath.Join(language, "register", string(kind)+"-first-agency.txt"), "SMS: "+m.SMS+"\n\nSubject: "+m.Subject+"\n\n"+m.Text)
			if !strings.Contains(m.SMS, c.Order) || tooLong(m.SMS) {
				t.Errorf("%s to the agency in %s: %s", kind, language, m.SMS)
			}
		}
	}
}

// tooLong reports whether an SMS has more than two segments.
func tooLong(sms string) bool { return notify.LengthOf(sms).Segments > 2 }

func TestRegisterRecipients(t *testing.T) {
	f := notifytest.Filing()
	leader := notify.Recipient{Medium: notify.SMS, Mobile: "13800000001"}
	for _, c := range []struct {
		notice  register.Notice
		contact register.Party
		want    []notify.Recipient
	}{
		{register.Notice{Kind: register.NoticeClaimCode, To: register.ToLeader}, register.Party{}, []notify.Recipient{leader}},
		{register.Notice{Kind: register.NoticeClaimed, To: register.ToLeader}, register.Party{}, []notify.Recipient{leader, {Medium: notify.Email, Email: "leader@example.cn"}}},
		{register.Notice{Kind: register.NoticeTransferTaken, To: register.ToOwner}, register.Party{Mobile: "13800000002"}, []notify.Recipient{{Medium: notify.SMS, Mobile: "13800000002"}}},
		{register.Notice{Kind: register.NoticeTransferDone, To: register.ToTaker}, register.Party{Email: "taker@example.cn"}, []notify.Recipient{{Medium: notify.Email, Email: "taker@example.cn"}}},
		{register.Notice{Kind: register.NoticeLeaderChanged, To: register.ToFormerLeader}, register.Party{Mobile: "13800000003"}, []notify.Recipient{{Medium: notify.SMS, Mobile: "13800000003"}}},
		{register.Notice{Kind: register.NoticeConsentRevoked, To: register.ToAgency}, register.Party{}, nil},
	} {
		if got := notify.RegisterRecipients(notify.RegisterMessage{Notice: c.notice, Filing: f, Contact: c.contact}); !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: %d recipients, or wrong ones", c.notice.Kind, c.notice.To, len(got))
		}
	}
}
