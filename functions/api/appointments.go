package api

import (
	"context"

	"beian/shared/filing"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// An AppointmentPath is the path of the appointment of a site's leader.
type AppointmentPath struct {
	web.OrderRequest
	Site int `path:"site" minimum:"0" maximum:"63" doc:"index of the site whose leader is checked in person, from 0"`
}

type appointmentInput struct {
	AppointmentPath
	Body struct {
		Reason filing.AppointmentReason `json:"reason" enum:"no-camera,disability,fails" doc:"no-camera: the leader has no device with a camera; disability: the movements are not possible; fails: the check does not recognise the leader"`
		Days   []workday.Date           `json:"days" minItems:"1" maxItems:"5" maxLength:"10" doc:"working days that suit the leader, Shanghai time, within 30 days after today"`
	}
}

// registerAppointments registers the request for an appointment, and its withdrawal.
func (a operations) registerAppointments() {
	const tag, route = "Presence", "/orders/{id}/appointments/{site}"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT " + route, Tag: tag,
		Summary:     "Ask for an appointment for a site leader who cannot do the liveness check",
		Description: "The provider sets time and place, notifies the applicant, and checks the leader in person with the original certificate; that counts as a passed liveness check. It is refused before the picture of the certificate is accepted, and while the leader has an open appointment. The time after which an idle order expires stays the same."},
		func(ctx context.Context, c *web.Call, in *appointmentInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.RequestAppointment{Site: in.Site, Reason: in.Body.Reason, Days: in.Body.Days})
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "DELETE " + route, Tag: tag,
		Summary:     "Withdraw the appointment of a site leader",
		Description: "The leader then does the liveness check, or the applicant asks for another appointment."},
		func(ctx context.Context, c *web.Call, in *AppointmentPath) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.WithdrawAppointment{Site: in.Site})
		})
}
