package staff

import (
	"net/http"
	"net/url"
	"strconv"

	"beian/functions/operator"
	"beian/shared/process/bureautask"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A bureauTasksPage lists what the bureau wants done, with the form for a task of its console.
type bureauTasksPage struct {
	Tasks  []operator.BureauTask
	Filter url.Values
	Kinds  []bureautask.Kind
	Next   string
	Fields []pages.Field // of the form
	Typed  bool          // the form was filled in
}

// A bureauTaskPage shows a task, and the forms that its state allows.
type bureauTaskPage struct {
	operator.BureauTaskDetail
	AnswerFields, NoteFields, AssignFields []pages.Field
	Compared                               bool // a value of the register is beside the bureau's
}

// bureauTaskForms are the forms of a task's page: the name of the form in its address, the operation, and the questions.
var bureauTaskForms = map[string]struct{ method, operation string }{
	"answer": {http.MethodPost, "/answer"}, "entry": {http.MethodPost, "/entry"}, "closing": {http.MethodPost, "/closing"}, "assignee": {http.MethodPut, "/assignee"},
}

// registerBureauTasks registers the pages about what the bureau wants done.
func (s *Staff) registerBureauTasks() {
	s.register("GET /bureau-tasks", func(v *visit) error { return v.showBureauTasks(nil) })
	s.register("POST /bureau-tasks", func(v *visit) error {
		typed, err := v.ReadForm(newTaskQuestions)
		if err != nil {
			return err
		}
		if typed["deadline"] == "" {
			delete(typed, "deadline")
		}
		var stored operator.BureauTaskDetail
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: "/bureau/tasks", Key: v.R.PostForm.Get("once"), Body: typed}, &stored)
		if v.Refused(err) {
			return v.showBureauTasks(typed)
		}
		if err == nil {
			v.Redirect(v.TaskHref(stored.ID))
		}
		return err
	})
	s.register("GET /bureau-tasks/{task}", func(v *visit) error { return v.showBureauTask("", nil) })
	s.register("POST /bureau-tasks/{task}/{form}", func(v *visit) error {
		name := v.R.PathValue("form")
		form, known := bureauTaskForms[name]
		if !known {
			return &web.Problem{Status: http.StatusNotFound}
		}
		var task operator.BureauTaskDetail
		if err := v.Get(v.bureauTaskPath(""), &task); err != nil {
			return err
		}
		typed, err := v.ReadForm(bureauTaskQuestions(name, task))
		if err != nil {
			return err
		}
		q := pages.Request{Method: form.method, Path: v.bureauTaskPath(form.operation), Body: typed}
		if name == "entry" {
			q.Body = nil
		}
		_, err = v.Call(q, nil)
		if v.Refused(err) {
			return v.showBureauTask(name, typed)
		}
		if err == nil {
			v.Redirect(v.TaskHref(v.R.PathValue("task")))
		}
		return err
	})
}

// newTaskQuestions are the questions of the form for a task of the bureau's console.
var newTaskQuestions = []pages.Question{
	{Pointer: "/kind", Words: "bureautasks.kind", Kind: "select", Options: func(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
		var options []pages.Option
		for _, k := range bureautask.Kinds {
			name := "kind-" + string(k)
			label, err := v.T("bureautasks." + name)
			if err != nil {
				return nil, err
			}
			options = append(options, pages.Option{Value: string(k), Label: label, Chosen: d["kind"] == string(k)})
		}
		return options, nil
	}},
	{Pointer: "/text", Words: "bureautasks.text", Kind: "textarea"},
	{Pointer: "/number", Words: "bureautasks.number", Kind: "text", Optional: true},
	{Pointer: "/host", Words: "bureautasks.host", Kind: "text", Optional: true},
	{Pointer: "/ip", Words: "bureautasks.ip", Kind: "text", Optional: true},
	{Pointer: "/deadline", Words: "bureautasks.deadline-ask", Kind: "date", Optional: true},
}

