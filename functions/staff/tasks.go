package staff

import (
	"net/http"
	"net/url"

	"beian/shared/filing"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A taskRow is a task of the operator with the note that was typed.
type taskRow struct {
	web.Task
	Note string
}

// Noted reports whether an operator ends the task with a note. The others end when the order goes on.
func (r taskRow) Noted() bool {
	return r.Kind == filing.TaskSecondReading || r.Kind == filing.TaskRejectionOverturned || r.Kind == filing.TaskCheckApproval
}

// registerTasks registers the note that ends a task: it closes the task, or has an order decided by one reviewer.
func (s *Staff) registerTasks() {
	s.register("POST /tasks/{kind}/{id}", func(v *visit) error {
		kind, body := filing.TaskKind(v.R.PathValue("kind")), map[string]any{"note": v.R.PostForm.Get("note")}
		operation := "/single-reading"
		if kind != filing.TaskSecondReading {
			operation, body["kind"] = "/appeal/task-closing", kind
		}
		_, err := v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath(operation), Key: v.R.PostForm.Get("once"), Body: body}, nil)
		if v.Refused(err) {
			return v.showBureau()
		}
		if err == nil {
			v.Redirect(Prefix + "/bureau")
		}
		return err
	})
}

// tasks lists the operator's open tasks. A note that was refused stays with its task.
func (v *visit) tasks() ([]taskRow, error) {
	var list web.Page[web.Task]
	if err := v.Get("/tasks?"+url.Values{"limit": {"50"}}.Encode(), &list); err != nil {
		return nil, err
	}
	var rows []taskRow
	for _, t := range list.Items {
		row := taskRow{Task: t}
		if string(t.Order.ID) == v.R.PathValue("id") && string(t.Kind) == v.R.PathValue("kind") {
			row.Note = v.R.PostForm.Get("note")
		}
		rows = append(rows, row)
	}
	return rows, nil
}
