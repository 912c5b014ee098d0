package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"beian/infra/local/clock"
	"beian/infra/local/demo"
	"beian/infra/local/outbox"
	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/notify"
	"beian/shared/process/notify/notifytest"
	"beian/shared/rules/finding"
)

// usual and long are providers whose carrier passes on replies. A long one has long names, and its customers long domains.
var (
	usual = notify.Sender{ProviderName: finding.Words{Chinese: "示例云", English: "Example Cloud"}, PortalURL: "https://beian.example.cn", SupportPhone: "400-000-0000",
		PaperAddress: "浙江省杭州市示例路 1 号 备案部收 0571-00000000", Replies: true}
	long = notify.Sender{ProviderName: finding.Words{Chinese: "示例云计算科技", English: "Example Cloud Computing"}, PortalURL: "https://icp-filing.example-cloud.com.cn",
		SupportPhone: "400-000-0000", PaperAddress: usual.PaperAddress, Replies: true}
	longDomains = []filing.Domain{"shengtai-nongye-keji-fazhan.com.cn", "xn--fsqu00a.cn"}
)

// A messagePrice is what messages cost.
type messagePrice struct {
	sms      float64 // for a segment
	currency string  // of sms
	mail     float64 // USD for an email
}

// messagePriceFromEnv returns the prices of SMS_PRICE, SMS_CURRENCY and MAIL_PRICE. Without them an SMS costs an invented 0.045 CNY, and an email the list price of
// SES.
func messagePriceFromEnv() (messagePrice, error) {
	p := messagePrice{currency: cmp.Or(os.Getenv("SMS_CURRENCY"), "CNY")}
	var err, wrong error
	for name, price := range map[string]*float64{"SMS_PRICE": &p.sms, "MAIL_PRICE": &p.mail} {
		text := cmp.Or(os.Getenv(name), map[string]string{"SMS_PRICE": "0.045", "MAIL_PRICE": "0.0001"}[name])
		if *price, err = strconv.ParseFloat(text, 64); err != nil || !(*price >= 0 && *price < 100) {
			wrong = errors.Join(wrong, fmt.Errorf("%s=%q is not valid; use a price such as 0.045", name, text))
		}
	}
	return p, wrong
}

// measureMessages prints the segments of the SMS of each notice, the messages of a first filing, and their price.
func (b *Bench) measureMessages(ctx context.Context) error {
	price, err := messagePriceFromEnv()
	if err != nil {
		return err
	}
	if err := b.printSegments(); err != nil {
		return err
	}
	sum := 0
	for _, kind := range []filing.NoticeKind{filing.NoticePassed, filing.NoticeSMSCode, filing.NoticeTransmitted, filing.NoticeApproved} {
		l, err := segmentsOf(kind, "zh-CN", long)
		if err != nil {
			return err
		}
		sum += l.Segments
	}
	fmt.Fprintf(b.out, "  %-34s %d segments   %s\n", "first filing, long names, zh-CN", sum, compareWithAim(sum <= 7, "aim: at most 7; the applicant is no leader, one leader"))
	return b.countMessages(ctx, price)
}

// segmentsOf returns the length of the SMS of a notice.
func segmentsOf(kind filing.NoticeKind, language string, s notify.Sender) (notify.Length, error) {
	o := notifytest.Order(kind, language)
	o.Domains = o.Domains[:1]
	if s.PortalURL == long.PortalURL {
		o.Domains = longDomains
	}
	m, err := notify.Render(o, notifytest.Notice(kind), s)
	return notify.LengthOf(m.SMS), err
}

