package number

import (
	"strings"
	"unicode"

	"beian/shared/rules/pattern"
	"beian/shared/rules/text"
)

// A Mention is a filing number in a longer text, such as a page.
type Mention struct {
	Start, End int `json:"-"` // bytes of the text
	// Subject and Filing are as of [Parse]. Both are zero if the text only has the form of a number: 川ICP备12345678号.
	Subject Subject `json:"subject,omitzero"`
	Filing  Filing  `json:"filing,omitzero"`
	// Imitated says that letters or digits of other scripts stand for those of a number: the Cyrillic С of "IСP". A machine does not read it.
	Imitated bool `json:"imitated,omitempty"`
}

// maxMentions limits the result of [FindAll].
const maxMentions = 100

// mentionForm finds what may be a number in a text after foldRune. Spaces may stand between its parts, not within its digits.
var mentionForm = pattern.New(`(?:\p{Han} ?[A-Z]? ?I ?C ?P ?(?:备 ?案? ?字?|证 ?字?)? ?第? ?(?:\d{10}|\d{8}|\d{6})|` +
	`(?:\p{Han}|合字)? ?(?:I ?C ?P ?证)? ?[AB][12](?:[.、]?[AB][12])* ?- ?\d{8}) ?号?(?: ?- ?\d{1,6}(?:[AXK]\b)?(?: ?号)?)?`)

// imitations maps letters of other scripts, and signs, to the letters of numbers that they look like.
var imitations = map[rune]rune{
	'І': 'I', 'Ӏ': 'I', 'Ι': 'I', 'Ⅰ': 'I', 'і': 'I', 'ӏ': 'I', 'ι': 'I', 'ı': 'I', 'İ': 'I', 'ⅰ': 'I', '丨': 'I',
	'С': 'C', 'с': 'C', 'Ϲ': 'C', 'ϲ': 'C', 'Ⅽ': 'C', 'ⅽ': 'C', 'Ꮯ': 'C', 'Ⲥ': 'C',
	'Р': 'P', 'р': 'P', 'Ρ': 'P', 'ρ': 'P', 'Ꮲ': 'P', 'Ⲣ': 'P',
	'Α': 'A', 'А': 'A', 'Β': 'B', 'В': 'B', 'Х': 'X', 'Χ': 'X', 'К': 'K', 'Κ': 'K',
	'О': '0', 'о': '0', 'Ο': '0', 'ο': '0', '〇': '0', '○': '0', 'З': '3', 'з': '3', 'б': '6',
}

// FindAll returns the numbers in the text of a page, in their order, at most 100. It accepts them as [Parse] does, except that line breaks end a number,
// and digits are not divided.
func FindAll(page string) []Mention {
	folded, starts, imitated := fold(page)
	var found []Mention
	for at := 0; len(found) < maxMentions; {
		m := mentionForm().FindStringIndex(folded[at:])
		if m == nil {
			return found
		}
		start, end := at+m[0], at+m[1]
		at = end
		if end < len(folded) && isDigit(folded[end]) && isDigit(folded[end-1]) { // a longer row of digits
			continue
		}
		one := Mention{Start: starts[start], End: starts[end]}
		for ; start < end; start++ {
			one.Imitated = one.Imitated || imitated[start]
		}
		one.Subject, one.Filing, _ = Parse(folded[at+m[0]-m[1] : end])
		found = append(found, one)
	}
	return found
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// fold returns a page in capital letters, with the characters of numbers in place of their variants. For each byte of it, starts has the place
// in page, and imitated whether it stands for a character of another script.
func fold(page string) (folded string, starts []int, imitated []bool) {
	var b strings.Builder
	add := func(r rune, at int, isImitated bool) {
		n, _ := b.WriteRune(r)
		for range n {
			starts, imitated = append(starts, at), append(imitated, isImitated)
		}
	}
	last := rune(0)
	for at, r := range page {
		shown, is := imitations[r]
		switch {
		case is:
		case r == '\n' || r == '\r':
			shown = '\n'
		case normalizeRune(r) == -1: // white space, or nothing that is seen
			if shown = ' '; last == ' ' || !unicode.IsSpace(r) {
				continue
			}
		default:
			if shown = normalizeRune(r); shown > unicode.MaxASCII && unicode.Is(unicode.Nd, shown) {
				shown, is = []rune(text.NormalizeASCII(string(shown)))[0], true
			}
		}
		if shown >= 'a' && shown <= 'z' {
			shown -= 'a' - 'A'
		}
		add(shown, at, is)
		last = shown
	}
	starts = append(starts, len(page))
	return b.String(), starts, imitated
}
