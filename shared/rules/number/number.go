// Package number parses and formats filing numbers. Start with [Parse], or with [ParseSubject] or [ParseFiling] for one kind of number.
//
//	subject, site, err := number.Parse("京icp备12345678-1")
//	subject.String() // 京ICP备12345678号
//	site.String()    // 京ICP备12345678号-1
//
// A subject's number is the province's character, "ICP备", eight or ten digits and "号"; a site's number adds a hyphen and a
// running number. Numbers issued until about 2019 have eight digits (two of the year, six of a serial), later ones ten (four
// of the year); both remain valid. Parsing accepts pasted text with white space, full-width characters, small letters, long dashes or
// a missing 号.
package number

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"beian/shared/rules/province"
)

// ErrMalformed is returned for text that is not a filing number.
var ErrMalformed = errors.New("not a filing number; write it like 京ICP备12345678号 or 京ICP备12345678号-1")

// A Service is the kind of service that a running number counts. All services of a subject share one sequence.
type Service string

// The services, by the letter after their running number.
const (
	Site        Service = ""
	App         Service = "A"
	MiniProgram Service = "X"
	QuickApp    Service = "K"
)

// A Subject is the number of a subject: "京ICP备12345678号". The zero value is no number.
type Subject struct {
	province string // its abbreviation, one character
	serial   string // eight or ten digits
}

// A Filing is the number of one service of a subject: "京ICP备12345678号-1".
type Filing struct {
	Subject Subject
	Running int // 1 and up
	Service Service
}

var numberForm = regexp.MustCompile(`^(\p{Han})[A-Z]?ICP备案?(?:第)?(\d{10}|\d{8})号?(?:-(\d{1,6})([AXK])?)?$`)

// ParseSubject parses a subject's number. It returns [ErrMalformed] for a site's number; [Parse] accepts both.
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

// Parse parses both kinds of numbers. The Filing is zero if the text has no running number.
func Parse(text string) (Subject, Filing, error) {
	parts := numberForm.FindStringSubmatch(strings.ToUpper(strings.Map(normalizeRune, text)))
	if parts == nil {
		return Subject{}, Filing{}, ErrMalformed
	}
	if _, ok := province.ByAbbreviation(parts[1]); !ok {
		return Subject{}, Filing{}, ErrMalformed
	}
	s := Subject{parts[1], parts[2]}
	if parts[3] == "" {
		return s, Filing{}, nil
	}
	running, err := strconv.Atoi(parts[3])
	if err != nil || running < 1 {
		return Subject{}, Filing{}, ErrMalformed
	}
	return s, Filing{s, running, Service(parts[4])}, nil
}

// normalizeRune maps full-width characters and dashes to ASCII and drops invisible characters.
func normalizeRune(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case strings.ContainsRune("—–―‐‑−", r):
		return '-'
	case r == '號':
		return '号'
	case r == '備':
		return '备'
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// String returns the number in its canonical form; "" for the zero value.
func (s Subject) String() string {
	if s == (Subject{}) {
		return ""
	}
	return s.province + "ICP备" + s.serial + "号"
}

// Province returns the province whose bureau issued the number.
func (s Subject) Province() (province.Province, bool) { return province.ByAbbreviation(s.province) }

// Year returns the year in which the number was issued: 2012 for 12345678 and for 2012345678.
func (s Subject) Year() int {
	if len(s.serial) < 8 {
		return 0
	}
	digits := s.serial[:len(s.serial)-6]
	if len(digits) == 2 {
		digits = "20" + digits
	}
	year, _ := strconv.Atoi(digits) // digits by construction
	return year
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
