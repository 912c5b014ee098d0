package portal

import (
	"net/http"
	"strconv"

	"beian/shared/rules/workday"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// letterQuestions are those of the page on which an account records until when a letter of commitment or authorisation is valid.
var letterQuestions = []pages.Question{{Pointer: "/validUntil", Words: "upkeep.letter-until", Kind: "text", Class: "short", Optional: true}}

// A letterPage is that page.
type letterPage struct {
	beginningAt
	Paper  web.FilingPaper
	Fields []pages.Field
}

// LetterHref returns the address of the page of a paper, by its index among the papers of the filing.
func (v *visit) LetterHref(index int) string {
	return v.FilingHref("/upkeep/letter-term/" + strconv.Itoa(index))
}

// letterUntil returns the last day that is recorded of a paper; "" if none is.
func letterUntil(u web.Upkeep, p web.FilingPaper) workday.Date {
	for _, l := range u.Letters {
		if l.Letter == string(p.Slot) && l.Site == p.Site {
			return l.ValidUntil
		}
	}
	return ""
}

// registerLetterTerm registers the page of a letter's last day.
func (p *Portal) registerLetterTerm() {
	read := func(v *visit) (letterPage, error) {
		at, err := v.beginningAt()
		if err != nil {
			return letterPage{}, err
		}
		n, err := strconv.Atoi(v.R.PathValue("letter"))
		if err != nil || n < 0 || n >= len(at.Filing.Papers) {
			return letterPage{}, &web.Problem{Status: http.StatusNotFound}
		}
		return letterPage{beginningAt: at, Paper: at.Filing.Papers[n]}, nil
	}
	show := func(v *visit, page letterPage, d pages.Document) error {
		var err error
		if page.Fields, err = v.Ask(letterQuestions, d); err != nil {
			return err
		}
		return v.Show("filing-letter", page)
	}
	p.private("GET /filings/{id}/upkeep/letter-term/{letter}", func(v *visit) error {
		page, err := read(v)
		if err != nil {
			return err
		}
		typed, err := v.Typed()
		if err != nil {
			return err
		}
		var u web.Upkeep
		if err := v.Get(v.filingPath("/upkeep"), &u); err != nil {
			return err
		}
		d := pages.Document{"validUntil": string(letterUntil(u, page.Paper))}
		d.Read(letterQuestions, typed)
		return show(v, page, d)
	})
	p.private("POST /filings/{id}/upkeep/letter-term/{letter}", func(v *visit) error {
		page, err := read(v)
		if err != nil {
			return err
		}
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		d := pages.Document{}
		d.Read(letterQuestions, v.R.PostForm)
		body := map[string]any{"letter": page.Paper.Slot}
		if page.Paper.Site != "" {
			body["site"] = page.Paper.Site
		}
		if until := d.Text("/validUntil"); until != "" {
			body["validUntil"] = until
		}
		if _, err := v.Call(pages.Request{Method: http.MethodPut, Path: v.filingPath("/letter-term"), Body: body}, nil); err != nil {
			if v.Refused(err) {
				return show(v, page, d)
			}
			return err
		}
		v.Redirect(v.FilingHref(""))
		return nil
	})
}
