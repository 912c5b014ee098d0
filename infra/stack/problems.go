package stack

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"beian/shared/filing"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/gbk"
	"beian/shared/setup/domains"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

var environmentName = regexp.MustCompile(`^[a-z][a-z0-9]{0,19}$`)

// logRetention are the permitted retention times of logs, in days. The Cybersecurity Law (网络安全法), article 21, requires at
// least six months.
var logRetention = map[int]awslogs.RetentionDays{
	180: awslogs.RetentionDays_SIX_MONTHS, 365: awslogs.RetentionDays_ONE_YEAR, 545: awslogs.RetentionDays_EIGHTEEN_MONTHS,
	731: awslogs.RetentionDays_TWO_YEARS, 1096: awslogs.RetentionDays_THREE_YEARS, 1827: awslogs.RetentionDays_FIVE_YEARS,
}

// problems returns one error for each invalid setting: its place, then what is wrong and how to correct it in English, " / ", and the same in Chinese.
func (s Settings) problems() []error {
	var all []error
	wrong := func(field, format string, args ...any) {
		all = append(all, fmt.Errorf(field+": "+format, args...))
	}
	require := func(field, text string) {
		if strings.TrimSpace(text) == "" {
			wrong(field, "is missing / 未填写")
		}
	}
	checkURL := func(field, text string) {
		if u, err := url.Parse(text); err != nil || !isPrivate(u) || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			wrong(field, "%q is not a URL such as https://host/path / %[1]q 不是 https://host/path 这样的网址", text)
		}
	}
	if !environmentName.MatchString(s.Name) {
		wrong("name", "%q is not a valid name: use a lower-case letter, then up to 19 lower-case letters and digits / %[1]q 不能用作环境名：请以小写字母开头，其后最多 19 个小写字母或数字", s.Name)
	}
	s.regionProblems(wrong)
	if s.Architecture != ARM64 && s.Architecture != X86 {
		wrong("architecture", "%q is neither %s nor %s / %[1]q 既不是 %[2]s 也不是 %[3]s", s.Architecture, ARM64, X86)
	}
	require("provider.nameChinese", s.Provider.ChineseName)
	require("provider.nameEnglish", s.Provider.EnglishName)
	require("provider.paperAddress", s.Provider.PaperAddress)
	for _, pages := range []struct{ field, text string }{{"portal", s.Portal}, {"staff", s.Staff}} {
		checkURL(pages.field, pages.text)
		if u, err := url.Parse(pages.text); err == nil && strings.Trim(u.Path, "/") != "" {
			wrong(pages.field, "%q has a path; give Beian a separate host / %[1]q 带有路径，请为 Beian 使用单独的域名", pages.text)
		}
	}
	if s.origin() == s.staffOrigin() {
		wrong("staff", "%q is the host of the portal; give the pages of staff another host / %[1]q 是用户门户的域名，请为工作人员的页面使用另一个域名", s.Staff)
	}
	s.Identity.problems(wrong, checkURL)
	if from, err := mail.ParseAddress(s.Mail.From); err != nil {
		wrong("mail.from", "%q is not a sender such as Beian <beian@provider.example> / %[1]q 不是 Beian <beian@provider.example> 这样的发件人", s.Mail.From)
	} else if _, host, _ := strings.Cut(from.Address, "@"); !strings.Contains(host, ".") {
		wrong("mail.from", "%q is not a domain such as provider.example / %[1]q 不是 provider.example 这样的域名", host)
	}
	if !s.usesSES() {
		s.smtpProblems(wrong, require)
	}
	s.SMS.problems(wrong, require, checkURL)
	if to, err := mail.ParseAddress(s.Operator.Mail); err != nil || to.Address != s.Operator.Mail {
		wrong("operator.mail", "%q is not an email address / %[1]q 不是电子邮箱地址", s.Operator.Mail)
	}
	s.Bureau.problems(wrong, checkURL)
	if l := s.Liveness; l != nil {
		require("liveness.name", l.Name)
		require("liveness.key", l.Key)
		checkURL("liveness.endpoint", l.Endpoint)
	}
	if l := s.Domains.Lookups; l != domains.Public && l != domains.Off && partitionOf(s.Region) != china {
		wrong("domains.lookups", "%q is not %s; leave it out for public lookups / %[1]q 不是 %[2]s；如需公共查询，请删除此项", l, domains.Off)
	}
	if r := s.Domains.Registrar; r != nil {
		require("domains.registrar.name", r.Name)
		require("domains.registrar.key", r.Key)
		checkURL("domains.registrar.endpoint", r.Endpoint)
	}
	switch {
	case s.Egress != Open && s.Egress != Fixed:
		wrong("egress", "%q is neither %s nor %s / %[1]q 既不是 %[2]s 也不是 %[3]s", s.Egress, Open, Fixed)
	case s.Egress == Fixed && s.Bureau.Kind == Manual:
		wrong("egress", "%s is for the bureau's list of addresses, and with bureau.kind %s nothing calls the bureau; set it to %s / %[1]s 用于管局的 IP 白名单，而 bureau.kind 为 %[2]s 时系统不访问管局，请设为 %[3]s", Fixed, Manual, Open)
	}
	if s.Throttle.PerSecond <= 0 || s.Throttle.Burst < s.Throttle.PerSecond {
		wrong("throttle", "perSecond must be above 0, and burst at least perSecond / perSecond 应大于 0，burst 不得小于 perSecond")
	}
	all = append(all, s.Limits.Check(), s.Agencies.Check(), s.SiteWatch.Check())
	if s.SiteWatch.Visits == sitewatch.Simulated {
		wrong("siteWatch.visits", "%q is not %s; leave it out to visit sites / %[1]q 不是 %[2]s；如需巡查网站，请删除此项", s.SiteWatch.Visits, sitewatch.Off)
	}
	if _, ok := logRetention[s.LogDays]; !ok {
		wrong("logDays", "%d is not one of %v / %[1]d 不在 %[2]v 之中", s.LogDays, slices.Sorted(maps.Keys(logRetention)))
	}
	if !s.OnlyAccess.Known() {
		wrong("onlyAccess", "%q is neither %s nor %s / %[1]q 既不是 %[2]s 也不是 %[3]s", s.OnlyAccess, filing.WarnOnlyAccess, filing.RefuseOnlyAccess)
	}
	if s.SecondReadings != nil {
		all = append(all, under("secondReadings.", s.SecondReadings.Check()))
	}
	if s.ReviewDays != 0 {
		all = append(all, under("reviewDays: ", s.ReviewDays.Check()))
	}
	all = append(all, under("bureauTaskDays.", s.BureauTaskDays.Check()), under("retention.", s.Retention.Check()))
	if s.SecretsRevision <= 0 {
		wrong("secretsRevision", "must be at least 1 / 不得小于 1")
	}
	return all
}

