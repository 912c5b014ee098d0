package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A beginning is a page on which an application about a filing begins.
type beginning struct {
	path      string // below that of the filing
	template  string
	questions func(beginningAt) []pages.Question
	// propose adds to a page that was not filled in what is known; nil adds nothing.
	propose func(*visit, *beginningAt, pages.Document) error
	// operation is the path of the API's operation.
	operation func(web.Filing) string
	// complete adds to the request what the page does not ask.
	complete func(beginningAt, pages.Document)
}

// A beginningAt is what a page begins at.
type beginningAt struct {
	Filing web.Filing
	Site   *web.RegisteredSite // nil if it is about the whole
	Fields []pages.Field
	Found  finding.List // what no longer matches, of a change
}

// filingPath returns the API's path of an operation on the filing of the page's address.
func (v *visit) filingPath(operation string) string {
	return "/filings/" + url.PathEscape(v.R.PathValue("id")) + operation
}

// FilingHref returns the address of a page of the filing.
func (v *visit) FilingHref(rest string) string { return "/filings/" + v.R.PathValue("id") + rest }

// beginningAt reads the filing of the page's address and, if the address has its index, the site.
func (v *visit) beginningAt() (beginningAt, error) {
	var at beginningAt
	if err := v.Get(v.filingPath(""), &at.Filing); err != nil {
		return at, err
	}
	index := v.R.PathValue("site")
	if index == "" || index == wholeSubject {
		return at, nil
	}
	n, err := strconv.Atoi(index)
	if err != nil || n < 0 || n >= len(at.Filing.Sites) {
		return at, &web.Problem{Status: http.StatusNotFound}
	}
	at.Site = &at.Filing.Sites[n]
	return at, nil
}

// wholeSubject stands in an address in place of the index of a site.
const wholeSubject = "subject"

// registerAtFiling registers the pages on which an application about a filing begins.
func (p *Portal) registerAtFiling() {
	p.registerBeginning(beginning{path: "/add", template: "filing-add", operation: func(web.Filing) string { return "/orders" },
		questions: func(beginningAt) []pages.Question { return slices.Concat(openingQuestions[2], contactAsked) },
		complete: func(at beginningAt, d pages.Document) {
			s := at.Filing.Subject
			d.Set("/province", string(at.Filing.Province))
			d.Set("/entityKind", int(at.Filing.Entity))
			d.Set("/name", s.Name.Reveal())
			d.Set("/certificate", map[string]any{"kind": int(s.Certificate.Kind), "number": s.Certificate.Number.Reveal()})
			if d.Text("/serviceKind") == "site" {
				d.Set("/serviceKind", nil)
			}
		}})
	p.registerBeginning(beginning{path: "/change", template: "filing-change", operation: func(f web.Filing) string { return "/filings/" + string(f.ID) + "/changes" },
		questions: func(at beginningAt) []pages.Question {
			return append([]pages.Question{{Pointer: "/access", Words: "filing-change.access", Kind: "checkboxes", Shape: "numbers", Optional: true, Options: hostedSites(at.Filing)}}, contactAsked...)
		},
		propose: func(v *visit, at *beginningAt, d pages.Document) (err error) {
			if at.Found, err = v.mismatches(string(at.Filing.ID)); err == nil {
				d.Set("/access", movedServers(at.Found))
			}
			return err
		}})
	p.registerBeginning(beginning{path: "/evidence/{site}", template: "filing-evidence", operation: func(f web.Filing) string { return "/filings/" + string(f.ID) + "/evidence-submissions" },
		questions: func(at beginningAt) []pages.Question {
			return append([]pages.Question{{Pointer: "/papers", Words: "filing-evidence.papers", Kind: "checkboxes", Shape: "lines", Options: renewable(at)}}, contactAsked...)
		},
		complete: func(at beginningAt, d pages.Document) {
			if at.Site != nil {
				d.Set("/site", at.Site.Number.String())
			}
		}})
	p.private("GET /filings/{id}/evidence", func(v *visit) error {
		at, err := v.beginningAt()
		if err != nil {
			return err
		}
		return v.Show("filing-evidence-parts", at)
	})
	p.registerCancellations()
	p.registerTransfers()
	p.registerClaim()
}

// contactAsked are the questions about the contact of an application.
var contactAsked = openingQuestions[len(openingQuestions)-1]

// registerBeginning registers a page on which an application begins, and its form.
func (p *Portal) registerBeginning(b beginning) {
	show := func(v *visit, at beginningAt, d pages.Document) error {
		var err error
		if at.Fields, err = v.Ask(b.questions(at), d); err != nil {
			return err
		}
		return v.Show(b.template, at)
	}
	p.private("GET /filings/{id}"+b.path, func(v *visit) error {
		at, err := v.beginningAt()
		if err != nil {
			return err
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		d := pages.Document{"serviceKind": "site"}
		v.contactAt(at, d)
		if b.propose != nil {
			if err := b.propose(v, &at, d); err != nil {
				return err
			}
		}
		if typed != nil {
			d.Read(b.questions(at), typed)
		}
		return show(v, at, d)
	})
	p.private("POST /filings/{id}"+b.path, func(v *visit) error {
		at, err := v.beginningAt()
		if err != nil {
			return err
		}
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		asked, body := pages.Document{}, pages.Document{}
		for _, d := range []pages.Document{asked, body} {
			d.Read(b.questions(at), v.R.PostForm)
		}
		if b.complete != nil {
			b.complete(at, body)
		}
		var opened web.Order
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: b.operation(at.Filing), Key: v.R.PostForm.Get("once"), Body: body}, &opened)
		if v.Refused(err) {
			return show(v, at, asked)
		}
		if err != nil {
			return err
		}
		v.Redirect("/orders/" + string(opened.ID))
		return nil
	})
}

