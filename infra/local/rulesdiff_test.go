package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repository is the root of the repository. It is found before any test starts a system, which changes the working folder.
var repository = func() string {
	root, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return root
}()

// diffOutput returns what the command prints with no system running.
func diffOutput(t *testing.T, args ...string) string {
	t.Helper()
	t.Setenv("API", "")
	t.Setenv("PORTAL_PORT", "1") // nothing runs
	var out bytes.Buffer
	if err := printRuleDifferences(t.Context(), &out, args); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// wantLines checks that a text has lines, in their order, and none of others.
func wantLines(t *testing.T, text string, lines []string, others ...string) {
	t.Helper()
	rest := text
	for _, line := range lines {
		_, after, found := strings.Cut(rest, line+"\n")
		if !found {
			t.Errorf("no line %q, or not in order, in\n%s", line, text)
			continue
		}
		rest = after
	}
	for _, other := range others {
		if strings.Contains(text, other) {
			t.Errorf("%q in\n%s", other, text)
		}
	}
}

// TestRulesBetweenDays: each rule that begins or ends between two days is printed with its words in both languages, what it says, and from when. So are
// the filing password and the codes of cancellations, which the kinds of application have.
func TestRulesBetweenDays(t *testing.T) {
	t.Chdir(repository)
	wantLines(t, diffOutput(t, "-from", "2020-08-16", "-to", "2020-08-17"), []string{
		"  + 11.sms.1 北京市：短信核验 / Beijing: verification by SMS code",
		"      from 2020-08-17 (SMS-KSB)",
		"Rules of kinds of application in force on only one of them: 10",
		"  - CANCEL_ACCESS 取消接入 / cancellation of an access",
		"      可以填写备案密码 / the filing password can be entered; until 2020-08-16 (icp-filing 2.3)",
		"  - CANCEL_SUBJECT 注销主体 / cancellation of the subject",
		"      须填写备案密码 / the filing password is required; until 2020-08-16 (icp-filing 2.3)",
		"  + CANCEL_SUBJECT 注销主体 / cancellation of the subject",
		"      短信核验 / verification by SMS code; from 2020-08-17 (icp-filing 3.3)",
	}, "12.sms.1")
	wantLines(t, diffOutput(t, "-from", "2024-12-31", "-to", "2025-01-01"), []string{
		"  - 12.minimumAge.1 天津市：负责人的最低年龄 / Tianjin: minimum age of leaders",
		"      refuse: 16",
		"      from 2023-01-01 until 2024-12-31 (ALI-TJ)",
		"  + 12.minimumAge.2 天津市：负责人的最低年龄 / Tianjin: minimum age of leaders",
		"      refuse: 18",
		"Rules of kinds of application in force on only one of them: 0",
	})
	wantLines(t, diffOutput(t, "-from", "2020-08-17", "-to", "2020-08-16"), []string{"  - 11.sms.1 北京市：短信核验 / Beijing: verification by SMS code"})
}

// TestRulesOfVersions: each rule that differs between two versions is printed with its words and its values.
func TestRulesOfVersions(t *testing.T) {
	old := t.TempDir()
	if err := os.CopyFS(old, os.DirFS(filepath.Join(repository, "shared", "rules"))); err != nil {
		t.Fatal(err)
	}
	edit := func(path, from, to string) {
		t.Helper()
		path = filepath.Join(old, path)
		text, err := os.ReadFile(path)
		if err == nil && !bytes.Contains(text, []byte(from)) {
			err = fs.ErrNotExist
		}
		if err == nil {
			err = os.WriteFile(path, bytes.Replace(text, []byte(from), []byte(to), 1), 0o600)
		}
		if err != nil {
			t.Fatalf("%s in %s: %v", from, path, err)
		}
	}
	edit("province/data/11.json", `"from": "2020-08-17"`, `"from": "2020-09-01"`)
	edit("province/data/12.json", `"12.minimumAge.2"`, `"12.minimumAge.3"`)
	edit("preapproval/trades.json", `"hints": ["新闻", "时政",`, `"hints": ["新闻", "快讯",`)
	edit("finding/catalogue/filing.json", "您的账号已经绑定了另一个主体。", "您的账号已绑定另一主体。")
	t.Chdir(repository)
	wantLines(t, diffOutput(t, "-old", old), []string{
		"  ~ 11.sms.1 北京市：短信核验 / Beijing: verification by SMS code",
		`      from: "2020-09-01" → "2020-08-17"`,
		"  + 12.minimumAge.2 天津市：负责人的最低年龄 / Tianjin: minimum age of leaders",
		"  - 12.minimumAge.3 天津市：负责人的最低年龄 / Tianjin: minimum age of leaders",
		"  ~ finding/catalogue/filing.json/account-has-other-subject 您的账号已经绑定了另一个主体。 / Your account is already bound to another subject.",
		`      message.zh-CN: "您的账号已绑定另一主体。" → "您的账号已经绑定了另一个主体。"`,
		"  ~ preapproval/trades.json/news 新闻 / News",
		`      hints: +"时政" -"快讯"`,
	})
}
