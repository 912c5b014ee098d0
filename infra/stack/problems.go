package stack

import (
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

// problems returns one error for each invalid setting.
func (s Settings) problems() []error {
	var all []error
	wrong := func(field, format string, args ...any) {
		all = append(all, fmt.Errorf(field+": "+format, args...))
	}
	require := func(field, text string) {
		if strings.TrimSpace(text) == "" {
			wrong(field, "is missing")
		}
	}
	checkURL := func(field, text string) {
		if u, err := url.Parse(text); err != nil || !isPrivate(u) || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			wrong(field, "%q is not a URL such as https://host/path", text)
		}
	}
	if !environmentName.MatchString(s.Name) {
		wrong("name", "%q is not a valid name: use a lower-case letter, then up to 19 lower-case letters and digits", s.Name)
	}
	s.regionProblems(wrong)
	if s.Architecture != ARM64 && s.Architecture != X86 {
		wrong("architecture", "%q is neither %s nor %s", s.Architecture, ARM64, X86)
	}
	require("provider.nameChinese", s.Provider.ChineseName)
	require("provider.nameEnglish", s.Provider.EnglishName)
	require("provider.paperAddress", s.Provider.PaperAddress)
	for field, text := range map[string]string{"portal": s.Portal, "staff": s.Staff} {
		checkURL(field, text)
		if u, err := url.Parse(text); err == nil && strings.Trim(u.Path, "/") != "" {
			wrong(field, "%q has a path; give Beian a separate host", text)
		}
	}
	if s.origin() == s.staffOrigin() {
		wrong("staff", "%q is the host of the portal; staff have another user pool and another HTTP API", s.Staff)
	}
	s.Identity.problems(wrong, checkURL)
	if from, err := mail.ParseAddress(s.Mail.From); err != nil {
		wrong("mail.from", "%q is not a sender such as Beian <beian@provider.example>", s.Mail.From)
	} else if _, host, _ := strings.Cut(from.Address, "@"); !strings.Contains(host, ".") {
		wrong("mail.from", "%q is not a domain such as provider.example", host)
	}
	if !s.usesSES() {
		s.smtpProblems(wrong, require)
	}
	s.SMS.problems(wrong, require, checkURL)
	if to, err := mail.ParseAddress(s.Operator.Mail); err != nil || to.Address != s.Operator.Mail {
		wrong("operator.mail", "%q is not an email address", s.Operator.Mail)
	}
	s.Bureau.problems(wrong, checkURL)
	if l := s.Liveness; l != nil {
		require("liveness.name", l.Name)
		require("liveness.key", l.Key)
		checkURL("liveness.endpoint", l.Endpoint)
	}
	if l := s.Domains.Lookups; l != domains.Public && l != domains.Off && partitionOf(s.Region) != china {
		wrong("domains.lookups", "%q is not %s; leave it out for public lookups", l, domains.Off)
	}
	if r := s.Domains.Registrar; r != nil {
		require("domains.registrar.name", r.Name)
		require("domains.registrar.key", r.Key)
		checkURL("domains.registrar.endpoint", r.Endpoint)
	}
	switch {
	case s.Egress != Open && s.Egress != Fixed:
		wrong("egress", "%q is neither %s nor %s", s.Egress, Open, Fixed)
	case s.Egress == Fixed && s.Bureau.Kind == Manual:
		wrong("egress", "%s is for the bureau's list of addresses; with bureau.kind %s, nothing calls the bureau", Fixed, Manual)
	}
	if s.Throttle.PerSecond <= 0 || s.Throttle.Burst < s.Throttle.PerSecond {
		wrong("throttle", "perSecond must be above 0, and burst at least perSecond")
	}
	if err := s.Limits.Check(); err != nil {
		all = append(all, err)
	}
	if err := s.Agencies.Check(); err != nil {
		all = append(all, err)
	}
	if err := s.SiteWatch.Check(); err != nil {
		all = append(all, err)
	}
	if s.SiteWatch.Visits == sitewatch.Simulated {
		wrong("siteWatch.visits", "%q is not %s; leave it out to visit sites", s.SiteWatch.Visits, sitewatch.Off)
	}
	if _, ok := logRetention[s.LogDays]; !ok {
		wrong("logDays", "%d is not one of %v", s.LogDays, slices.Sorted(maps.Keys(logRetention)))
	}
	if !s.OnlyAccess.Known() {
		wrong("onlyAccess", "%q is neither %s nor %s", s.OnlyAccess, filing.WarnOnlyAccess, filing.RefuseOnlyAccess)
	}
	if s.SecondReadings != nil {
		if err := s.SecondReadings.Check(); err != nil {
			wrong("secondReadings", "%s", err)
		}
	}
	if err := s.BureauTaskDays.Check(); err != nil {
		wrong("bureauTaskDays", "%s", err)
	}
	if s.ReviewDays != 0 {
		if err := s.ReviewDays.Check(); err != nil {
			wrong("reviewDays", "%s", err)
		}
	}
	if err := s.Retention.Check(); err != nil {
		wrong("retention", "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	if s.SecretsRevision <= 0 {
		wrong("secretsRevision", "must be at least 1")
	}
	return all
}

func (i Identity) problems(wrong func(field, format string, args ...any), checkURL func(field, text string)) {
	switch i.Kind {
	case Cognito:
		if i.Sender != "" && i.Sender != SenderSES {
			wrong("identity.sender", "%q is not %s; leave it out until the sender's domain is verified", i.Sender, SenderSES)
		}
		if i.Issuer != "" || len(i.Audiences) > 0 || i.Pages != "" {
			wrong("identity", "with %s, leave out issuer, audiences and pages; the stack sets them", Cognito)
		}
	case OIDC:
		if i.Sender != "" {
			wrong("identity.sender", "is for %s", Cognito)
		}
		if i.Issuer == "" {
			wrong("identity.issuer", "is missing; with %s, it is the iss of the tokens", OIDC)
		} else {
			checkURL("identity.issuer", i.Issuer)
		}
		if i.Pages != "" {
			checkURL("identity.pages", i.Pages)
		}
		if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
			wrong("identity.audiences", "is empty or contains an empty text")
		}
	default:
		wrong("identity.kind", "%q is neither %s nor %s", i.Kind, Cognito, OIDC)
	}
}

