package portal

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/form"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A paper is one paper of the list, with its state: given, wrong, missing, explained, optional.
type paper struct {
	Slot     evidence.Slot
	Title    string
	Reason   string
	State    string
	Href     string // "" if nothing can be uploaded now
	Print    string // address of the form to print and sign; "" if there is none
	Findings []pages.Problem
	Outdated []finding.Finding // of a printed form

	required bool
	missing  *finding.Finding
}

// A papersPage is the list of the papers.
type papersPage struct {
	Papers []paper
	Open   bool // whether papers can be uploaded now
	Next   string
	Left   int // required papers that are missing or wrong
}

// A paperPage is the page of one paper.
type paperPage struct {
	paper
	Look  string // what the picture must show
	Given *web.Given
	// Forms are the form of the page, which returns to it after the upload, and the form for the script, which stays on it. Both are nil if
	// the application takes no papers now.
	Form, Script *api.UploadForm
	Until        time.Time   // until when the forms are valid
	Field        pages.Field // of the file
	Explanation  *explanation
	Uploaded     string // key of the upload that is to be checked, after a form without script
	MaxMegabytes int
	Differs      []readDifference
	Icon         bool
	Shape        string // what the script judges a photo as: "card", "paper" or "picture"
	Next         string
	PrintOnPC    bool // there is a form to print, which this phone does not show
}

// An explanation says why a paper is missing. It is offered if a bureau requires the paper by its practice only.
type explanation struct {
	pages.Field
	Code finding.Code // of the finding that it explains
}

// registerPapers registers the pages of the papers.
func (p *Portal) registerPapers() {
	p.private("GET /orders/{id}/papers", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		_, all, err := v.papers(o)
		if err != nil {
			return err
		}
		page := papersPage{Papers: all, Open: takesPapers(o), Next: nextPaper(all, "")}
		for _, one := range all {
			if one.toDo() {
				page.Left++
			}
		}
		return v.Show("papers", page)
	})
	p.private("GET /orders/{id}/papers/{slot...}", func(v *visit) error {
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		uploaded := v.R.URL.Query().Get("key")
		if uploaded == "" {
			uploaded = typed.Get("key")
		}
		return v.showPaper(uploaded, typed.Get("explanation"))
	})
	p.private("POST /orders/{id}/papers/{slot...}", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		form := v.R.PostForm
		var err error
		if text, explains := form["explanation"]; explains {
			err = v.explainPaper(form.Get("once"), form.Get("code"), text[0])
		} else {
			body := api.Uploaded{Papers: []api.UploadedPaper{{Slot: v.R.PathValue("slot"), Key: form.Get("key")}}}
			_, err = v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/evidence"), Key: form.Get("once"), Body: body}, nil)
		}
		if v.Refused(err) {
			return v.showPaper("", form.Get("explanation"))
		}
		if err != nil {
			return err
		}
		v.Redirect(v.paperHref(evidence.Slot(v.R.PathValue("slot"))))
		return nil
	})
	p.private("GET /orders/{id}/copies/{slot...}", func(v *visit) error {
		response, err := v.Send(pages.Request{Method: http.MethodGet, Path: v.orderPath("/evidence/copy?") + url.Values{"slot": {v.R.PathValue("slot")}}.Encode()})
		if err != nil {
			return err
		}
		data := []byte(response.Body)
		if response.IsBase64Encoded {
			if data, err = base64.StdEncoding.DecodeString(response.Body); err != nil {
				return err
			}
		}
		v.W.Header().Set("Content-Type", response.Headers["Content-Type"])
		v.W.Header().Set("Content-Disposition", "inline")
		_, err = v.W.Write(data)
		return err
	})
}

// takesPapers reports whether the applicant uploads papers at the order's step. Papers for an appeal are requested elsewhere.
func takesPapers(o web.Order) bool {
	return editable(o) && slices.Contains([]filing.Step{filing.CollectEvidence, filing.VerifyAuthenticity, filing.AwaitConfirmation}, o.Step)
}

