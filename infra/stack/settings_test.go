package stack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"beian/infra/stack"
)

// mistakes maps the files of testdata/mistakes to their errors, without the path.
var mistakes = map[string]string{
	"unknownfield": `unknown field "regoin"`,
	"wrongtype":    "throttle.burst: must be int, is string",
	"trailing":     "unexpected text after the settings",
	"notjson":      "invalid character 'r' looking for beginning of value",
	"noregion":     `region: "" is not an AWS Region such as ap-southeast-1`,
	"badregion":    `region: "Singapore" is not an AWS Region such as ap-southeast-1`,
	"noses":        "mail.region: ap-east-1 has no Amazon SES; choose a Region that has it",
	"china": "mail.smtp: is missing: the Regions of China have no Amazon SES; give host, port and user of a mail relay" +
		" / 未填写：中国区域没有 Amazon SES，请填写邮件服务商 SMTP 服务器的 host、port 和 user",
	"chinalookups": "domains.lookups: the public directory of domains (RDAP) has servers abroad, and data stay in the country; set it to off" +
		" / 域名公共查询（RDAP）的服务器在境外，数据应留在境内，请设为 off",
	"chinapublic": "domains.lookups: the public directory of domains (RDAP) has servers abroad, and data stay in the country; set it to off" +
		" / 域名公共查询（RDAP）的服务器在境外，数据应留在境内，请设为 off",
	"chinaregion": `region: "cn-south-1" is not a Region of China; use cn-north-1 (Beijing) or cn-northwest-1 (Ningxia)` +
		" / \"cn-south-1\" 不是中国的区域，请填写 cn-north-1（北京）或 cn-northwest-1（宁夏）",
	"chinahosts": "identity.issuer: cognito-idp.ap-southeast-1.amazonaws.com is a service of AWS outside China, and data stay in the country; choose one in China" +
		" / cognito-idp.ap-southeast-1.amazonaws.com 是 AWS 境外区域的服务，数据应留在境内，请选用境内的服务",
	"smtphost":        `mail.smtp.host: "https://smtp.example" is not the name of a host such as smtp.example.com`,
	"smtpport":        "mail.smtp.port: 25 is for servers among each other, and closed on Lambda; use 465 or 587",
	"smtpuser":        "mail.smtp.user: is missing",
	"smtpregion":      "mail.region: is for SES; a mail relay has a host instead",
	"smtpsender":      "identity.sender: ses needs SES; with mail.smtp, leave it out",
	"mailregion":      `mail.region: "Singapore" is not an AWS Region such as ap-southeast-1`,
	"mailpartition":   "mail.region: us-gov-west-1 is in another AWS partition than ap-southeast-1, so the credentials of the functions are invalid there",
	"mailinchina":     "mail.region: cn-north-1 has no Amazon SES; choose a Region that has it",
	"nosms":           "sms.region: ap-northeast-2 has no SMS through Amazon SNS; choose a Region that has it",
	"smsregion":       `sms.region: "Singapore" is not an AWS Region such as ap-southeast-1`,
	"smspartition":    "sms.region: us-gov-west-1 is in another AWS partition than ap-southeast-1, so the credentials of the functions are invalid there",
	"smskind":         `sms.kind: "pigeon" is neither sns nor https`,
	"snscarrier":      "sms: name, endpoint and key are for https; remove them or set kind to https",
	"carrierregion":   "sms.region: is for sns; another carrier has an endpoint instead",
	"carriername":     "sms.name: is missing",
	"carrierkey":      "sms.key: is missing",
	"carrieraddress":  `sms.endpoint: "http://sms.example/send" is not a URL such as https://host/path`,
	"architecture":    `architecture: "riscv" is neither arm64 nor x86_64`,
	"noprovidername":  "provider.nameChinese: is missing",
	"nopaperaddress":  "provider.paperAddress: is missing",
	"portalhttp":      `portal: "http://beian.provider.example" is not a URL such as https://host/path`,
	"portalpath":      `portal: "https://provider.example/beian" has a path; give Beian a separate host`,
	"staffpath":       `staff: "https://provider.example/staff" has a path; give Beian a separate host`,
	"staffportal":     `staff: "https://beian.provider.example" is the host of the portal; staff have another user pool and another HTTP API`,
	"identitykind":    `identity.kind: "ldap" is neither cognito nor oidc`,
	"noissuer":        "identity.issuer: is missing; with oidc, it is the iss of the tokens",
	"noaudience":      "identity.audiences: is empty or contains an empty text",
	"issuerhttp":      `identity.issuer: "http://login.provider.example" is not a URL such as https://host/path`,
	"cognitosender":   `identity.sender: "smtp" is not ses; leave it out until the sender's domain is verified`,
	"issuersender":    "identity.sender: is for cognito",
	"cognitoissuer":   "identity: with cognito, leave out issuer, audiences and pages; the stack sets them",
	"nosender":        `mail.from: "" is not a sender such as Beian <beian@provider.example>`,
	"sender":          `mail.from: "beian at provider" is not a sender such as Beian <beian@provider.example>`,
	"senderdomain":    `mail.from: "localhost" is not a domain such as provider.example`,
	"operator":        `operator.mail: "ops" is not an email address`,
	"bureauprovider":  "bureau.provider: is missing",
	"bureauaddress":   `bureau.status: "bureau.example" is not a URL such as https://host/path`,
	"bureauhttp":      `bureau.upDownLoad: "http://127.0.0.1.bureau.example/UpDownLoad" is not a URL such as https://host/path`,
	"bureaukind":      `bureau.kind: "fax" is neither link nor manual`,
	"manualaddress":   "bureau: upDownLoad, status, verifyPassword and sendsPlain are for link; remove them or set kind to link",
	"manualegress":    "egress: fixed is for the bureau's list of addresses; with bureau.kind manual, nothing calls the bureau",
	"characters":      `bureau.characters: "gbk" is not gb18030; leave it out for GBK`,
	"registrar":       `domains.registrar.endpoint: "http://registrar.example" is not a URL such as https://host/path`,
	"domainlookups":   `domains.lookups: "simulator" is not off; leave it out for public lookups`,
	"liveness":        `liveness.endpoint: "http://liveness.example" is not a URL such as https://host/path`,
	"egress":          `egress: "closed" is neither open nor fixed`,
	"throttle":        "throttle: perSecond must be above 0, and burst at least perSecond",
	"limits":          `limits: actions: open is counted for [account address], not for "network"`,
	"agencies":        "agencies: nameEnglish of agency-1 is missing",
	"sitewatch":       `siteWatch.never: 198.51.100.1/24 is not a network such as 198.51.100.0/24`,
	"sitevisits":      `siteWatch.visits: "simulator" is not off; leave it out to visit sites`,
	"logdays":         "logDays: 30 is not one of [180 365 545 731 1096 1827]",
	"retention":       "retention: draftDays must be at least 7: uploads that were not accepted are deleted by then; bureauFileDays must be at least 92: the bureau may ask for an upload again for three months",
	"reviewdays":      `reviewDays: 21 is no number of working days from 1 to 20`,
	"bureautaskdays":  `bureauTaskDays: "HSRW": 61 is no number of working days from 1 to 60 of a kind of task`,
	"onlyaccess":      `onlyAccess: "forbid" is neither warn nor refuse`,
	"secondreadings":  "secondReadings: percent is 101: must be 0 to 100",
	"secretsrevision": "secretsRevision: must be at least 1",
}

