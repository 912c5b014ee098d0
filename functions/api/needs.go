package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"beian/shared/filing"
	"beian/shared/filing/plan"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// Needs are what an application needs, before anything is entered.
type Needs struct {
	Province Province      `json:"province"`
	Entity   finding.Words `json:"entityKind" doc:"the kind of subject"`
	Type     finding.Words `json:"type" doc:"the kind of application"`
	Service  finding.Words `json:"serviceKind" doc:"what is filed"`
	On       workday.Date  `json:"on" doc:"the day whose rules apply, Shanghai time"`
	plan.Need
	Requirements []province.Requirement `json:"requirements" nullable:"false" doc:"rules of the bureau in force on the day"`
	PreApprovals []preapproval.Rule     `json:"preApprovals" nullable:"false" doc:"trades whose approval by another authority comes before the filing, in force in the province on the day; individuals cannot file them"`
	Trade        *preapproval.Rule      `json:"trade,omitempty" doc:"the trade of the request"`
}

type needsInput struct {
	Code       string            `path:"code" minLength:"2" maxLength:"2" doc:"GB/T 2260, two digits"`
	EntityKind int               `query:"entityKind" default:"4" minimum:"1" maximum:"99" doc:"see /entity-kinds; default: enterprise"`
	Type       filing.Type       `query:"type" maxLength:"32" doc:"see /kinds; default: FIRST" example:"FIRST"`
	Service    string            `query:"serviceKind" maxLength:"32" doc:"see /service-kinds; default: site" example:"site"`
	Trade      preapproval.Trade `query:"trade" maxLength:"32" doc:"of the site: see /pre-approvals; default: none" example:"news"`
	On         workday.Date      `query:"on" maxLength:"10" doc:"the day whose rules are read, Shanghai time. Default: today" example:"2026-11-30"`
}

type needsOutput struct{ Body Needs }

// registerNeeds registers what people ask before they have an account.
func (a operations) registerNeeds() {
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /provinces/{code}/needs", Tag: "Reference", Errors: []int{http.StatusNotFound},
		Summary:     "Read what an application needs: documents, rules of the bureau, pre-approvals, time, and who has to be reachable",
		Description: "Call it before an order is opened, for people who have entered nothing yet. The documents are those of an order with the same answers; each has its reason, and each rule its source and first day."}, a.readNeeds)
}

func (a operations) readNeeds(ctx context.Context, _ *web.Call, in *needsInput) (*needsOutput, error) {
	code, ok := province.ParseCode(in.Code)
	if !ok {
		return nil, fault.New(fault.NotFound, "没有这个省份。", "There is no such province.")
	}
	at, err := a.dayOf(in.On)
	if err != nil {
		return nil, err
	}
	if in.Type == "" {
		in.Type = filing.First
	}
	tables, err := a.config.Store.CodeTables(ctx)
	if err != nil {
		return nil, err
	}
	entity := certificate.EntityKind(in.EntityKind)
	kind, known := filing.KindOf(in.Type)
	service, knownService := number.ParseService(in.Service)
	var found finding.List
	if !slices.Contains(tables.EntityKinds(), entity) {
		found = append(found, finding.New(certificate.EntityUnknown, "/entityKind"))
	}
	if !known {
		found = append(found, finding.New(web.CodeFieldValue, "/type"))
	}
	if !knownService {
		found = append(found, finding.New(filing.CodeServiceUnknown, "/serviceKind"))
	} else if known && !slices.Contains(kind.Services(), service) {
		found = append(found, finding.New(CodeServiceNotOfKind, "/serviceKind"))
	}
	body := Needs{Province: provinceOf(code.Province()), Entity: tables.Words(codes.Natures, int64(entity)), Type: kind.Words, Service: service.Words(), On: workday.DateOf(at),
		PreApprovals: slices.DeleteFunc(tables.Trades(), func(r preapproval.Rule) bool { return !r.Required(code, at) })}
	if in.Trade != "" {
		i := slices.IndexFunc(body.PreApprovals, func(r preapproval.Rule) bool { return r.Trade == in.Trade })
		if i < 0 {
			found = append(found, finding.New(CodeTradeNotInForce, "/trade"))
		} else {
			body.Trade = &body.PreApprovals[i]
		}
	}
	if err := web.FaultFor(found); err != nil {
		return nil, err
	}
	body.Need = plan.NeedOf(plan.Question{Province: code, Entity: entity, Type: in.Type, Service: service, Trade: in.Trade}, at)
	body.Requirements = code.Province().Requirements(entity, at)
	return &needsOutput{Body: body}, nil
}

// Findings about a question what is needed.
const (
	CodeTradeNotInForce  finding.Code = "trade-not-in-force"
	CodeServiceNotOfKind finding.Code = "service-not-of-kind"
)

// dayOf returns the time whose rules a request reads: that of a day, or now if it is "".
func (a operations) dayOf(on workday.Date) (time.Time, error) {
	if on == "" {
		return a.Decisions.Now(), nil
	}
	if !on.Valid() {
		return time.Time{}, fault.WithFindings(fault.Invalid, finding.List{finding.New(web.CodeParameter, "", "name", "on")})
	}
	return on.Time(), nil
}