// under returns an error with the place of its settings before each line.
func under(place string, err error) error {
	if err == nil {
		return nil
	}
	return errors.New(place + strings.ReplaceAll(err.Error(), "\n", "\n"+place))
}

func (i Identity) problems(wrong func(field, format string, args ...any), checkURL func(field, text string)) {
	switch i.Kind {
	case Cognito:
		if i.Sender != "" && i.Sender != SenderSES {
			wrong("identity.sender", "%q is not %s; leave it out until the sender's domain is verified / %[1]q 不是 %[2]s；发件域名验证之前，请删除此项", i.Sender, SenderSES)
		}
		if i.Issuer != "" || len(i.Audiences) > 0 || i.Pages != "" {
			wrong("identity", "with %s, leave out issuer, audiences and pages; the stack sets them / kind 为 %[1]s 时，请删除 issuer、audiences 和 pages，它们由部署自动设置", Cognito)
		}
	case OIDC:
		if i.Sender != "" {
			wrong("identity.sender", "is for %s; leave it out / 仅用于 %[1]s，请删除此项", Cognito)
		}
		if i.Issuer == "" {
			wrong("identity.issuer", "is missing; with %s, it is the iss of the tokens / 未填写；kind 为 %[1]s 时，请填写令牌的 iss", OIDC)
		} else {
			checkURL("identity.issuer", i.Issuer)
		}
		if i.Pages != "" {
			checkURL("identity.pages", i.Pages)
		}
		if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
			wrong("identity.audiences", "is empty or contains an empty text; give at least one audience / 为空或含有空文本，请至少填写一个 audience")
		}
	default:
		wrong("identity.kind", "%q is neither %s nor %s / %[1]q 既不是 %[2]s 也不是 %[3]s", i.Kind, Cognito, OIDC)
	}
}