func TestEachMistakeHasOneLine(t *testing.T) {
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
			t.Errorf("%s is accepted", name)
			continue
		}
		if got, want := err.Error(), filepath.Join(folder, name+".json")+": "+want; got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestAllMistakesAreReportedTogether(t *testing.T) {
	_, err := stack.Decode("Default", []byte("{}"))
	if err == nil {
		t.Fatal("empty settings are accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for _, field := range []string{"name", "region", "provider.nameChinese", "portal", "staff", "identity.kind", "mail.from", "operator.mail",
		"bureau.provider", "bureau.upDownLoad", "throttle", "logDays", "secretsRevision"} {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, field+": ") }) {
			t.Errorf("no error about %s", field)
		}
	}
}

// TestChinaNeedsOtherServices: in the Regions of China, each service that is missing there is reported, and look-ups abroad are, in both languages.
func TestChinaNeedsOtherServices(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(environments, "default.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, region := range []string{"cn-north-1", "cn-northwest-1"} {
		_, err := stack.Decode("default", []byte(strings.ReplaceAll(string(doc), "ap-southeast-1", region)))
		if err == nil {
			t.Fatal("a Region of China is accepted with services that it lacks")
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != 4 {
			t.Errorf("%d errors: %v", len(lines), err)
		}
		for i, want := range [][]string{{"mail.smtp: ", "host, port and user", "没有 Amazon SES"}, {"sms: ", "set kind to https", "请将 kind 设为 https"}, {"identity: ", "set kind to oidc", "请将 kind 设为 oidc"},
			{"domains.lookups: ", "set it to off", "请设为 off"}} {
			for _, words := range want {
				if !strings.Contains(lines[i], words) {
					t.Errorf("%q lacks %q", lines[i], words)
				}
			}
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

func TestMissingEnvironment(t *testing.T) {
	_, err := stack.Load(environments, "nowhere")
	if err == nil || !strings.Contains(err.Error(), `environment "nowhere": `) {
		t.Errorf("%v", err)
	}
}

// TestEnvironments loads each environment in the repository.
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

// TestAddressesOutsideChina: in the Regions of China, each setting with an address of AWS elsewhere is reported, and none of AWS in China or of others.
func TestAddressesOutsideChina(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(environments, "china.json"))
	if err != nil {
		t.Fatal(err)
	}
	abroad := strings.NewReplacer(
		"https://login.provider.example", "https://Cognito-IDP.ap-southeast-1.amazonaws.com.",
		`"smtp.provider.example"`, `"email-smtp.us-east-1.amazonaws.com"`,
		"https://sms.provider.example", "https://abc123.lambda-url.us-east-1.on.aws",
		`{"lookups": "off"}`, `{"lookups": "off", "registrar": {"name": "acme", "endpoint": "https://abc123.execute-api.us-east-1.amazonaws.com/prod", "key": "beian"}}`,
		`"egress"`, `"liveness": {"name": "acme", "endpoint": "https://live.auth.us-east-1.amazoncognito.com/", "key": "beian"}, "egress"`,
	).Replace(string(doc))
	_, err = stack.Decode("china", []byte(abroad))
	if got := strings.Count(fmt.Sprint(err), "outside China"); got != 5 || strings.Count(err.Error(), "境外") != 5 {
		t.Errorf("%d addresses are reported, want 5: %v", got, err)
	}
	if _, err := stack.Decode("china", []byte(strings.ReplaceAll(abroad, ".amazonaws.com", ".amazonaws.com.cn"))); strings.Count(fmt.Sprint(err), "outside China") != 2 {
		t.Errorf("of AWS in China: %v", err)
	}
}
