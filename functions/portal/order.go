package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A task is one page of an application that the applicant fills in, with its state: done, todo, wrong, later, or open: what is filed can be changed.
type task struct {
	Title, Hint, Href, State string
}

// An orderPage is the page of one application.
type orderPage struct {
	Order     web.Order
	Editable  bool // whether the applicant can fill in
	Tasks     []task
	Steps     []progressStep
	Findings  []pages.Problem
	ToCorrect []pages.Problem // what of its filing the order has to change // with the page on which to correct each
	History   []historyLine
	Follow    string // what the page shows, while it waits for seconds for the system: follow.js loads it again once that changes; "" if it does not wait
	orderState
}

// A progressStep is a step of the whole application: done, now or later.
type progressStep struct{ Words, State string }

// A historyLine is what happened, for the applicant.
type historyLine struct {
	At    time.Time `json:"at"`
	Title string    `json:"title"`
	Text  string    `json:"text"`
	Who   string    `json:"who"`
}

// shownHistory is the number of lines of the history that the page shows at once.
const shownHistory = 5

// channelWords name the two contacts, of which findings say the same.
var channelWords = map[string]string{"/contact/mobile": "contact.channel-mobile", "/contact/email": "contact.channel-email"}

// registerOrder registers the pages of an application.
func (p *Portal) registerOrder() {
	p.private("GET /orders/{id}", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		return v.showOrder(o)
	})
	p.registerType()
	p.registerDetails()
	p.registerProduct()
	p.registerPapers()
	p.registerForms()
	p.registerLiveness()
	p.registerContact()
	p.registerCheck()
	p.registerActs()
}

// order reads the order of the page's address.
func (v *visit) order() (web.Order, error) {
	var o web.Order
	var err error
	v.etag, err = v.Call(pages.Request{Method: http.MethodGet, Path: v.orderPath("")}, &o)
	return o, err
}

// orderPath returns the API's path of an operation on the order of the page's address.
func (v *visit) orderPath(operation string) string {
	return "/orders/" + v.R.PathValue("id") + operation
}

// OrderHref returns the address of a page of the order.
func (v *visit) OrderHref(rest string) string { return "/orders/" + v.R.PathValue("id") + rest }

// editable reports whether the applicant fills in the order.
func editable(o web.Order) bool {
	return o.Step.IsApplicantStep() && o.Closing == "" && !o.Status.Final() && !o.Erased && o.Step != filing.VerifyType
}

func (v *visit) showOrder(o web.Order) error {
	page := orderPage{Order: o, Editable: editable(o), Follow: followed(o)}
	if page.Editable {
		var err error
		if page.Tasks, err = v.tasks(o); err != nil {
			return err
		}
	}
	var err error
	if page.orderState, page.Tasks, err = v.state(o, page.Tasks); err != nil {
		return err
	}
	for _, f := range o.Findings {
		one := pages.Problem{Finding: f}
		switch {
		case f.Code == filing.CodeLivenessDropped:
			one.Href = v.OrderHref("/liveness")
		case page.Editable && !determinesType(f.Pointer) || o.Step == filing.VerifyType:
			one.Href = v.pageOf(f.Pointer)
		}
		if words := channelWords[f.Pointer]; words != "" {
			if one.Label, err = v.T(words); err != nil {
				return err
			}
		}
		page.Findings = append(page.Findings, one)
	}
	correct, err := v.toCorrect(o)
	if err != nil {
		return err
	}
	for _, f := range correct {
		page.ToCorrect = append(page.ToCorrect, pages.Problem{Finding: f, Href: v.pageOf(f.Pointer)})
	}
	kind, known := filing.KindOf(o.Type)
	if !known {
		kind, _ = filing.KindOf(filing.First)
	}
	for _, s := range kind.Steps() {
		if o.Step == filing.Done && o.Status != filing.Approved { // it did not get through the steps
			break
		}
		if s == filing.MailDocuments && o.Papers == nil || s == filing.VerifySMS && o.SMS == nil && filing.VerifySMS.Before(o.Step) || s == filing.Announce || s == filing.FollowUp || s == filing.Done {
			continue
		}
		words, err := v.T("step." + string(s))
		if err != nil {
			return err
		}
		step := progressStep{Words: words, State: "later"}
		switch {
		case o.Step == s:
			step.State = "now"
		case s.Before(o.Step):
			step.State = "done"
		}
		page.Steps = append(page.Steps, step)
	}
	var history struct {
		Items []historyLine `json:"items"`
	}
	if err := v.Get(v.orderPath("/timeline"), &history); err != nil {
		return err
	}
	slices.Reverse(history.Items)
	page.History = history.Items
	if len(page.History) > shownHistory {
		page.History, page.Older = page.History[:shownHistory], page.History[shownHistory:]
	}
	return v.Show("order", page)
}