// printSegments prints the segments of each SMS, in both languages.
func (b *Bench) printSegments() error {
	fmt.Fprintf(b.out, "\nSegments of each SMS: usual and long names                zh-CN         en\n")
	row := func(name string, most int, note string, length func(language string, s notify.Sender) (notify.Length, error)) error {
		met, text := true, ""
		for _, language := range []string{"zh-CN", "en"} {
			for _, s := range []notify.Sender{usual, long} {
				l, err := length(language, s)
				if err != nil {
					return fmt.Errorf("%s in %s: %w", name, language, err)
				}
				met, text = met && l.Segments <= most, text+fmt.Sprintf(" %5d", l.Segments)
			}
		}
		fmt.Fprintf(b.out, "  %-48s%s   %s%s\n", name, text, compareWithAim(met, fmt.Sprintf("aim: at most %d", most)), note)
		return nil
	}
	for _, kind := range filing.NoticeKinds {
		most, note := 2, ""
		if kind == filing.NoticeSMSCode || kind == filing.NoticeContactCode {
			most = 1
		}
		if notify.EmailFirst(notifytest.Order(kind, "en"), filing.Notice{Kind: kind}) {
			note = "; only if no email reaches the applicant"
		}
		if err := row(string(kind), most, note, func(language string, s notify.Sender) (notify.Length, error) { return segmentsOf(kind, language, s) }); err != nil {
			return err
		}
	}
	if err := row("sms-code through SNS, which has no replies", 1, linkFloor(), func(language string, s notify.Sender) (notify.Length, error) {
		s.Replies = false
		return segmentsOf(filing.NoticeSMSCode, language, s)
	}); err != nil {
		return err
	}
	for _, kind := range register.NoticeKinds {
		most := 2
		if kind.IsCode() {
			most = 1
		}
		for _, to := range notifytest.RegisterNotices[kind] {
			if err := row("register: "+string(kind)+" to "+string(to), most, "", func(language string, s notify.Sender) (notify.Length, error) {
				m, err := notify.RenderRegister(notifytest.RegisterMessage(kind, to, language), s)
				return notify.LengthOf(m.SMS), err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// linkFloor says how much of a Chinese segment the signature and the link of a code take, which leaves little for its words.
func linkFloor() string {
	alone := func(s notify.Sender) int {
		return notify.LengthOf("【" + s.ProviderName.Chinese + "】" + s.CodeLink(notifytest.Order(filing.NoticeSMSCode, "zh-CN").ID)).Units
	}
	return fmt.Sprintf("; its signature and link alone have %d of 70 characters in Chinese, %d with long names", alone(usual), alone(long))
}

// countMessages files applications through a carrier, and prints what messages one causes and what those of 1,000 cost. Codes to log in, and those that verify a
// contact, which an account needs once in 90 days, are not counted.
func (b *Bench) countMessages(ctx context.Context, price messagePrice) (err error) {
	config := b.config
	config.Folder, config.Clock, config.Carrier = filepath.Join(b.folder, "messages"), clock.StandingAt(demo.KindDay), true
	s, err := system.Start(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	client := scenario.NewClient(s)
	admin, reviewer, err := demo.LogInStaff(ctx, client)
	if err != nil {
		return err
	}
	const filings = 3
	for i := range filings {
		app := scenario.Invented(3_100_000 + i)
		applicant, err := client.LoginApplicant(ctx, admin, app, s.Clock.Now())
		if err != nil {
			return err
		}
		id, err := app.AdvanceTo(ctx, applicant, reviewer, filing.VerifySMS)
		if err != nil {
			return err
		}
		for _, mobile := range scenario.LeaderMobiles(app.Details) {
			code, err := client.AwaitOrderCode(ctx, mobile, id)
			if err != nil {
				return err
			}
			if err := client.ReplySMS(ctx, fmt.Sprintf("%s-%s", id, mobile), mobile, code); err != nil {
				return err
			}
		}
		if _, err := applicant.AwaitStep(ctx, id, filing.Done); err != nil {
			return err
		}
	}
	var texts, segments, mails float64
	if err := scenario.Poll(ctx, func() (bool, error) {
		texts, segments, mails = 0, 0, 0
		approved := 0
		for _, m := range s.Outbox.Sent("") {
			if !strings.HasPrefix(m.Attributes[notify.KeyName], "notice") || strings.Contains(m.Text, "用于确认这个") {
				continue
			}
			if m.Kind == outbox.Email {
				mails++
				if strings.Contains(m.Subject, "已通过：") {
					approved++
				}
				continue
			}
			texts, segments = texts+1, segments+float64(notify.LengthOf(m.Text).Segments)
		}
		return approved == filings, nil
	}); err != nil {
		return err
	}
	texts, segments, mails = texts/filings, segments/filings, mails/filings
	fmt.Fprintf(b.out, "\nMessages of a first filing (an individual, Chinese, with SMS verification)   for one     for 1,000\n")
	fmt.Fprintf(b.out, "  %-60s %11.1f\n", "SMS", texts)
	fmt.Fprintf(b.out, "  %-60s %11.1f %11.2f %s   %s\n", fmt.Sprintf("their segments, at %g %s", price.sms, price.currency), segments, 1000*segments*price.sms, price.currency, compareWithAim(segments <= 7, "aim: at most 7"))
	fmt.Fprintf(b.out, "  %-60s %11.1f %11.2f USD\n\n", fmt.Sprintf("emails, at %g USD", price.mail), mails, 1000*mails*price.mail)
	return nil
}
