// Package province holds what each of the 31 provincial bureaus asks for: when it began to verify by SMS, who may be
// a responsible person and how old, how many domains an order may hold, what stands in the footer, how long the bureau
// takes, and the special rules in words.
//
// Rules are data: data/<code>.json for a province, data/national.json for what holds where a province says nothing.
// Every rule has the days on which it holds and its source. The sources disagree and bureaus change their minds, so a
// rule's effect is "refuse" only where two sources agree or the newest one is explicit, otherwise "review": the
// reviewer is told. Where a text gives only its year, the rule is taken to hold from 1 January of that year; a text
// without a date, marked (undated), from 2019. Of several rules that hold, the first in the file counts.
//
// All questions are asked "on" a time, which is taken as the day in Shanghai.
package province

import (
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A Province is a province, autonomous region or municipality with a bureau of its own.
type Province struct {
	document
}

// document is a province's file.
type document struct {
	Code Code `json:"code"`
	// Name is the official name: 广西壮族自治区, Guangxi.
	Name finding.Words `json:"name"`
	// Short is the everyday Chinese name: 广西.
	Short string `json:"short"`
	// Abbreviation is the one character of filing numbers: 桂. It is not always that of number plates.
	Abbreviation string `json:"abbreviation"`
	// Placement is the bit that stands for the province as a server's place in the ministry's console (MIIT-UI).
	Placement uint64 `json:"placement"`
	rules
}

// Of returns the province with a two-digit code, or with the code of any division inside it ("330106").
func Of(code string) (Province, bool) {
	if len(code) < 2 {
		return Province{}, false
	}
	p, ok := provinces().byCode[Code(code[:2])]
	return p, ok
}

// Abbreviated returns the province whose filing numbers begin with a character ("粤").
func Abbreviated(abbreviation string) (Province, bool) {
	for _, p := range provinces().all {
		if p.Abbreviation == abbreviation {
			return p, true
		}
	}
	return Province{}, false
}

// All returns the 31 provinces by code.
func All() []Province { return append([]Province(nil), provinces().all...) }

// SMSRequired reports whether the ministry's SMS verification is part of a filing there: in pilot provinces since
// 2017-12-18, 2018-09-10 or 2018-09-24 (the 22 of the founding page), everywhere since 2020-08-17.
func (p Province) SMSRequired(on time.Time) bool {
	return holds(p.rules.SMS, certificate.Individual, on)
}

// BureauDays returns the number of working days in which the bureau decides: 20 by law (Order 33), 30 in Zhejiang.
func (p Province) BureauDays(on time.Time) int {
	r, _ := first(p.rules.BureauDays, provinces().national.BureauDays, certificate.Enterprise, on)
	return r.Days
}

// A FooterNumber says which number stands at the foot of a site.
type FooterNumber string

// The subject's number (Guangdong), or the site's with its suffix (all others).
const (
	FooterSubject FooterNumber = "subject"
	FooterSite    FooterNumber = "site"
)

// FooterNumber returns which number the site shows at its foot.
func (p Province) FooterNumber(on time.Time) FooterNumber {
	r, _ := first(p.rules.FooterNumber, provinces().national.FooterNumber, certificate.Enterprise, on)
	return r.Number
}

// CopyrightLine reports whether a copyright line has to stand at the foot of the site, too (Jiangsu).
func (p Province) CopyrightLine(on time.Time) bool {
	return holds(p.rules.CopyrightLine, certificate.Enterprise, on)
}

// LandlineRequired reports whether the office phone must be a landline.
func (p Province) LandlineRequired(e certificate.EntityKind, on time.Time) bool {
	return holds(p.rules.Landline, e, on)
}

// OfficeMobileDiffers reports whether an office phone that is a mobile must differ from the leader's own.
func (p Province) OfficeMobileDiffers(e certificate.EntityKind, on time.Time) bool {
	return holds(p.rules.OfficeMobileDiffers, e, on)
}

// SameCityAddress reports whether the mailing address must lie in the city of the certificate's address.
func (p Province) SameCityAddress(on time.Time) bool {
	return holds(p.rules.SameCityAddress, certificate.Enterprise, on)
}

// HolderIsUnit reports whether a unit itself must hold the domain; elsewhere its legal representative may.
func (p Province) HolderIsUnit(e certificate.EntityKind, on time.Time) bool {
	return holds(p.rules.HolderIsUnit, e, on)
}

// applicable is a dated rule.
type applicable interface {
	applies(certificate.EntityKind, workday.Date) bool
}

// first returns the first rule that holds, of the province or else of the nation.
func first[R applicable](own, national []R, e certificate.EntityKind, on time.Time) (R, bool) {
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

func holds(rules []Rule, e certificate.EntityKind, on time.Time) bool {
	_, ok := first(rules, nil, e, on)
	return ok
}
