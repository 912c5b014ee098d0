package portal

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"beian/functions/api"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// An smsPage is the page of the SMS verification that the link in the SMS opens.
type smsPage struct {
	api.SMSCheck
	ID      string
	Now     time.Time // of the system, to which the countdown of the script is related
	Expired bool
	Rows    []smsRow
	Fields  []pages.Field
}

// An smsRow is one mobile with the leaders who have it.
type smsRow struct {
	api.SMSCheckCode
	Who string
}

// registerSMS registers the page on which a leader, who has no account, enters the code of the SMS (S18).
func (p *Portal) registerSMS() {
	p.public("GET /sms/{id}", func(v *visit) error {
		c, err := v.smsCheck()
		if err != nil {
			return err
		}
		return v.showSMS(c, pages.Document{})
	})
	p.public("POST /sms/{id}", func(v *visit) error {
		if err := v.R.ParseForm(); err != nil {
			return err
		}
		c, err := v.smsCheck()
		if err != nil {
			return err
		}
		d := pages.Document{}
		if open := unansweredCodes(c); len(open) == 1 {
			d.Set("/index", open[0].Index)
		}
		d.Read(smsQuestions(c, nil), v.R.PostForm)
		q := pages.Request{Method: http.MethodPost, Path: v.smsPath("/answers"), Body: d}
		if send := v.R.PostForm.Get("send"); send != "" {
			index, err := strconv.Atoi(send)
			if err != nil {
				return &web.Problem{Status: http.StatusBadRequest}
			}
			q.Path, q.Body = v.smsPath("/codes"), pages.Document{"index": index}
		} else if missing := pages.Unanswered(smsQuestions(c, nil), d); missing != nil {
			v.Problem = missing
			return v.showSMS(c, d)
		}
		_, err = v.Call(q, nil)
		if v.Refused(err) {
			if c, err = v.smsCheck(); err != nil { // a wrong code can end the check
				return err
			}
			return v.showSMS(c, d)
		}
		if err != nil {
			return err
		}
		v.Redirect("/sms/" + v.R.PathValue("id"))
		return nil
	})
}

func (v *visit) smsPath(operation string) string {
	return "/sms-checks/" + v.R.PathValue("id") + operation
}

func (v *visit) smsCheck() (api.SMSCheck, error) {
	var c api.SMSCheck
	return c, v.Get(v.smsPath(""), &c)
}

func unansweredCodes(c api.SMSCheck) []api.SMSCheckCode {
	var open []api.SMSCheckCode
	for _, one := range c.Codes {
		if !one.Answered {
			open = append(open, one)
		}
	}
	return open
}

// smsQuestions are the questions of the form. It asks for the mobile if several have not answered.
func smsQuestions(c api.SMSCheck, rows []smsRow) []pages.Question {
	open := unansweredCodes(c)
	asksTail := false
	for _, one := range open {
		asksTail = asksTail || one.AsksTail
	}
	var all []pages.Question
	if len(open) > 1 {
		all = append(all, pages.Question{Pointer: "/index", Words: "sms.index", Kind: "radios", Shape: "number", Options: func(*pages.Visit, pages.Document) ([]pages.Option, error) {
			var options []pages.Option
			for _, row := range rows {
				if !row.Answered {
					options = append(options, pages.Option{Value: strconv.Itoa(row.Index), Label: row.Mobile, Hint: row.Who})
				}
			}
			return options, nil
		}})
	}
	all = append(all, pages.Question{Pointer: "/code", Words: "sms.code", Kind: "text", Class: "code", Autocomplete: "one-time-code", Inputmode: "numeric"})
	if asksTail {
		all = append(all, pages.Question{Pointer: "/tail", Words: "sms.tail", Kind: "text", Class: "code"})
	}
	return all
}

func (v *visit) showSMS(c api.SMSCheck, d pages.Document) error {
	page := smsPage{SMSCheck: c, ID: v.R.PathValue("id"), Now: v.today()}
	page.Expired = c.State == "waiting" && !c.ExpiresAt.IsZero() && !page.Now.Before(c.ExpiresAt)
	for _, code := range c.Codes {
		row := smsRow{SMSCheckCode: code}
		var who []string
		for _, role := range code.Roles {
			words, err := v.T("sms.site-leader")
			if strings.HasPrefix(role, "/subject") {
				words, err = v.T("sms.subject-leader")
			}
			if err != nil {
				return err
			}
			if len(who) == 0 || who[len(who)-1] != words {
				who = append(who, words)
			}
		}
		comma, err := v.T("layout.comma")
		if err != nil {
			return err
		}
		row.Who = strings.Join(who, comma)
		page.Rows = append(page.Rows, row)
	}
	if c.State == "waiting" && !page.Expired && len(unansweredCodes(c)) > 0 {
		if d.At("/tail") == nil {
			d.Set("/tail", "")
		}
		var err error
		if page.Fields, err = v.Ask(smsQuestions(c, page.Rows), d); err != nil {
			return err
		}
	}
	return v.Show("sms", page)
}
