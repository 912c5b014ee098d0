package notify_test

import (
	"errors"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/shared/filing"
	"beian/shared/process/notify"
	"beian/shared/process/notify/notifytest"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

var update = flag.Bool("update", false, "write the golden files anew")

var languages = []string{"zh-CN", "en"}

var sender = notify.Sender{
	ProviderName: finding.Words{Chinese: "示例云", English: "Example Cloud"},
	PortalURL:    "https://beian.example.cn",
	SupportPhone: "400-000-0000",
	PaperAddress: "浙江省杭州市示例路 1 号 备案部收 0571-00000000",
}

// What the tests of this package call by shorter names.
var (
	noon     = notifytest.Noon
	orderFor = notifytest.Order
	noticeOf = notifytest.Notice
	approve  = notifytest.Approve
)

const secretName = notifytest.Name

// TestRulesSinceCheck: the notice of another version of the rules names the day of the order's check, which may be today.
func TestRulesSinceCheck(t *testing.T) {
	for _, language := range languages {
		o := orderFor(filing.NoticeRulesChanged, language)
		before := slices.DeleteFunc(filing.RuleVerdict{}.Changes(o.RuleVerdict(workday.Date("2026-04-01").Time())), func(c filing.VerdictChange) bool {
			return c.Name == "site-name-too-short" || c.Name == "sites/0/verification-form"
		})
		before = append(before, filing.VerdictChange{Part: filing.PartDocument, Name: "subject/commitment-letter", After: "required"})
		o.Checked = &filing.CheckedVerdict{Pack: "00000000000000ff", On: "2026-04-01", Parts: before}
		notice := filing.Notice{Kind: filing.NoticeRulesChanged, RulesFrom: "2026-04-01", RulesTo: "2026-04-01", RulesPack: "00000000000000ff"}
		m, err := notify.Render(o, notice, sender)
		if err != nil {
			t.Fatal(err)
		}
		compareGolden(t, filepath.Join(language, "rules-changed-since-check.txt"), "SMS: "+m.SMS+"\n\nSubject: "+m.Subject+"\n\n"+m.Text)
		o.Checked = &filing.CheckedVerdict{Pack: "00000000000000ff", On: "2026-04-02"} // again
		if _, err := notify.Render(o, notice, sender); !errors.Is(err, notify.ErrOutdated) {
			t.Errorf("after another check: %v, want ErrOutdated", err)
		}
	}
}

func render(t *testing.T, o filing.Order, kind filing.NoticeKind) notify.Message {
	t.Helper()
	m, err := notify.Render(o, noticeOf(kind), sender)
	if err != nil {
		t.Fatalf("%s in %s: %v", kind, o.Language, err)
	}
	return m
}

func TestWords(t *testing.T) {
	for _, language := range languages {
		for _, kind := range filing.NoticeKinds {
			m := render(t, orderFor(kind, language), kind)
			compareGolden(t, filepath.Join(language, string(kind)+".txt"), "SMS: "+m.SMS+"\n\nSubject: "+m.Subject+"\n\n"+m.Text)
			if kind == filing.NoticeApproved {
				compareGolden(t, filepath.Join(language, string(kind)+".html"), m.HTML)
			}
		}
	}
}

// A bureau gives holders of licences and apps numbers of other forms. The message and the HTML of the footer have them as they are.
func TestNumbersOfLicencesAndApps(t *testing.T) {
	o := orderFor(filing.NoticeApproved, "zh-CN")
	approve(&o, "粤B2-20090059")
	o.Bureau.Sites[0].Number.Service = number.App
	m := render(t, o, filing.NoticeApproved)
	for _, want := range []string{"- APP备案号：粤B2-20090059-1A\n", "- 网站备案号：粤B2-20090059-2\n", ">粤B2-20090059-1A</a>", "主体备案号：粤B2-20090059\n"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("%q is not in the mail:\n%s", want, m.Text)
		}
	}
	if !strings.Contains(m.SMS, "备案已通过：粤B2-20090059-1A等2个。") {
		t.Errorf("SMS: %s", m.SMS)
	}
}

// TestNumberInApp: the message about an approved app or mini program says where its number is shown, and has nothing for the foot of a website.
func TestNumberInApp(t *testing.T) {
	for language, want := range map[string]string{"zh-CN": "请在应用里显示，上架后30日内", "en": "Next steps: https://"} {
		o := orderFor(filing.NoticeApproved, language)
		approve(&o, "京ICP备2023000001号")
		o.Service = number.MiniProgram
		o.Duties = []filing.Duty{{Code: filing.DutyNumberInApp}}
		for i := range o.Bureau.Sites {
			o.Bureau.Sites[i].Number.Service = number.MiniProgram
			o.Private.Sites[i].Domains = nil
		}
		m := render(t, o, filing.NoticeApproved)
		if !strings.Contains(m.SMS, want) || strings.Contains(m.Text, "beian.miit.gov.cn/\"") || strings.Contains(m.Text, "<!--") || strings.Contains(m.Text, "域名：\n") ||
			strings.Contains(m.SMS, "网站底部") || strings.Contains(m.SMS, "footer") {
			t.Errorf("%s: %s\n%s", language, m.SMS, m.Text)
		}
	}
}

