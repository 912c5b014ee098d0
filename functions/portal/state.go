package portal

import (
	"net/http"
	"net/url"

	"beian/functions/api"
	"beian/shared/filing"
)

var (
	stateQuestions = []question{
		{pointer: "/order", words: "state.order", kind: "text"},
		{pointer: "/channel", words: "state.channel", kind: "radios", options: stateChannels},
	}
	stateCodeQuestions = []question{{pointer: "/code", words: "state.code", kind: "text", class: "code", autocomplete: "one-time-code", inputmode: "numeric"}}
)

// stateChannels are where the code can go. The page does not know which of them the application has.
func stateChannels(v *visit, _ document) ([]option, error) {
	mobile, err := v.T("state.channel-mobile")
	if err != nil {
		return nil, err
	}
	email, err := v.T("state.channel-email")
	return []option{{Value: string(filing.ChannelMobile), Label: mobile}, {Value: string(filing.ChannelEmail), Label: email}}, err
}

// A statePage is the form for the code of a question with an id, or the answer.
type statePage struct {
	ID     string
	Fields []field
	Answer *api.OrderState
}

// registerState registers the pages that show, without an account, how far an application is.
func (p *Portal) registerState() {
	p.public("GET /state", func(v *visit) error {
		return v.showState("state", document{"channel": string(filing.ChannelMobile)}, statePage{})
	})
	p.public("POST /state", func(v *visit) error {
		d, err := v.readForm(stateQuestions)
		if err != nil {
			return err
		}
		if v.problem = unanswered(stateQuestions, d); v.problem != nil {
			return v.showState("state", d, statePage{})
		}
		var asked api.StateRequest
		_, err = v.call(request{method: http.MethodPost, path: "/order-states", body: d}, &asked)
		if v.refused(err) {
			return v.showState("state", d, statePage{})
		}
		if err != nil {
			return err
		}
		v.redirect("/state/code?" + url.Values{"id": {asked.ID}}.Encode())
		return nil
	})
	p.public("GET /state/code", func(v *visit) error {
		return v.showState("state-code", document{}, statePage{ID: v.r.URL.Query().Get("id")})
	})
	p.public("POST /state/code", func(v *visit) error {
		d, err := v.readForm(stateCodeQuestions)
		if err != nil {
			return err
		}
		page := statePage{ID: v.r.PostForm.Get("id")}
		if v.problem = unanswered(stateCodeQuestions, d); v.problem != nil {
			return v.showState("state-code", d, page)
		}
		page.Answer = &api.OrderState{}
		_, err = v.call(request{method: http.MethodPost, path: "/order-states/answers", body: document{"id": page.ID, "code": d.text("/code")}}, page.Answer)
		if v.refused(err) {
			page.Answer = nil
			return v.showState("state-code", d, page)
		}
		if err != nil {
			return err
		}
		return v.show("state-code", page)
	})
}

func (v *visit) showState(name string, d document, page statePage) (err error) {
	questions := stateQuestions
	if name == "state-code" {
		questions = stateCodeQuestions
	}
	if page.Fields, err = v.ask(questions, d); err != nil {
		return err
	}
	return v.show(name, page)
}
