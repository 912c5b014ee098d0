package text_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/text"
)

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"示例人\u200b":                   "示例人",
		"示例\u200b科技有限公司":              "示例科技有限公司",
		"\ufeff示例\u00a0\u3000人\u2028": "示例 人",
		"a\u00adb\u2060c\u180ed":      "abcd",
		"示例\r\n路1号\t":                 "示例 路1号",
		"示\U000E0100例\ufe0f":          "示例",
		"\u202d示例\u202c":              "示例",
		"示\u3164例\u115f":              "示例",
		"示\x00例\x1b":                  "示例",
		"Ａ（１）ｚ":                       "A（1）z",
		"𝐀𝟗𝔟ﬁ":                        "A9bfi",
		"\ufefb\ufe8d":                "لاا",
		"\u202eexe\u2066.\u2069":      "exe.",
		"示\U000E0041\U000E007F例":      "示例",
		"示\ufff9例\ufffa注\ufffb":       "示例注",
		"示\u034f例\u061c\u17b4":        "示例",
		"⻓⻋⻢⻔":                        "长车马门",
		"5‑1号•«示例»〜・｢示｣":              "5-1号·《示例》～·「示」",
		"⼀⽰例⻳":                        "一示例龟",
		"\uf92c\ufa0c\U0002f800":      "郎兀丽",
		"か\u3099e\u0301":              "がé",
		"ｶﾞｰ":                         "ガー",
		"\u2800示例":                    "示例",
		"":                            "",
	} {
		if got := text.Normalize(in); got != want {
			t.Errorf("%+q became %+q, want %+q", in, got, want)
		}
	}
}

func TestNormalizeASCII(t *testing.T) {
	for in, want := range map[string]string{
		"\u202d11010119900101001X\u202c": "11010119900101001X",
		"１１３　５９７":                        "113 597",
		"０１２３４５６７８９（Ｂ）":                  "0123456789(B)",
		"ｅｘａｍｐｌｅ。ｃｎ":                     "example.cn",
		"ｗ＠ｅｘａｍｐｌｅ．ｃｎ":                   "w@example.cn",
		"010–12345678":                   "010-12345678",
		"010—12345678":                   "010-12345678",
		"①⑧⑨𝟎𝟎":                          "18900",
		"1\ufe0f\u20e33\ufe0f\u20e3":     "13",
		"١٣٨ १३८":                        "138 138",
		"002Ⅹ ﹙1﹚":                       "002X (1)",
		"ｗｗｗ｡example．cn":                 "www.example.cn",
	} {
		if got := text.NormalizeASCII(in); got != want {
			t.Errorf("%+q became %+q, want %+q", in, got, want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{"", "示例\u200b人", "\ufeffa b", "１３８", "a\xffb", "\u202d1\u202c", "示\u3164 例"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		for _, normalize := range []func(string) string{text.Normalize, text.NormalizeASCII} {
			out := normalize(in)
			if again := normalize(out); again != out {
				t.Fatalf("%+q became %+q, then %+q", in, out, again)
			}
			if strings.TrimSpace(out) != out || strings.Contains(out, "  ") || !utf8.ValidString(out) ||
				strings.ContainsFunc(out, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }) {
				t.Fatalf("%+q became %+q", in, out)
			}
		}
	})
}