func (b Bureau) problems(wrong func(field, format string, args ...any), checkURL func(field, text string)) {
	switch b.Kind {
	case Link:
		if b.Provider <= 0 {
			wrong("bureau.provider", "is missing; give the ministry's number of the provider / 未填写，请填写部里的接入商编号")
		}
		checkURL("bureau.upDownLoad", b.UpDownLoad)
		checkURL("bureau.status", b.Status)
		checkURL("bureau.verifyPassword", b.VerifyPassword)
	case Manual:
		if b.UpDownLoad != "" || b.Status != "" || b.VerifyPassword != "" || b.SendsPlain {
			wrong("bureau", "upDownLoad, status, verifyPassword and sendsPlain are for %[1]s; remove them or set kind to %[1]s / upDownLoad、status、verifyPassword 和 sendsPlain 仅用于 %[1]s，请删除它们，或将 kind 设为 %[1]s", Link)
		}
		if b.Provider < 0 {
			wrong("bureau.provider", "%d is negative; correct it or leave it out / %[1]d 是负数，请改正或删除此项", b.Provider)
		}
	default:
		wrong("bureau.kind", "%q is neither %s nor %s / %[1]q 既不是 %[2]s 也不是 %[3]s", b.Kind, Link, Manual)
	}
	if c := b.Characters; c != gbk.GBK && c != gbk.GB18030 {
		wrong("bureau.characters", "%q is not %s; leave it out for GBK / %[1]q 不是 %[2]s；如使用 GBK，请删除此项", c, gbk.GB18030)
	}
}

func (m SMS) problems(wrong func(field, format string, args ...any), require, checkURL func(field, text string)) {
	switch m.Kind {
	case SNS:
		if m.Name != "" || m.Endpoint != "" || m.Key != "" {
			wrong("sms", "name, endpoint and key are for %[1]s; remove them or set kind to %[1]s / name、endpoint 和 key 仅用于 %[1]s，请删除它们，或将 kind 设为 %[1]s", HTTPS)
		}
	case HTTPS:
		if m.Region != "" {
			wrong("sms.region", "is for %s; another carrier has an endpoint instead / 仅用于 %[1]s；其他短信服务商请填写 endpoint", SNS)
		}
		require("sms.name", m.Name)
		require("sms.key", m.Key)
		checkURL("sms.endpoint", m.Endpoint)
	default:
		wrong("sms.kind", "%q is neither %s nor %s / %[1]q 既不是 %[2]s 也不是 %[3]s", m.Kind, SNS, HTTPS)
	}
}

// hostName matches the name of a host.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

func (s Settings) smtpProblems(wrong func(field, format string, args ...any), require func(field, text string)) {
	if !hostName.MatchString(s.Mail.SMTP.Host) {
		wrong("mail.smtp.host", "%q is not the name of a host such as smtp.example.com / %[1]q 不是 smtp.example.com 这样的主机名", s.Mail.SMTP.Host)
	}
	switch port := s.Mail.SMTP.Port; {
	case port == 25:
		wrong("mail.smtp.port", "25 is for servers among each other, and closed on Lambda; use 465 or 587 / 25 是邮件服务器之间的端口，在 Lambda 上不可用，请使用 465 或 587")
	case port < 1 || port > 65535:
		wrong("mail.smtp.port", "%d is not a port such as 465 or 587 / %[1]d 不是 465 或 587 这样的端口", port)
	}
	require("mail.smtp.user", s.Mail.SMTP.User)
	if s.Mail.Region != "" {
		wrong("mail.region", "is for SES; a mail relay has a host instead / 仅用于 SES；邮件服务商请填写 host")
	}
	if s.Identity.Sender == SenderSES {
		wrong("identity.sender", "%s needs SES; with mail.smtp, leave it out / %[1]s 需要 SES；填写了 mail.smtp 时，请删除此项", SenderSES)
	}
}

// isPrivate reports whether others on the network cannot read requests to a URL: it uses https or the loopback.
func isPrivate(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || host == "localhost")
}
