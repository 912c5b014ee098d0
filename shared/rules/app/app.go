// Package app checks what an application says about an app, a mini program or a quick app (移动互联网应用程序), besides what it says about
// every service. Bureaus file them since September 2023. Start with [Check]; [CheckKind] says whether a kind can be filed on a day.
//
//	d := app.Details{Platforms: []app.Platform{{System: "android", Package: "cn.example.notes", PublicKey: key, Fingerprint: md5}}}
//	found := app.Check(number.App, d.Normalize(), domains)
//
// The ministry's interface V3.0 has no elements for these data: an operator enters them into the bureau's console.
package app

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/pattern"
	"beian/shared/rules/strictjson"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
)

// Codes of the findings.
const (
	CodeNotYet             finding.Code = "service-kind-not-yet"
	CodePlatformMissing    finding.Code = "app-platform-missing"
	CodePlatformUnknown    finding.Code = "app-platform-unknown"
	CodePlatformTwice      finding.Code = "app-platform-twice"
	CodePlatformName       finding.Code = "app-platform-name-missing"
	CodePlatformNamed      finding.Code = "app-platform-named-needlessly"
	CodePackage            finding.Code = "app-package-malformed"
	CodeMiniProgramID      finding.Code = "mini-program-id-malformed"
	CodeKeyMissing         finding.Code = "app-public-key-missing"
	CodeKeyForm            finding.Code = "app-public-key-malformed"
	CodeFingerprintMissing finding.Code = "app-fingerprint-missing"
	CodeFingerprintForm    finding.Code = "app-fingerprint-malformed"
	CodeHostForm           finding.Code = "app-host-malformed"
	CodeHostLevel          finding.Code = "app-host-level"
	CodeHostDomain         finding.Code = "app-host-of-other-domain"
	CodeHostTwice          finding.Code = "app-host-twice"
	CodeNameNotDistinctive finding.Code = "app-name-not-distinctive"
)

// Details are the data of an app, a mini program or a quick app.
type Details struct {
	Platforms []Platform `json:"platforms,omitempty" maxItems:"16" doc:"where it runs, each with the data of its package there"`
	// Hosts may be below the registrable domains of the service: the bureau files them at the level used (icp-filing 2.4).
	Hosts []string `json:"hosts,omitempty" maxItems:"64" doc:"names of the servers that it calls, within the domains of the service and down to the fourth level; absent: the domains themselves" example:"[\"api.example.cn\"]"`
}

// A Platform is one system or host on which the service runs, and how its package is known there.
type Platform struct {
	System      string `json:"system,omitempty" maxLength:"32" doc:"id of a platform of the kind of service, see /service-kinds: the system of an app, the host of a mini program, the maker of the phone of a quick app" example:"android"`
	Name        string `json:"name,omitempty" maxLength:"256" doc:"of a system \"other\": its name"`
	Package     string `json:"package,omitempty" maxLength:"512" doc:"package name (Android, HarmonyOS, quick app), Bundle ID (iOS) or AppID (mini program)" example:"cn.example.notes"`
	PublicKey   string `json:"publicKey,omitempty" maxLength:"8192" doc:"public key of the certificate that signs the package, in hex or base64; for an app"`
	Fingerprint string `json:"fingerprint,omitempty" maxLength:"256" doc:"digest of that certificate in hex, with or without colons: MD5 for Android, SHA-1 for iOS, as the developer console shows it for HarmonyOS; for an app"`
}

// A System is a platform that services of one kind run on.
type System struct {
	ID    string        `json:"id"`
	Words finding.Words `json:"words"`
	// Digits are the numbers of hexadecimal digits that a fingerprint may have: 32 for MD5, 40 for SHA-1, 64 for SHA-256. None: it has no fingerprint.
	Digits []int `json:"digits,omitempty"`
}

// Other is the System of a platform that the lists do not have.
const Other = "other"

