package stack_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/infra/stack"
)

// mistakes are the files of testdata/mistakes and what is said of each: the rest of the one line after the path.
var mistakes = map[string]string{
	"unknownfield": `unknown field "regoin"`,
	"wrongtype":    "throttle.burst: wants int, has string",
	"trailing":     "there is something after the settings",
	"notjson":      "invalid character 'r' looking for beginning of value",
	"noregion":     `region: "" is no Region of AWS, such as ap-southeast-1`,
	"badregion":    `region: "Singapore" is no Region of AWS, such as ap-southeast-1`,
	"noses":        "mail.region: ap-east-1 has no Amazon SES; name a Region that has",
	"china": "mail.region: no Region of China has Amazon SES, and none elsewhere knows the credentials of cn-north-1, " +
		"so applicants would get no email",
	"mailregion":      `mail.region: "Singapore" is no Region of AWS, such as ap-southeast-1`,
	"mailpartition":   "mail.region: us-gov-west-1 is in another partition of AWS than ap-southeast-1, whose credentials it does not know",
	"mailinchina":     "mail.region: cn-north-1 has no Amazon SES; name a Region that has",
	"nosms":           "sms.region: ap-northeast-2 has no SMS through Amazon SNS; name a Region that has",
	"smsregion":       `sms.region: "Singapore" is no Region of AWS, such as ap-southeast-1`,
	"smspartition":    "sms.region: us-gov-west-1 is in another partition of AWS than ap-southeast-1, whose credentials it does not know",
	"smskind":         `sms.kind: "pigeon" is neither sns nor https`,
	"snscarrier":      "sms: with sns there is no other carrier: name, endpoint and key are for https",
	"carrierregion":   "sms.region: is for sns; a carrier has an endpoint instead",
	"carriername":     "sms.name: is missing",
	"carrierkey":      "sms.key: is missing",
	"carrieraddress":  `sms.endpoint: "http://sms.example/send" is no address such as https://host/path`,
	"architecture":    `architecture: "riscv" is neither arm64 nor x86_64`,
	"noprovidername":  "provider.nameChinese: is missing",
	"nopaperaddress":  "provider.paperAddress: is missing",
	"portalhttp":      `portal: "http://beian.provider.example" is no address such as https://host/path`,
	"portalpath":      `portal: "https://provider.example/beian" has a path; Beian is the whole host's`,
	"identitykind":    `identity.kind: "ldap" is neither cognito nor oidc`,
	"noissuer":        "identity.issuer: is missing; with oidc it is the iss of the tokens",
	"noaudience":      "identity.audiences: names nobody",
	"issuerhttp":      `identity.issuer: "http://login.provider.example" is no address such as https://host/path`,
	"cognitoissuer":   "identity: with cognito the stack knows issuer and audiences itself",
	"nosender":        `mail.from: "" is no sender that SES could verify, such as Beian <beian@provider.example>`,
	"sender":          `mail.from: "beian at provider" is no sender that SES could verify, such as Beian <beian@provider.example>`,
	"senderdomain":    `mail.from: "localhost" is no domain that SES could verify`,
	"operator":        `operator.mail: "ops" is no email address`,
	"bureauprovider":  "bureau.provider: is missing",
	"bureauaddress":   `bureau.status: "bureau.example" is no address such as https://host/path`,
	"bureauhttp":      `bureau.upDownLoad: "http://127.0.0.1.bureau.example/UpDownLoad" is no address such as https://host/path`,
	"liveness":        `liveness.endpoint: "http://liveness.example" is no address such as https://host/path`,
	"egress":          `egress: "closed" is neither open nor fixed`,
	"throttle":        "throttle: wants perSecond above 0, and a burst that is no less",
	"logdays":         "logDays: 30 is none of [180 365 545 731 1096 1827]",
	"retention":       "retention: closedDays and filedDays are 7 at least: uploads that were not accepted are gone by then",
	"secretsrevision": "secretsRevision: begins with 1",
}

func TestMistakesAreRefusedInOneLine(t *testing.T) {
	folder := filepath.Join("testdata", "mistakes")
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(mistakes) {
		t.Errorf("%d files, %d mistakes", len(files), len(mistakes))
	}
	for name, want := range mistakes {
		_, err := stack.Load(folder, name)
		if err == nil {
			t.Errorf("%s is not refused", name)
			continue
		}
		if got, want := err.Error(), filepath.Join(folder, name+".json")+": "+want; got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	_, err := stack.Decode("Default", []byte("{}"))
	if err == nil {
		t.Fatal("nothing is enough")
	}
	lines := strings.Split(err.Error(), "\n")
	for _, field := range []string{"name", "region", "provider.nameChinese", "portal", "identity.kind", "mail.from", "operator.mail",
		"bureau.provider", "bureau.upDownLoad", "throttle", "logDays", "secretsRevision"} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, field+": ") }) {
			t.Errorf("nothing is said about %s", field)
		}
	}
}

// TestAddressesOfThisMachine: a bureau simulator on the same machine may be reached without TLS.
func TestAddressesOfThisMachine(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(environments, "default.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1:8090", "[::1]:8090", "localhost"} {
		if _, err := stack.Decode("default", []byte(strings.ReplaceAll(string(doc), "https://bureau.example", "http://"+host))); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestNoSuchEnvironment(t *testing.T) {
	_, err := stack.Load(environments, "nowhere")
	if err == nil || !strings.Contains(err.Error(), `environment "nowhere": there is no`) {
		t.Errorf("%v", err)
	}
}

// TestEnvironments loads every environment there is.
func TestEnvironments(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(environments, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no environments", err)
	}
	for _, file := range files {
		if _, err := stack.Load(environments, strings.TrimSuffix(filepath.Base(file), ".json")); err != nil {
			t.Error(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{filepath.Join(environments, "default.json"), filepath.Join("testdata", "full.json")} {
		doc, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc)
	}
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, err := stack.Decode("fuzz", doc)
		if err == nil && (s.Region == "" || s.Mail.From == "" || s.Throttle.PerSecond <= 0) {
			t.Errorf("accepted: %+v", s)
		}
	})
}
