package stack

import (
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

var environmentName = regexp.MustCompile(`^[a-z][a-z0-9]{0,19}$`)

// keepable are the retention times of logs, in days. The Cybersecurity Law (网络安全法), article 21, asks for six months at least.
var keepable = map[int]awslogs.RetentionDays{
	180: awslogs.RetentionDays_SIX_MONTHS, 365: awslogs.RetentionDays_ONE_YEAR, 545: awslogs.RetentionDays_EIGHTEEN_MONTHS,
	731: awslogs.RetentionDays_TWO_YEARS, 1096: awslogs.RetentionDays_THREE_YEARS, 1827: awslogs.RetentionDays_FIVE_YEARS,
}

// problems returns everything that is wrong with the settings.
func (s Settings) problems() []error {
	var all []error
	wrong := func(field, format string, args ...any) {
		all = append(all, fmt.Errorf(field+": "+format, args...))
	}
	need := func(field, text string) {
		if strings.TrimSpace(text) == "" {
			wrong(field, "is missing")
		}
	}
	address := func(field, text string) {
		if u, err := url.Parse(text); err != nil || !private(u) || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			wrong(field, "%q is no address such as https://host/path", text)
		}
	}
	if !environmentName.MatchString(s.Name) {
		wrong("name", "%q is no name for an environment: a letter, then up to 19 letters and digits, all small", s.Name)
	}
	s.regionProblems(wrong)
	if s.Architecture != ARM64 && s.Architecture != X86 {
		wrong("architecture", "%q is neither %s nor %s", s.Architecture, ARM64, X86)
	}
	need("provider.nameChinese", s.Provider.ChineseName)
	need("provider.nameEnglish", s.Provider.EnglishName)
	need("provider.paperAddress", s.Provider.PaperAddress)
	address("portal", s.Portal)
	if u, err := url.Parse(s.Portal); err == nil && strings.Trim(u.Path, "/") != "" {
		wrong("portal", "%q has a path; Beian is the whole host's", s.Portal)
	}
	s.Identity.problems(wrong, address)
	if from, err := mail.ParseAddress(s.Mail.From); err != nil {
		wrong("mail.from", "%q is no sender that SES could verify, such as Beian <beian@provider.example>", s.Mail.From)
	} else if _, host, _ := strings.Cut(from.Address, "@"); !strings.Contains(host, ".") {
		wrong("mail.from", "%q is no domain that SES could verify", host)
	}
	s.SMS.problems(wrong, need, address)
	if to, err := mail.ParseAddress(s.Operator.Mail); err != nil || to.Address != s.Operator.Mail {
		wrong("operator.mail", "%q is no email address", s.Operator.Mail)
	}
	if s.Bureau.Provider <= 0 {
		wrong("bureau.provider", "is missing")
	}
	address("bureau.upDownLoad", s.Bureau.UpDownLoad)
	address("bureau.status", s.Bureau.Status)
	address("bureau.verifyPassword", s.Bureau.VerifyPassword)
	if l := s.Liveness; l != nil {
		need("liveness.name", l.Name)
		need("liveness.key", l.Key)
		address("liveness.endpoint", l.Endpoint)
	}
	if s.Egress != Open && s.Egress != Fixed {
		wrong("egress", "%q is neither %s nor %s", s.Egress, Open, Fixed)
	}
	if s.Throttle.PerSecond <= 0 || s.Throttle.Burst < s.Throttle.PerSecond {
		wrong("throttle", "wants perSecond above 0, and a burst that is no less")
	}
	if _, ok := keepable[s.LogDays]; !ok {
		wrong("logDays", "%d is none of %v", s.LogDays, slices.Sorted(maps.Keys(keepable)))
	}
	if r := s.Retention; min(r.ClosedDays, r.FiledDays) < 7 {
		wrong("retention", "closedDays and filedDays are 7 at least: uploads that were not accepted are gone by then")
	}
	if s.SecretsRevision <= 0 {
		wrong("secretsRevision", "begins with 1")
	}
	return all
}

func (i Identity) problems(wrong func(field, format string, args ...any), address func(field, text string)) {
	switch i.Kind {
	case Cognito:
		if i.Issuer != "" || len(i.Audiences) > 0 {
			wrong("identity", "with %s the stack knows issuer and audiences itself", Cognito)
		}
	case OIDC:
		if i.Issuer == "" {
			wrong("identity.issuer", "is missing; with %s it is the iss of the tokens", OIDC)
		} else {
			address("identity.issuer", i.Issuer)
		}
		if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
			wrong("identity.audiences", "names nobody")
		}
	default:
		wrong("identity.kind", "%q is neither %s nor %s", i.Kind, Cognito, OIDC)
	}
}

func (m SMS) problems(wrong func(field, format string, args ...any), need, address func(field, text string)) {
	switch m.Kind {
	case SNS:
		if m.Name != "" || m.Endpoint != "" || m.Key != "" {
			wrong("sms", "with %s there is no other carrier: name, endpoint and key are for %s", SNS, HTTPS)
		}
	case HTTPS:
		if m.Region != "" {
			wrong("sms.region", "is for %s; a carrier has an endpoint instead", SNS)
		}
		need("sms.name", m.Name)
		need("sms.key", m.Key)
		address("sms.endpoint", m.Endpoint)
	default:
		wrong("sms.kind", "%q is neither %s nor %s", m.Kind, SNS, HTTPS)
	}
}

// private reports whether requests to an address cannot be read on the way: it is https, or on the same machine.
func private(u *url.URL) bool {
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "127.0.0.1" || host == "::1" || host == "localhost")
}
