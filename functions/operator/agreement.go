package operator

import (
	"context"

	"beian/shared/filing"
	"beian/shared/process/agreement"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// An Agreement says how far reviewers agree who read the same orders without seeing each other's verdict.
type Agreement struct {
	Orders  int                `json:"orders" doc:"number of orders that two reviewers read"`
	Readers []ReadersAgreement `json:"readers" nullable:"false" doc:"by pair of reviewers, sorted by account"`
	Reasons []ReasonAgreement  `json:"reasons" nullable:"false" doc:"by code of a reason, sorted"`
}

// A Kappa is Cohen's kappa with its 95 % interval.
type Kappa struct {
	N         int      `json:"n" doc:"number of orders"`
	Agreed    int      `json:"agreed" doc:"of them, those on which both readings say the same"`
	Value     *float64 `json:"kappa,omitempty" minimum:"-1" maximum:"1" doc:"Cohen's kappa: 1 is full agreement, 0 what chance gives. Absent if it is not defined"`
	Low       *float64 `json:"low,omitempty" minimum:"-1" maximum:"1" doc:"lower end of the 95 % interval (Fleiss, Cohen and Everitt 1969), which is too narrow for few orders"`
	High      *float64 `json:"high,omitempty" minimum:"-1" maximum:"1" doc:"upper end"`
	Undefined string   `json:"undefined,omitempty" enum:"one-category" doc:"why there is no kappa: all readings say the same, so that chance cannot be told from agreement"`
}

// A ReadersAgreement is how far two reviewers agree in their verdicts: pass, return or reject.
type ReadersAgreement struct {
	First  filing.Account `json:"first"`
	Second filing.Account `json:"second"`
	Kappa
}

// A ReasonAgreement is how far two readings of an order agree that a reason applies.
type ReasonAgreement struct {
	Code    finding.Code  `json:"code" doc:"of the catalogue; reviewer is a reason in own words"`
	Words   finding.Words `json:"words"`
	Both    int           `json:"both" doc:"orders of which both readers gave it"`
	OneOnly int           `json:"oneOnly" doc:"orders of which one of them gave it"`
	Kappa
}

type agreementOutput struct{ Body Agreement }

// registerAgreement registers the agreement of reviewers.
func (a operations) registerAgreement() {
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /review-agreement", Tag: "People", Summary: "Read how far reviewers agree who read the same orders blind",
		Description: "For the months of the second readings: Cohen's kappa for each pair of reviewers and for each reason, with the number of orders. A low value is a question about a rule or its words; there is no ranking."},
		func(ctx context.Context, _ *web.Call, in *web.CoachingQuery) (*agreementOutput, error) {
			readings, err := agreement.Readings(ctx, a.config.Store, in.From, in.To)
			if err != nil {
				return nil, err
			}
			out := &agreementOutput{Agreement{Orders: len(readings), Readers: []ReadersAgreement{}, Reasons: []ReasonAgreement{}}}
			for _, p := range agreement.ByReaders(readings) {
				out.Body.Readers = append(out.Body.Readers, ReadersAgreement{p.Readers[0], p.Readers[1], kappaOf(p.Kappa)})
			}
			for _, r := range agreement.ByReason(readings) {
				out.Body.Reasons = append(out.Body.Reasons, ReasonAgreement{r.Code, web.ReasonWords(r.Code), r.Both, r.OneOnly, kappaOf(r.Kappa)})
			}
			return out, nil
		})
}

func kappaOf(k agreement.Kappa) Kappa {
	out := Kappa{N: k.N, Agreed: k.Agreed}
	if !k.Defined {
		out.Undefined = "one-category"
		return out
	}
	out.Value, out.Low, out.High = &k.Value, &k.Low, &k.High
	return out
}
