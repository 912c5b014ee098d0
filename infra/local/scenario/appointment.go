package scenario

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/workday"
)

func appointmentPath(id filing.ID, site int, rest string) string {
	return orderPath(id, fmt.Sprintf("/appointments/%d", site)+rest)
}

// RequestAppointment asks for an appointment for the leader of a site, who has no camera.
func (u *User) RequestAppointment(ctx context.Context, id filing.ID, site int, days ...workday.Date) error {
	return u.Call(ctx, http.MethodPut, appointmentPath(id, site, ""), map[string]any{"reason": filing.ReasonNoCamera, "days": days}, nil)
}

// SetAppointment claims an order and sets time and place of an appointment.
func (u *User) SetAppointment(ctx context.Context, id filing.ID, site int, at time.Time, place string) error {
	if err := u.Claim(ctx, id); err != nil {
		return err
	}
	return u.Call(ctx, http.MethodPost, appointmentPath(id, site, "/time"), map[string]any{"at": at, "place": place}, nil)
}

// RecordAppointment claims an order and records the outcome of an appointment.
func (u *User) RecordAppointment(ctx context.Context, id filing.ID, site int, outcome filing.AppointmentOutcome, note string) error {
	if err := u.Claim(ctx, id); err != nil {
		return err
	}
	return u.Call(ctx, http.MethodPost, appointmentPath(id, site, "/outcome"), map[string]any{"outcome": outcome, "note": note}, nil)
}

// Appointments lists the orders of the first page of the reviewers' queue of appointments.
func (u *User) Appointments(ctx context.Context) ([]filing.ID, error) {
	var page struct{ Items []Task }
	err := u.Call(ctx, http.MethodGet, "/review/appointments?limit=100", nil, &page)
	var ids []filing.ID
	for _, t := range page.Items {
		ids = append(ids, t.Order.ID)
	}
	return ids, err
}
