// Package number parses and formats filing numbers. Start with [Parse], or with [ParseSubject] or [ParseFiling] for one kind of number.
//
//	subject, site, err := number.Parse("京icp备12345678-1")
//	subject.String() // 京ICP备12345678号
//	site.String()    // 京ICP备12345678号-1
//
// A subject's number has one of three forms (icp-filing 8.1):
//
//	京ICP备12345678号     a filing: eight digits (two of the year, six of a serial) until about 2019, ten (four of the year) since
//	京ICP证030173号       the holder of a commercial licence: six or eight digits
//	粤B2-20090059         the holder of a telecommunications licence; 合字B2-20090059, B2-20090059 or A2.B1.B2-20090059 of the ministry
//
// The number of a service adds a hyphen and a running number, and a letter unless the service is a site: 京ICP备12345678号-2A is an app.
// Parsing accepts numbers as people write and paste them; see [Parse].
package number

import (
	"errors"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/pattern"
	"beian/shared/rules/province"
)

// ErrMalformed is returned for text that is not a filing number.
var ErrMalformed = errors.New("not a filing number; write it like 京ICP备12345678号, 京ICP证030173号 or 粤B2-20090059, " +
	"with -1, -2A, -3X or -4K at the end for one site, app, mini program or quick app")

// A Subject is the number of a subject: "京ICP备12345678号". The zero value is no number. Equal numbers are ==.
type Subject struct {
	form   string // what stands before the digits: 京ICP备, 京ICP证, 粤B2-
	serial string // six, eight or ten digits
}

// A Filing is the number of one service of a subject: "京ICP备12345678号-1". Equal numbers are ==.
type Filing struct {
	Subject Subject
	Running int // 1 and up
	Service Service
}

// labelForm is a label without a colon: 备案号, 增值电信业务经营许可证, ICP证 before 浙B2-…
const labelForm = `^(?:\p{Han}*(?:ICP)?[证号])??`

const serviceForm = `号?(?:-(\d{1,6})([AXK])?号?)?$`

// The forms of a number after normalizeRune. Their groups are what stands before the digits, the digits, the running number and the letter.
var (
	filingForm  = pattern.New(labelForm + `(\p{Han})[A-Z]?ICP(?:备案?字?)?第?(\d{10}|\d{8})` + serviceForm)
	licenceForm = pattern.New(labelForm + `(\p{Han})[A-Z]?ICP证字?第?(\d{8}|\d{6})` + serviceForm)
	telecomForm = pattern.New(labelForm + `((?:\p{Han}|合字)?(?:ICP证)?[AB][12](?:\.?[AB][12])*)-?(\d{8})` + serviceForm)

	category = pattern.New(`[AB][12]`)
)

// ParseSubject parses a subject's number. It returns [ErrMalformed] for a service's number; [Parse] accepts both.
func ParseSubject(text string) (Subject, error) {
	s, f, err := Parse(text)
	if err != nil {
		return Subject{}, err
	}
	if f != (Filing{}) {
		return Subject{}, ErrMalformed
	}
	return s, nil
}

// ParseFiling parses a service's number, with its running number.
func ParseFiling(text string) (Filing, error) {
	_, f, err := Parse(text)
	if err != nil {
		return Filing{}, err
	}
	if f == (Filing{}) {
		return Filing{}, ErrMalformed
	}
	return f, nil
}

// Parse parses both kinds of numbers. The Filing is zero if the text has no running number. It accepts white space, full-width and
// traditional characters, small letters, long dashes, punctuation around the number, a label before it (备案号：…), a missing 备 or 号,
// and 第. The province of a filing must be the one of filing numbers (蜀, not 川); licences have both.
func Parse(text string) (Subject, Filing, error) {
	text = strings.ToUpper(strings.Map(normalizeRune, text))
	text = strings.TrimFunc(text[strings.LastIndexByte(text, ':')+1:], isPunctuation)
	var s Subject
	var parts []string
	if parts = filingForm().FindStringSubmatch(text); parts != nil {
		s = Subject{parts[1] + "ICP备", parts[2]}
	} else if parts = licenceForm().FindStringSubmatch(text); parts != nil {
		s = Subject{parts[1] + "ICP证", parts[2]}
	} else if parts = telecomForm().FindStringSubmatch(text); parts != nil {
		s = Subject{withDots(parts[1]) + "-", parts[2]}
	} else {
		return Subject{}, Filing{}, ErrMalformed
	}
	if _, ok := s.Province(); !ok && !s.national() {
		return Subject{}, Filing{}, ErrMalformed
	}
	if parts[3] == "" {
		return s, Filing{}, nil
	}
	running, err := strconv.Atoi(parts[3])
	if err != nil || running < 1 {
		return Subject{}, Filing{}, ErrMalformed
	}
	return s, Filing{s, running, Service(parts[4])}, nil
}

