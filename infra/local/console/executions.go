package console

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"beian/infra/local/asl"
	"beian/shared/web/pages"
	"beian/shared/workflow/picture"
)

const (
	maxExecutions = 50   // of a page of the list
	maxEvents     = 2000 // of an execution; those before are left out
)

// statuses can be chosen for the list; "" is all.
var statuses = []asl.Status{"", asl.Running, asl.Succeeded, asl.Failed, asl.Aborted}

// A status is a choice of the list.
type status struct {
	asl.Status
	Href string
	Here bool
}

// An execution is one line of the list.
type execution struct {
	Name             string
	Status           asl.Status
	State            string // in which it is; "" after its end
	Started, Stopped time.Time
	Due              time.Time // of the wait, the retry or the timeout; zero for none
	Error, Cause     string
}

func executionOf(x *asl.Execution) execution {
	e := execution{Name: x.Name, Status: x.Status, Started: x.Started, Stopped: x.Stopped, Due: x.Wake(), Error: x.Error, Cause: x.Cause}
	if x.Position != nil {
		e.State = x.Position.State
	}
	return e
}

// A passage is one visit of a state.
type passage struct {
	State         string
	Entered, Left time.Time // Left is zero for the current one
	Errors        []string  // of its attempts
}

// An event is one event of the history, without data: that of a task has its token.
type event struct {
	ID           int64
	At           time.Time
	Type, State  string
	Error, Cause string
}

// passages returns the visits of states of a history.
func passages(history []asl.Event) []passage {
	var all []passage
	for _, e := range history {
		last := len(all) - 1
		switch {
		case strings.HasSuffix(e.Type, "StateEntered"):
			all = append(all, passage{State: e.State, Entered: e.Time})
		case strings.HasSuffix(e.Type, "StateExited") && last >= 0:
			all[last].Left = e.Time
		case e.Error != "" && last >= 0:
			all[last].Errors = append(all[last].Errors, strings.TrimSuffix(e.Error+": "+e.Cause, ": "))
		}
	}
	return all
}

func (c *Console) registerExecutions() {
	c.Public("GET /executions", func(v *pages.Visit) error {
		query := v.R.URL.Query()
		chosen := asl.Status(query.Get("status"))
		if !slices.Contains(statuses, chosen) {
			v.ShowStatus(http.StatusNotFound)
			return nil
		}
		found, next, err := c.config.Machine.List(v.R.Context(), c.config.MachineName, chosen, maxExecutions, query.Get("page"))
		if err != nil {
			v.ShowStatus(http.StatusNotFound) // an address with another list's page
			return nil
		}
		data := struct {
			Statuses   []status
			Executions []execution
			Next       string
			Open       int
		}{Open: c.config.Machine.Stats().Open}
		for _, one := range statuses {
			href := Prefix + "/executions"
			if one != "" {
				href += "?" + url.Values{"status": {string(one)}}.Encode()
			}
			data.Statuses = append(data.Statuses, status{one, href, one == chosen})
		}
		for _, x := range found {
			data.Executions = append(data.Executions, executionOf(x))
		}
		if next != "" {
			data.Next = Prefix + "/executions?" + url.Values{"status": {string(chosen)}, "page": {next}}.Encode()
		}
		return v.Show("executions", data)
	})
	c.Public("GET /executions/{name}", func(v *pages.Visit) error {
		x, history, err := c.config.Machine.Read(c.config.MachineName, v.R.PathValue("name"))
		if err != nil {
			return err
		}
		if x == nil {
			v.ShowStatus(http.StatusNotFound)
			return nil
		}
		data := struct {
			execution
			Input   string
			Path    []passage
			Picture template.HTML
			Events  []event
			Omitted int
		}{execution: executionOf(x), Path: passages(history), Input: indented(x.Input)}
		drawing := picture.Options{Language: v.Language, Current: data.State}
		for _, one := range data.Path {
			drawing.Path = append(drawing.Path, picture.Visit{State: one.State, At: one.Entered})
		}
		data.Picture = template.HTML(picture.Draw(drawing)) // made of the machine's own states and escaped texts
		data.Omitted = max(0, len(history)-maxEvents)
		for _, e := range history[data.Omitted:] {
			data.Events = append(data.Events, event{e.ID, e.Time, e.Type, e.State, e.Error, e.Cause})
		}
		return v.Show("execution", data)
	})
}

// indented returns JSON in lines, or the text itself where it is no JSON.
func indented(text []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, text, "", "  ") != nil {
		return string(text)
	}
	return out.String()
}

// Of returns the words for a status of an execution.
func (p page) Of(s asl.Status) (string, error) {
	return p.T("executions.status-" + strings.ToLower(cmp.Or(string(s), "all")))
}