// bureauTaskQuestions are the questions of a form about a task.
func bureauTaskQuestions(form string, t operator.BureauTaskDetail) []pages.Question {
	switch {
	case form == "closing":
		return []pages.Question{{Pointer: "/note", Words: "bureautasks.note", Kind: "textarea"}}
	case form == "assignee":
		return []pages.Question{{Pointer: "/account", Words: "bureautasks.assign-to", Kind: "text", Optional: true}}
	case form != "answer":
		return nil
	case t.Kind == bureautask.Verify:
		return []pages.Question{
			{Pointer: "/failed", Words: "bureautasks.failed", Kind: "check", Shape: "bool"},
			{Pointer: "/verifier", Words: "bureautasks.verifier", Kind: "text"},
			{Pointer: "/opinion", Words: "bureautasks.opinion", Kind: "textarea"},
			{Pointer: "/errors", Words: "bureautasks.errors", Kind: "textarea", Optional: true},
		}
	}
	handling := pages.Question{Pointer: "/handling", Words: "bureautasks.handling", Kind: "text", Shape: "number", Inputmode: "numeric"}
	if len(t.Handlings) > 0 {
		handling.Kind, handling.Options = "select", func(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
			var options []pages.Option
			for _, h := range t.Handlings {
				number := strconv.FormatInt(h.ID, 10)
				options = append(options, pages.Option{Value: number, Label: number + " " + v.In(h.Label), Chosen: d["handling"] == int(h.ID)})
			}
			return options, nil
		}
	}
	return []pages.Question{handling,
		{Pointer: "/opinion", Words: "bureautasks.handling-opinion", Kind: "textarea"},
		{Pointer: "/province", Words: "bureautasks.province", Kind: "text", Shape: "number", Inputmode: "numeric", Optional: true},
	}
}

func (v *visit) bureauTaskPath(operation string) string {
	return "/bureau/tasks/" + url.PathEscape(v.R.PathValue("task")) + operation
}

// TaskHref is the address of a task of the bureau.
func (v *visit) TaskHref(id string) string { return Prefix + "/bureau-tasks/" + url.PathEscape(id) }

// showBureauTasks shows the list, with the form for another task as it was filled in.
func (v *visit) showBureauTasks(typed pages.Document) error {
	filter := v.filterOf("kind", "done", "mine", "cursor")
	page := bureauTasksPage{Filter: filter, Kinds: bureautask.Kinds, Typed: typed != nil}
	problem := v.Problem
	v.Problem = nil
	var list web.Page[operator.BureauTask]
	if err := v.Get("/bureau/tasks?limit=50&"+filter.Encode(), &list); err != nil {
		return err
	}
	v.Problem = problem
	page.Tasks, page.Next = list.Items, v.nextOf("/bureau-tasks", filter, list.Next)
	if v.IsOperator() {
		var err error
		if page.Fields, err = v.askMore(newTaskQuestions, typed); err != nil {
			return err
		}
	}
	return v.Show("bureau-tasks", page)
}

// askMore returns the fields of a further form of the page.
func (v *visit) askMore(questions []pages.Question, d pages.Document) ([]pages.Field, error) {
	if d == nil {
		d = pages.Document{}
	}
	before := len(v.Fields)
	all, err := v.Ask(questions, d)
	if err != nil {
		return nil, err
	}
	return all[before:], nil
}

// showBureauTask shows a task with what was typed into one of its forms.
func (v *visit) showBureauTask(form string, typed pages.Document) error {
	var page bureauTaskPage
	problem := v.Problem
	v.Problem = nil
	if err := v.Get(v.bureauTaskPath(""), &page.BureauTaskDetail); err != nil {
		return err
	}
	for _, r := range page.Rows {
		page.Compared = page.Compared || r.Register != ""
	}
	for _, one := range []struct {
		name   string
		shown  bool
		fields *[]pages.Field
	}{
		{"answer", page.Answerable && page.State == bureautask.Open, &page.AnswerFields},
		{"closing", page.State == bureautask.Open || page.State == bureautask.Accepted, &page.NoteFields},
		{"assignee", !page.State.Done(), &page.AssignFields},
	} {
		if !one.shown {
			continue
		}
		d := pages.Document{"account": string(page.Assignee)}
		if last := page.Answer; last != nil && one.name == "answer" { // refused: it is corrected
			d = pages.Document{"failed": last.Failed, "verifier": last.Verifier, "opinion": last.Opinion, "errors": last.Errors, "handling": int(last.Handling)}
			if last.Province != 0 {
				d["province"] = int(last.Province)
			}
		}
		if v.Problem = nil; one.name == form {
			d, v.Problem = typed, problem
		}
		var err error
		if *one.fields, err = v.askMore(bureauTaskQuestions(one.name, page.BureauTaskDetail), d); err != nil {
			return err
		}
	}
	v.Problem = problem
	return v.Show("bureau-task", page)
}
