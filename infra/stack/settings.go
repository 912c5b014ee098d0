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
	"reflect"
	"strings"

	"beian/shared/filing"
	"beian/shared/partners/mailrelay"
	"beian/shared/process/agency"
	"beian/shared/process/bureautask"
	"beian/shared/process/limits"
	"beian/shared/process/sitewatch"
	"beian/shared/rules/gbk"
	"beian/shared/rules/strictjson"
	"beian/shared/setup/domains"
	"beian/shared/setup/environ"
)

// Settings are the values that differ between environments: infra/environments/<name>.json. Fields are required unless marked
// optional. Secrets are not in the settings but in Secrets Manager.
type Settings struct {
	Name string `json:"-"` // of the file; part of the name of each resource

	Region       string          `json:"region"`
	Architecture Architecture    `json:"architecture"` // optional: arm64
	Provider     Provider        `json:"provider"`
	Portal       string          `json:"portal"` // URL of the applicants' pages: https://host
	Staff        string          `json:"staff"`  // URL of the pages of reviewers and operators: https://host, of another host
	Identity     Identity        `json:"identity"`
	Mail         Mail            `json:"mail"`
	SMS          SMS             `json:"sms"` // optional: SNS
	Operator     Operator        `json:"operator"`
	Bureau       Bureau          `json:"bureau"`
	Liveness     *Liveness       `json:"liveness"` // optional: without it the simulator answers
	Domains      Domains         `json:"domains"`  // optional: public lookups, no registrar system
	Egress       Egress          `json:"egress"`   // optional: open
	Throttle     Throttle        `json:"throttle"`
	Limits       limits.Settings `json:"limits"` // optional: limits.Defaults
	// Agencies are the accounts that may act for several subjects, by the sub of their tokens. It is optional: without it, an account has one subject.
	Agencies agency.Settings `json:"agencies"`
	// SiteWatch is optional: how filed websites are watched; by default they are visited, and no address of the provider is known.
	SiteWatch sitewatch.Settings `json:"siteWatch"`
	LogDays   int                `json:"logDays"` // retention of logs; one of the values that CloudWatch supports
	// Retention is optional, as is each period in it: filing.DefaultRetention.
	Retention filing.Retention `json:"retention"`
	// OnlyAccess is optional: whether the only access of a site may be cancelled, after a warning ("warn", the default), or not ("refuse").
	OnlyAccess filing.OnlyAccess `json:"onlyAccess"`
	// SecondReadings is optional: which orders two reviewers read; by default filing.DefaultSecondReadings.
	SecondReadings *filing.SecondReadings `json:"secondReadings"`
	// ReviewDays is optional: within how many working days the provider reviews an application; 2 without it.
	ReviewDays filing.ReviewPromise `json:"reviewDays"`
	// BureauTaskDays is optional: within how many working days each kind of task of the bureau is done, such as {"HSRW": 3}.
	BureauTaskDays bureautask.Deadlines `json:"bureauTaskDays"`
	// PCUploads is optional: whether papers may be uploaded on a PC. Without it, the portal hands over to the phone.
	PCUploads bool `json:"pcUploads"`
	// SecretsRevision must be increased after a secret was changed, so that the next deployment passes the secret to the functions.
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
	Audiences []string     `json:"audiences"` // of oidc: at least one, the portal's client first
	Pages     string       `json:"pages"`     // of oidc, optional: URL of its log-in pages, if they are on another host than the issuer
	// Sender is for cognito, and optional: who sends applicants the codes by email. Without it, Cognito does, 50 a day.
	Sender Sender `json:"sender"`
}

// Sender is a sender of Cognito's email.
type Sender string

// SenderSES is the sender of [Mail.From]. SES must have verified its domain before.
const SenderSES Sender = "ses"

// IdentityKind is a kind of token issuer.
type IdentityKind string

// Kinds of identity.
const (
	Cognito IdentityKind = "cognito" // two user pools that the stack creates, of applicants and of staff
	OIDC    IdentityKind = "oidc"    // the provider's own issuer
)

// Mail is the sender of email to applicants.
type Mail struct {
	// From is the sender, "Name <address>"; its domain becomes an identity of SES, to be verified by DNS.
	From   string `json:"from"`
	Region string `json:"region"` // of SES; optional: the environment's
	SMTP   *SMTP  `json:"smtp"`   // optional: a mail relay, instead of SES
}

// SMTP is the relay of a mail provider, which needs TLS and a log-in. The password is in Secrets Manager.
type SMTP struct {
	Host string `json:"host"`
	Port int    `json:"port"` // 465 for TLS from the first byte; with any other, STARTTLS is required
	User string `json:"user"`
}

// relay returns the relay without its password.
func (m SMTP) relay() mailrelay.Relay {
	return mailrelay.Relay{Host: m.Host, Port: m.Port, Implicit: m.Port == 465, User: m.User}
}

// SMS is the carrier of SMS to applicants and leaders. Its secret is in Secrets Manager.
type SMS struct {
	Kind   SMSKind `json:"kind"`
	Region string  `json:"region"` // of sns; optional: the environment's
	// Name, Endpoint and Key are for https. Key is the id of the secret, not the secret.
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Key      string `json:"key"`
}

// SMSKind is a kind of SMS carrier.
type SMSKind string

// Kinds of SMS.
const (
	SNS   SMSKind = "sns"   // Amazon SNS
	HTTPS SMSKind = "https" // a carrier with the interface of package carrier
)

