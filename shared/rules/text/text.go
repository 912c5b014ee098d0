// Package text normalises what a person typed or pasted, before any rule looks at it.
//
// Use [Normalize] for text that people read, such as names and addresses, and [NormalizeASCII] for fields that have only ASCII,
// such as numbers, domains and email addresses. Both are idempotent.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalize removes characters that nobody sees: format characters, variation selectors, fillers and controls. It
// replaces each run of white space, line breaks included, by one space, and trims the text. Characters that Unicode has twice become
// the usual ones (NFC); so do the radicals of dictionaries (⻓ is 长), full-width and mathematical letters and digits, half-width katakana and a
// few signs, which texts pasted from PDF files and web pages contain in place of those that a Chinese keyboard has. Letters of another script
// that look like the right ones are replaced where that is sure: the Cyrillic А of "Аpple". For others see [FindLookAlike].
func Normalize(text string) string {
	return norm.NFC.String(replaceLookAlikes(clean(text)))
}

// clean is Normalize without the replacement of letters by those of another script.
func clean(text string) string {
	text = norm.NFC.String(strings.Map(visible, text))
	if strings.ContainsFunc(text, isVariant) {
		text = norm.NFC.String(replaceVariants(text))
	}
	return strings.Join(strings.Fields(usual.Replace(text)), " ")
}

// usual replaces the radicals to which Unicode gives no compatible character (EquivalentUnifiedIdeograph.txt), and signs.
var usual = strings.NewReplacer(pairs(
	"⺁厂⺊卜⺎兀⺐尢⺒巳⺓幺⺛旡⺜日⺝月⺠民⺧牛⺩王⺪疋⺫目⺬示⺮竹⺶羊⺻聿⺼肉⺽臼⻁虎⻃覀⻄西⻅见⻆角⻉贝⻊足⻋车⻑長⻓长⻔门⻕阜⻗雨⻘青⻙韦⻚页⻛风⻜飞" +
		"⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀" +
		"・·•·∙·‧·‑-‒–−-〜～ʼ’«《»》｢「｣」､、｡。･·¥￥")...)

func pairs(characters string) []string {
	var all []string
	for _, r := range characters {
		all = append(all, string(r))
	}
	return all
}

// NormalizeASCII is like [Normalize], and replaces characters that look like ASCII by ASCII: "１３８" and "①③⑧" by "138", "（Ｂ）" by
// "(B)", "。" by ".". Dashes become hyphens. It replaces the digits of every script, and no letter by one of another script: domains may have them.
func NormalizeASCII(text string) string {
	text = norm.NFKC.String(strings.Map(visible, text))
	return clean(strings.Map(asASCII, text))
}

// visible returns a character, a space for white space, or -1 for what nobody sees.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r), r == '\u2800': // the blank of Braille
		return ' '
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
		return -1
	}
	return r
}

// isVariant reports whether a character is another form of a usual one that NFC keeps.
func isVariant(r rune) bool {
	switch {
	case r >= '⺀' && r <= '⿟', r >= 'ｦ' && r <= 'ￜ': // radicals; half-width kana and Hangul
	case r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
	case r >= 'ﬀ' && r <= 'ﬓ', r >= 'ﭐ' && r <= 'ﷻ', r >= 'ﹰ' && r <= 'ﻼ': // ligatures, and the Arabic letters of PDF files
	case r >= 0x1d400 && r <= 0x1d7ff: // mathematical letters and digits
	default:
		return false
	}
	return true
}

// maxMarks is the maximum number of marks on one letter. A Tibetan syllable and a Hebrew text with all signs have fewer.
const maxMarks = 8

// Damaged reports whether a text has what no keyboard enters: NUL, U+FFFD (which decoders write for what they cannot read), characters that
// Unicode excludes for ever (noncharacters), or a pile of marks on one letter, which covers the lines around it.
func Damaged(text string) bool {
	marks := 0
	for _, r := range text {
		if r == 0 || r == utf8.RuneError || r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef {
			return true
		}
		if marks++; r < 0x300 || !unicode.Is(unicode.M, r) {
			marks = 0
		}
		if marks > maxMarks {
			return true
		}
	}
	return false
}

func replaceVariants(text string) string {
	var out strings.Builder
	for _, r := range text {
		if isVariant(r) {
			out.WriteString(norm.NFKC.String(string(r)))
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func asASCII(r rune) rune {
	switch {
	case r == '。':
		return '.'
	case unicode.Is(unicode.Pd, r), r == '−': // Pd are the dashes
		return '-'
	case unicode.Is(unicode.Me, r): // the frame of a digit on a phone's keyboard
		return -1
	case r > unicode.MaxASCII && unicode.Is(unicode.Nd, r):
		return asciiDigit(r)
	}
	return r
}

// asciiDigit returns the ASCII digit for a digit of any script. Unicode has the digits of a script in a row, 0 to 9, and rows of
// adjacent scripts are multiples of ten.
func asciiDigit(r rune) rune {
	for _, row := range unicode.Nd.R16 {
		if rune(row.Lo) <= r && r <= rune(row.Hi) {
			return '0' + (r-rune(row.Lo))%10
		}
	}
	for _, row := range unicode.Nd.R32 {
		if rune(row.Lo) <= r && r <= rune(row.Hi) {
			return '0' + (r-rune(row.Lo))%10
		}
	}
	return r
}