// withDots separates the categories of a licence, and drops ICP证 before them: 粤B1.B2, A2.B1.B2.
func withDots(categories string) string {
	issuer, _, _ := strings.Cut(category().ReplaceAllString(categories, "|"), "|")
	return strings.TrimSuffix(issuer, "ICP证") + strings.Join(category().FindAllString(categories, -1), ".")
}

// SameSubject reports whether two numbers, of subjects or of their services, are of one subject. Texts that are no numbers are compared as
// they are.
func SameSubject(a, b string) bool {
	first, _, err := Parse(a)
	second, _, err2 := Parse(b)
	if err != nil || err2 != nil {
		return a == b
	}
	return first == second
}

// traditional maps traditional characters, which people in Hong Kong and Macau use, to those of filing numbers.
var traditional = map[rune]rune{
	'備': '备', '號': '号', '證': '证', '許': '许', '編': '编', '晉': '晋', '遼': '辽', '滬': '沪', '蘇': '苏', '閩': '闽', '贛': '赣', '魯': '鲁',
	'粵': '粤', '瓊': '琼', '陝': '陕', '隴': '陇', '寧': '宁',
}

// normalizeRune maps full-width and traditional characters and dashes to those of filing numbers, and drops invisible characters.
func normalizeRune(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case strings.ContainsRune("—–―‐‑‒−﹣─━", r):
		return '-'
	case r == '、': // between the categories of a licence
		return '.'
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		return -1
	}
	if simple, ok := traditional[r]; ok {
		return simple
	}
	return r
}

func isPunctuation(r rune) bool { return r != '-' && (unicode.IsPunct(r) || unicode.IsSymbol(r)) }

// String returns the number in its canonical form; "" for the zero value.
func (s Subject) String() string {
	if s == (Subject{}) || strings.HasSuffix(s.form, "-") {
		return s.form + s.serial
	}
	return s.form + s.serial + "号"
}

// licenceAbbreviations maps the characters of provinces that only licences have to those of filing numbers.
var licenceAbbreviations = map[string]string{"川": "蜀", "贵": "黔", "云": "滇", "甘": "陇", "秦": "陕"}

// Province returns the province whose bureau issued the number. It returns false for licences of the ministry.
func (s Subject) Province() (province.Province, bool) {
	first, _ := utf8.DecodeRuneInString(s.form)
	abbreviation := string(first)
	if !strings.HasSuffix(s.form, "ICP备") && licenceAbbreviations[abbreviation] != "" {
		abbreviation = licenceAbbreviations[abbreviation]
	}
	return province.ByAbbreviation(abbreviation)
}

// national reports whether the ministry issued the licence.
func (s Subject) national() bool {
	return strings.HasPrefix(s.form, "合字") || strings.HasPrefix(s.form, "A") || strings.HasPrefix(s.form, "B")
}

// Filing returns the number of the subject's site with a running number.
func (s Subject) Filing(running int) Filing { return Filing{Subject: s, Running: running} }

// MarshalText returns [Subject.String].
func (s Subject) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText parses a number with [ParseSubject]. Empty text is the zero value.
func (s *Subject) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*s = Subject{}
		return nil
	}
	*s, err = ParseSubject(string(text))
	return err
}

// String returns the number in its canonical form; "" for the zero value.
func (f Filing) String() string {
	if f == (Filing{}) {
		return ""
	}
	return f.Subject.String() + "-" + strconv.Itoa(f.Running) + string(f.Service)
}

// MarshalText returns [Filing.String].
func (f Filing) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText parses a number with [ParseFiling]. Empty text is the zero value.
func (f *Filing) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*f = Filing{}
		return nil
	}
	*f, err = ParseFiling(string(text))
	return err
}
