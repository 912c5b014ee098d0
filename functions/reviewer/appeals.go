package reviewer

import (
	"context"

	"beian/shared/filing"
	"beian/shared/web"
)

// An AppealDecision is the reviewer's decision on an appeal.
type AppealDecision struct {
	Verdict      filing.AppealVerdict `json:"verdict" enum:"uphold,overturn" doc:"uphold: the rejection stands, finally; overturn: the order is open again, and the operator gets a task about the reasons for the rejection"`
	Answer       string               `json:"answer" maxLength:"4096" doc:"for the applicant, and with overturn for the operator, too: 1 to 500 characters"`
	ChooseServer bool                 `json:"chooseServer,omitempty" doc:"with overturn: the applicant chooses a server again, because the former one has no free filing slot"`
	UndoSeconds  int                  `json:"undoSeconds,omitempty" minimum:"0" maximum:"10" doc:"for how long you can take the decision back with DELETE /orders/{id}/review; until then nothing is sent. 0: at once"`
}

type appealInput struct {
	web.OrderRequest
	Body AppealDecision
}

// given returns the decision, or a finding about parts that do not belong together.
func (d AppealDecision) given() (filing.GivenVerdict, error) {
	if d.Verdict != filing.AppealOverturned && d.ChooseServer {
		return filing.GivenVerdict{}, wrongPart("/chooseServer")
	}
	return filing.GivenVerdict{Appeal: d.Verdict, Answer: d.Answer, ChooseServer: d.ChooseServer}, nil
}

// registerAppeals registers the queue of appeals and the decision. A reviewer claims the order first, as for the initial review.
func (a operations) registerAppeals() {
	const tag = "Appeal"
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "GET /review/appeals", Tag: tag,
		Summary:     "List the orders whose rejection the applicant contests, oldest appeal first",
		Description: "Decide within 5 working days; then the operator gets a task. You cannot claim an order that you rejected yourself, or that you read before it was rejected."},
		func(ctx context.Context, c *web.Call, in *web.PageQuery) (*web.PageResult[web.Brief], error) {
			found, err := a.config.Store.ListAppeals(ctx, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			return web.NewPage(c.Briefs(c.WithoutOwn(found.Orders)), found.Next, "/review/appeals", in.Limit, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "POST /orders/{id}/appeal/decision", Tag: tag, Claim: true,
		Summary:     "Decide on an appeal, as another reviewer than the one who rejected the application",
		Description: "Claim the order first. Overturning opens another round and reserves the slot again; if the server is full, set chooseServer. It is refused if another account has submitted an order of the subject meanwhile."},
		func(ctx context.Context, c *web.Call, in *appealInput) (*web.OrderResult, error) {
			given, err := in.Body.given()
			if err != nil {
				return nil, err
			}
			return a.give(ctx, c, in.OrderRequest, given, in.Body.UndoSeconds)
		})
}
