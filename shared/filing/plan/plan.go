// Package plan plans the orders that file several domains of a subject, before any of them is opened. Call [Make]:
//
//	p := plan.Make(plan.Input{Request: request, Filing: filed, Codes: tables}, now)
//	for _, o := range p.Orders { … } // in the order in which the bureau takes them
//
// A subject has one open order at a time (icp-filing 2.3), so the orders of a plan follow each other: a change of the subject first, then the
// first filing, then what adds accesses and sites. Each domain goes through the decision table of the type, [filing.Determine].
//
// Whether a stranger's subject or domain is filed is not public (ADR 19). A plan therefore uses only what the account has filed through us, or may file
// for by a consent, and what the applicant declares. It lists what it assumes. The order itself asks the bureau.
package plan

import (
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/domainname"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// Limits of a plan. A subject that opens an order as soon as the one before is filed needs several years for MaxOrders.
const (
	MaxDomains = 1000
	MaxOrders  = 50
)

// A Request is what an applicant wants to plan. It has either Domains or File.
type Request struct {
	Filing  register.ID `json:"filing,omitempty" maxLength:"32" doc:"a filing of yours, or one that you may file for by a consent, whose subject the plan is for; see /filings"`
	Subject *Subject    `json:"subject,omitempty" doc:"the subject; with filing, only if its name or kind differs from what is filed"`
	Server  string      `json:"server,omitempty" maxLength:"64" doc:"id of a server of the caller's account that hosts the sites"`
	Domains []Domain    `json:"domains,omitempty" maxItems:"1000" doc:"the domains; or send file"`
	File    []byte      `json:"file,omitempty" doc:"a CSV file, base64, at most 1,000 rows. The first row has the names of the columns, in any order: domain (域名); site (网站), filed (备案情况) and number (备案号) are optional, with the values of the same fields of domains. UTF-8, with or without byte order mark, or GBK"`
}

// A Subject is the subject of a plan. Name and certificate are optional: they are checked if both are given.
type Subject struct {
	Province    province.Code             `json:"province,omitempty" maxLength:"32" doc:"GB/T 2260, two digits: province of the subject's domicile" example:"11"`
	EntityKind  certificate.EntityKind    `json:"entityKind,omitempty" doc:"see /entity-kinds" example:"4"`
	Name        person.Name               `json:"name,omitempty" maxLength:"1024" doc:"of the person or organisation, as on the certificate"`
	Certificate filing.OpeningCertificate `json:"certificate,omitempty"`

	FiledElsewhere bool   `json:"filedElsewhere,omitempty" doc:"whether the subject is filed at another provider, as far as you know"`
	Number         string `json:"number,omitempty" maxLength:"128" doc:"its number there (主体备案号), if you know it" example:"浙ICP备12345678号"`
	SitesFiled     int    `json:"sitesFiled,omitempty" minimum:"0" maximum:"10000" doc:"how many sites it has filed there"`
}

// A Domain is a domain of a request.
type Domain struct {
	Domain string   `json:"domain" maxLength:"1024" doc:"a registrable domain" example:"example.cn"`
	Site   string   `json:"site,omitempty" maxLength:"128" doc:"any text: domains with the same text become one site. Default: as many in a site as the province allows"`
	Filed  Declared `json:"filed,omitempty" maxLength:"32" doc:"no, elsewhere or here: whether the domain is filed under the subject, as far as you know; elsewhere: at another provider. Default: elsewhere with a number, otherwise as your filing has it"`
	Number string   `json:"number,omitempty" maxLength:"128" doc:"the number of the site (网站备案号), or of its subject, if it is filed elsewhere" example:"浙ICP备12345678号-1"`

	row int // of the file; 0 if the domain is of the request's list
}

// A Declared says whether a domain is filed, as the applicant declares it.
type Declared string

const (
	NotFiled  Declared = "no"
	Elsewhere Declared = "elsewhere" // at another provider
	Here      Declared = "here"      // through us
)

// Input is the input of [Make].
type Input struct {
	Request
	// Filing is the filing that the plan is for, with its personal data; the zero Filing if the account has none of the
	// subject, and no consent for one.
	Filing register.Filing
	// Others are the other filings of the account.
	Others []register.Filing
	// Bound says that the account cannot file for the request's subject, because it has another.
	Bound bool
	// Characters are those that the bureau can read.
	Characters gbk.Repertoire
	// Codes are the code tables in force.
	Codes codes.Tables
}

// A Plan is the sequence of orders that file the domains of a request.
type Plan struct {
	Digest    string          `json:"digest" doc:"identifies the orders, for the acceptance of the plan"`
	Ready     bool            `json:"ready" doc:"whether the plan has an order, and no finding blocks"`
	Orders    []Order         `json:"orders" nullable:"false" doc:"one after the other: each opens when the one before is filed"`
	Domains   []Verdict       `json:"domains" nullable:"false" doc:"of each domain, in the order of the request"`
	Documents []TotalDocument `json:"documents" nullable:"false" doc:"of all orders together"`
	Days      Days            `json:"days" doc:"of all orders together"`
	Findings  finding.List    `json:"findings" nullable:"false" doc:"about subject, server and file, and what the plan assumes"`
}

// An Order is a planned order.
type Order struct {
	Type      filing.Type    `json:"type"`
	Words     finding.Words  `json:"words" doc:"the kind of application"`
	Reason    finding.Words  `json:"reason" doc:"why the order is needed, and why now"`
	Sites     []Site         `json:"sites" nullable:"false" doc:"empty for a change of the subject"`
	Website   filing.Website `json:"website" enum:"closed,reachable,any-state" doc:"what the sites must be during the bureau's review"`
	Documents []Document     `json:"documents" nullable:"false"`
	Days      Days           `json:"days" doc:"of this order"`
	FiledFrom workday.Date   `json:"filedFrom" doc:"first day on which it is likely to be filed, if every order is submitted at once and none is returned"`
	FiledBy   workday.Date   `json:"filedBy" doc:"last day, under the same conditions"`
	Findings  finding.List   `json:"findings" nullable:"false" doc:"what a reviewer or the bureau will ask because of the number of sites or domains"`
}

// A Site is a site of a planned order.
type Site struct {
	Label   string              `json:"label,omitempty" doc:"as the request has it"`
	Number  string              `json:"number,omitempty" doc:"of a site that is filed: its number, if it is known"`
	Domains []domainname.Domain `json:"domains" nullable:"false"`
}

// A Document is a document of a planned order.
type Document struct {
	evidence.Requirement
	Words finding.Words `json:"words"`
}

// A TotalDocument is a kind of document, counted over all orders of a plan.
type TotalDocument struct {
	Kind   evidence.Kind  `json:"kind"`
	Words  finding.Words  `json:"words"`
	Level  evidence.Level `json:"level" enum:"required,optional" doc:"required if an order requires it"`
	Count  int            `json:"count" doc:"how many different ones: of a document of the subject one, of a document of a site one for each site"`
	Orders []int          `json:"orders" nullable:"false" doc:"the orders that have it, counted from 1"`
}

// Days are working days of the provider's review and the bureau's.
type Days struct {
	Least int `json:"least"`
	Most  int `json:"most"`
}

// A Verdict is what the plan does with a domain.
type Verdict struct {
	Row      int               `json:"row" doc:"line of the file, whose header is line 1; of a list, its place from 1"`
	Given    string            `json:"given" doc:"as the request has it, shortened"`
	Domain   domainname.Domain `json:"domain,omitempty" doc:"what is filed, in its ASCII form"`
	Order    int               `json:"order,omitempty" doc:"the order that files it, counted from 1; missing if none does"`
	Type     filing.Type       `json:"type,omitempty" doc:"of that order"`
	Findings finding.List      `json:"findings" nullable:"false"`
}

// Codes of the findings of a plan.
const (
	CodeSubjectMissing  finding.Code = "plan-subject-missing"
	CodeFilingUnknown   finding.Code = "plan-filing-unknown"
	CodeDomainsAndFile  finding.Code = "plan-domains-and-file"
	CodeTooManyRows     finding.Code = "plan-too-many-rows"
	CodeNumberMalformed finding.Code = "plan-number-malformed"
	CodeFiledUnknown    finding.Code = "plan-filed-unknown"
	CodeNotInFilings    finding.Code = "plan-not-in-your-filings"
	CodeContradicts     finding.Code = "plan-filed-contradicts"
	CodeSiteSplit       finding.Code = "plan-site-split"

	// CodeSubjectUndeclared says that a domain is declared as filed, and its subject is not.
	CodeSubjectUndeclared finding.Code = "plan-subject-undeclared"

	CodeTooManyOrders finding.Code = "plan-too-many-orders"

	// What a plan assumes.
	CodeAsksBureau     finding.Code = "plan-asks-bureau"
	CodeAssumesSubject finding.Code = "plan-assumes-subject"
	CodeAssumesNew     finding.Code = "plan-assumes-not-filed"
	CodeAssumesFiled   finding.Code = "plan-assumes-filed-elsewhere"
	CodeAssumesSame    finding.Code = "plan-assumes-same-subject"
	CodeAssumesLeaders finding.Code = "plan-assumes-leaders"
)
