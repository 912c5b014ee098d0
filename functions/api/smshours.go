package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// SMSHours are the hours at which the codes of an order can be sent.
type SMSHours struct {
	web.SMSTime
	Choices []SMSHour `json:"choices" nullable:"false" doc:"as soon as possible first; then by hour or, if the order waits for the codes, by time; none if the codes were sent, or the order needs none"`
}

// An SMSHour is an hour that can be chosen.
type SMSHour struct {
	Hour   *int      `json:"hour,omitempty" doc:"of the day, Shanghai time; absent: as soon as possible"`
	SendAt time.Time `json:"sendAt" doc:"when the codes would be sent if the order needed them now"`
}

type smsHoursOutput struct{ Body SMSHours }

type smsHourInput struct {
	web.OrderRequest
	Body struct {
		Hour *int `json:"hour,omitempty" minimum:"0" maximum:"23" doc:"of the day, Shanghai time; absent: as soon as possible" example:"10"`
	}
}

// registerSMSHours registers the choice of the hour at which the SMS codes are sent (ADR 45).
func (a operations) registerSMSHours() {
	const tag = "Confirmation"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /orders/{id}/sms-hour", Tag: tag, Reads: filing.ReadOrder,
		Summary:     "List the hours at which the SMS codes can be sent",
		Description: "Codes are sent by day only. Because they are valid for 24 hours, they are sent before 18:00 if the next day is a day off. Each choice says when the codes would be sent."},
		func(ctx context.Context, c *web.Call, in *web.OrderPath) (*smsHoursOutput, error) {
			o, err := a.ReadOrder(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			return &smsHoursOutput{Body: a.smsHoursOf(o)}, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/sms-hour", Tag: tag, Counts: limits.Enter,
		Summary:     "Choose the hour at which the SMS codes are sent to all leaders",
		Description: "It is possible from the confirmation until the codes are sent, and holds for later checks of the order, too. Without an hour, codes are sent as soon as possible by day.",
		Errors:      []int{http.StatusConflict}},
		func(ctx context.Context, c *web.Call, in *smsHourInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.ChooseSMSHour{Hour: in.Body.Hour, Hours: a.config.Hours})
		})
}

func (a operations) smsHoursOf(o filing.Order) SMSHours {
	out, now := SMSHours{Choices: []SMSHour{}}, a.Decisions.Now()
	out.Hour, out.SendAt = o.SMSHour, o.SMSSendAt
	if !o.CanChooseSMSHour(now) {
		return out
	}
	for hour := filing.Daytime.From; hour < filing.Daytime.To; hour++ {
		at := a.config.Hours.Next(now, &hour)
		if o.Step == filing.VerifySMS && at.In(workday.Shanghai).Hour() != hour {
			continue // an earlier hour stands for it, because of a day off
		}
		out.Choices = append(out.Choices, SMSHour{Hour: &hour, SendAt: at})
	}
	if o.Step == filing.VerifySMS {
		slices.SortStableFunc(out.Choices, func(x, y SMSHour) int { return x.SendAt.Compare(y.SendAt) })
	}
	out.Choices = slices.Insert(out.Choices, 0, SMSHour{SendAt: a.config.Hours.Next(now, nil)})
	return out
}