// prefillContact enters the mobile and the email with which the account logs in.
func (v *visit) prefillContact(d pages.Document) {
	for claim, pointer := range map[string]string{"phone_number": "/contact/mobile", "email": "/contact/email"} {
		if value := v.Session.Claims[claim]; value != "" {
			d.Set(pointer, strings.TrimPrefix(value, "+86"))
		}
	}
}

// contactAt enters the contact with which the account logs in; what it lacks, as the subject leader has it on file.
func (v *visit) contactAt(at beginningAt, d pages.Document) {
	leader := at.Filing.Subject.Leader
	if mobile := leader.Mobile.Reveal(); mobile != "" {
		d.Set("/contact/mobile", mobile)
	}
	if email := leader.Email.Reveal(); email != "" {
		d.Set("/contact/email", email)
	}
	v.prefillContact(d)
}

// hostedSites lists the sites of a filing that the provider hosts, by their indexes.
func hostedSites(f web.Filing) func(*pages.Visit, pages.Document) ([]pages.Option, error) {
	return func(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
		var all []pages.Option
		for n, s := range f.Sites {
			if slices.ContainsFunc(s.Accesses, func(a web.FilingAccess) bool { return a.Ours }) {
				all = append(all, pages.Option{Value: strconv.Itoa(n), Label: s.Number.String(), Hint: s.Details.Name, Chosen: hasNumber(d, "/access", n)})
			}
		}
		return all, nil
	}
}

// Documents that can be renewed, the most usual first.
var (
	renewableOfSubject = []evidence.Kind{evidence.SubjectCertificateFront, evidence.SubjectCertificateBack, evidence.SubjectLeaderCertificateFront, evidence.SubjectLeaderCertificateBack,
		evidence.SubjectAuthorizationLetter, evidence.SubjectEmploymentProof, evidence.ResidencePermit, evidence.CommitmentLetter, evidence.NameChangeCertificate, evidence.OtherDocument}
	renewableOfSite = []evidence.Kind{evidence.LeaderCertificateFront, evidence.LeaderCertificateBack, evidence.VerificationForm, evidence.DomainCertificate,
		evidence.SiteAuthorizationLetter, evidence.LeaderEmploymentProof, evidence.SiteOtherDocument}
)

// renewable lists the documents of the subject or of a site. Those with which it was filed come first, and the others are rare.
func renewable(at beginningAt) func(*pages.Visit, pages.Document) ([]pages.Option, error) {
	return func(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
		kinds, number := renewableOfSubject, ""
		if at.Site != nil {
			kinds, number = renewableOfSite, at.Site.Number.String()
			for n := range at.Site.Details.PreApprovals {
				kinds = append([]evidence.Kind{evidence.Kind(string(evidence.PreApproval) + "/" + strconv.Itoa(n) + "/1")}, kinds...)
			}
		}
		filed := func(k evidence.Kind) bool {
			return slices.ContainsFunc(at.Filing.Papers, func(p web.FilingPaper) bool { return p.Site == number && p.Slot.Kind() == k })
		}
		var all, rare []pages.Option
		for _, k := range kinds {
			kind := evidence.SiteSlot(0, k).Kind() // k may name one of several licences
			one := pages.Option{Value: string(k), Label: v.Title(kind.Words())}
			if kind == evidence.PreApproval || filed(k) {
				all = append(all, one)
				continue
			}
			one.Rare = true
			rare = append(rare, one)
		}
		if len(all) == 0 { // of an imported filing
			for i := range rare {
				rare[i].Rare = i > 3
			}
		}
		return append(all, rare...), nil
	}
}

// A way is what can begin at a filing, with the page that begins it.
type way struct{ Name, Path string }

// Ways lists what can begin at a filing now, each once.
func (v *visit) Ways(f web.Filing) []way {
	var all []way
	for _, next := range f.Next {
		kind, _ := filing.KindOf(next.Type)
		one := way{"add", "/add"}
		switch {
		case kind.Cancels != "":
			one = way{"cancel", "/cancel"}
		case kind.Documents == filing.ChosenDocuments:
			one = way{"evidence", "/evidence"}
		case kind.Edits():
			one = way{"change", "/change"}
		}
		if !slices.Contains(all, one) {
			all = append(all, one)
		}
	}
	if f.Status != register.Cancelled {
		all = append(all, way{"transfer", "/transfer"})
	}
	return all
}

// Address is the address of the page, to which its form is sent.
func (v *visit) Address() string { return v.R.URL.EscapedPath() }
