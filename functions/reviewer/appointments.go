package reviewer

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/web"
)

// An AppointmentPath is the path of the appointment of a site's leader.
type AppointmentPath struct {
	web.OrderRequest
	Site int `path:"site" minimum:"0" maximum:"63" doc:"index of the site whose leader is checked in person, from 0"`
}

type timeInput struct {
	AppointmentPath
	Body struct {
		At    time.Time `json:"at" doc:"when the leader comes: after now, and before the order expires (expiresAt)"`
		Place string    `json:"place" maxLength:"4096" doc:"where to: 1 to 500 characters; the applicant gets it by mail"`
	}
}

type outcomeInput struct {
	AppointmentPath
	Body struct {
		Outcome filing.AppointmentOutcome `json:"outcome" enum:"passed,failed,absent" doc:"passed: you compared the leader in person with the original certificate and with its picture in the order; failed: not that person, or without the certificate; absent: the leader did not come"`
		Note    string                    `json:"note,omitempty" maxLength:"4096" doc:"for the applicant, without names and certificate numbers: at most 500 characters; required for failed"`
	}
}

// registerAppointments registers the queue of appointments, their time and their outcome. A reviewer claims the order first, as for the initial review.
func (a operations) registerAppointments() {
	const tag, route = "Presence", "POST /orders/{id}/appointments/{site}/"
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "GET /review/appointments", Tag: tag,
		Summary:     "List the orders with appointments to set or to record, oldest order first",
		Description: "Claim an order to read who comes, why, and on which days. An appointment that the applicant withdraws, or that is not needed any more, leaves the list."},
		func(ctx context.Context, c *web.Call, in *web.PageQuery) (*web.PageResult[web.Task], error) {
			found, next, err := a.config.Store.ListAppointments(ctx, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			if found, err = a.WithoutOwnTasks(ctx, c, found); err != nil {
				return nil, err
			}
			var tasks []web.Task
			for _, t := range found {
				tasks = append(tasks, web.TaskOf(t))
			}
			return web.NewPage(tasks, next, "/review/appointments", in.Limit, nil), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: route + "time", Tag: tag, Claim: true,
		Summary:     "Set time and place of an appointment, or others instead; the applicant is notified",
		Description: "Claim the order first, and choose one of the days that suit the applicant. For a person who cannot travel, agree on another place."},
		func(ctx context.Context, c *web.Call, in *timeInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Reviewer, filing.SetAppointment{Site: in.Site, At: in.Body.At, Place: in.Body.Place})
		})
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: route + "outcome", Tag: tag, Claim: true,
		Summary:     "Record the outcome of an appointment, on its day or later; the applicant is notified",
		Description: "With passed, the ledger names you as who checked the leader, and another reviewer has to pass the application. It is refused if the leader or the certificate's picture changed after the request."},
		func(ctx context.Context, c *web.Call, in *outcomeInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Reviewer, filing.RecordAppointment{Site: in.Site, Outcome: in.Body.Outcome, Note: in.Body.Note})
		})
}
