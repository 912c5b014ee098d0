package filing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"beian/shared/rules/division"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/form"
	"beian/shared/rules/person"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

// Findings about the printed form in a picture; see [Order.FormFindings].
const (
	CodeFormOfOtherOrder   finding.Code = "form-of-another-order"
	CodeFormOfOtherPaper   finding.Code = "form-of-another-paper"
	CodeFormOlderTemplate  finding.Code = "form-of-older-template"
	CodeFormDetailsChanged finding.Code = "form-details-changed"
	CodeFormWithoutCode    finding.Code = "form-code-not-found"
)

// A Form is a document to print and sign, filled in with the order's data. Its text is Chinese, because the bureau reads it.
type Form struct {
	Slot     evidence.Slot          `json:"slot" doc:"the paper that the signed form becomes"`
	Words    finding.Words          `json:"words" doc:"what the paper is"`
	Template string                 `json:"template" doc:"the template with its version; print it on the form" example:"verification-form.1"`
	Basis    form.Basis             `json:"basis" enum:"model,bureau" doc:"whose text it is. model: the provider's; if the bureau has its own template, that takes its place"`
	Title    finding.Words          `json:"title"`
	Parts    []FormPart             `json:"parts" nullable:"false" doc:"the data, in the order in which they are printed"`
	Checks   []string               `json:"checks" nullable:"false" doc:"what the provider ticks after checking it"`
	Text     []string               `json:"text" nullable:"false" doc:"paragraphs"`
	ByHand   string                 `json:"byHand,omitempty" doc:"the paragraph that the person copies by hand"`
	Sign     []FormSignature        `json:"signatures" nullable:"false" doc:"boxes to sign or seal, each with a date"`
	Rules    []province.Requirement `json:"rules" nullable:"false" doc:"the province's rules about the paper"`
	Code     string                 `json:"code" doc:"print it as a QR code. It names the order, the paper, the template and a digest of the data, and has no personal data"`
}

// A FormPart is the data of the subject, a leader, a site or the access.
type FormPart struct {
	Title string    `json:"title"`
	Rows  []FormRow `json:"rows" nullable:"false"`
}

// A FormRow is one field of a form.
type FormRow struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// A FormSignature is a box to sign or to seal.
type FormSignature struct {
	Label       string `json:"label"`
	Seal        bool   `json:"seal" doc:"for a seal, not a signature"`
	Provider    bool   `json:"provider" doc:"the provider signs, after the applicant"`
	Fingerprint bool   `json:"fingerprint" doc:"a fingerprint is set beside the signature"`
}

// Format writes [redacted].
func (Form) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Form) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (FormPart) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (FormPart) LogValue() slog.Value { return person.RedactedValue() }

// Format writes [redacted].
func (FormRow) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (FormRow) LogValue() slog.Value { return person.RedactedValue() }

// Forms returns the forms for the documents that the application requires or may include, that it has, and that a finding names, by the templates
// of a day. There are none before the details are complete.
func (o Order) Forms(at time.Time) []Form {
	if !o.DetailsComplete {
		return nil
	}
	var slots []evidence.Slot
	for _, r := range o.EvidenceRequirements(at) {
		slots = append(slots, r.Slot)
	}
	var others []evidence.Slot
	for slot := range o.Evidence {
		others = append(others, slot)
	}
	for _, f := range o.Private.Findings {
		if token, is := strings.CutPrefix(f.Pointer, "/evidence/"); is {
			others = append(others, unescapeSlot(token))
		}
	}
	slices.Sort(others)
	for _, slot := range others {
		if !slices.Contains(slots, slot) {
			slots = append(slots, slot)
		}
	}
	var forms []Form
	for _, slot := range slots {
		if f, has := o.form(slot, at); has {
			forms = append(forms, f)
		}
	}
	return forms
}

// form returns the form for a document; false if there is none.
func (o Order) form(slot evidence.Slot, at time.Time) (Form, bool) {
	t, has := form.Of(slot.Kind(), o.Province, at)
	site, ofSite := slot.Site()
	if !has || !o.DetailsComplete || ofSite && site >= len(o.Private.Sites) {
		return Form{}, false
	}
	audience, self := province.Units, "本单位"
	if o.Individual() {
		audience, self = province.Individuals, "本人"
	}
	fit := func(chinese string) string {
		return o.ServiceAt(string(slot)).Fit(finding.Words{Chinese: strings.ReplaceAll(chinese, "{self}", self)}).Chinese
	}
	out := Form{Slot: slot, Words: o.SlotWords(slot), Template: t.ID, Basis: t.Basis, Title: o.ServiceAt(string(slot)).Fit(t.Title), Checks: []string{}, ByHand: fit(t.Handwriting), Rules: []province.Requirement{}}
	for _, part := range t.Parts {
		if p := o.formPart(part, site, at); len(p.Rows) > 0 && !(o.Individual() && part == form.SubjectLeader && slices.Contains(t.Parts, form.SiteLeader)) {
			p.Title = fit(p.Title)
			for i, row := range p.Rows {
				p.Rows[i].Label = fit(row.Label)
			}
			out.Parts = append(out.Parts, p)
		}
	}
	for _, text := range t.Checks {
		out.Checks = append(out.Checks, fit(text))
	}
	for _, text := range t.Text {
		out.Text = append(out.Text, fit(text))
	}
	for _, s := range t.Signatures {
		if s.Fits(audience) {
			out.Sign = append(out.Sign, FormSignature{Label: fit(s.Label), Seal: s.Seal, Provider: s.Provider, Fingerprint: s.NeedsFingerprint(o.Province, audience)})
		}
	}
	for _, rule := range o.province().Requirements(o.Entity, at) {
		if strings.Contains(rule.Words.Chinese, t.Term) {
			out.Rules = append(out.Rules, rule)
		}
	}
	out.Code = form.Code{Order: string(o.ID), Slot: slot, Template: t.ID, Digest: o.formDigest(out.Parts)}.String()
	return out, true
}