// A Rule says which kinds of service can be filed in a period.
type Rule struct {
	ID       string           `json:"id"`
	Services []number.Service `json:"services"`
	workday.Span
	Source string `json:"source"`
}

//go:embed rules.json
var rulesFile []byte

type data struct {
	Rules   []Rule                      `json:"rules"`
	Systems map[number.Service][]System `json:"systems"`
	// Generic are words that do not tell one app from another.
	Generic []GenericWords `json:"generic"`
}

// GenericWords are words that alone make no name of an app, in a period.
type GenericWords struct {
	ID    string   `json:"id"`
	Words []string `json:"words"`
	workday.Span
	Source string `json:"source"`
}

var rules = sync.OnceValue(func() data {
	d, err := decode(rulesFile)
	if err != nil {
		panic(fmt.Errorf("rules.json: %w", err)) // it is embedded, and the test of this package loads it
	}
	return d
})

// decode parses the rules. Unknown fields and incomplete rules are errors.
func decode(text []byte) (d data, err error) {
	if err := strictjson.UnmarshalEmbedded(text, &d); err != nil {
		return d, err
	}
	for _, r := range d.Rules {
		if r.ID == "" || r.Source == "" || len(r.Services) == 0 {
			return d, fmt.Errorf("rule %q has no id, source or service", r.ID)
		}
		if err := r.Check(); err != nil {
			return d, fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	for _, g := range d.Generic {
		if g.ID == "" || g.Source == "" || len(g.Words) == 0 || slices.Contains(g.Words, "") {
			return d, fmt.Errorf("list %q has no id, source or words", g.ID)
		}
		if err := g.Check(); err != nil {
			return d, fmt.Errorf("list %s: %w", g.ID, err)
		}
	}
	for kind, systems := range d.Systems {
		for _, s := range systems {
			if s.ID == "" || s.Words.Chinese == "" || s.Words.English == "" || kind == number.App && len(s.Digits) == 0 {
				return d, fmt.Errorf("platform %q of %s has no id, words or digits", s.ID, kind.Name())
			}
		}
	}
	return d, nil
}

// Data returns the embedded file, for the version of the rules.
func Data() []byte { return slices.Clone(rulesFile) }

// Rules returns the periods in which kinds of service can be filed.
func Rules() []Rule { return slices.Clone(rules().Rules) }

// Generic returns the lists of words that alone make no name.
func Generic() []GenericWords { return slices.Clone(rules().Generic) }

// Systems returns the platforms of a kind of service, in the order in which people are likely to look for them.
func Systems(kind number.Service) []System { return slices.Clone(rules().Systems[kind]) }

// SystemOf returns the platform of a kind of service with an id.
func SystemOf(kind number.Service, id string) (System, bool) {
	i := slices.IndexFunc(rules().Systems[kind], func(s System) bool { return s.ID == id })
	if i < 0 {
		return System{}, false
	}
	return rules().Systems[kind][i], true
}

// CheckKind returns the finding that services of a kind cannot be filed on the day. Sites always can. The pointer is "".
func CheckKind(kind number.Service, on time.Time) finding.List {
	if kind == number.Site {
		return nil
	}
	day, from := workday.DateOf(on), workday.Date("")
	for _, r := range rules().Rules {
		if !slices.Contains(r.Services, kind) {
			continue
		}
		if r.InForce(day) {
			return nil
		}
		from = r.From
	}
	words := kind.Words()
	return finding.List{finding.New(CodeNotYet, "", "service", words.Chinese, "service-en", words.English, "from", string(from))}
}

// CheckName returns the finding about a name that consists of generic words only. The pointer is "".
func CheckName(name string, on time.Time) finding.List {
	rest := strings.ToUpper(strings.ReplaceAll(text.NormalizeASCII(name), " ", ""))
	if rest == "" {
		return nil
	}
	for _, g := range rules().Generic {
		if !g.InForce(workday.DateOf(on)) {
			continue
		}
		for _, word := range g.Words { // the longest are first
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	if rest != "" {
		return nil
	}
	return finding.List{finding.New(CodeNameNotDistinctive, "")}
}

// Normalize returns the details in the form in which they are compared and stored: systems and hosts in lower case, fingerprints as hex digits
// in upper case without colons, keys without white space and without the lines around PEM.
func (d Details) Normalize() Details {
	d.Platforms, d.Hosts = slices.Clone(d.Platforms), slices.Clone(d.Hosts)
	for i, p := range d.Platforms {
		p.System, p.Name = strings.ToLower(text.NormalizeASCII(p.System)), text.Normalize(p.Name)
		p.Package = text.NormalizeASCII(p.Package)
		p.PublicKey = strings.Join(strings.Fields(pemLine().ReplaceAllString(text.NormalizeASCII(p.PublicKey), "")), "")
		p.Fingerprint = strings.ToUpper(strings.NewReplacer(":", "", " ", "").Replace(text.NormalizeASCII(fingerprintLabel().ReplaceAllString(p.Fingerprint, ""))))
		d.Platforms[i] = p
	}
	for i, h := range d.Hosts {
		if domain, ok := domainname.Normalize(h); ok {
			d.Hosts[i] = string(domain)
		}
	}
	return d
}

var (
	pemLine          = pattern.New(`-{5}(BEGIN|END) [A-Z ]{1,40}-{5}`)
	fingerprintLabel = pattern.New(`(?i)^\s*(md5|sha-?1|sha-?256)\s*(fingerprint)?\s*[:：=]\s*`)
)

// Limits of the data. No source states limits of the console's fields, so these only exclude what cannot be meant.
const (
	maxPackage = 255  // characters, that of Android's manifest
	minKey     = 32   // hex digits of the smallest key in use, of 128 bits
	maxBelow   = 2    // labels below the registrable domain: a.b.example.cn is of the fourth level (icp-filing 2.4, HSY-APP)
	maxKeyText = 4096 // characters; an RSA key of 8,192 bits has 2,048 hex digits
)

var (
	// packageName is a name of at least two parts, as Android, HarmonyOS and quick apps require; Apple allows hyphens, and parts that begin with a digit.
	packageName   = pattern.New(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$`)
	bundleID      = pattern.New(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	miniProgramID = pattern.New(`^[A-Za-z0-9_.-]{4,64}$`)
	weChatID      = pattern.New(`^wx[0-9a-f]{16}$`)
	keyText       = pattern.New(`^([0-9A-Fa-f:]+|[0-9A-Za-z+/_-]+={0,2})$`)
)

// Check returns the findings on normalised details of a service of a kind other than a site. domains are those of the service. Pointers are into
// the details: /platforms/0/package.
func Check(kind number.Service, d Details, domains []domainname.Domain) finding.List {
	var found finding.List
	if len(d.Platforms) == 0 {
		found = append(found, finding.New(CodePlatformMissing, "/platforms"))
	}
	for i, p := range d.Platforms {
		pointer := fmt.Sprintf("/platforms/%d", i)
		found = append(found, checkPlatform(kind, p).Under(pointer)...)
		same := func(other Platform) bool {
			return other.System == p.System && other.Name == p.Name && other.Package == p.Package
		}
		if slices.ContainsFunc(d.Platforms[:i], same) {
			found = append(found, finding.New(CodePlatformTwice, pointer+"/package"))
		}
	}
	for i, host := range d.Hosts {
		pointer := fmt.Sprintf("/hosts/%d", i)
		found = append(found, checkHost(host, domains).Under(pointer)...)
		if slices.Contains(d.Hosts[:i], host) {
			found = append(found, finding.New(CodeHostTwice, pointer))
		}
	}
	return found
}

func checkPlatform(kind number.Service, p Platform) finding.List {
	system, known := SystemOf(kind, p.System)
	if !known {
		return finding.List{finding.New(CodePlatformUnknown, "/system", "systems", strings.Join(namesOf(Systems(kind)), "、"), "systems-en", strings.Join(idsOf(Systems(kind)), ", "))}
	}
	var found finding.List
	switch {
	case p.System == Other && p.Name == "":
		found = append(found, finding.New(CodePlatformName, "/name"))
	case p.System != Other && p.Name != "":
		found = append(found, finding.New(CodePlatformNamed, "/name"))
	}
	found = append(found, checkPackage(kind, p)...)
	if kind != number.App {
		return found
	}
	switch {
	case p.PublicKey == "":
		found = append(found, finding.New(CodeKeyMissing, "/publicKey"))
	case len(p.PublicKey) < minKey, len(p.PublicKey) > maxKeyText, !keyText().MatchString(p.PublicKey):
		found = append(found, finding.New(CodeKeyForm, "/publicKey"))
	}
	return append(found, checkFingerprint(system, p.Fingerprint)...)
}

func checkPackage(kind number.Service, p Platform) finding.List {
	if kind == number.MiniProgram {
		form := miniProgramID
		if p.System == "wechat" {
			form = weChatID
		}
		if !form().MatchString(p.Package) {
			return finding.List{finding.New(CodeMiniProgramID, "/package")}
		}
		return nil
	}
	form := packageName
	if p.System == "ios" || p.System == Other {
		form = bundleID
		if packageName().MatchString(p.Package) {
			form = packageName
		}
	}
	if len(p.Package) > maxPackage || !form().MatchString(p.Package) {
		return finding.List{finding.New(CodePackage, "/package")}
	}
	return nil
}

// digests are the names of digests by the number of their hexadecimal digits.
var digests = map[int]string{32: "MD5", 40: "SHA-1", 64: "SHA-256"}

// Digest returns the name of the digest that a normalised fingerprint is, by its length; "" if none has it.
func Digest(fingerprint string) string { return digests[len(fingerprint)] }

// PackageWords returns what the package of a kind of service is called on a platform: 包名, Bundle ID or AppID.
func PackageWords(kind number.Service, system string) finding.Words {
	switch {
	case kind == number.MiniProgram:
		return finding.Words{Chinese: "AppID", English: "AppID"}
	case system == "ios":
		return finding.Words{Chinese: "Bundle ID", English: "Bundle ID"}
	}
	return finding.Words{Chinese: "包名", English: "package name"}
}

func checkFingerprint(s System, fingerprint string) finding.List {
	if fingerprint == "" {
		return finding.List{finding.New(CodeFingerprintMissing, "/fingerprint")}
	}
	if _, err := hex.DecodeString(fingerprint); err == nil && slices.Contains(s.Digits, len(fingerprint)) {
		return nil
	}
	var names, lengths []string
	for _, n := range s.Digits {
		names, lengths = append(names, digests[n]), append(lengths, strconv.Itoa(n))
	}
	return finding.List{finding.New(CodeFingerprintForm, "/fingerprint", "digest", strings.Join(names, "/"), "digits", strings.Join(lengths, "/"))}
}

func namesOf(systems []System) []string {
	var names []string
	for _, s := range systems {
		names = append(names, s.Words.Chinese)
	}
	return names
}

func idsOf(systems []System) []string {
	var ids []string
	for _, s := range systems {
		ids = append(ids, s.ID)
	}
	return ids
}

// checkHost requires a name within one of the domains, at most two levels below it.
func checkHost(host string, domains []domainname.Domain) finding.List {
	normal, ok := domainname.Normalize(host)
	if !ok || string(normal) != host || !strings.Contains(host, ".") {
		return finding.List{finding.New(CodeHostForm, "")}
	}
	for _, d := range domains {
		below, within := strings.CutSuffix("."+host, "."+string(d))
		switch {
		case within && strings.Count(below, ".") > maxBelow:
			return finding.List{finding.New(CodeHostLevel, "", "domain", d.Display())}
		case within:
			return nil
		}
	}
	return finding.List{finding.New(CodeHostDomain, "")}
}
