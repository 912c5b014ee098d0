package reviewer

import (
	"context"
	"net/http"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A NewCall is a phone call to record.
type NewCall struct {
	At      time.Time          `json:"at,omitzero" doc:"of the call, within the last seven days; absent: now"`
	Person  filing.CallPerson  `json:"person" enum:"contact,subject-leader,site-leader" doc:"who was called"`
	Site    int                `json:"site,omitempty" minimum:"0" maximum:"63" doc:"index of the site of a site leader, from 0"`
	Outcome filing.CallOutcome `json:"outcome" enum:"reached,no-answer,no-answer-twice,wrong-number,no-such-number" doc:"wrong-number: somebody else answered. For the last three the applicant gets a message, at most one a day"`
	Note    string             `json:"note,omitempty" maxLength:"4096" doc:"for staff, at most 500 characters; it is encrypted with the order"`
}

// A Call is a phone call of a reviewer.
type Call struct {
	At         time.Time          `json:"at"`
	By         filing.Account     `json:"by"`
	Person     filing.CallPerson  `json:"person"`
	Site       int                `json:"site,omitempty"`
	Outcome    filing.CallOutcome `json:"outcome"`
	Note       string             `json:"note,omitempty"`
	NotifiedOn workday.Date       `json:"notifiedOn,omitempty" format:"date" doc:"day of the message to the applicant, Shanghai time; absent if there was none"`
}

type newCallInput struct {
	web.OrderRequest
	Body NewCall
}

type callsOutput struct {
	Body struct {
		Items []Call `json:"items" nullable:"false" doc:"newest first"`
	}
}

// An EarlierOrder is another order of a subject. It has no personal data.
type EarlierOrder struct {
	ID        filing.ID     `json:"id"`
	Type      filing.Type   `json:"type,omitempty"`
	Words     finding.Words `json:"words" doc:"the kind of application"`
	Status    filing.Status `json:"status" doc:"what became of it"`
	CreatedAt time.Time     `json:"createdAt"`
	MovedAt   time.Time     `json:"movedAt"`
	Rounds    int           `json:"rounds" doc:"number of submissions to the bureau, also of one that is not decided"`
}

type earlierOutput struct {
	Body struct {
		Items []EarlierOrder `json:"items" nullable:"false" doc:"newest first, at most 20"`
	}
}

// registerCalls registers what reviewers do about phone calls, and the earlier orders of a subject.
func (a operations) registerCalls() {
	const tag = "Review"
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "POST /orders/{id}/calls", Tag: tag, Claim: true,
		Summary:     "Record a phone call about a claimed order",
		Description: "If two calls were not answered, or the number is wrong, the applicant gets a message in the language of the order, at most one a day. A call that is recorded already is not recorded again."},
		func(ctx context.Context, c *web.Call, in *newCallInput) (*web.OrderResult, error) {
			b := in.Body
			return a.Decide(ctx, c, in.OrderRequest, filing.Reviewer, filing.RecordCall{At: b.At, Person: b.Person, Site: b.Site, Outcome: b.Outcome, Note: b.Note})
		})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /orders/{id}/calls", Errors: []int{http.StatusConflict}, Tag: tag, Claim: true, Reads: filing.ReadCalls,
		Summary:     "List the phone calls about an order",
		Description: "With the notes, which may name people: a reviewer claims the order first. The read is recorded."},
		func(ctx context.Context, c *web.Call, in *web.OrderPath) (*callsOutput, error) {
			o, err := a.ReadOrder(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			out := &callsOutput{}
			out.Body.Items = []Call{}
			for _, call := range slices.Backward(o.Private.Calls) {
				if c.HidesCall(o, call) {
					continue
				}
				out.Body.Items = append(out.Body.Items, Call(call))
			}
			return out, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /orders/{id}/earlier", Errors: []int{http.StatusConflict}, Tag: tag, Claim: true, Reads: filing.ReadEarlier,
		Summary:     "List the other orders of an order's subject, and what became of them",
		Description: "Those of the same account, and those that made or changed the subject's filing. Without personal data."},
		func(ctx context.Context, c *web.Call, in *web.OrderPath) (*earlierOutput, error) {
			o, err := a.ReadOrder(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			orders, err := a.earlierOrders(ctx, o)
			out := &earlierOutput{}
			out.Body.Items = []EarlierOrder{}
			for _, one := range orders {
				out.Body.Items = append(out.Body.Items, EarlierOrder{one.ID, one.Type, one.ServiceAt("").Fit(one.Kind().Words), one.Status, one.CreatedAt, one.MovedAt, one.Round})
			}
			return out, err
		})
}

const (
	maxEarlier = 20
	// maxAccountPages is the number of pages of the account's orders that are looked through. An agency may have more.
	maxAccountPages = 3
	accountPage     = 100
)

// earlierOrders returns the other orders of the order's subject, newest first: those of its account, among the newest 300, and those that changed the subject's filing.
func (a operations) earlierOrders(ctx context.Context, o filing.Order) ([]filing.Order, error) {
	if o.SubjectKey == "" {
		return nil, nil
	}
	var found []filing.Order
	cursor := ""
	for page := 0; page == 0 || cursor != "" && page < maxAccountPages; page++ {
		part, err := a.config.Store.ListByAccount(ctx, o.Account, cursor, accountPage)
		if err != nil {
			return nil, err
		}
		for _, one := range part.Orders {
			if one.SubjectKey == o.SubjectKey && one.ID != o.ID {
				found = append(found, one)
			}
		}
		cursor = part.Next
	}
	filed, err := a.ordersOfFiling(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, one := range filed {
		if !slices.ContainsFunc(found, func(known filing.Order) bool { return known.ID == one.ID }) {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(x, y filing.Order) int { return y.CreatedAt.Compare(x.CreatedAt) })
	return found[:min(len(found), maxEarlier)], nil
}

// ordersOfFiling returns the newest orders, at most maxEarlier, that changed the filing of the order's subject.
func (a operations) ordersOfFiling(ctx context.Context, o filing.Order) ([]filing.Order, error) {
	f, err := a.Decisions.Store.FilingOf(ctx, o.SubjectKey)
	if err != nil || f.ID == "" {
		return nil, err
	}
	entries, err := a.config.Store.FilingVersions(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	var found []filing.Order
	for _, e := range slices.Backward(entries) {
		id := filing.ID(e.Source.ID)
		if e.Source.Kind != register.FromOrder || id == o.ID || slices.ContainsFunc(found, func(known filing.Order) bool { return known.ID == id }) {
			continue
		}
		one, err := a.Decisions.Store.OrderState(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		if found = append(found, one); len(found) == maxEarlier {
			break
		}
	}
	return found, nil
}
