package scenario

import (
	"context"
	"net/http"
	"time"

	"beian/shared/filing"
)

// An Appeal is the applicant's contest of a rejection.
type Appeal struct {
	Until    string `json:"until"`
	DecideBy string `json:"decideBy"`
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason"`
	Answer   string `json:"answer"`
	Note     string `json:"note"`
}

// A Task is a task of the operator.
type Task struct {
	Kind  string `json:"kind"`
	Order struct {
		ID filing.ID `json:"id"`
	} `json:"order"`
	Codes    []string  `json:"codes"`
	ClosedAt time.Time `json:"closedAt"`
}

// Appeal contests the rejection of an application.
func (u *User) Appeal(ctx context.Context, id filing.ID, reason string) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/appeal"), map[string]any{"reason": reason}, nil)
}

// WithdrawAppeal gives an appeal up.
func (u *User) WithdrawAppeal(ctx context.Context, id filing.ID) error {
	return u.Call(ctx, http.MethodDelete, orderPath(id, "/appeal"), nil, nil)
}

// DecideAppeal decides on the appeal of a claimed order: uphold or overturn.
func (u *User) DecideAppeal(ctx context.Context, id filing.ID, verdict, answer string) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/appeal/decision"), map[string]any{"verdict": verdict, "answer": answer}, nil)
}

// Appeals lists the orders of the first page of the reviewers' queue of appeals.
func (u *User) Appeals(ctx context.Context) ([]filing.ID, error) {
	var page struct{ Items []struct{ ID filing.ID } }
	err := u.Call(ctx, http.MethodGet, "/review/appeals?limit=100", nil, &page)
	var ids []filing.ID
	for _, o := range page.Items {
		ids = append(ids, o.ID)
	}
	return ids, err
}

// Tasks lists the first page of the operator's open or closed tasks about an order.
func (u *User) Tasks(ctx context.Context, id filing.ID, state string) ([]Task, error) {
	var page struct{ Items []Task }
	err := u.Call(ctx, http.MethodGet, "/tasks?limit=100&state="+state, nil, &page)
	var tasks []Task
	for _, t := range page.Items {
		if t.Order.ID == id {
			tasks = append(tasks, t)
		}
	}
	return tasks, err
}

// CloseTask closes the operator's task about an overturned rejection.
func (u *User) CloseTask(ctx context.Context, id filing.ID, note string) error {
	return u.Call(ctx, http.MethodPost, orderPath(id, "/appeal/task-closing"), map[string]any{"note": note}, nil)
}
