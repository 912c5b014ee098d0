package portal

import (
	"net/http"
	"net/url"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/web/pages"
)

var (
	stateQuestions = []pages.Question{
		{Pointer: "/order", Words: "state.order", Kind: "text"},
		{Pointer: "/channel", Words: "state.channel", Kind: "radios", Options: stateChannels},
	}
	stateCodeQuestions = []pages.Question{{Pointer: "/code", Words: "state.code", Kind: "text", Class: "code", Autocomplete: "one-time-code", Inputmode: "numeric"}}
)

// stateChannels are where the code can go. The page does not know which of them the application has.
func stateChannels(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	mobile, err := v.T("state.channel-mobile")
	if err != nil {
		return nil, err
	}
	email, err := v.T("state.channel-email")
	return []pages.Option{{Value: string(filing.ChannelMobile), Label: mobile}, {Value: string(filing.ChannelEmail), Label: email}}, err
}

// A statePage is the form for the code of a question with an id, or the answer.
type statePage struct {
	ID     string
	Fields []pages.Field
	Answer *api.OrderState
}

// registerState registers the pages that show, without an account, how far an application is.
func (p *Portal) registerState() {
	p.public("GET /state", func(v *visit) error {
		return v.showState("state", pages.Document{"channel": string(filing.ChannelMobile)}, statePage{})
	})
	p.public("POST /state", func(v *visit) error {
		d, err := v.ReadForm(stateQuestions)
		if err != nil {
			return err
		}
		if v.Problem = pages.Unanswered(stateQuestions, d); v.Problem != nil {
			return v.showState("state", d, statePage{})
		}
		var asked api.StateRequest
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: "/order-states", Body: d}, &asked)
		if v.Refused(err) {
			return v.showState("state", d, statePage{})
		}
		if err != nil {
			return err
		}
		v.Redirect("/state/code?" + url.Values{"id": {asked.ID}}.Encode())
		return nil
	})
	p.public("GET /state/code", func(v *visit) error {
		return v.showState("state-code", pages.Document{}, statePage{ID: v.R.URL.Query().Get("id")})
	})
	p.public("POST /state/code", func(v *visit) error {
		d, err := v.ReadForm(stateCodeQuestions)
		if err != nil {
			return err
		}
		page := statePage{ID: v.R.PostForm.Get("id")}
		if v.Problem = pages.Unanswered(stateCodeQuestions, d); v.Problem != nil {
			return v.showState("state-code", d, page)
		}
		page.Answer = &api.OrderState{}
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: "/order-states/answers", Body: pages.Document{"id": page.ID, "code": d.Text("/code")}}, page.Answer)
		if v.Refused(err) {
			page.Answer = nil
			return v.showState("state-code", d, page)
		}
		if err != nil {
			return err
		}
		return v.Show("state-code", page)
	})
}

func (v *visit) showState(name string, d pages.Document, page statePage) (err error) {
	questions := stateQuestions
	if name == "state-code" {
		questions = stateCodeQuestions
	}
	if page.Fields, err = v.Ask(questions, d); err != nil {
		return err
	}
	return v.Show(name, page)
}
