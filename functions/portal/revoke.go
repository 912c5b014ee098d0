package portal

import (
	"net/http"

	"beian/functions/api"
	"beian/shared/web"
)

var (
	revokeQuestions = []question{
		{pointer: "/number", words: "revoke.number", kind: "text", optional: true},
		{pointer: "/mobile", words: "revoke.mobile", kind: "tel", class: "short", autocomplete: "tel-national", inputmode: "numeric", optional: true},
	}
	revokeCodeQuestions = []question{
		{pointer: "/code", words: "revoke.code", kind: "text", class: "code", autocomplete: "one-time-code", inputmode: "numeric"},
	}
)

// A revokePage is a page of the revocation of consents.
type revokePage struct {
	ID     string // of the revocation; "" on the first page
	Fields []field
	Done   bool
	Ended  []web.Consent
}

// registerRevoke registers the pages on which a subject leader, who has no account, revokes what agencies may do.
func (p *Portal) registerRevoke() {
	p.public("GET /revoke", func(v *visit) error { return v.showRevoke(revokePage{}, revokeQuestions, document{}) })
	p.public("POST /revoke", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		d, body := document{}, document{"language": v.Language}
		d.read(revokeQuestions, v.r.PostForm)
		for _, key := range []string{"number", "mobile"} {
			if d.text("/"+key) != "" {
				body[key] = d[key]
			}
		}
		var asked api.ConsentRequest
		_, err := v.call(request{method: http.MethodPost, path: "/consent-revocations", body: body}, &asked)
		if v.refused(err) {
			return v.showRevoke(revokePage{}, revokeQuestions, d)
		}
		if err != nil {
			return err
		}
		v.redirect("/revoke/" + asked.ID)
		return nil
	})
	p.public("GET /revoke/{id}", func(v *visit) error {
		return v.showRevoke(revokePage{ID: v.r.PathValue("id")}, revokeCodeQuestions, document{})
	})
	p.public("POST /revoke/{id}", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		page, d := revokePage{ID: v.r.PathValue("id")}, document{}
		d.read(revokeCodeQuestions, v.r.PostForm)
		if missing := unanswered(revokeCodeQuestions, d); missing != nil {
			v.problem = missing
			return v.showRevoke(page, revokeCodeQuestions, d)
		}
		d["id"] = page.ID
		var ended web.Page[web.Consent]
		_, err := v.call(request{method: http.MethodPost, path: "/consent-revocations/answers", body: d}, &ended)
		if v.refused(err) {
			return v.showRevoke(page, revokeCodeQuestions, d)
		}
		if err != nil {
			return err
		}
		page.Done, page.Ended = true, ended.Items
		return v.showRevoke(page, nil, d)
	})
}

func (v *visit) showRevoke(page revokePage, questions []question, d document) error {
	var err error
	if page.Fields, err = v.ask(questions, d); err != nil {
		return err
	}
	return v.show("revoke", page)
}