// Operator receives the alarms.
type Operator struct {
	Mail string `json:"mail"`
}

// Bureau is the provincial bureau's side of the ministry's interface (MIIT-IF30). Its secrets are in Secrets Manager.
type Bureau struct {
	Kind           BureauKind `json:"kind"`     // optional: link
	Provider       int64      `json:"provider"` // the ministry's number of the access provider; optional without a link
	UpDownLoad     string     `json:"upDownLoad"`
	Status         string     `json:"status"`
	VerifyPassword string     `json:"verifyPassword"`
	// Characters are those that the bureau can read: "gb18030", or GBK without it.
	Characters gbk.Repertoire `json:"characters"`
	// SendsPlain accepts files that the bureau sends without encryption, although a key is agreed.
	SendsPlain bool `json:"sendsPlain"`
}

// BureauKind says how applications reach the bureau.
type BureauKind string

// Kinds of bureau.
const (
	Link   BureauKind = "link"         // over the ministry's interface
	Manual BureauKind = environ.Manual // operators enter applications into the bureau's console
)

// Liveness is the provider of liveness checks. Its secret is in Secrets Manager.
type Liveness struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Key      string `json:"key"` // the id of the secret, not the secret
}

// Domains says where the registration of domains is looked up.
type Domains struct {
	Lookups   domains.Lookups `json:"lookups"`   // optional: public; "off" without any
	Registrar *Registrar      `json:"registrar"` // optional: asked first
}

// Registrar is the provider's own registrar system, which knows the holders of its domains. Its secret is in Secrets Manager.
type Registrar struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Key      string `json:"key"` // the id of the secret, not the secret
}

// Egress is the kind of address from which the functions call the bureau.
type Egress string

// Kinds of egress.
const (
	Open  Egress = "open"  // from any address of AWS
	Fixed Egress = "fixed" // through a NAT gateway with one address, for the bureau's allow-list
)

// Throttle limits the HTTP API, for all callers together; [Settings.Limits] limit each caller.
type Throttle struct {
	PerSecond int `json:"perSecond"`
	Burst     int `json:"burst"`
}

// Load reads the settings of an environment. Its error has one line for each invalid field.
func Load(folder, name string) (Settings, error) {
	path := filepath.Join(folder, name+".json")
	doc, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Settings{}, fmt.Errorf("environment %q: %s does not exist; create it from another of the folder / 环境 %[1]q 的文件 %[2]s 不存在，请参照同一文件夹中的其他文件创建", name, path)
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

// Decode reads settings strictly: unknown fields, fields given twice and text after the end are errors.
func Decode(name string, doc []byte) (Settings, error) {
	s := Settings{Name: name, Architecture: ARM64, Egress: Open, SMS: SMS{Kind: SNS}, Bureau: Bureau{Kind: Link},
		Retention: filing.DefaultRetention}
	if err := cmp.Or(strictjson.UnmarshalEmbedded(doc, &s), strictjson.Check(doc)); err != nil {
		return Settings{}, decodeProblem(doc, err)
	}
	return s, errors.Join(s.problems()...)
}

// decodeProblem returns an error of package json or strictjson with its place, in English and Chinese.
func decodeProblem(doc []byte, err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		want := wrong.Type.String()
		if kind := wrong.Type.Kind(); kind == reflect.Struct || kind == reflect.Map {
			want = "object"
		}
		return fmt.Errorf("%s: must be %s, is %s / 应为 %[2]s，而不是 %[3]s", cmp.Or(wrong.Field, "settings"), want, wrong.Value)
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(doc[:min(int(wrong.Offset), len(doc))], []byte("\n"))
		return fmt.Errorf("line %d: is not JSON: %w / 第 %[1]d 行不是 JSON", line, err)
	}
	if wrong, ok := errors.AsType[*strictjson.NameError](err); ok {
		var all []error
		for _, pointer := range wrong.Pointers {
			place := strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", ".")
			all = append(all, fmt.Errorf("%s: is given twice, perhaps with other capitals; remove one / 重复出现（不区分大小写），请删除其中一个", place))
		}
		return errors.Join(all...)
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		return fmt.Errorf("unknown field %s; remove it or correct its name / 没有名为 %[1]s 的设置，请删除或改正名称", name)
	}
	return fmt.Errorf("is not JSON with settings: %w / 不是含有设置的 JSON", err)
}

// mailDomain returns the domain that SES has to verify.
func (s Settings) mailDomain() string {
	from, err := mail.ParseAddress(s.Mail.From)
	if err != nil {
		return ""
	}
	_, host, _ := strings.Cut(from.Address, "@")
	return host
}

// origin returns the portal's scheme and host, without a slash at the end.
func (s Settings) origin() string { return strings.TrimSuffix(s.Portal, "/") }

// staffOrigin returns scheme and host of the pages of staff.
func (s Settings) staffOrigin() string { return strings.TrimSuffix(s.Staff, "/") }

// mailRegion returns the Region from which email is sent.
func (s Settings) mailRegion() string { return cmp.Or(s.Mail.Region, s.Region) }

// usesSES reports whether email is sent through SES, not through a mail relay.
func (s Settings) usesSES() bool { return s.Mail.SMTP == nil }

// hasMailRegion reports whether email is sent through SES in another Region than the environment's.
func (s Settings) hasMailRegion() bool { return s.usesSES() && s.mailRegion() != s.Region }

// smsRegion returns the Region from which SNS sends SMS.
func (s Settings) smsRegion() string { return cmp.Or(s.SMS.Region, s.Region) }
