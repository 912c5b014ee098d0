package portal

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"beian/functions/api"
	"beian/shared/web"
)

// An smsPage is the page of the SMS verification that the link in the SMS opens.
type smsPage struct {
	api.SMSCheck
	ID      string
	Now     time.Time // of the system, to which the countdown of the script is related
	Expired bool
	Rows    []smsRow
	Fields  []field
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
		return v.showSMS(c, document{})
	})
	p.public("POST /sms/{id}", func(v *visit) error {
		if err := v.r.ParseForm(); err != nil {
			return err
		}
		c, err := v.smsCheck()
		if err != nil {
			return err
		}
		d := document{}
		if open := unansweredCodes(c); len(open) == 1 {
			d.set("/index", open[0].Index)
		}
		d.read(smsQuestions(c, nil), v.r.PostForm)
		q := request{method: http.MethodPost, path: v.smsPath("/answers"), body: d}
		if send := v.r.PostForm.Get("send"); send != "" {
			index, err := strconv.Atoi(send)
			if err != nil {
				return &web.Problem{Status: http.StatusBadRequest}
			}
			q.path, q.body = v.smsPath("/codes"), document{"index": index}
		} else if missing := unanswered(smsQuestions(c, nil), d); missing != nil {
			v.problem = missing
			return v.showSMS(c, d)
		}
		_, err = v.call(q, nil)
		if v.refused(err) {
			if c, err = v.smsCheck(); err != nil { // a wrong code can end the check
				return err
			}
			return v.showSMS(c, d)
		}
		if err != nil {
			return err
		}
		v.redirect("/sms/" + v.r.PathValue("id"))
		return nil
	})
}

func (v *visit) smsPath(operation string) string {
	return "/sms-checks/" + v.r.PathValue("id") + operation
}

func (v *visit) smsCheck() (api.SMSCheck, error) {
	var c api.SMSCheck
	return c, v.get(v.smsPath(""), &c)
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
func smsQuestions(c api.SMSCheck, rows []smsRow) []question {
	open := unansweredCodes(c)
	asksTail := false
	for _, one := range open {
		asksTail = asksTail || one.AsksTail
	}
	var all []question
	if len(open) > 1 {
		all = append(all, question{pointer: "/index", words: "sms.index", kind: "radios", shape: "number", options: func(*visit, document) ([]option, error) {
			var options []option
			for _, row := range rows {
				if !row.Answered {
					options = append(options, option{Value: strconv.Itoa(row.Index), Label: row.Mobile, Hint: row.Who})
				}
			}
			return options, nil
		}})
	}
	all = append(all, question{pointer: "/code", words: "sms.code", kind: "text", class: "code", autocomplete: "one-time-code", inputmode: "numeric"})
	if asksTail {
		all = append(all, question{pointer: "/tail", words: "sms.tail", kind: "text", class: "code"})
	}
	return all
}

func (v *visit) showSMS(c api.SMSCheck, d document) error {
	page := smsPage{SMSCheck: c, ID: v.r.PathValue("id"), Now: v.today()}
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
		if d.at("/tail") == nil {
			d.set("/tail", "")
		}
		var err error
		if page.Fields, err = v.ask(smsQuestions(c, page.Rows), d); err != nil {
			return err
		}
	}
	return v.show("sms", page)
}
