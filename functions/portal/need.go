package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/filing/plan"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// needQuestions are the questions of the page that says what an application needs. Their names are parameters of its address, which can be shared.
var needQuestions = []pages.Question{
	{Pointer: "province", Words: "need.province", Kind: "select", Options: application.Provinces},
	{Pointer: "entityKind", Words: "need.entity", Kind: "select", Options: entities},
	{Pointer: "type", Words: "need.type", Kind: "select", Options: kinds},
	{Pointer: "serviceKind", Words: "need.service", Kind: "radios", Options: serviceKinds},
	{Pointer: "trade", Words: "need.trade", Kind: "select", Options: trades, Optional: true},
}

// A needPage is the form, and once it is answered what is needed.
type needPage struct {
	Fields  []pages.Field
	Answers *api.Needs
	Address string             // of the answers
	Took    []api.StepDuration // of the review and the bureau, for this province and kind
	// Individual says that the subject is a person, who cannot have a pre-approval.
	Individual bool
}

// registerNeed registers the page that says what an application needs.
func (p *Portal) registerNeed() {
	p.public("GET /need", func(v *visit) error {
		given := v.R.URL.Query()
		d := pages.Document{"entityKind": "4", "type": "FIRST", "serviceKind": "site"}
		d.Read(needQuestions, given)
		page := needPage{Individual: d.Text("entityKind") == strconv.Itoa(application.Individual)}
		asked := slices.ContainsFunc(needQuestions, func(q pages.Question) bool { return given.Has(q.Pointer) })
		if asked {
			if err := v.answerNeed(d, &page); err != nil {
				return err
			}
		}
		var err error
		if page.Fields, err = v.Ask(needQuestions, d); err != nil {
			return err
		}
		return v.Show("need", page)
	})
}

// answerNeed reads what is needed. What the person has to correct is kept for the form.
func (v *visit) answerNeed(d pages.Document, page *needPage) error {
	if v.Problem = pages.Unanswered(needQuestions, d); v.Problem != nil {
		return nil
	}
	query := url.Values{}
	for _, q := range needQuestions[1:] {
		if value := d.Text(q.Pointer); value != "" {
			query.Set(q.Pointer, value)
		}
	}
	var needs api.Needs
	_, err := v.Call(pages.Request{Method: http.MethodGet, Path: "/provinces/" + url.PathEscape(d.Text("province")) + "/needs?" + query.Encode()}, &needs)
	if v.Refused(err) {
		for i, f := range v.Problem.Findings {
			v.Problem.Findings[i].Pointer = strings.TrimPrefix(f.Pointer, "/")
		}
		return nil
	}
	if err != nil {
		return err
	}
	query.Set("province", d.Text("province"))
	if err := v.nameCertificates(needs.Documents, d.Text("entityKind")); err != nil {
		return err
	}
	page.Answers, page.Address = &needs, "/need?"+query.Encode()
	if needs.Days.Most == 0 {
		return nil
	}
	var took struct {
		Items []api.StepDuration `json:"items"`
	}
	if err := v.Get("/provinces/"+string(needs.Province.Code)+"/durations", &took); err != nil {
		return err
	}
	for _, step := range []filing.Step{filing.InitialReview, filing.AwaitBureau} {
		i := slices.IndexFunc(took.Items, func(one api.StepDuration) bool { return one.Step == step && string(one.Type) == d.Text("type") })
		if i < 0 {
			page.Took = append(page.Took, api.StepDuration{Step: step})
		} else {
			page.Took = append(page.Took, took.Items[i])
		}
	}
	return nil
}

// fewKinds is the most kinds of certificates that a line lists. More, such as those of persons, do not help to find the right one.
const fewKinds = 3

// nameCertificates adds which certificates a subject of the kind can have, such as the business licence, to what is said of its certificate.
func (v *visit) nameCertificates(documents []plan.Document, entity string) error {
	kinds, err := application.Certificates(v.Visit, entity)
	if err != nil || len(kinds) == 0 || len(kinds) > fewKinds {
		return err
	}
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.Label
	}
	comma, err := v.T("layout.comma")
	if err != nil {
		return err
	}
	for i, one := range documents {
		if kind := one.Slot.Kind(); kind != evidence.SubjectCertificateFront && kind != evidence.SubjectCertificateBack {
			continue
		}
		words, err := v.T("papers.certificate", "kind", strings.Join(names, comma), "reason", v.In(one.Reason))
		if err != nil {
			return err
		}
		documents[i].Reason = finding.Words{Chinese: words, English: words} // the page is in one language
	}
	return nil
}

// Required are the documents that are needed, and Helpful those that can be left out.
func (p needPage) Required() []plan.Document { return documentsOfLevel(p.Answers.Documents, true) }

// Helpful are the documents that can be left out in each case.
func (p needPage) Helpful() []plan.Document {
	return slices.DeleteFunc(documentsOfLevel(p.Answers.Documents, false), func(d plan.Document) bool {
		return slices.ContainsFunc(p.MayBeRequired(), func(other plan.Document) bool { return other.Slot == d.Slot })
	})
}

// MayBeRequired are the documents that are needed in other cases.
func (p needPage) MayBeRequired() []plan.Document {
	return documentsOfLevel(p.Answers.Possible, true)
}

func documentsOfLevel(documents []plan.Document, required bool) []plan.Document {
	return slices.DeleteFunc(slices.Clone(documents), func(d plan.Document) bool { return (d.Level == evidence.Required) != required })
}

// A publisher is who published a source whose code begins so.
type publisher struct {
	code  string
	words finding.Words
}

// publishers are those of the rules' sources. The last one is any other.
var publishers = []publisher{
	{"ORDER33", finding.Words{Chinese: "《非经营性互联网信息服务备案管理办法》", English: "the ministry's Order 33"}},
	{"GOV-55", finding.Words{Chinese: "国办函〔2018〕55号", English: "the State Council's notice 55 of 2018"}},
	{"GOV-2024", finding.Words{Chinese: "《互联网政务应用安全管理规定》", English: "the rules for government applications of 2024"}},
	{"ALI-", finding.Words{Chinese: "阿里云公开的说明", English: "Alibaba Cloud's public help"}},
	{"TC-", finding.Words{Chinese: "腾讯云公开的说明", English: "Tencent Cloud's public help"}},
	{"HW-", finding.Words{Chinese: "华为云公开的说明", English: "Huawei Cloud's public help"}},
	{"KSY", finding.Words{Chinese: "金山云公开的说明", English: "Kingsoft Cloud's public help"}},
	{"", finding.Words{Chinese: "公开的备案说明", English: "a public page on filing"}},
}

// Source names the publishers of a rule's sources.
func (v *visit) Source(codes string) (string, error) {
	var names []string
	for code := range strings.SplitSeq(codes, ", ") {
		i := slices.IndexFunc(publishers, func(p publisher) bool { return strings.HasPrefix(code, p.code) })
		if name := v.In(publishers[i].words); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	comma, err := v.T("layout.comma")
	return strings.Join(names, comma), err
}

// kinds lists the kinds of application.
func kinds(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	var list web.Page[api.Kind]
	err := v.Get("/kinds", &list)
	var all []pages.Option
	for _, k := range list.Items {
		all = append(all, pages.Option{Value: string(k.Type), Label: v.In(k.Words)})
	}
	return all, err
}
