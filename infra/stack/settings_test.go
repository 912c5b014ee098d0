package stack_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beian/infra/stack"
)

// mistakes maps the files of testdata/mistakes to their errors, without the path.
var mistakes = map[string]string{
	"unknownfield": `unknown field "regoin"; remove it or correct its name / 没有名为 "regoin" 的设置，请删除或改正名称`,
	"wrongtype":    "throttle.burst: must be int, is string / 应为 int，而不是 string",
	"trailing":     "is not JSON with settings: text after the JSON value / 不是含有设置的 JSON",
	"notjson":      "line 1: is not JSON: invalid character 'r' looking for beginning of value / 第 1 行不是 JSON",
	"noregion":     `region: "" is not an AWS Region such as ap-southeast-1 / "" 不是 ap-southeast-1 这样的 AWS 区域`,
	"badregion":    `region: "Singapore" is not an AWS Region such as ap-southeast-1 / "Singapore" 不是 ap-southeast-1 这样的 AWS 区域`,
	"noses":        "mail.region: ap-east-1 has no Amazon SES; choose a Region that has it / ap-east-1 没有 Amazon SES，请选用有此服务的区域",
	"china": "mail.smtp: is missing: the Regions of China have no Amazon SES; give host, port and user of a mail relay" +
		" / 未填写：中国区域没有 Amazon SES，请填写邮件服务商 SMTP 服务器的 host、port 和 user",
	"chinalookups": "domains.lookups: the public directory of domains (RDAP) has servers abroad, and data stay in the country; set it to off" +
		" / 域名公共查询（RDAP）的服务器在境外，数据应留在境内，请设为 off",
	"chinapublic": "domains.lookups: the public directory of domains (RDAP) has servers abroad, and data stay in the country; set it to off" +
		" / 域名公共查询（RDAP）的服务器在境外，数据应留在境内，请设为 off",
	"chinaregion": `region: "cn-south-1" is not a Region of China; use cn-north-1 (Beijing) or cn-northwest-1 (Ningxia)` +
		` / "cn-south-1" 不是中国的区域，请填写 cn-north-1（北京）或 cn-northwest-1（宁夏）`,
	"chinahosts": "identity.issuer: cognito-idp.ap-southeast-1.amazonaws.com is a service of AWS outside China, and data stay in the country; choose one in China" +
		" / cognito-idp.ap-southeast-1.amazonaws.com 是 AWS 境外区域的服务，数据应留在境内，请选用境内的服务",
	"smtphost":   `mail.smtp.host: "https://smtp.example" is not the name of a host such as smtp.example.com / "https://smtp.example" 不是 smtp.example.com 这样的主机名`,
	"smtpport":   "mail.smtp.port: 25 is for servers among each other, and closed on Lambda; use 465 or 587 / 25 是邮件服务器之间的端口，在 Lambda 上不可用，请使用 465 或 587",
	"smtpuser":   "mail.smtp.user: is missing / 未填写",
	"smtpregion": "mail.region: is for SES; a mail relay has a host instead / 仅用于 SES；邮件服务商请填写 host",
	"smtpsender": "identity.sender: ses needs SES; with mail.smtp, leave it out / ses 需要 SES；填写了 mail.smtp 时，请删除此项",
	"mailregion": `mail.region: "Singapore" is not an AWS Region such as ap-southeast-1 / "Singapore" 不是 ap-southeast-1 这样的 AWS 区域`,
	"mailpartition": "mail.region: us-gov-west-1 is in another AWS partition than ap-southeast-1, so the credentials of the functions are invalid there; choose a Region of the same partition" +
		" / us-gov-west-1 与 ap-southeast-1 不在同一 AWS 分区，函数的凭证在那里无效，请选用同一分区的区域",
	"mailinchina": "mail.region: cn-north-1 has no Amazon SES; choose a Region that has it / cn-north-1 没有 Amazon SES，请选用有此服务的区域",
	"nosms":       "sms.region: ap-northeast-2 has no SMS (Amazon SNS); choose a Region that has it / ap-northeast-2 没有 SMS (Amazon SNS)，请选用有此服务的区域",
	"smsregion":   `sms.region: "Singapore" is not an AWS Region such as ap-southeast-1 / "Singapore" 不是 ap-southeast-1 这样的 AWS 区域`,
	"smspartition": "sms.region: us-gov-west-1 is in another AWS partition than ap-southeast-1, so the credentials of the functions are invalid there; choose a Region of the same partition" +
		" / us-gov-west-1 与 ap-southeast-1 不在同一 AWS 分区，函数的凭证在那里无效，请选用同一分区的区域",
	"smskind":        `sms.kind: "pigeon" is neither sns nor https / "pigeon" 既不是 sns 也不是 https`,
	"snscarrier":     "sms: name, endpoint and key are for https; remove them or set kind to https / name、endpoint 和 key 仅用于 https，请删除它们，或将 kind 设为 https",
	"carrierregion":  "sms.region: is for sns; another carrier has an endpoint instead / 仅用于 sns；其他短信服务商请填写 endpoint",
	"carriername":    "sms.name: is missing / 未填写",
	"carrierkey":     "sms.key: is missing / 未填写",
	"carrieraddress": `sms.endpoint: "http://sms.example/send" is not a URL such as https://host/path / "http://sms.example/send" 不是 https://host/path 这样的网址`,
	"architecture":   `architecture: "riscv" is neither arm64 nor x86_64 / "riscv" 既不是 arm64 也不是 x86_64`,
	"noprovidername": "provider.nameChinese: is missing / 未填写",
	"nopaperaddress": "provider.paperAddress: is missing / 未填写",
	"portalhttp":     `portal: "http://beian.provider.example" is not a URL such as https://host/path / "http://beian.provider.example" 不是 https://host/path 这样的网址`,
	"portalpath":     `portal: "https://provider.example/beian" has a path; give Beian a separate host / "https://provider.example/beian" 带有路径，请为 Beian 使用单独的域名`,
	"staffpath":      `staff: "https://provider.example/staff" has a path; give Beian a separate host / "https://provider.example/staff" 带有路径，请为 Beian 使用单独的域名`,
	"staffportal": `staff: "https://beian.provider.example" is the host of the portal; give the pages of staff another host` +
		` / "https://beian.provider.example" 是用户门户的域名，请为工作人员的页面使用另一个域名`,
	"identitykind":   `identity.kind: "ldap" is neither cognito nor oidc / "ldap" 既不是 cognito 也不是 oidc`,
	"noissuer":       "identity.issuer: is missing; with oidc, it is the iss of the tokens / 未填写；kind 为 oidc 时，请填写令牌的 iss",
	"noaudience":     "identity.audiences: is empty or contains an empty text; give at least one audience / 为空或含有空文本，请至少填写一个 audience",
	"issuerhttp":     `identity.issuer: "http://login.provider.example" is not a URL such as https://host/path / "http://login.provider.example" 不是 https://host/path 这样的网址`,
	"cognitosender":  `identity.sender: "smtp" is not ses; leave it out until the sender's domain is verified / "smtp" 不是 ses；发件域名验证之前，请删除此项`,
	"issuersender":   "identity.sender: is for cognito; leave it out / 仅用于 cognito，请删除此项",
	"cognitoissuer":  "identity: with cognito, leave out issuer, audiences and pages; the stack sets them / kind 为 cognito 时，请删除 issuer、audiences 和 pages，它们由部署自动设置",
	"nosender":       `mail.from: "" is not a sender such as Beian <beian@provider.example> / "" 不是 Beian <beian@provider.example> 这样的发件人`,
	"sender":         `mail.from: "beian at provider" is not a sender such as Beian <beian@provider.example> / "beian at provider" 不是 Beian <beian@provider.example> 这样的发件人`,
	"senderdomain":   `mail.from: "localhost" is not a domain such as provider.example / "localhost" 不是 provider.example 这样的域名`,
	"operator":       `operator.mail: "ops" is not an email address / "ops" 不是电子邮箱地址`,
	"bureauprovider": "bureau.provider: is missing; give the ministry's number of the provider / 未填写，请填写部里的接入商编号",
	"bureauaddress":  `bureau.status: "bureau.example" is not a URL such as https://host/path / "bureau.example" 不是 https://host/path 这样的网址`,
	"bureauhttp": `bureau.upDownLoad: "http://127.0.0.1.bureau.example/UpDownLoad" is not a URL such as https://host/path` +
		` / "http://127.0.0.1.bureau.example/UpDownLoad" 不是 https://host/path 这样的网址`,
	"bureaukind": `bureau.kind: "fax" is neither link nor manual / "fax" 既不是 link 也不是 manual`,
	"manualaddress": "bureau: upDownLoad, status, verifyPassword and sendsPlain are for link; remove them or set kind to link" +
		" / upDownLoad、status、verifyPassword 和 sendsPlain 仅用于 link，请删除它们，或将 kind 设为 link",
	"manualegress": "egress: fixed is for the bureau's list of addresses, and with bureau.kind manual nothing calls the bureau; set it to open" +
		" / fixed 用于管局的 IP 白名单，而 bureau.kind 为 manual 时系统不访问管局，请设为 open",
	"characters":    `bureau.characters: "gbk" is not gb18030; leave it out for GBK / "gbk" 不是 gb18030；如使用 GBK，请删除此项`,
	"registrar":     `domains.registrar.endpoint: "http://registrar.example" is not a URL such as https://host/path / "http://registrar.example" 不是 https://host/path 这样的网址`,
	"domainlookups": `domains.lookups: "simulator" is not off; leave it out for public lookups / "simulator" 不是 off；如需公共查询，请删除此项`,
	"liveness":      `liveness.endpoint: "http://liveness.example" is not a URL such as https://host/path / "http://liveness.example" 不是 https://host/path 这样的网址`,
	"egress":        `egress: "closed" is neither open nor fixed / "closed" 既不是 open 也不是 fixed`,
	"throttle":      "throttle: perSecond must be above 0, and burst at least perSecond / perSecond 应大于 0，burst 不得小于 perSecond",
	"limits":        `limits.actions.open: is counted for [account address], not for "network" / 按 [account address] 计数，不按 "network" 计数`,
	"agencies":      "agencies.agency-1.nameEnglish: is missing / 未填写",
	"sitewatch":     "siteWatch.never: 198.51.100.1/24 is not a network such as 198.51.100.0/24 / 198.51.100.1/24 不是 198.51.100.0/24 这样的网段",
	"sitevisits":    `siteWatch.visits: "simulator" is not off; leave it out to visit sites / "simulator" 不是 off；如需巡查网站，请删除此项`,
	"logdays":       "logDays: 30 is not one of [180 365 545 731 1096 1827] / 30 不在 [180 365 545 731 1096 1827] 之中",
	"retention": "retention.draftDays: must be at least 7: uploads that were not accepted are deleted by then / 不得小于 7：到那时，未采用的上传文件已删除\n" +
		"retention.bureauFileDays: must be at least 92: the bureau may ask for an upload again for three months / 不得小于 92：三个月内，管局可能要求重新上报",
	"reviewdays":      "reviewDays: 21 is no number of working days from 1 to 20 / 21 不是 1 到 20 的工作日数",
	"bureautaskdays":  "bureauTaskDays.HSRW: 61 is no number of working days from 1 to 60 / 61 不是 1 到 60 的工作日数",
	"onlyaccess":      `onlyAccess: "forbid" is neither warn nor refuse / "forbid" 既不是 warn 也不是 refuse`,
	"secondreadings":  "secondReadings.percent: 101 is not from 0 to 100 / 101 不在 0 到 100 之间",
	"secretsrevision": "secretsRevision: must be at least 1 / 不得小于 1",
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

// inBothLanguages matches a line of an error: its place, then the words in English and in Chinese.
var inBothLanguages = regexp.MustCompile(`^[\x00-\x7F]*[A-Za-z]{2}[\x00-\x7F]* / .*\p{Han}`)

// TestProblemsInBothLanguages: what is wrong with settings is said in English and in Chinese, also in the checks of other packages.
func TestProblemsInBothLanguages(t *testing.T) {
	documents := []string{"", "{", "[]", "{}", `{"region": "a", "Region": "b"}`, `{"siteWatch": {"never": ["x"]}}`, `{
		"limits": {"factor": -1, "drafts": -1, "accounts": {"a": 0}, "actions": {"fly": {"account": 1}, "open": {"account": 0, "network": 1}}},
		"agencies": {"a b": {"nameEnglish": "Agency\nof two lines"}, "` + strings.Repeat("a", 2000) + `": {}}, "secondReadings": {"risks": ["luck"]}, "reviewDays": -1,
		"bureauTaskDays": {"X": 1}, "siteWatch": {"ours": ["198.51.100.1/24"], "visits": "x", "never": [` + strings.Repeat(`"198.51.100.0/24", `, 200) + `"198.51.100.0/24"]},
		"region": "ap-southeast-1", "bureau": {"provider": -1, "kind": "manual"}, "mail": {"from": "a@b", "smtp": {"host": "x y", "port": 0}}, "sms": {"kind": "https"},
		"identity": {"kind": "oidc", "sender": "ses", "pages": "x"}}`}
	for name := range mistakes {
		doc, err := os.ReadFile(filepath.Join("testdata", "mistakes", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(doc))
	}
	for _, doc := range documents {
		_, err := stack.Decode("default", []byte(doc))
		if err == nil {
			t.Errorf("%s is accepted", doc)
			continue
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			if !inBothLanguages.MatchString(line) || strings.Contains(line, "%!") {
				t.Errorf("%q is not in both languages", line)
			}
		}
	}
	_, err := stack.Load(environments, "nowhere")
	if err == nil || !inBothLanguages.MatchString(err.Error()) {
		t.Errorf("%v is not in both languages", err)
	}
}

// TestEachProblemIsWrittenTwice: each problem in the source has words in both languages, also those that no test causes.
func TestEachProblemIsWrittenTwice(t *testing.T) {
	found := 0
	for _, file := range []string{"problems.go", "regions.go"} {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(source, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 2 {
				return true
			}
			if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "wrong" {
				return true
			}
			found++
			words := ""
			ast.Inspect(call.Args[1], func(n ast.Node) bool {
				if literal, ok := n.(*ast.BasicLit); ok {
					words += strings.Trim(literal.Value, "\"`")
				}
				return true
			})
			if !inBothLanguages.MatchString(words) {
				t.Errorf("%s: %q is not in both languages", file, words)
			}
			return true
		})
	}
	if found < 40 {
		t.Errorf("only %d problems are found in the source", found)
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
