package domainfacts

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/domainfacts"
	"beian/shared/rules/domainname"
	"beian/shared/rules/fault"
	"beian/shared/rules/person"
	"beian/shared/rules/workday"
)

// Simulator invents registrations and pages, for the laptop and tests. It contacts nobody, and its facts are marked as simulated. The words
// in a domain decide:
//
//	held-by-another   another organisation holds the domain      held-by-person   a natural person, who is not the subject
//	holder-hidden     the holder is not public                   other-certificate   the subject's name with another certificate
//	unverified        not verified                               verified-1d, verified-20261120   verified so many days ago, or on that day
//	expires-30d, expires-20270131   the expiry                   foreign-registrar   a registrar abroad
//	on-hold           the resolution is stopped                  has-page   shows a page
//	blacklisted       on the blacklist                           not-registered   has no holder
//	registry-down     no source answers
//
// Several words may be combined: expires-30d-has-page.cn. Every other domain has no finding.
type Simulator struct{ Now func() time.Time }

var (
	verifiedWord = regexp.MustCompile(`verified-(\d{8}|\d{1,4}d)`)
	expiresWord  = regexp.MustCompile(`expires-(\d{8}|\d{1,4}d)`)
)

// Registration implements domaincheck.Registrations.
func (s Simulator) Registration(_ context.Context, q domainfacts.Query) (domainfacts.Facts, error) {
	has := func(word string) bool { return strings.Contains(string(q.Domain), word) }
	now := s.Now()
	facts := domainfacts.Facts{
		Source: domainfacts.Simulator, Registered: domainfacts.AnswerOf(!has("not-registered")), Registrar: "阿里云计算有限公司", RegistrarID: 1599,
		RegisteredAt: now.AddDate(-2, 0, 0), ExpiresAt: now.AddDate(2, 0, 0), Holder: q.Subject,
		SameCertificate: domainfacts.AnswerOf(!has("other-certificate")), Verified: domainfacts.Yes, VerifiedAt: now.AddDate(-1, 0, 0),
		OnHold: has("on-hold"), Blacklisted: has("blacklisted"),
	}
	switch {
	case has("registry-down"):
		return domainfacts.Facts{}, fault.Wrap(fault.Unavailable, errors.New("domainfacts: the simulated source is down"))
	case has("held-by-another"):
		facts.Holder, facts.SameCertificate = "另一家示例有限公司", domainfacts.No
	case has("held-by-person"):
		facts.Holder, facts.SameCertificate = "另一示例", domainfacts.No
	case has("holder-hidden"):
		facts.Holder, facts.SameCertificate = person.Name(""), domainfacts.Unknown
		facts.Verified, facts.VerifiedAt = domainfacts.Unknown, time.Time{}
	}
	if at, ok := timeIn(verifiedWord, q.Domain, now, -1); ok {
		facts.Verified, facts.VerifiedAt = domainfacts.Yes, at
	}
	if has("unverified") {
		facts.Verified, facts.VerifiedAt = domainfacts.No, time.Time{}
	}
	if at, ok := timeIn(expiresWord, q.Domain, now, 1); ok {
		facts.ExpiresAt = at
	}
	if has("foreign-registrar") {
		facts.Registrar, facts.RegistrarID = "Example Domains, Inc.", 0
	}
	return facts, nil
}

// HasPage implements domaincheck.Pages.
func (Simulator) HasPage(_ context.Context, d domainname.Domain) (bool, error) {
	return strings.Contains(string(d), "has-page"), nil
}

// timeIn returns the time that a word of a domain gives: a day, or a number of days before (-1) or after (1) now.
func timeIn(word *regexp.Regexp, d domainname.Domain, now time.Time, direction int) (time.Time, bool) {
	match := word.FindStringSubmatch(string(d))
	if match == nil {
		return time.Time{}, false
	}
	if days, found := strings.CutSuffix(match[1], "d"); found {
		n, err := strconv.Atoi(days)
		return now.AddDate(0, 0, direction*n), err == nil
	}
	at, err := time.ParseInLocation("20060102", match[1], workday.Shanghai)
	return at, err == nil
}