func (v *visit) paperHref(slot evidence.Slot) string {
	return (&url.URL{Path: v.OrderHref("/papers/") + string(slot)}).String()
}

// CopyHref returns the address of what the bureau receives of a paper. It changes with the paper, so that a browser shows no older one.
func (v *visit) CopyHref(slot evidence.Slot, given web.Given) string {
	return (&url.URL{Path: v.OrderHref("/copies/") + string(slot), RawQuery: url.Values{"of": {given.SHA256[:min(8, len(given.SHA256))]}}.Encode()}).String()
}

// toDo reports whether the application cannot go on without the paper.
func (p paper) toDo() bool { return p.State == "missing" || p.State == "wrong" }

// papers reads the list of the papers: those that the application requires or may include, and others that were given or asked for.
func (v *visit) papers(o web.Order) (api.Evidence, []paper, error) {
	var e api.Evidence
	if err := v.Get(v.orderPath("/evidence"), &e); err != nil {
		return e, nil, err
	}
	owed := e.Owed
	add := func(slot evidence.Slot) {
		if !slices.ContainsFunc(owed, func(one api.Owed) bool { return one.Slot == slot }) {
			_, given := e.Given[slot]
			owed = append(owed, api.Owed{Slot: slot, Words: slot.Words(), Level: evidence.Optional, Given: given})
		}
	}
	for slot := range e.Given {
		add(slot)
	}
	slices.SortStableFunc(owed[len(e.Owed):], func(a, b api.Owed) int { return strings.Compare(string(a.Slot), string(b.Slot)) })
	for _, f := range o.Findings {
		if slot, ok := slotOf(f.Pointer); ok {
			add(slot)
		}
	}
	open, decided := takesPapers(o), decidedAt(o)
	var all []paper
	for _, one := range owed {
		p := paper{Slot: one.Slot, Title: v.In(one.Words), Reason: v.In(one.Reason), required: one.Level == evidence.Required, missing: one.Missing,
			Outdated: outdated(e.Given[one.Slot])}
		if v.Language == "en" && p.Title != "" {
			p.Title = strings.ToUpper(p.Title[:1]) + p.Title[1:]
		}
		if kind := certificateOf(o, one.Slot).Words(); kind != (finding.Words{}) {
			var err error
			if p.Reason, err = v.T("papers.certificate", "kind", v.In(kind), "reason", p.Reason); err != nil {
				return e, nil, err
			}
		}
		if open {
			p.Href, p.Print = v.paperHref(one.Slot), v.formHref(o, one.Slot)
		}
		blocked := false
		for _, f := range o.Findings {
			if f.Pointer == evidence.Pointer(one.Slot) && (one.Missing == nil || f.Code != one.Missing.Code) && !givenSince(e.Given, one.Slot, decided) {
				p.Findings = append(p.Findings, pages.Problem{Finding: f})
				blocked = blocked || f.Severity == finding.Block
			}
		}
		switch {
		case blocked:
			p.State = "wrong"
		case one.Given:
			p.State = "given"
		case one.Missing != nil && one.Missing.Severity == finding.Warn:
			p.State = "explained"
		case one.Missing != nil:
			p.State = "missing"
		default:
			p.State = "optional"
		}
		all = append(all, p)
	}
	return e, all, nil
}

// decidedAt returns when the reviewer or the bureau last decided on the order; the zero time if neither did.
func decidedAt(o web.Order) time.Time {
	var at time.Time
	if o.Review != nil {
		at = o.Review.At
	}
	if o.Bureau != nil && o.Bureau.DecidedAt.After(at) {
		at = o.Bureau.DecidedAt
	}
	return at
}

