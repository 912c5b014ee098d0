package text_test

import (
	"strings"
	"testing"

	"beian/shared/rules/text"
)

// TestReplaceLookAlikes: a letter of another script is replaced where the right one is sure, and texts that are really in several scripts stay.
func TestReplaceLookAlikes(t *testing.T) {
	for in, want := range map[string]string{
		"Аpple":          "Apple", // А is Cyrillic
		"аррle":          "apple",
		"示例А公司":          "示例A公司",
		"АВС科技":          "ABC科技",
		"ΑΒ型":            "AB型", // Greek
		"Gооgle 示例":      "Google 示例",
		"Рoмашкa":        "Ромашка", // o and a are Latin
		"Acadе\u0301mie": "Académie",
		"出ロ示例":           "出口示例", // katakana
		"ɡooɡle ɑ":       "google a",
		"示例卜":            "示例卜",
		"第ー中学":           "第一中学",
		"示例エ业":           "示例工业",
	} {
		if got := text.Normalize(in); got != want {
			t.Errorf("%+q became %+q, want %+q", in, got, want)
		}
	}
	for _, in := range []string{
		"ООО Ромашка", "АО Сбер", "СССР", "Москва示例А公司", "ТОО Қазақ", "ЯGo", "ЯндексGo", "АБВГ", // Russian and Kazakh
		"α粒子", "5μm", "β-胡萝卜素", "Ωmega", "ΑΒΓ", "Ελλάδα 示例", // Greek
		"买买提·艾力", "ئالىم·ئەلى", "བཀྲ་ཤིས་", "ᠮᠣᠩᠭᠣᠯ", "قازاق", // minorities
		"三カ月示例", "株式会社ロ示例", "示例ラーメン店", "ニコン示例", "示例의한국", "Example示例（北京）有限公司",
		"naïve café", "Đặng Nguyễn", "示例Ⅲ期①", "示例·A&B",
	} {
		if got := text.Normalize(in); got != in {
			t.Errorf("%+q became %+q", in, got)
		}
	}
}

func TestFindLookAlike(t *testing.T) {
	for in, want := range map[string]string{
		"ЯндексGo":   "certain Latin Cyrillic 4 е",
		"示例Яpple":    "mixed Latin Cyrillic 3 Я",
		"paypаl×Ж":   "",
		"ЖApplе示例":   "certain Latin Cyrillic 6 е",
		"ЯGo":        "mixed Latin Cyrillic 1 Я",
		"αlpha":      "mixed Latin Greek 1 α",
		"СССР":       "mixed Cyrillic 1 С",
		"ΑΒ":         "mixed Greek 1 Α",
		"ᎪApple":     "certain Latin Cherokee 1 Ꭺ",
		"Աpple":      "certain Latin Armenian 1 Ա",
		"示例 ꓮpple":   "certain Latin Lisu 4 ꓮ",
		"示例Ж和Apple":  "",
		"Москва":     "",
		"第ㄧ中学":       "mixed Bopomofo 2 ㄧ",
		"第─中学":       "mixed box-drawing characters 2 ─",
		"Ali ı":      "mixed Latin 5 ı",
		"ㄅㄆㄇ":        "",
		"5μm Ω":      "",
		"ئالىم Alim": "",
		"示例Example":  "",
		"ꓮꓬ":         "mixed Lisu 1 ꓮ",
		"":           "",
	} {
		got := ""
		if l, is := text.FindLookAlike(text.Normalize(in)); is {
			got = map[bool]string{true: "certain ", false: "mixed "}[l.Certain] + strings.Join(l.Scripts, " ") + " " + l.Placeholders()[5] + " " + string(l.Character)
		}
		if got != want {
			t.Errorf("%+q: %q, want %q", in, got, want)
		}
	}
}

// TestFindLookAlikeInLabels: labels of domains, whose letters nothing replaces.
func TestFindLookAlikeInLabels(t *testing.T) {
	for in, want := range map[string]string{
		"раураӏ-login": "р Cyrillic", "login-οο": "ο Greek", "xn-раураӏ1": "р Cyrillic", "示例-аррӏе": "а Cyrillic", "օօ": "օ Armenian", "ꓖꓳ": "ꓖ Lisu",
		"ニ木": "ニ kana", "木ー作": "ー kana", "出ロ": "ロ kana",
		"рай-раураӏ": "", "москва-online": "", "ニュース": "", "日本ニュース": "", "三カ月": "", "木作-online": "", "αβγ-lab": "",
	} {
		got := ""
		if l, is := text.FindLookAlike(in); is {
			got = string(l.Character) + " " + strings.Join(l.Scripts, " ")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestDamaged(t *testing.T) {
	for _, bad := range []string{"a\x00", "\ufffd", "\ufffe", "\U0001ffff", "\U0010fffe", "\ufdd0", "Z" + strings.Repeat("\u0301", 9)} {
		if !text.Damaged("示例" + bad) {
			t.Errorf("%+q is accepted", bad)
		}
	}
	for _, good := range []string{"", "示例", "Đặng", "Z" + strings.Repeat("\u0301", 8), "བསྒྲུབས་", "שָׁלוֹם", "\ue000", "👨‍👩‍👧", "\u202e"} {
		if text.Damaged(good) {
			t.Errorf("%+q is refused", good)
		}
	}
}