func (b Bureau) problems(wrong func(field, format string, args ...any), checkURL func(field, text string)) {
	switch b.Kind {
	case Link:
		if b.Provider <= 0 {
			wrong("bureau.provider", "is missing")
		}
		checkURL("bureau.upDownLoad", b.UpDownLoad)
		checkURL("bureau.status", b.Status)
		checkURL("bureau.verifyPassword", b.VerifyPassword)
	case Manual:
		if b.UpDownLoad != "" || b.Status != "" || b.VerifyPassword != "" || b.SendsPlain {
			wrong("bureau", "upDownLoad, status, verifyPassword and sendsPlain are for %[1]s; remove them or set kind to %[1]s", Link)
		}
		if b.Provider < 0 {
			wrong("bureau.provider", "is negative")
		}
	default:
		wrong("bureau.kind", "%q is neither %s nor %s", b.Kind, Link, Manual)
	}
	if c := b.Characters; c != gbk.GBK && c != gbk.GB18030 {
		wrong("bureau.characters", "%q is not %s; leave it out for GBK", c, gbk.GB18030)
	}
}

func (m SMS) problems(wrong func(field, format string, args ...any), require, checkURL func(field, text string)) {
	switch m.Kind {
	case SNS:
		if m.Name != "" || m.Endpoint != "" || m.Key != "" {
			wrong("sms", "name, endpoint and key are for %[1]s; remove them or set kind to %[1]s", HTTPS)
		}
	case HTTPS:
		if m.Region != "" {
			wrong("sms.region", "is for %s; another carrier has an endpoint instead", SNS)
		}
		require("sms.name", m.Name)
		require("sms.key", m.Key)
		checkURL("sms.endpoint", m.Endpoint)
	default:
		wrong("sms.kind", "%q is neither %s nor %s", m.Kind, SNS, HTTPS)
	}
}

// hostName matches the name of a host.
var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

func (s Settings) smtpProblems(wrong func(field, format string, args ...any), require func(field, text string)) {
	if !hostName.MatchString(s.Mail.SMTP.Host) {
		wrong("mail.smtp.host", "%q is not the name of a host such as smtp.example.com", s.Mail.SMTP.Host)
	}
	switch port := s.Mail.SMTP.Port; {
	case port == 25:
		wrong("mail.smtp.port", "25 is for servers among each other, and closed on Lambda; use 465 or 587")
	case port < 1 || port > 65535:
		wrong("mail.smtp.port", "%d is not a port such as 465 or 587", port)
	}
	require("mail.smtp.user", s.Mail.SMTP.User)
	if s.Mail.Region != "" {
		wrong("mail.region", "is for SES; a mail relay has a host instead")
	}
	if s.Identity.Sender == SenderSES {
		wrong("identity.sender", "%s needs SES; with mail.smtp, leave it out", SenderSES)
	}
}

// isPrivate reports whether others on the network cannot read requests to a URL: it uses https or the loopback.
func isPrivate(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || host == "localhost")
}