// TestHourOfCodes: the message about the passed review says when the codes come, if the applicant chose an hour.
func TestHourOfCodes(t *testing.T) {
	for language, want := range map[string]string{"zh-CN": "按您选的时间 09:00（北京时间）发送", "en": "at 09:00 (Beijing time) as you chose"} {
		o := orderFor(filing.NoticePassed, language)
		o.Step = filing.VerifySMS
		if m := render(t, o, filing.NoticePassed); strings.Contains(m.Text, "北京时间") || strings.Contains(m.Text, "Beijing time") {
			t.Errorf("%s: an hour without a choice: %s", language, m.Text)
		}
		o.SMSHour = new(9)
		if m := render(t, o, filing.NoticePassed); !strings.Contains(m.Text, want) {
			t.Errorf("%s: %s", language, m.Text)
		}
	}
}

// TestCopyrightLine: where the foot of a site also shows the subject's name, the message has no HTML, which would lack it, and says where it is.
func TestCopyrightLine(t *testing.T) {
	for language, want := range map[string]string{"zh-CN": "放到网站底部的代码（带版权所有）在订单页面", "en": "with the copyright line, is on the page of the order"} {
		o := orderFor(filing.NoticeApproved, language)
		approve(&o, "苏ICP备2023000001号")
		o.Duties = []filing.Duty{{Code: filing.DutyFooterNumber}, {Code: filing.DutyCopyrightLine}}
		if m := render(t, o, filing.NoticeApproved); !strings.Contains(m.Text, want) || strings.Contains(m.Text, "<a href") {
			t.Errorf("%s: %s", language, m.Text)
		}
	}
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || got != string(want) {
		t.Errorf("%s differs from the rendered message:\n%s\nIf the new text is correct, run: go test ./shared/process/notify -update", path, got)
	}
}

var (
	tags   = regexp.MustCompile(`(?s)<head>.*</head>|<h1.*?</h1>|<[^>]*>`)
	marks  = regexp.MustCompile(`(?m)^ *- |^    `)
	button = regexp.MustCompile(`(?m)^([^\n:：]+)[:：] ?https?://\S+$`)
)

func TestHTMLHasTheSameText(t *testing.T) {
	for _, language := range languages {
		for _, kind := range filing.NoticeKinds {
			m := render(t, orderFor(kind, language), kind)
			if kind == filing.NoticeSMSCode {
				if m.Subject != "" || m.Text != "" || m.HTML != "" {
					t.Errorf("%s: the code has an email", language)
				}
				continue
			}
			plain := strings.Fields(button.ReplaceAllString(marks.ReplaceAllString(m.Text, ""), "$1"))
			rich := strings.Fields(html.UnescapeString(tags.ReplaceAllString(m.HTML, " ")))
			if !slices.Equal(plain, rich) {
				t.Errorf("%s in %s: text of the HTML part:\n%s\nplain part:\n%s", kind, language, rich, plain)
			}
			if kind == filing.NoticeContactCode { // it may go to a stranger
				if strings.Contains(m.SMS+m.HTML+m.Text, "http") {
					t.Errorf("%s: the code comes with a link", language)
				}
				continue
			}
			if !strings.Contains(m.HTML, `href="`+sender.OrderURL("01KJZ2Y0M0QK8W3V5T7R9P1N2B")+`"`) {
				t.Errorf("%s in %s: the HTML part has no link to the order", kind, language)
			}
		}
	}
}

func TestForeignTextIsEscaped(t *testing.T) {
	o := orderFor(filing.NoticeRefused, "zh-CN")
	o.Private.Opinion = "<script>alert(1)</script>\n\n- 假的\n\n点此：https://evil.example.com"
	m := render(t, o, filing.NoticeRefused)
	if strings.Contains(m.HTML, "<script>") || strings.Contains(m.HTML, `href="https://evil`) {
		t.Errorf("the bureau's opinion is not escaped:\n%s", m.HTML)
	}
}