// certificateOf returns the kind of the certificate that a paper shows; 0 if the paper is no certificate.
func certificateOf(o web.Order, slot evidence.Slot) certificate.Kind {
	switch slot.Kind() {
	case evidence.SubjectCertificateFront, evidence.SubjectCertificateBack:
		return o.Subject.Certificate.Kind
	case evidence.SubjectLeaderCertificateFront, evidence.SubjectLeaderCertificateBack:
		return o.Subject.Leader.Certificate.Kind
	case evidence.LeaderCertificateFront, evidence.LeaderCertificateBack:
		if site, ok := slot.Site(); ok && site < len(o.Sites) {
			return o.Sites[site].Leader.Certificate.Kind
		}
	}
	return 0
}

// givenSince reports whether a paper was uploaded after a decision, so that what the decision says of it is settled.
func givenSince(given map[evidence.Slot]web.Given, slot evidence.Slot, decided time.Time) bool {
	one, has := given[slot]
	return has && !decided.IsZero() && !one.AcceptedAt.Before(decided)
}

// slotOf returns the paper that a pointer of a finding names.
func slotOf(pointer string) (evidence.Slot, bool) {
	token, is := strings.CutPrefix(pointer, "/evidence/")
	slot, err := evidence.ParseSlot(strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	return slot, is && err == nil
}

// nextPaper returns the address of the next paper after a slot that the application cannot go on without; "" if there is none.
func nextPaper(all []paper, after evidence.Slot) string {
	at := slices.IndexFunc(all, func(p paper) bool { return p.Slot == after })
	for _, p := range slices.Concat(all[at+1:], all[:at+1]) {
		if p.toDo() && p.Slot != after {
			return p.Href
		}
	}
	return ""
}

// explainPaper explains why a required paper is missing.
func (v *visit) explainPaper(once, code, text string) error {
	slot := evidence.Slot(v.R.PathValue("slot"))
	body := map[string]any{"explanations": []filing.Explanation{{Code: finding.Code(code), Pointer: evidence.Pointer(slot), Text: strings.TrimSpace(text)}}}
	_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/evidence/explanations"), Key: once, Body: body}, nil)
	return err
}

// showPaper shows the page of the paper in the address.
func (v *visit) showPaper(uploaded, explained string) error {
	slot := evidence.Slot(v.R.PathValue("slot"))
	o, err := v.order()
	if err != nil {
		return err
	}
	e, all, err := v.papers(o)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(p paper) bool { return p.Slot == slot })
	if at < 0 {
		return &web.Problem{Status: http.StatusNotFound}
	}
	page := paperPage{paper: all[at], Uploaded: uploaded, MaxMegabytes: e.Limits.MaxBytes >> 20, Icon: slot.Kind() == evidence.AppIcon, Shape: shapeOf(o, slot), Next: nextPaper(all, slot),
		PrintOnPC: v.HandedOver() && form.IsFormKind(slot.Kind())}
	if given, has := e.Given[slot]; has {
		page.Given = &given
	}
	if page.Look, err = v.T("look." + look(slot.Kind())); err != nil {
		return err
	}
	if page.Differs, err = v.readDifferences(o, slot); err != nil {
		return err
	}
	if page.Href != "" && uploaded == "" && v.MayUpload() {
		if err := v.getForms(&page); err != nil {
			return err
		}
	}
	if page.Href != "" && uploaded == "" {
		if page.Explanation, err = v.askExplanation(o, page.paper, explained); err != nil {
			return err
		}
	}
	return v.Show("paper", page)
}

// askExplanation returns the question why a paper is missing; nil if no explanation can replace the paper. Typed is what was typed before.
func (v *visit) askExplanation(o web.Order, p paper, typed string) (*explanation, error) {
	if p.missing == nil || !p.missing.Code.Overridable() {
		return nil, nil
	}
	label, err := v.T("papers.explanation")
	e := &explanation{Field: pages.Field{Name: "/explanations", Label: label, Value: typed}, Code: p.missing.Code}
	for _, given := range o.Explained {
		if typed == "" && given.Code == e.Code && given.Pointer == evidence.Pointer(p.Slot) {
			e.Value = given.Text
		}
	}
	fields := []pages.Field{{Name: "/explanations", Label: label}}
	if v.Problem != nil {
		pages.Attach(fields, v.Problem.Findings)
	}
	e.Errors = fields[0].Errors
	v.Fields = append(v.Fields, fields...)
	return e, err
}

