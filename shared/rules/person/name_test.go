package person_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"beian/shared/rules/finding"
	"beian/shared/rules/person"
)

type leader struct {
	Name  person.Name
	Other *person.Name
	Names []person.Name
	ByKey map[string]person.Name
}

func TestNamesAreRedacted(t *testing.T) {
	const secret = "测试甲"
	name := person.Name(secret)
	l := leader{Name: name, Other: &name, Names: []person.Name{name}, ByKey: map[string]person.Name{"a": name}}
	for _, verb := range []string{"%v", "%s", "%+v", "%#v", "%q", "%x", "%d", "%10.2s"} {
		for _, value := range []any{name, l, &l, []any{l}} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, secret) || strings.Contains(got, fmt.Sprintf("%x", secret)) {
				t.Errorf("%s shows the name", verb)
			}
		}
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "name", name)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "name", name, "leader", l)
	if strings.Contains(log.String(), secret) {
		t.Error("a log shows the name")
	}
	if !strings.Contains(log.String(), person.Redacted) {
		t.Error("the log does not contain [redacted]")
	}
}

func TestNormalizeName(t *testing.T) {
	for typed, want := range map[string]person.Name{
		" 示例\u200b人 ": "示例人", "阿卜杜热依木•买买提": "阿卜杜热依木·买买提", "买买提．艾力": "买买提·艾力", "买买提･艾力": "买买提·艾力", "买买提●艾力": "买买提·艾力",
		"买买提.艾力": "买买提·艾力", "买买提・艾力": "买买提·艾力", "J. Example": "J. Example", "示例\u00a0人": "示例人", "示例人.": "示例人.",
		"买买提。艾力": "买买提·艾力", "买买提｡艾力": "买买提·艾力", "买买提⸱艾力": "买买提·艾力", "买买提𐄁艾力": "买买提·艾力", "买买提˙艾力": "买买提·艾力",
		"买买提∘艾力": "买买提·艾力", "买买提⚬艾力": "买买提·艾力", "买买提ᐧ艾力": "买买提·艾力", "买买提܁艾力": "买买提·艾力", "买买提\u0387艾力": "买买提·艾力",
		"买买提°艾力": "买买提·艾力", "买买提٠艾力": "买买提·艾力", "买买提ㆍ艾力": "买买提·艾力", "买买提 · 艾力": "买买提·艾力", "买买提··艾力・热合曼": "买买提·艾力·热合曼",
		"张\u3000三": "张三", "示\n例": "示例", "甲 乙 丙": "甲乙丙", "欧阳 甲": "欧阳甲", "甲 (Jia) 乙": "甲 (Jia) 乙", "示例 样例": "示例 样例", "示例 Shili": "示例 Shili",
		"姓名：示例": "示例", "姓 名 : 示例": "示例", "公司名称： 示例科技有限公司": "示例科技有限公司", "名称示例": "名称示例",
		"示*人":   "示*人", // a masked name, as apps show it, is not the name
		"·示例人·": "示例人", "示例○": "示例〇", "◯示例": "〇示例", "⽰例\uf92c": "示例郎", "John • Example": "John·Example",
	} {
		if got := person.NormalizeName(typed); got != want || person.NormalizeName(got.Reveal()) != got {
			t.Errorf("%+q became %+q", typed, got.Reveal())
		}
	}
}

func TestNamesMarshalInClear(t *testing.T) {
	text, err := json.Marshal(person.Name("测试甲"))
	if err != nil || string(text) != `"测试甲"` {
		t.Errorf("%s, %v", text, err)
	}
	if person.Name("测试甲").Reveal() != "测试甲" {
		t.Error("Reveal does not return the name")
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name string
		want finding.Code
	}{
		{"测试甲", ""},
		{"艾力·买买提", ""},
		{"Anna O'Neill-Müller Jr.", ""},
		{"欧阳𠮷", ""},
		{"", person.NameMissing},
		{"  ", person.NameMissing},
		{strings.Repeat("长", 129), person.NameTooLong},
		{strings.Repeat("长", 128), ""},
		{"张3", person.NameCharacters},
		{"张\x00三", person.NameCharacters},
		{"张<b>三", person.NameCharacters},
		{"示*人", person.NameCharacters},
	} {
		got := person.Name(c.name).Check()
		if c.want == "" && len(got) > 0 || c.want != "" && !got.Has(c.want) {
			t.Errorf("%q: %v, want %q", c.name, got, c.want)
		}
	}
}

func FuzzNormalizeName(f *testing.F) {
	for _, seed := range []string{" 测试 甲\t", "艾力•买买提", "甲 乙 丙丁 戊己", "\u3000甲\u3000", "", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := person.NormalizeName(text)
		if twice := person.NormalizeName(once.Reveal()); twice != once {
			t.Errorf("normalising %q twice gives another name", text)
		}
		if !utf8.ValidString(text) {
			return
		}
		once.Check()
	})
}
