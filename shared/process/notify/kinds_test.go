package notify_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/notify"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// orderOfKind returns the order of orderFor as one of a kind, about two services of a kind of service. A site that changes has another name.
func orderOfKind(k filing.Kind, service number.Service, notice filing.NoticeKind, language string) filing.Order {
	o := orderFor(notice, language)
	o.Type, o.Service, o.Private.Opinion = k.Type, service, ""
	if o.Originals != nil {
		o.Originals.Documents = o.Originals.Documents[:1] // the other one's name has "网站", as the ministry's form
	}
	subject, err := number.ParseSubject("浙ICP备2026012345号")
	if err != nil {
		panic(err)
	}
	if o.Bureau != nil {
		for i := range o.Bureau.Sites {
			o.Bureau.Sites[i].Number.Service = service
		}
	}
	if service != number.Site {
		o.Domains = nil
		for i := range o.Private.Sites {
			o.Private.Sites[i].Domains = nil
		}
	}
	if k.Begins == filing.AtFiling {
		o.Filed = &register.Filing{Number: subject, Sites: []register.FiledSite{
			{Number: number.Filing{Subject: subject, Running: 1, Service: service}}, {Number: number.Filing{Subject: subject, Running: 2, Service: service}},
		}}
		o.Private.Filed = register.Private{Subject: o.Private.Subject, Sites: append([]filing.Site(nil), o.Private.Sites...)}
		o.Private.Sites[1].Name = "另一个名称"
	}
	if k.Cancels != "" {
		o.Cancellation = &filing.Cancellation{Part: k.Cancels, Number: "浙ICP备2026012345号-1"}
	}
	return o
}

// foreignWords returns words about what an order of a kind does not have.
func foreignWords(k filing.Kind, service number.Service) []string {
	var words []string
	if service != number.Site {
		words = append(words, "网站", "website", " site ", " sites", "footer", "foot of")
	}
	if k.Cancels != "" {
		words = append(words, "修改后", "改好", "需要修改", "重新填写", "entering everything", "correct the points", "correct it", "correction", "make the requested")
	}
	if k.Documents == filing.NoDocuments {
		words = append(words, "信息和材料", "the documents;")
	}
	if k.Begins == filing.AtFiling {
		words = append(words, "主体和域名不再", "file the same subject", "提交新的申请", "same subject and domains", "悬挂", "代码")
	}
	if k.Stored {
		words = append(words, "作出决定", "来电核实", "审核期间", "should decide", "may call:")
	}
	if k.Website == filing.Reachable || k.Edits() || k.Stored {
		words = append(words, "公安", "police", "public-security")
	}
	switch k.Codes {
	case filing.SubjectOnly:
		words = append(words, "每位", "each ")
	case filing.SiteLeaders, filing.AffectedLeaders:
		words = append(words, "主体负责人和每位", "主体负责人的手机", "主体负责人将", "goes by SMS to the subject leader")
	}
	return words
}

// withoutCalls cuts out that a reviewer may call the leaders, which concerns each kind.
func withoutCalls(text string) string {
	return strings.NewReplacer("审核员可能来电核实", "", "A reviewer may call:", "").Replace(text)
}

// TestWordsFollowTheKind: no message of an order names what its kind does not have (point 2 of the issue of the kinds).
func TestWordsFollowTheKind(t *testing.T) {
	rendered := 0
	for _, language := range languages {
		for _, k := range filing.Kinds {
			for _, service := range k.Services() {
				for _, notice := range filing.NoticeKinds {
					switch notice {
					case filing.NoticeRulesChanged, filing.NoticeTypeChanged, filing.NoticePlanContinued, filing.NoticePlanStopped, filing.NoticeContactCode, filing.NoticeContactChanged:
						continue // about rules, plans and addresses
					case filing.NoticeTypeBlocked:
						if k.Begins == filing.AtFiling {
							continue
						}
					case filing.NoticeAppointmentSet, filing.NoticeAppointmentResult:
						if !k.Liveness {
							continue
						}
					case filing.NoticePapersAsked, filing.NoticePapersReceived:
						if k.Documents == filing.NoDocuments {
							continue
						}
					}
					o := orderOfKind(k, service, notice, language)
					if notice == filing.NoticeReturned || notice == filing.NoticeTypeBlocked || notice == filing.NoticeInitialReject || notice == filing.NoticeAppealUpheld || notice == filing.NoticeRefused {
						o.Private.Findings = finding.List{finding.New("order-erased", "")} // one that names no part of an application
					}
					if (notice == filing.NoticePassed || notice == filing.NoticePapersReceived || notice == filing.NoticeSMSCode || notice == filing.NoticeSMSLapsed) && k.Codes == filing.NoCodes {
						o.Step = filing.Transmit
						if notice != filing.NoticePassed {
							continue
						}
					}
					if notice == filing.NoticeIdle {
						o.Step = filing.AwaitConfirmation
					}
					m, err := notify.Render(o, noticeOf(notice), sender)
					if errors.Is(err, notify.ErrOutdated) {
						continue
					}
					if err != nil {
						t.Fatalf("%s of %s: %v", notice, k.Type, err)
					}
					rendered++
					text := withoutCalls(m.SMS + "\n" + m.Subject + "\n" + m.Text)
					for _, word := range foreignWords(k, service) {
						if strings.Contains(text, word) {
							t.Errorf("%s of %s about a %s in %s has %q:\n%s", notice, k.Type, service.Name(), language, word, text)
						}
					}
				}
			}
		}
	}
	if rendered < 500 {
		t.Errorf("%d messages were rendered", rendered)
	}
}

