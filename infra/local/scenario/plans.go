package scenario

import (
	"context"
	"net/http"

	"beian/functions/api"
	"beian/shared/filing"
	"beian/shared/filing/plan"
)

// Plan plans the orders for a request, a JSON object as in the OpenAPI document.
func (u *User) Plan(ctx context.Context, request map[string]any) (plan.Plan, error) {
	var p plan.Plan
	err := u.Call(ctx, http.MethodPost, "/plans", request, &p)
	return p, err
}

// AcceptPlan accepts the plan for a request, which has its digest.
func (u *User) AcceptPlan(ctx context.Context, request map[string]any) (api.AcceptedPlan, error) {
	var p api.AcceptedPlan
	err := u.Call(ctx, http.MethodPost, "/accepted-plans", request, &p)
	return p, err
}

// AcceptedPlan reads an accepted plan.
func (u *User) AcceptedPlan(ctx context.Context, id filing.ID) (api.AcceptedPlan, error) {
	var p api.AcceptedPlan
	err := u.Call(ctx, http.MethodGet, "/accepted-plans/"+string(id), nil, &p)
	return p, err
}