// getForms gets the upload forms of a page, and its fields.
func (v *visit) getForms(page *paperPage) error {
	wanted := api.Upload{Slot: string(page.Slot), ContentType: "image/jpeg"} // the check goes by the content, not by this type
	returning := wanted
	returning.Redirect = v.portal.config.Origin + v.paperHref(page.Slot)
	var got struct {
		Forms     []api.UploadForm `json:"forms"`
		ExpiresAt time.Time        `json:"expiresAt"`
	}
	_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/evidence"), Body: api.Uploads{Slots: []api.Upload{returning, wanted}}}, &got)
	if p, ok := errors.AsType[*web.Problem](err); ok && p.Status == http.StatusConflict {
		page.Href = "" // the order has moved on
		return nil
	}
	if err != nil {
		return err
	}
	page.Form, page.Script, page.Until = &got.Forms[0], &got.Forms[1], v.portal.config.Wall().Add(uploadTime)
	label, err := v.T("papers.file")
	page.Field = pages.Field{Name: evidence.Pointer(page.Slot), Label: label}
	v.Fields = []pages.Field{page.Field}
	if v.Problem != nil {
		pages.Attach(v.Fields, v.Problem.Findings)
		page.Field = v.Fields[0]
	}
	return err
}

// PaperTexts are the keys of what the script of the page says.
func (*visit) PaperTexts() []string {
	return []string{"reading", "heic", "ready", "reduced", "unreadable", "too-large", "none", "sending", "sent", "offline", "lost", "failed", "retry", "advised", "turned"}
}

// PaperAdvice are the keys of what the script says about a photo before it is sent; see assets/judge.js.
func (*visit) PaperAdvice() []string {
	return []string{"send-anyway", "choose-again", "advice-cut", "advice-sideways", "advice-blurred", "advice-glare", "advice-small", "advice-far", "side-left", "side-right", "side-top", "side-bottom"}
}

// look returns the key of what a picture of a paper must show.
func look(kind evidence.Kind) string {
	switch kind {
	case evidence.VerificationForm, evidence.CommitmentLetter, evidence.ResponsibilityNotice, evidence.SubjectAuthorizationLetter, evidence.SiteAuthorizationLetter, evidence.PreApprovalStatement, evidence.ConstructionPlan:
		return "signed"
	case evidence.LeaderPhoto:
		return "portrait"
	case evidence.AppIcon:
		return "icon"
	case evidence.DomainCertificate:
		return "domain"
	case evidence.ResidencePermit, evidence.SubjectEmploymentProof, evidence.LeaderEmploymentProof, evidence.PartyBuildingConfirmation, evidence.NameChangeCertificate, evidence.PreApproval,
		evidence.OtherDocument, evidence.SiteOtherDocument:
		return "proof"
	}
	return "certificate"
}

// shapeOf returns what a photo of a paper shows: a resident ID card is wider than high, and a portrait has no edges.
func shapeOf(o web.Order, slot evidence.Slot) string {
	kind := certificate.Kind(0)
	switch slot.Kind() {
	case evidence.LeaderPhoto, evidence.DomainCertificate:
		return "picture"
	case evidence.SubjectCertificateFront, evidence.SubjectCertificateBack:
		kind = o.Subject.Certificate.Kind
	case evidence.SubjectLeaderCertificateFront, evidence.SubjectLeaderCertificateBack:
		kind = o.Subject.Leader.Certificate.Kind
	case evidence.LeaderCertificateFront, evidence.LeaderCertificateBack:
		if at, ok := slot.Site(); ok && at < len(o.Sites) {
			kind = o.Sites[at].Leader.Certificate.Kind
		}
	}
	if kind == certificate.ResidentID {
		return "card"
	}
	return "paper"
}

// uploadTime is how long a person may take to choose a photo. The form is valid a little longer.
const uploadTime = 9 * time.Minute
