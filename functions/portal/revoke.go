package portal

import (
	"net/http"

	"beian/functions/api"
	"beian/shared/web"
	"beian/shared/web/pages"
)

var (
	revokeQuestions = []pages.Question{
		{Pointer: "/number", Words: "revoke.number", Kind: "text", Optional: true},
		{Pointer: "/mobile", Words: "revoke.mobile", Kind: "tel", Class: "short", Autocomplete: "tel-national", Inputmode: "numeric", Optional: true},
	}
	revokeCodeQuestions = []pages.Question{
		{Pointer: "/code", Words: "revoke.code", Kind: "text", Class: "code", Autocomplete: "one-time-code", Inputmode: "numeric"},
	}
)

// A revokePage is a page of the revocation of consents.
type revokePage struct {
	ID     string // of the revocation; "" on the first page
	Fields []pages.Field
	Done   bool
	Ended  []web.Consent
}

// registerRevoke registers the pages on which a subject leader, who has no account, revokes what agencies may do.
func (p *Portal) registerRevoke() {
	p.public("GET /revoke", func(v *visit) error { return v.showRevoke(revokePage{}, revokeQuestions, pages.Document{}) })
	p.public("POST /revoke", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d, body := pages.Document{}, pages.Document{"language": v.Language}
		d.Read(revokeQuestions, v.R.PostForm)
		for _, key := range []string{"number", "mobile"} {
			if d.Text("/"+key) != "" {
				body[key] = d[key]
			}
		}
		var asked api.ConsentRequest
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/consent-revocations", Body: body}, &asked)
		if v.Refused(err) {
			return v.showRevoke(revokePage{}, revokeQuestions, d)
		}
		if err != nil {
			return err
		}
		v.Redirect("/revoke/" + asked.ID)
		return nil
	})
	p.public("GET /revoke/{id}", func(v *visit) error {
		return v.showRevoke(revokePage{ID: v.R.PathValue("id")}, revokeCodeQuestions, pages.Document{})
	})
	p.public("POST /revoke/{id}", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		page, d := revokePage{ID: v.R.PathValue("id")}, pages.Document{}
		d.Read(revokeCodeQuestions, v.R.PostForm)
		if missing := pages.Unanswered(revokeCodeQuestions, d); missing != nil {
			v.Problem = missing
			return v.showRevoke(page, revokeCodeQuestions, d)
		}
		d["id"] = page.ID
		var ended web.Page[web.Consent]
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/consent-revocations/answers", Body: d}, &ended)
		if v.Refused(err) {
			return v.showRevoke(page, revokeCodeQuestions, d)
		}
		if err != nil {
			return err
		}
		page.Done, page.Ended = true, ended.Items
		return v.showRevoke(page, nil, d)
	})
}

func (v *visit) showRevoke(page revokePage, questions []pages.Question, d pages.Document) error {
	var err error
	if page.Fields, err = v.Ask(questions, d); err != nil {
		return err
	}
	return v.Show("revoke", page)
}