// followed returns what a page that waits for the system shows: it differs once the system is done. It is "" where a person, the bureau or
// an hour is waited for.
func followed(o web.Order) string {
	if o.Next.Who != "nobody" || o.Step != filing.VerifyType && o.Step != filing.Transmit {
		return ""
	}
	return fmt.Sprint(o.Step, "-", o.Version)
}

// tasks returns the tasks of an order that the applicant fills in, in the order of its steps (S10 to S15).
func (v *visit) tasks(o web.Order) ([]task, error) {
	kind, _ := filing.KindOf(o.Type)
	var all []task
	add := func(words, path, state string, hint ...string) error {
		title, err := v.T("task." + words)
		all = append(all, task{Title: title, Hint: strings.Join(hint, " "), Href: v.OrderHref(path), State: state})
		return err
	}
	// state returns the state of a task that belongs to one step.
	state := func(s filing.Step) string {
		switch {
		case s.Before(o.Step):
			return "done"
		case s == o.Step:
			return "todo"
		}
		return "later"
	}
	for _, s := range kind.Steps() {
		var err error
		switch s {
		case filing.VerifyProduct:
			hint := ""
			if o.Product != nil {
				hint = o.Product.Server
			}
			err = add("product", "/product", state(s), hint)
		case filing.CollectDetails:
			var details []task
			if details, err = v.detailTasks(o); err == nil {
				all = append(all, details...)
			}
		case filing.CollectEvidence:
			err = add("papers", "/papers", state(s))
		case filing.VerifyAuthenticity:
			err = add("liveness", "/liveness", state(s))
		case filing.AwaitConfirmation:
			contact := "done"
			if slices.ContainsFunc(o.Channels, func(c web.Channel) bool { return !c.Verified }) || len(o.Channels) == 0 {
				contact = "todo"
			}
			if err = add("contact", "/contact", contact); err == nil {
				err = add("check", "/check", state(s))
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// pageOf returns the address of the page that asks for what a pointer of a finding names; "" if there is none.
func (v *visit) pageOf(pointer string) string {
	switch {
	case strings.HasPrefix(pointer, "/evidence"):
		if slot, ok := slotOf(pointer); ok {
			return v.paperHref(slot)
		}
		return v.OrderHref("/papers")
	case strings.HasPrefix(pointer, "/contact"):
		return v.OrderHref("/contact")
	case strings.HasPrefix(pointer, "/product"):
		return v.OrderHref("/product")
	case strings.HasPrefix(pointer, "/subject"), strings.HasPrefix(pointer, "/sites"):
		if p := pageOfDetails(pointer); p != nil {
			return v.OrderHref(p.path) + "#" + pages.IDOf(pointer)
		}
		if strings.HasPrefix(pointer, "/sites") {
			return v.OrderHref("/sites")
		}
	case strings.HasPrefix(pointer, "/filingPassword"):
		return v.OrderHref("/password")
	case determinesType(pointer):
		return v.OrderHref("/type") + "#" + pages.IDOf(pointer)
	}
	return ""
}
