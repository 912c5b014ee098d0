package api

import (
	"context"
	"net/http"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/limits"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/web"
)

type stateInput struct {
	Body struct {
		Order    string         `json:"order" maxLength:"64" doc:"number of the order (申请编号)" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
		Channel  filing.Channel `json:"channel,omitempty" enum:"mobile,email" default:"mobile" doc:"where the code goes: the verified mobile or email address of the order's contact"`
		Language string         `json:"language,omitempty" maxLength:"16" doc:"language of the message: zh-CN or en. Default: that of Accept-Language"`
	}
}

// A StateRequest is a code that was asked for, to read the state of an order.
type StateRequest struct {
	ID        string        `json:"id" doc:"send it with the code" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
	ExpiresAt time.Time     `json:"expiresAt" doc:"of the code"`
	TriesLeft int           `json:"triesLeft" doc:"wrong codes that can still be entered"`
	Words     finding.Words `json:"words"`
}

type stateRequestOutput struct{ Body StateRequest }

type stateAnswerInput struct {
	Body struct {
		ID   string `json:"id" maxLength:"26" doc:"of the request" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
		Code string `json:"code" maxLength:"64" doc:"six digits, from the message"`
	}
}

// An OrderState is how far an order is. It has nothing personal, and no domain.
type OrderState struct {
	Order   filing.ID      `json:"order"`
	Type    filing.Type    `json:"type,omitempty" doc:"absent until it is determined"`
	Words   *finding.Words `json:"words,omitempty" doc:"the kind of application"`
	Status  filing.Status  `json:"status"`
	Step    filing.Step    `json:"step"`
	MovedAt time.Time      `json:"movedAt" doc:"when the order reached its step"`
	Next    web.Next       `json:"next"`
}

type stateOutput struct{ Body OrderState }

var stateWords = finding.Words{
	Chinese: "如果有这个编号的申请，查询码已发到它的通知手机或邮箱，30 分钟内有效。几分钟内没有收到的，请核对编号；手机或邮箱还没有验证过的收不到，请换一种方式，或者登录查看。",
	English: "If there is an application with this number, a code was sent to its mobile or email address for messages; it is valid for 30 minutes. If none arrives within minutes, check the number. An address that was never verified gets none: choose the other one, or log in.",
}

// registerStates registers how people without an account read the state of an order.
func (a operations) registerStates() {
	const tag = "Orders"
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /order-states", Status: http.StatusAccepted, Tag: tag, Counts: limits.AskState,
		Summary:     "Ask how far an order is, without an account: a code is sent to the verified mobile or email address of its contact",
		Description: "The answer is the same for every number, and takes the same time: the order is looked up when the code is sent. A mobile or mailbox gets few codes a day, and fewer from one network address."}, a.askState)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "POST /order-states/answers", Tag: tag, Counts: limits.AskState,
		Summary:     "Enter the code, and read how far the order is",
		Description: "The answer has nothing personal. The right code can be entered again until it expires; six wrong ones end it."}, a.readState)
}

func (a operations) askState(ctx context.Context, c *web.Call, in *stateInput) (*stateRequestOutput, error) {
	order, err := ulid.ParseStrict(text.NormalizeASCII(in.Body.Order))
	if err != nil {
		return nil, web.FaultFor(finding.List{finding.New(register.CodeStateOrder, "/order")})
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	next := register.StateInquiry{ID: a.config.NewID(), Version: 1, Order: order.String(), Language: languageOr(in.Body.Language, c.Language), ByEmail: in.Body.Channel == filing.ChannelEmail,
		LeaderCode: register.LeaderCode{Code: a.config.Draw(), At: a.Decisions.Now().UTC()}}
	if next.Requester, err = a.config.Store.RequesterKey(ctx, c.Address()); err != nil {
		return nil, err
	}
	if err := a.config.Store.CommitStateInquiry(ctx, next, register.Notice{Kind: register.NoticeStateCode, To: register.ToContact, ID: next.ID}); err != nil {
		return nil, err
	}
	return &stateRequestOutput{Body: StateRequest{ID: next.ID, ExpiresAt: next.Expires(), TriesLeft: next.TriesLeft(), Words: stateWords}}, nil
}

// readState checks the code. The order is read only after the right one.
func (a operations) readState(ctx context.Context, c *web.Call, in *stateAnswerInput) (*stateOutput, error) {
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	var i register.StateInquiry
	var err error
	if _, wrong := ulid.ParseStrict(in.Body.ID); wrong == nil {
		if i, err = a.config.Store.StateInquiry(ctx, in.Body.ID); err != nil {
			return nil, err
		}
	}
	after, changed, wrong := i.Answer(in.Body.Code, a.Decisions.Now()) // an unknown inquiry has no valid code
	if wrong != nil {
		if changed {
			if err := a.config.Store.CommitStateInquiry(ctx, after); err != nil {
				return nil, err
			}
		}
		return nil, wrong
	}
	o, err := a.Decisions.Order(ctx, filing.ID(i.Order))
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeStateCodeExpired, "/code")}) // a code that was guessed
	}
	if err != nil {
		return nil, err
	}
	return &stateOutput{Body: orderStateOf(o)}, nil
}

// orderStateOf returns how far an order is. What is next has no path of an operation, because the caller has no account.
func orderStateOf(o filing.Order) OrderState {
	out := OrderState{Order: o.ID, Type: o.Type, Status: o.Status, Step: o.Step, MovedAt: o.MovedAt, Next: web.NextOf(o)}
	out.Next.Href = ""
	if kind, known := filing.KindOf(o.Type); known {
		out.Words = &kind.Words
	}
	return out
}
