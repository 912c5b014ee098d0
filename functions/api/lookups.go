package api

import (
	"context"
	"strings"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/web"
)

// CodeNumberForm says that a text is not a filing number.
const CodeNumberForm finding.Code = "number-check-form"

// A DomainQuestion asks whether a domain can be filed.
type DomainQuestion struct {
	Domain     string        `json:"domain" maxLength:"1024" example:"example.cn"`
	Province   province.Code `json:"province,omitempty" maxLength:"32" doc:"GB/T 2260, two digits: checks the suffix by the rules of this province too" example:"32"`
	EntityKind int           `json:"entityKind,omitempty" doc:"see /entity-kinds; default: enterprise" example:"4"`
}

// A DomainCheck says whether a domain can be filed, as far as its form, its suffix and our register show.
type DomainCheck struct {
	Domain   domainname.Domain `json:"domain,omitempty" doc:"what is filed, in its ASCII form; absent if the text is no domain"`
	Display  string            `json:"display,omitempty" doc:"in its own script"`
	Suffix   string            `json:"suffix,omitempty"`
	Fit      bool              `json:"fit" doc:"whether form and suffix can be filed"`
	Filed    bool              `json:"filed" doc:"whether a website with the domain is filed through us. It may be filed through another provider if not: ask beian.miit.gov.cn"`
	Number   string            `json:"number,omitempty" doc:"of the filed site" example:"苏ICP备12345678号-1"`
	Findings finding.List      `json:"findings" nullable:"false" doc:"about form and suffix; pointers are into the request"`
}

type domainCheckInput struct{ Body DomainQuestion }

type domainCheckOutput struct{ Body DomainCheck }

// A NumberCheck is what the form of a filing number says.
type NumberCheck struct {
	Number   string        `json:"number" doc:"in its canonical form" example:"京ICP备12345678号-1"`
	Subject  string        `json:"subject" doc:"the number of its subject"`
	Kind     string        `json:"kind" enum:"subject,site,app,mini-program,quick-app" doc:"what the number is for"`
	Words    finding.Words `json:"words" doc:"of the kind"`
	Licence  bool          `json:"licence" doc:"whether it begins with the number of a commercial or telecommunications licence, and not with that of a filing"`
	Province *Province     `json:"province,omitempty" doc:"whose bureau issued it; absent for a licence of the ministry"`
}

type numberCheckInput struct {
	Body struct {
		Number string `json:"number" maxLength:"256" doc:"as people write it" example:"京icp备12345678-1"`
	}
}

type numberCheckOutput struct{ Body NumberCheck }

// registerLookups registers the checks of a domain and of a number, which need no account.
func (a operations) registerLookups() {
	const tag = "Reference"
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /domain-checks", Tag: tag, Counts: limits.CheckDomain,
		Summary:     "Check whether a domain can be filed: its form, its suffix, and whether it is filed through us",
		Description: "The answer has no more than the public query of the ministry: filed or not, and the number of the site. A domain of an open order counts as not filed. What cannot be filed is a finding of the answer, not an error."}, a.checkDomain)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /number-checks", Tag: tag,
		Summary:     "Check the form of a filing number",
		Description: "It says which bureau issues such numbers, and what the number is for. Whether the number exists, only the ministry's site beian.miit.gov.cn says."},
		func(_ context.Context, _ *web.Call, in *numberCheckInput) (*numberCheckOutput, error) {
			subject, one, err := number.Parse(in.Body.Number)
			if err != nil {
				return nil, web.FaultFor(finding.List{finding.New(CodeNumberForm, "/number")})
			}
			return &numberCheckOutput{Body: numberCheckOf(subject, one)}, nil
		})
}

func (a operations) checkDomain(ctx context.Context, c *web.Call, in *domainCheckInput) (*domainCheckOutput, error) {
	entity, code := certificate.EntityKind(in.Body.EntityKind), in.Body.Province
	var wrong finding.List
	if entity == 0 {
		entity = certificate.Enterprise
	}
	if !entity.Known() {
		wrong = append(wrong, finding.New(certificate.EntityUnknown, "/entityKind"))
	}
	if _, ok := province.ParseCode(string(code)); code != "" && !ok {
		wrong = append(wrong, finding.New(filing.CodeProvinceUnknown, "/province"))
	}
	if err := web.FaultFor(wrong); err != nil {
		return nil, err
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	d, found := domainname.Parse(in.Body.Domain)
	out := DomainCheck{Domain: d, Fit: !found.Blocking()}
	if d != "" {
		out.Display, out.Suffix = d.Display(), d.Suffix()
	}
	if out.Fit && code != "" {
		now := a.Decisions.Now()
		found = append(found, code.Province().CheckSuffix(entity, out.Suffix, now)...)
		found = append(found, code.Province().CheckDomainName(entity, out.Display, now)...)
		out.Fit = !found.Blocking()
	}
	out.Findings = append(finding.List{}, found.Under("/domain")...)
	if registrable := d.Registrable(); registrable != "" {
		registered, err := a.config.Store.DomainRegistration(ctx, registrable)
		if err != nil {
			return nil, err
		}
		out.Filed, out.Number = registered.SubjectKey != "", registered.Number
	}
	return &domainCheckOutput{Body: out}, nil
}

// subjectWords name what a number without a running number is for.
var subjectWords = finding.Words{Chinese: "主体", English: "subject"}

func numberCheckOf(subject number.Subject, one number.Filing) NumberCheck {
	out := NumberCheck{Number: subject.String(), Subject: subject.String(), Kind: "subject", Words: subjectWords, Licence: !strings.Contains(subject.String(), "ICP备")}
	if one != (number.Filing{}) {
		out.Number, out.Kind, out.Words = one.String(), one.Service.Name(), one.Service.Words()
	}
	if p, ok := subject.Province(); ok {
		issuer := provinceOf(p)
		out.Province = &issuer
	}
	return out
}
