package staff

import (
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"beian/functions/operator"
	"beian/shared/process/late"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/workflow/picture"
)

// A latePage lists what is late. Done is what the last repair did: "done", "gone" for an item that was not late any more, or "".
type latePage struct {
	Items []operator.LateItem
	Done  string
}

// A machinePage shows how far the execution of an order is.
type machinePage struct {
	operator.OrderMachine
	Picture template.HTML
	// Rounds are the other rounds of the order.
	Rounds []int
}

// registerLate registers the list of what is late, its repair, and the picture of an order's execution.
func (s *Staff) registerLate() {
	s.register("GET /late", (*visit).showLate)
	s.register("POST /late/{item}/repair", func(v *visit) error {
		var result operator.Repaired
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: "/late/" + url.PathEscape(v.R.PathValue("item")) + "/repair"}, &result)
		if v.Refused(err) {
			return v.showLate()
		}
		if err != nil {
			return err
		}
		done := "gone"
		if result.Done {
			done = "done"
		}
		v.Redirect(Prefix + "/late?repaired=" + done)
		return nil
	})
	s.register("GET /orders/{id}/machine", (*visit).showMachine)
}

func (v *visit) showLate() error {
	var list web.Page[operator.LateItem]
	if err := v.Get("/late", &list); err != nil {
		return err
	}
	page := latePage{Items: list.Items}
	if done := v.R.URL.Query().Get("repaired"); done == "done" || done == "gone" {
		page.Done = done
	}
	return v.Show("late", page)
}

func (v *visit) showMachine() error {
	round, _ := strconv.Atoi(v.R.URL.Query().Get("round"))
	var m operator.OrderMachine
	if err := v.Get(v.orderPath("/machine?round="+strconv.Itoa(max(0, round))), &m); err != nil {
		return err
	}
	o := picture.Options{Language: v.Language, Current: m.Execution.State}
	if m.Execution.Status == late.NoExecution {
		o.Current = string(m.Step)
	}
	for _, state := range m.Path {
		o.Path = append(o.Path, picture.Visit{State: state.State, At: state.At})
	}
	page := machinePage{OrderMachine: m, Picture: template.HTML(picture.Draw(o))}
	for n := 1; n <= m.Rounds; n++ {
		if n != m.Round {
			page.Rounds = append(page.Rounds, n)
		}
	}
	return v.Show("machine", page)
}

// StateName is the name of a state of the machine, or of a step.
func (v *visit) StateName(state any) string {
	name, _ := state.(string)
	words := picture.Name(name)
	if v.Language == "en" {
		return words.English
	}
	return words.Chinese
}

// A lateFile is a file of the exchange with the bureau that an item is about.
type lateFile struct{ Href, Name string }

// LateFile returns the file of an item; nil for other items.
func (v *visit) LateFile(item string) *lateFile {
	kind, name, _ := strings.Cut(item, "~")
	switch kind {
	case "sent":
		return &lateFile{Prefix + "/bureau/sent/" + url.PathEscape(name), name}
	case "file":
		return &lateFile{Prefix + "/bureau/received/" + url.PathEscape(name), name}
	}
	return nil
}
