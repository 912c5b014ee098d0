package operator

import (
	"context"
	"net/url"

	"beian/shared/filing"
	"beian/shared/web"
)

type tasksInput struct {
	State string `query:"state" enum:"open,closed" default:"open"`
	web.PageQuery
}

type closeTaskInput struct {
	web.OrderRequest
	Body struct {
		Kind filing.TaskKind `json:"kind,omitempty" enum:"rejection-overturned,check-approval" default:"rejection-overturned" doc:"of the task"`
		Note string          `json:"note" maxLength:"4096" doc:"what was done about the rule, the reason or the filing: 1 to 500 characters; only staff see it"`
	}
}

type singleReadingInput struct {
	web.OrderRequest
	Body struct {
		Note string `json:"note" maxLength:"4096" doc:"why: 1 to 500 characters; only staff see it"`
	}
}

// registerTasks registers the operator's tasks: appeals that are overdue, rejections that were overturned, and approvals that do not fit the register.
// To read one, read its order: the appeal there has the reasons of the rejection, and the answer.
func (a operations) registerTasks() {
	const tag = "Appeal"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /tasks", Tag: tag,
		Summary:     "List the operator's tasks about appeals and approvals; GET of the order shows the reasons of a rejection",
		Description: "Overdue appeals, overturned rejections, overdue second readings, and approvals that do not fit the register. An overdue appeal is done when it is decided; close the others with POST /orders/{id}/appeal/task-closing. Tasks about orders of the caller or their organisations are left out; a colleague does them."},
		func(ctx context.Context, c *web.Call, in *tasksInput) (*web.PageResult[web.Task], error) {
			found, next, err := a.config.Store.Tasks(ctx, in.State == "closed", in.Cursor, in.Limit)
			if err == nil {
				found, err = a.WithoutOwnTasks(ctx, c, found)
			}
			if err != nil {
				return nil, err
			}
			var tasks []web.Task
			for _, t := range found {
				tasks = append(tasks, web.TaskOf(t))
			}
			return web.NewPage(tasks, next, "/tasks", in.Limit, url.Values{"state": {in.State}}), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/single-reading", Tag: "Review",
		Summary:     "Have an order decided by one reviewer, because no other has read it in time",
		Description: "It needs the task second-reading, which appears after 2 working days. After one reading, its verdict takes effect; after two that differ, the next verdict of any reviewer does. The note says why."},
		func(ctx context.Context, c *web.Call, in *singleReadingInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.DecideByOne{Note: in.Body.Note})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/appeal/task-closing", Tag: tag,
		Summary:     "Close a task about an overturned rejection or an approval, with a note on what was done",
		Description: "Call it after the rule, the reason or the register is corrected. A task about an overdue appeal closes by itself when the appeal is decided."},
		func(ctx context.Context, c *web.Call, in *closeTaskInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.CloseTask{Kind: in.Body.Kind, Note: in.Body.Note})
		})
}