// TestNoWordsOfTheApplicant: until a reviewer has passed the application, no message has a word that the applicant chose, and an SMS has
// none in a finding afterwards either.
func TestNoWordsOfTheApplicant(t *testing.T) {
	const words = "您的账户已冻结速点此处解冻"
	for _, language := range languages {
		for _, kind := range filing.NoticeKinds {
			o := orderFor(kind, language)
			o.Domains = []filing.Domain{"pay-now-example.com", "xn--fsqu00a.cn"}
			o.Private.Sites[0].Name, o.Private.Subject.Name = words, words
			f := finding.New(filing.CodeAddressMissing, "")
			f.Message = finding.Words{Chinese: words, English: words}
			o.Private.Findings = append(finding.List{f, finding.New("domain-not-registered", "/domains/0", "domain", words)}, o.Private.Findings...)
			passed, reviewed := o.PassedReview(), o.Review != nil
			m := render(t, o, kind)
			if strings.Contains(m.SMS, words) || kind == filing.NoticeTypeBlocked && !strings.Contains(m.Text, "…") || !reviewed && strings.Contains(m.Subject+m.Text+m.HTML, words) {
				t.Errorf("%s in %s quotes the applicant:\n%+v", kind, language, m)
			}
			for _, domain := range []string{"example.com", "例子", "xn--"} {
				if !passed && strings.Contains(m.SMS+m.Subject+m.Text+m.HTML, domain) {
					t.Errorf("%s in %s has a domain that nobody reviewed:\n%+v", kind, language, m)
				}
			}
		}
	}
}

// TestSMSLengthAndPrivacy: a code has one segment and every other SMS two, also with long names. None has personal data, or a sentence that ends in the middle.
func TestSMSLengthAndPrivacy(t *testing.T) {
	long := sender
	long.ProviderName = finding.Words{Chinese: "示例云计算科技", English: "Example Cloud Computing"}
	long.PortalURL = "https://icp-filing.example-cloud.com.cn"
	for _, language := range languages {
		for _, kind := range filing.NoticeKinds {
			for name, domains := range map[string][]filing.Domain{
				"one": {"example.cn"}, "several": {"example.cn", "xn--fsqu00a.cn"}, "its own script": {"xn--fsqu00a.cn"}, "long": {"shengtai-nongye-keji-fazhan-youxian-gongsi.com.cn", "example.cn"},
			} {
				for _, replies := range []bool{true, false} {
					o := orderFor(kind, language)
					o.Domains = domains
					s := sender
					if name == "long" {
						s = long
					}
					s.Replies = replies
					m, err := notify.Render(o, noticeOf(kind), s)
					if err != nil {
						t.Fatal(err)
					}
					want := 2
					if kind == filing.NoticeContactCode || kind == filing.NoticeSMSCode && (replies || language == "en" || name != "long") {
						want = 1
					}
					if l := notify.LengthOf(m.SMS); l.Segments > want {
						t.Errorf("%s in %s, %s: %d units of %s, want %d segments: %s", kind, language, name, l.Units, l.Encoding, want, m.SMS)
					}
					for _, secret := range []string{secretName, "13800000000", "13800000001", "applicant@", "00001X", "\n", "…", "...", "  "} {
						if strings.Contains(m.SMS, secret) {
							t.Errorf("%s in %s: the SMS contains %q: %s", kind, language, secret, m.SMS)
						}
					}
					if _, after, has := strings.Cut(m.SMS, "https://"); has && strings.ContainsAny(after, " 。，") {
						t.Errorf("%s in %s: text follows the link: %s", kind, language, m.SMS)
					}
				}
			}
		}
	}
}

func TestApprovedFollowsTheProvince(t *testing.T) {
	subjectOnly := `rel="noopener">粤ICP备2026012345号</a>`
	for name, c := range map[string]struct {
		province     province.Code
		number       string
		entity       certificate.EntityKind
		says, silent []string
	}{
		"Guangdong shows the subject's number": {"44", "粤ICP备2026012345号", certificate.Enterprise,
			[]string{subjectOnly, "公安联网备案", "经营性 ICP 许可证"}, []string{"版权所有"}},
		"Jiangsu wants a copyright line": {"32", "苏ICP备2026012345号", certificate.Enterprise,
			[]string{"苏ICP备2026012345号-1", "苏ICP备2026012345号-2", "版权所有", "2026年4月4日"}, []string{"<a href"}},
		"individuals need no licence": {"33", "浙ICP备2026012345号", certificate.Individual,
			[]string{">浙ICP备2026012345号-1</a>", "公安联网备案"}, []string{"经营性 ICP 许可证", "版权所有"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := orderFor(filing.NoticeApproved, "zh-CN")
			o.Province, o.Entity = c.province, c.entity
			approve(&o, c.number)
			m := render(t, o, filing.NoticeApproved)
			for _, text := range c.says {
				if !strings.Contains(m.Text, text) {
					t.Errorf("the message lacks %q:\n%s", text, m.Text)
				}
			}
			for _, text := range c.silent {
				if strings.Contains(m.Text, text) {
					t.Errorf("the message contains %q:\n%s", text, m.Text)
				}
			}
			after := o
			after.Step, after.Duties = filing.Done, []filing.Duty{{Code: filing.DutyPublicSecurity, Due: noon.AddDate(0, 0, 29)}}
			if text := render(t, after, filing.NoticeApproved).Text; !strings.Contains(text, "2026年4月3日") {
				t.Errorf("the stored duties are not used:\n%s", text)
			}
		})
	}
}