// formDigest returns the digest of the data on a form. It is keyed, so that a guess of the data cannot be tested against the code.
func (o Order) formDigest(parts []FormPart) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // plain values always marshal
	}
	return form.NewDigest(o.keyedDigest(text))
}

// formPart returns the rows of a part that have a value. Site is the index of the form's site.
func (o Order) formPart(part form.Part, site int, at time.Time) FormPart {
	p, s := FormPart{}, o.Private.Subject
	add := func(label, value string) {
		if value != "" {
			p.Rows = append(p.Rows, FormRow{label, value})
		}
	}
	switch part {
	case form.Subject:
		p.Title = "主办者"
		add("主办者名称", s.Name.Reveal())
		add("主办者性质", o.Entity.Words().Chinese)
		addCertificate(add, s.Certificate)
		add("证件住所", s.CertificateAddress)
		add("通信地址", divisionName(s.Division, at)+division.TrimNames(s.Address))
	case form.SubjectLeader:
		p.Title = "主体负责人"
		addLeader(add, s.Leader)
	case form.Site:
		p.Title = "网站"
		one := o.Private.Sites[site]
		add("网站名称", one.Name)
		var domains []string
		for _, d := range one.Domains {
			domains = append(domains, string(d))
		}
		add("域名", strings.Join(domains, "、"))
		add("首页网址", one.HomeURL)
		add("前置审批", preApprovalNames(one.PreApprovals))
	case form.SiteLeader:
		p.Title = "网站负责人"
		addLeader(add, o.Private.Sites[site].Leader)
	case form.Access:
		p.Title = "接入信息"
		if o.Product != nil {
			add("服务器放置地", o.Product.Placement.Province().Name.Chinese)
			add("网站 IP 地址", strings.Join(o.Product.IPs, "、"))
		}
	}
	return p
}

func addCertificate(add func(label, value string), c IdentityDocument) {
	add("证件类型", c.Kind.Words().Chinese)
	add("证件号码", c.Number.Reveal())
}

func addLeader(add func(label, value string), l Leader) {
	add("姓名", l.Name.Reveal())
	addCertificate(add, l.Certificate)
	add("手机号码", l.Mobile.Reveal())
	add("应急电话", l.EmergencyPhone.Reveal())
	add("办公电话", l.OfficePhone.Reveal())
	add("电子邮箱", l.Email.Reveal())
}

// preApprovalNames returns the documents of a site's pre-approvals, each with its number.
func preApprovalNames(all []PreApproval) string {
	var names []string
	for _, a := range all {
		rule, _ := preapproval.Of(a.Trade)
		document, _ := a.Trade.Document()
		names = append(names, strings.TrimSpace(cmp.Or(document.Chinese, rule.Name.Chinese)+" "+a.Number))
	}
	return strings.Join(names, "、")
}

// divisionName returns the names of a county, its city and its province; "" for an unknown code.
func divisionName(code string, at time.Time) string {
	name := ""
	for {
		d, known := division.Of(code, at)
		if !known {
			return name
		}
		if !d.IsPlaceholder() {
			name = d.Name + name
		}
		if d.Level() == division.Province {
			return name
		}
		code = d.Parent()
	}
}

// FormFindings compares the code that was read from a document's picture with the form that would be printed for the document now. A form of another
// order or document blocks. An older template, or data that have changed since the form was printed, are warnings. A picture without a code may show
// a form of the bureau, which is only mentioned. There are no findings about documents that are not printed. The pointers are "".
func (o Order) FormFindings(slot evidence.Slot, read string, at time.Time) finding.List {
	expected, has := o.form(slot, at)
	if !has {
		return nil
	}
	now, _ := form.ParseCode(expected.Code)
	printed, is := form.ParseCode(read)
	one := func(code finding.Code, args ...string) finding.List {
		return finding.List{finding.New(code, "", args...)}
	}
	switch {
	case !is:
		return one(CodeFormWithoutCode)
	case printed.Order != now.Order:
		return one(CodeFormOfOtherOrder)
	case printed.Slot != slot:
		w := o.SlotWords(printed.Slot)
		return one(CodeFormOfOtherPaper, "paper-zh", w.Chinese, "paper-en", w.English)
	case printed.Template != now.Template:
		return one(CodeFormOlderTemplate)
	case printed.Digest != now.Digest:
		return one(CodeFormDetailsChanged)
	}
	return nil
}
