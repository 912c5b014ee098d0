package stack

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"

	"beian/shared/filing"
)

// Settings are the values that differ between environments: infra/environments/<name>.json. Fields are required unless marked
// optional. They contain no secrets; those are in Secrets Manager.
type Settings struct {
	Name string `json:"-"` // of the file, and of everything that the environment has

	Region       string       `json:"region"`
	Architecture Architecture `json:"architecture"` // optional: arm64
	Provider     Provider     `json:"provider"`
	Portal       string       `json:"portal"` // the address under which applicants reach Beian: https://host
	Identity     Identity     `json:"identity"`
	Mail         Mail         `json:"mail"`
	SMS          SMS          `json:"sms"` // optional: SNS
	Operator     Operator     `json:"operator"`
	Bureau       Bureau       `json:"bureau"`
	Liveness     *Liveness    `json:"liveness"` // optional: without it the simulator answers
	Egress       Egress       `json:"egress"`   // optional: open
	Throttle     Throttle     `json:"throttle"`
	LogDays      int          `json:"logDays"`   // how long logs are kept, as CloudWatch allows it
	Retention    Retention    `json:"retention"` // optional: filing.RetentionDays
	// SecretsRevision is increased after a secret was changed, so that the next deployment passes it to the functions.
	SecretsRevision int `json:"secretsRevision"`
}

// Architecture is the functions' processor.
type Architecture string

// Architectures.
const (
	ARM64 Architecture = "arm64"
	X86   Architecture = "x86_64"
)

// Provider describes the access provider to applicants.
type Provider struct {
	ChineseName  string `json:"nameChinese"`
	EnglishName  string `json:"nameEnglish"`
	SupportPhone string `json:"supportPhone"` // optional
	PaperAddress string `json:"paperAddress"` // where originals are mailed to
}

// Identity names the issuer of the tokens.
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
	From   string `json:"from"`
	Region string `json:"region"` // of SES; optional: the environment's
}

// SMS is how applicants and leaders get SMS; the secret of a carrier is not here.
type SMS struct {
	Kind   SMSKind `json:"kind"`
	Region string  `json:"region"` // of sns; optional: the environment's
	// Name, Endpoint and Key are of https. Key is the secret's id, which is no secret.
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Key      string `json:"key"`
}

// SMSKind is who takes SMS to people.
type SMSKind string

// Kinds of SMS.
const (
	SNS   SMSKind = "sns"   // Amazon SNS
	HTTPS SMSKind = "https" // a carrier that answers as package carrier says
)

// Operator receives the alarms.
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

// Retention is for how many days personal data are kept, see filing.Retention.
type Retention struct {
	ClosedDays int `json:"closedDays"`
	FiledDays  int `json:"filedDays"`
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
	s := Settings{Name: name, Architecture: ARM64, Egress: Open, SMS: SMS{Kind: SNS},
		Retention: Retention{ClosedDays: filing.RetentionDays, FiledDays: filing.RetentionDays}}
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

// mailRegion is where email is sent from.
func (s Settings) mailRegion() string { return cmp.Or(s.Mail.Region, s.Region) }

// mailApart reports whether that is another Region than the environment's.
func (s Settings) mailApart() bool { return s.mailRegion() != s.Region }