func TestPassedWithoutSMS(t *testing.T) {
	for language, want := range map[string]string{"zh-CN": "不用操作", "en": "you do not need to do anything"} {
		o := orderFor(filing.NoticePassed, language)
		o.Step, o.SMS = filing.Transmit, nil
		if m := render(t, o, filing.NoticePassed); !strings.Contains(m.SMS, want) {
			t.Errorf("%s: %s", language, m.SMS)
		}
	}
}

func TestOutdatedNotices(t *testing.T) {
	for _, c := range []struct {
		name string
		kind filing.NoticeKind
		move func(*filing.Order)
	}{
		{"the code was answered", filing.NoticeSMSCode, func(o *filing.Order) { o.SMS.Codes[0].VerifiedAt = noon }},
		{"the email address was verified", filing.NoticeContactCode, func(o *filing.Order) { o.Private.Verified = o.Private.Contact }},
		{"the contact was changed", filing.NoticeContactCode, func(o *filing.Order) { o.Private.Contact.Email = "new@example.cn" }},
		{"a newer code was sent", filing.NoticeContactCode, func(o *filing.Order) { o.Private.ContactCodes[1].Seq++ }},
		{"the SMS check lapsed", filing.NoticeSMSCode, func(o *filing.Order) { o.SMS, o.Private.Codes = nil, nil }},
		{"the reminded leader answered", filing.NoticeSMSReminder, func(o *filing.Order) { o.SMS.Codes[0].VerifiedAt = noon }},
		{"the order of the reminder is being withdrawn", filing.NoticeSMSReminder, func(o *filing.Order) { o.Closing = filing.ClosingWithdraw }},
		{"all leaders answered", filing.NoticeSMSReminder, func(o *filing.Order) { o.Step = filing.Transmit }},
		{"the appointment was withdrawn", filing.NoticeAppointmentSet, func(o *filing.Order) { o.Appointments[0].Outcome = filing.AppointmentWithdrawn }},
		{"another appointment was requested", filing.NoticeAppointmentResult, func(o *filing.Order) { o.Appointments[0] = filing.Appointment{} }},
		{"the applicant withdraws after a call", filing.NoticeCalled, func(o *filing.Order) { o.Closing = filing.ClosingWithdraw }},
		{"there was no call", filing.NoticeCalled, func(o *filing.Order) { o.Private.Calls = nil }},
		{"the originals are no longer required", filing.NoticePapersAsked, func(o *filing.Order) { o.Originals = nil }},
		{"a reviewer has to set the time of an appointment", filing.NoticeIdle, func(o *filing.Order) { o.Meeting = filing.MeetingUnset }},
		{"the applicant came back", filing.NoticeIdle, func(o *filing.Order) { o.LastReminder = 0 }},
		{"the order is closed", filing.NoticeIdle, func(o *filing.Order) { o.Status = filing.Abandoned }},
		{"it was resubmitted", filing.NoticeRefused, func(o *filing.Order) { o.Bureau = nil }},
		{"it was resubmitted and sent", filing.NoticeRefused, func(o *filing.Order) { o.Bureau.DecidedAt = time.Time{} }},
		{"it is back with the reviewer", filing.NoticeTransmitted, func(o *filing.Order) { o.Bureau = nil }},
		{"there is no approval", filing.NoticeApproved, func(o *filing.Order) { o.Bureau.Approved = false }},
		{"all findings are resolved", filing.NoticeReturned, func(o *filing.Order) { o.Private.Findings = nil }},
		{"the type is found", filing.NoticeTypeBlocked, func(o *filing.Order) { o.Private.Findings = nil }},
		{"the type is found, with a warning", filing.NoticeTypeBlocked, func(o *filing.Order) {
			o.Private.Findings = finding.List{finding.New("unified-code-doubtful", "/certificate/number")}
		}},
	} {
		o := orderFor(c.kind, "zh-CN")
		c.move(&o)
		if _, err := notify.Render(o, noticeOf(c.kind), sender); !errors.Is(err, notify.ErrOutdated) {
			t.Errorf("%s: %v, want ErrOutdated", c.name, err)
		}
	}
	if _, err := notify.Render(filing.Order{}, filing.Notice{Kind: "unheard-of"}, sender); err == nil {
		t.Error("a notice of an unknown kind was rendered")
	}
}