// TestCodesName: the message that the review is passed names the leaders who get a code, also for a change of the subject alone; the code says for what.
func TestCodesName(t *testing.T) {
	change, _ := filing.KindOf(filing.ChangeFiling)
	for language, want := range map[string][3]string{
		"zh-CN": {"主体负责人的手机会收到", "每位网站负责人", "变更备案的负责人"}, "en": {"goes by SMS to the subject leader.", "each site leader", "in the change of"},
	} {
		o := orderOfKind(change, number.Site, filing.NoticePassed, language)
		o.Private.Sites, o.Private.Subject.Address = o.Private.Filed.Sites, "另一个地址"
		m := render(t, o, filing.NoticePassed)
		if !strings.Contains(m.Text, want[0]) || strings.Contains(m.Text, want[1]) {
			t.Errorf("%s: %s", language, m.Text)
		}
		if code := render(t, o, filing.NoticeSMSCode); !strings.Contains(code.SMS, want[2]) {
			t.Errorf("%s: %s", language, code.SMS)
		}
	}
}

// TestSplitIsListed: the message about a split lists its orders and asks to confirm once, without a domain of the applicant.
func TestSplitIsListed(t *testing.T) {
	for language, want := range map[string]string{
		"zh-CN": "- 订单 1：新增接入（网站在别处备案），1 个域名\n- 订单 2：新增网站（主体已在我处备案），2 个域名\n", "en": "- Order 1: new access of a site filed elsewhere, domains: 1\n- Order 2: new site of a subject filed here, domains: 2\n",
	} {
		o := orderFor(filing.NoticeTypeBlocked, language)
		o.Private.Findings = finding.List{finding.New(filing.CodeTypesDiffer, "/domains")}
		o.Split = filing.Split{{Type: filing.AddAccessForeign, Domains: []filing.Domain{"a.cn"}}, {Type: filing.AddSiteOwn, Domains: []filing.Domain{"b.cn", "c.cn"}}}
		m := render(t, o, filing.NoticeTypeBlocked)
		for _, text := range []string{"再提交一次", "submit them again", "a.cn", "b.cn"} {
			if strings.Contains(m.SMS+m.Text, text) {
				t.Errorf("%s has %q: %s", language, text, m.Text)
			}
		}
		if !strings.Contains(m.Text, want) {
			t.Errorf("%s: %s", language, m.Text)
		}
	}
}

// TestRejectedInOwnWords: a rejection in a reviewer's own words says neither to resubmit the closed order, nor a reason that is cut to dots.
func TestRejectedInOwnWords(t *testing.T) {
	own := finding.New("reviewer", "/subject/name", "words", "名称与证件不符", "words-en", "The name differs")
	for _, language := range languages {
		for _, notice := range []filing.NoticeKind{filing.NoticeInitialReject, filing.NoticeReturned} {
			o := orderFor(notice, language)
			o.Private.Findings = finding.List{own}
			m := render(t, o, notice)
			if strings.Contains(m.SMS, "…") || strings.Contains(m.SMS, "...") {
				t.Errorf("%s in %s: %s", notice, language, m.SMS)
			}
			rejected := notice == filing.NoticeInitialReject
			for _, text := range []string{"请按审核意见修改后重新提交", "then resubmit"} {
				if rejected && strings.Contains(m.Text, text) {
					t.Errorf("%s in %s has %q", notice, language, text)
				}
			}
		}
	}
}

// TestPlanMessagesWithoutDomain: a message about an order that no reviewer has passed names the order once, without a gap before the stop.
func TestPlanMessagesWithoutDomain(t *testing.T) {
	for _, notice := range []filing.NoticeKind{filing.NoticePlanContinued, filing.NoticePlanStopped} {
		o := orderFor(notice, "zh-CN")
		o.Confirmation, o.Review = nil, nil
		m := render(t, o, notice)
		for _, text := range []string{"的订单已关闭", " 。", " ，"} {
			if strings.Contains(m.SMS+m.Text, text) {
				t.Error(fmt.Sprintf("%s has %q:", notice, text), m.SMS, m.Text)
			}
		}
	}
}

