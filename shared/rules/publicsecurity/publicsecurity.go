// Package publicsecurity parses the numbers of the public-security filing (公安联网备案), which a site shows in its footer beside the filing
// number of the ministry (icp-filing 8.1, 8.2).
//
//	n, err := publicsecurity.Parse("京公网安备 11010502030123 号")
//	n.String() // 京公网安备11010502030123号
package publicsecurity

import (
	"errors"
	"fmt"
	"html"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"beian/shared/rules/text"
)

// ErrMalformed is returned for text that is not a number.
var ErrMalformed = errors.New("not a number of the public-security filing; write it like 京公网安备11010502030123号")

// A Number is a number in its canonical form: "京公网安备11010502030123号". The first six digits are the division of the police unit. The zero
// value is no number.
type Number string

// abbreviations maps the character before a number to the first two digits. They are those of number plates: 川, not 蜀.
var abbreviations = map[string]string{
	"京": "11", "津": "12", "冀": "13", "晋": "14", "蒙": "15", "辽": "21", "吉": "22", "黑": "23", "沪": "31", "苏": "32", "浙": "33", "皖": "34",
	"闽": "35", "赣": "36", "鲁": "37", "豫": "41", "鄂": "42", "湘": "43", "粤": "44", "桂": "45", "琼": "46", "渝": "50", "川": "51", "贵": "52",
	"云": "53", "藏": "54", "陕": "61", "甘": "62", "青": "63", "宁": "64", "新": "65",
}

// form finds a number in text without white space.
var form = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(\p{Han})公网安[备備]案?号?[:：]?(\d+)[号號]?`)
})

// Parse parses a number as people write and paste it: with white space, full-width digits, without 号. The character must be that of the
// province of the digits.
func Parse(typed string) (Number, error) {
	typed = strings.Trim(typed, "\ufeff")
	found := FindAll(typed)
	if len(found) != 1 {
		return "", ErrMalformed
	}
	if rest := form().ReplaceAllString(squeeze(typed), ""); rest != "" {
		return "", ErrMalformed
	}
	return found[0], nil
}

// FindAll returns the numbers in the text of a page, in their order, each once, at most 20.
func FindAll(page string) []Number {
	var found []Number
	seen := map[Number]bool{}
	for line := range strings.Lines(page) {
		for _, m := range form().FindAllStringSubmatch(squeeze(line), -1) {
			n := Number(fmt.Sprintf("%s公网安备%s号", m[1], m[2]))
			if division, ok := abbreviations[m[1]]; !ok || len(m[2]) != 14 || !strings.HasPrefix(m[2], division) || seen[n] {
				continue
			}
			seen[n] = true
			if found = append(found, n); len(found) == 20 {
				return found
			}
		}
	}
	return found
}

// squeeze removes white space and what nobody sees, and replaces variants of ASCII.
func squeeze(line string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text.NormalizeASCII(line))
}

// String returns the number.
func (n Number) String() string { return string(n) }

// digits returns the fourteen digits of the number.
func (n Number) digits() string { return text.Digits(string(n)) }

// FooterLink is the HTML of a number with a link to the page of the police that shows the filing.
func FooterLink(n Number) string {
	return fmt.Sprintf(`<a href="https://beian.mps.gov.cn/#/query/webSearch?code=%s" target="_blank" rel="noopener">%s</a>`, n.digits(), html.EscapeString(n.String()))
}
