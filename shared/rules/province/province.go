// Package province has the rules of the 31 provincial bureaus: when SMS verification began, who may be a responsible person and
// from which age, how many domains an order may have, what the footer of a site must show, how long the bureau takes, and
// special rules in words. Start with [ParseCode]; each rule is a method of [Province], at a time whose day in Shanghai counts.
//
//	code, ok := province.ParseCode("44")
//	if code.Province().SMSRequired(now) { … }
//
// Rules are data: data/<code>.json has the rules of a province, data/national.json those for provinces without a rule of their own.
// Each rule has a period and a source. Sources disagree and bureaus change their rules, so the effect of a rule is "refuse" only if
// two sources agree or the newest one is explicit. Otherwise it is "review": a reviewer decides. A rule whose source gives only a year
// is in force from 1 January of that year; a rule whose source has no date, marked (undated), from 2019. The first rule of a file that
// applies is used.
package province

import (
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A Province is a province, autonomous region or municipality with a bureau.
type Province struct {
	provinceFile
}

// A provinceFile is the content of a province's file.
type provinceFile struct {
	Code Code `json:"code"`
	// Name is the official name: 广西壮族自治区, Guangxi.
	Name finding.Words `json:"name"`
	// Short is the short Chinese name: 广西.
	Short string `json:"short"`
	// Abbreviation is the first character of filing numbers: 桂. Number plates may have another one.
	Abbreviation string `json:"abbreviation"`
	// Placement is the province's bit in the ministry's field for the location of a server (MIIT-UI).
	Placement uint64 `json:"placement"`
	rules
}

// ByAbbreviation returns the province by the first character of its filing numbers ("粤").
func ByAbbreviation(abbreviation string) (Province, bool) {
	for _, p := range provinces().all {
		if p.Abbreviation == abbreviation {
			return p, true
		}
	}
	return Province{}, false
}

// All returns the 31 provinces, sorted by code.
func All() []Province { return append([]Province(nil), provinces().all...) }

// SMSRequired reports whether a filing needs the ministry's SMS verification: in 22 pilot provinces since 2017-12-18, 2018-09-10
// or 2018-09-24, everywhere since 2020-08-17.
func (p Province) SMSRequired(on time.Time) bool {
	return anyApplies(p.rules.SMS, certificate.Individual, on)
}

// BureauDays returns the number of working days in which the bureau decides: 20 by law (ORDER33), 30 in Zhejiang.
func (p Province) BureauDays(on time.Time) int {
	r, _ := firstApplicable(p.rules.BureauDays, provinces().national.BureauDays, certificate.Enterprise, on)
	return r.Days
}

// A FooterNumber says which number the footer of a site shows.
type FooterNumber string

// The subject's number (Guangdong), or the site's with its suffix (all others).
const (
	FooterSubject FooterNumber = "subject"
	FooterSite    FooterNumber = "site"
)

// FooterNumber returns which number the footer of a site must show.
func (p Province) FooterNumber(on time.Time) FooterNumber {
	r, _ := firstApplicable(p.rules.FooterNumber, provinces().national.FooterNumber, certificate.Enterprise, on)
	return r.Number
}

// CopyrightLine reports whether the footer also needs a copyright line (Jiangsu).
func (p Province) CopyrightLine(on time.Time) bool {
	return anyApplies(p.rules.CopyrightLine, certificate.Enterprise, on)
}

// SiteTitle reports whether the title of the home page must be the filed name of the site (Zhejiang, Hainan).
func (p Province) SiteTitle(on time.Time) bool {
	_, ok := firstApplicable(p.rules.SiteTitle, nil, certificate.Enterprise, on)
	return ok
}

// LandlineRequired reports whether the office phone must be a landline.
func (p Province) LandlineRequired(e certificate.EntityKind, on time.Time) bool {
	return anyApplies(p.rules.Landline, e, on)
}

// OfficeMobileDiffers reports whether a mobile as office phone must differ from the leader's own.
func (p Province) OfficeMobileDiffers(e certificate.EntityKind, on time.Time) bool {
	return anyApplies(p.rules.OfficeMobileDiffers, e, on)
}

// SameCityAddress reports whether the mailing address must be in the city of the certificate's address.
func (p Province) SameCityAddress(on time.Time) bool {
	return anyApplies(p.rules.SameCityAddress, certificate.Enterprise, on)
}

// HolderIsUnit reports whether the organisation itself must hold the domain, not its legal representative.
func (p Province) HolderIsUnit(e certificate.EntityKind, on time.Time) bool {
	return anyApplies(p.rules.HolderIsUnit, e, on)
}

// Shell returns what a subject without sites does to file a site again: eleven provinces let it add one, the others cancel it first (HW-KB).
func (p Province) Shell(on time.Time) ShellPolicy {
	r, _ := firstApplicable(p.rules.Shell, provinces().national.Shell, certificate.Enterprise, on)
	return r.Policy
}

// DomainValidity returns how long a domain must still be valid: 3 months (HW-KB, TC-REJ), in Shandong 45 days. Shanghai asks for 6
// months in one source, which a reviewer checks.
func (p Province) DomainValidity(e certificate.EntityKind, on time.Time) ValidityRule {
	r, _ := firstApplicable(p.rules.DomainValidity, provinces().national.DomainValidity, e, on)
	return r
}

// applicable is implemented by the dated rules.
type applicable interface {
	applies(certificate.EntityKind, workday.Date) bool
}

// firstApplicable returns the first applicable rule of the province, or else of the nation. It returns false if there is none.
func firstApplicable[R applicable](own, national []R, e certificate.EntityKind, on time.Time) (R, bool) {
	day := workday.DateOf(on)
	for _, rules := range [][]R{own, national} {
		for _, r := range rules {
			if r.applies(e, day) {
				return r, true
			}
		}
	}
	var none R
	return none, false
}

func anyApplies(rules []Rule, e certificate.EntityKind, on time.Time) bool {
	_, ok := firstApplicable(rules, nil, e, on)
	return ok
}