// TestAnswerAsTheSMSSays: an email about the SMS check asks for a reply only where leaders can reply, and names a link only where the SMS has one.
func TestAnswerAsTheSMSSays(t *testing.T) {
	for _, replies := range []bool{true, false} {
		s := sender
		s.Replies = replies
		for language, words := range map[string][2]string{"zh-CN": {"回复", "短信里的链接"}, "en": {" reply ", "the SMS links"}} {
			for _, kind := range []filing.NoticeKind{filing.NoticePassed, filing.NoticePapersReceived, filing.NoticeSMSReminder} {
				m, err := notify.Render(orderFor(kind, language), noticeOf(kind), s)
				if err != nil {
					t.Fatal(err)
				}
				text, _, _ := strings.Cut(m.Text, "示例云，客服")
				text, _, _ = strings.Cut(text, "This is an automatic message")
				if !replies && strings.Contains(text, words[0]) {
					t.Errorf("%s in %s asks for a reply: %s", kind, language, text)
				}
				if replies && kind == filing.NoticePassed && strings.Contains(text, words[1]) {
					t.Errorf("%s in %s names a link that the SMS lacks: %s", kind, language, text)
				}
			}
		}
	}
}

// TestCodeByLink: where leaders cannot reply, a Chinese code has one segment with the link to the page that says what it is for. A code that agrees to a cancellation, or for
// whose link one segment is too short, says so itself.
func TestCodeByLink(t *testing.T) {
	first, _ := filing.KindOf(filing.First)
	change, _ := filing.KindOf(filing.ChangeFiling)
	cancel, _ := filing.KindOf(filing.CancelSite)
	longer := sender
	longer.PortalURL = "https://icp-filing.example-cloud.com.cn"
	for _, c := range []struct {
		kind   filing.Kind
		sender notify.Sender
		want   string
	}{
		{first, sender, "【示例云】备案验证码482913，勿转告："},
		{change, sender, "【示例云】验证码482913，用于核验 example.cn 变更备案的负责人。6日12:00前打开链接填写，勿转告他人："},
		{cancel, sender, "【示例云】验证码482913，同意 example.cn 的网站注销（备案号不能恢复）的，6日12:00前打开链接填写，勿转告他人："},
		{first, longer, "【示例云】验证码482913，用于核验 example.cn 备案的负责人。6日12:00前打开链接填写，勿转告他人："},
	} {
		o := orderOfKind(c.kind, number.Site, filing.NoticeSMSCode, "zh-CN")
		o.Domains = o.Domains[:1]
		m, err := notify.Render(o, noticeOf(filing.NoticeSMSCode), c.sender)
		if err != nil {
			t.Fatal(err)
		}
		if m.SMS != c.want+c.sender.CodeLink(o.ID) {
			t.Errorf("%s: %s", c.kind.Type, m.SMS)
		}
	}
}

// TestCodeByReply: where leaders can reply, the SMS with a code asks for that and has no link. It says what a leader agrees to.
func TestCodeByReply(t *testing.T) {
	replies := sender
	replies.Replies = true
	first, _ := filing.KindOf(filing.First)
	cancel, _ := filing.KindOf(filing.CancelSite)
	for language, want := range map[string][2]string{
		"zh-CN": {"【示例云】验证码482913，用于核验 example.cn 备案的负责人。6日12:00前回复这6位数字，勿转告他人。", "【示例云】验证码482913，同意 example.cn 的网站注销（备案号不能恢复）的，6日12:00前回复这6位数字，勿转告他人。"},
		"en": {"[Example Cloud] Code 482913: leader check in the filing of example.cn. Reply with the 6 digits by 12:00 on 6 March (UTC+8). Do not share it.",
			"[Example Cloud] Code 482913: to confirm the cancellation of example.cn (irreversible). Reply with the 6 digits by 12:00 on 6 March (UTC+8). Do not share it."},
	} {
		for i, k := range []filing.Kind{first, cancel} {
			o := orderOfKind(k, number.Site, filing.NoticeSMSCode, language)
			o.Domains = o.Domains[:1]
			m, err := notify.Render(o, noticeOf(filing.NoticeSMSCode), replies)
			if err != nil {
				t.Fatal(err)
			}
			if m.SMS != want[i] {
				t.Errorf("%s in %s: %s", k.Type, language, m.SMS)
			}
		}
	}
}
