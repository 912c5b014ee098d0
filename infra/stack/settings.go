package stack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// Settings are what differs between environments: infra/environments/<name>.json. All fields are required unless they
// say otherwise. Nothing in them is secret; secrets are in Secrets Manager.
type Settings struct {
	Name string `json:"-"` // of the file, and of everything that the environment has

	Region       string       `json:"region"`
	Architecture Architecture `json:"architecture"` // optional: arm64
	Provider     Provider     `json:"provider"`
	Portal       string       `json:"portal"` // the address under which applicants reach Beian: https://host
	Identity     Identity     `json:"identity"`
	Mail         Mail         `json:"mail"`
	Operator     Operator     `json:"operator"`
	Bureau       Bureau       `json:"bureau"`
	Liveness     *Liveness    `json:"liveness"` // optional: without it the simulator answers
	Egress       Egress       `json:"egress"`   // optional: open
	Throttle     Throttle     `json:"throttle"`
	LogDays      int          `json:"logDays"` // how long logs are kept, as CloudWatch allows it
	// SecretsRevision is counted up after a secret was changed, so that the next deployment hands it to the functions.
	SecretsRevision int `json:"secretsRevision"`
}

// Architecture is the functions' processor.
type Architecture string

// Architectures.
const (
	ARM64 Architecture = "arm64"
	X86   Architecture = "x86_64"
)

// Provider is the access provider, as applicants are told.
type Provider struct {
	ChineseName  string `json:"nameChinese"`
	EnglishName  string `json:"nameEnglish"`
	SupportPhone string `json:"supportPhone"` // optional
	PaperAddress string `json:"paperAddress"` // where originals are mailed to
}

// Identity says whose tokens are believed.
type Identity struct {
	Kind      IdentityKind `json:"kind"`
	Issuer    string       `json:"issuer"`    // of oidc: the https URL in the tokens' iss
	Audiences []string     `json:"audiences"` // of oidc: at least one
}

// IdentityKind is where people log in.
type IdentityKind string

// Kinds of identity.
const (
	Cognito IdentityKind = "cognito" // a user pool that the stack makes
	OIDC    IdentityKind = "oidc"    // an issuer of the provider's
)

// Mail is how applicants get email.
type Mail struct {
	// From is the sender, "Name <address>"; its domain becomes an identity of SES, to be verified by DNS.
	From string `json:"from"`
}

// Operator is who is told of alarms.
type Operator struct {
	Mail string `json:"mail"`
}

// Bureau is the provincial bureau's side of the ministry's interface (MIIT-IF30); its secrets are not here.
type Bureau struct {
	Provider       int64  `json:"provider"` // the number that the ministry gave to the access provider
	UpDownLoad     string `json:"upDownLoad"`
	Status         string `json:"status"`
	VerifyPassword string `json:"verifyPassword"`
}

// Liveness is the provider of liveness checks; its secret is not here.
type Liveness struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Key      string `json:"key"` // its id, which is no secret
}

// Egress is how the functions that talk to the bureau leave for the internet.
type Egress string

// Kinds of egress.
const (
	Open  Egress = "open"  // from any address of AWS
	Fixed Egress = "fixed" // through a NAT gateway with one address, for the bureau's allow-list
)

// Throttle limits the front door, for all callers together.
type Throttle struct {
	PerSecond int `json:"perSecond"`
	Burst     int `json:"burst"`
}

// Load reads the settings of an environment. Its error has one line for each mistake in the file.
func Load(folder, name string) (Settings, error) {
	path := filepath.Join(folder, name+".json")
	doc, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Settings{}, fmt.Errorf("environment %q: there is no %s", name, path)
	}
	if err != nil {
		return Settings{}, err
	}
	s, err := Decode(name, doc)
	if err != nil {
		return Settings{}, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// Decode reads settings strictly: a field that is not known, or text after the end, is refused.
func Decode(name string, doc []byte) (Settings, error) {
	s := Settings{Name: name, Architecture: ARM64, Egress: Open}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return Settings{}, fmt.Errorf("%s: wants %s, has %s", wrong.Field, wrong.Type, wrong.Value)
		}
		return Settings{}, errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if d.More() {
		return Settings{}, errors.New("there is something after the settings")
	}
	return s, errors.Join(s.problems()...)
}

var (
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9]{0,19}$`)
	regionName      = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)
)

// keepable are the times that logs can be kept. The Cybersecurity Law (网络安全法), article 21, asks for six months at least.
var keepable = map[int]awslogs.RetentionDays{
	180: awslogs.RetentionDays_SIX_MONTHS, 365: awslogs.RetentionDays_ONE_YEAR, 545: awslogs.RetentionDays_EIGHTEEN_MONTHS,
	731: awslogs.RetentionDays_TWO_YEARS, 1096: awslogs.RetentionDays_THREE_YEARS, 1827: awslogs.RetentionDays_FIVE_YEARS,
}

// withoutSES are Regions that people have asked for and in which Amazon SES cannot be reached (endpoint list of AWS SDK
// for Go, sesv2 v1.79.8): both of China, and Hong Kong.
var withoutSES = []string{"cn-north-1", "cn-northwest-1", "ap-east-1"}

// problems are all that is wrong with the settings, each in one line.
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
		if u, err := url.Parse(text); err != nil || u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			wrong(field, "%q is no address such as https://host/path", text)
		}
	}
	if !environmentName.MatchString(s.Name) {
		wrong("name", "%q is no name for an environment: a letter, then up to 19 letters and digits, all small", s.Name)
	}
	switch {
	case !regionName.MatchString(s.Region):
		wrong("region", "%q is no Region of AWS, such as ap-southeast-1", s.Region)
	case slices.Contains(withoutSES, s.Region):
		wrong("region", "%s has no Amazon SES, so applicants would get no email", s.Region)
	}
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

// mailDomain is the domain that SES has to verify.
func (s Settings) mailDomain() string {
	from, err := mail.ParseAddress(s.Mail.From)
	if err != nil {
		return ""
	}
	_, host, _ := strings.Cut(from.Address, "@")
	return host
}

// origin is the portal's scheme and host, without a slash at the end.
func (s Settings) origin() string { return strings.TrimSuffix(s.Portal, "/") }
