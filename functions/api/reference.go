package api

import (
	"context"

	"beian/shared/rules/certificate"
	"beian/shared/rules/division"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
)

// A Province is one of the 31 with a bureau of its own.
type Province struct {
	Code         string        `json:"code" doc:"GB/T 2260, two digits"`
	Name         finding.Words `json:"name"`
	Abbreviation string        `json:"abbreviation" doc:"the first character of filing numbers"`
}

// ProvinceRules are what a bureau asks for.
type ProvinceRules struct {
	Province
	Requirements []province.Requirement `json:"requirements" nullable:"false" doc:"as of today"`
}

// An EntityKind is what a subject can be.
type EntityKind struct {
	Kind         certificate.EntityKind `json:"kind" doc:"the ministry's number"`
	Words        finding.Words          `json:"words"`
	Certificates []CertificateKind      `json:"certificates" nullable:"false" doc:"with which it may file today"`
}

// A CertificateKind is a kind of certificate.
type CertificateKind struct {
	Kind  certificate.Kind `json:"kind" doc:"the ministry's number"`
	Words finding.Words    `json:"words"`
}

// A List is all there is.
type List[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

type all[T any] struct{ Body List[T] }

func allOf[T any](items []T) (*all[T], error) {
	return &all[T]{Body: List[T]{Items: append([]T{}, items...)}}, nil
}

type nothing struct{}

type provinceInput struct {
	Code       string `path:"code" minLength:"2" maxLength:"2" doc:"GB/T 2260, two digits"`
	EntityKind int    `query:"entityKind" default:"4" minimum:"1" maximum:"99" doc:"see /entity-kinds; an enterprise if left out"`
}

type provinceOutput struct{ Body ProvinceRules }

type divisionInput struct {
	Parent string `query:"parent" maxLength:"6" doc:"GB/T 2260, six digits; left out: the provinces"`
}

type healthOutput struct {
	Body struct {
		Status string `json:"status" enum:"ok"`
	}
}

// reference declares what everybody may read.
func (a *API) reference() {
	const tag = "Reference"
	register(a, operation{who: everybody, route: "GET /provinces", tag: tag, does: "List the provinces"},
		func(context.Context, *call, *nothing) (*all[Province], error) {
			var list []Province
			for _, p := range province.All() {
				list = append(list, provinceOf(p))
			}
			return allOf(list)
		})
	register(a, operation{who: everybody, route: "GET /provinces/{code}", tag: tag,
		does: "Read what a province's bureau asks for"},
		func(_ context.Context, _ *call, in *provinceInput) (*provinceOutput, error) {
			p, ok := province.Of(in.Code)
			if !ok {
				return nil, fault.New(fault.NotFound, "没有这个省份。", "There is no such province.")
			}
			kind := certificate.EntityKind(in.EntityKind)
			if !kind.Known() {
				return nil, fault.Found(fault.Invalid, finding.List{finding.New(CodeParameter, "", "name", "entityKind")})
			}
			return &provinceOutput{Body: ProvinceRules{provinceOf(p), p.Requirements(kind, a.Decisions.Now())}}, nil
		})
	register(a, operation{who: everybody, route: "GET /divisions", tag: tag,
		does: "List the divisions of a province or city"},
		func(_ context.Context, _ *call, in *divisionInput) (*all[division.Division], error) {
			if in.Parent == "" {
				return allOf(division.Provinces())
			}
			if _, ok := division.Of(in.Parent); !ok {
				return nil, fault.Found(fault.NotFound, finding.List{finding.New(division.Unknown, "")})
			}
			return allOf(division.Children(in.Parent))
		})
	register(a, operation{who: everybody, route: "GET /pre-approvals", tag: tag,
		does: "List the trades that need another authority's approval"},
		func(context.Context, *call, *nothing) (*all[preapproval.Rule], error) {
			return allOf(preapproval.All())
		})
	register(a, operation{who: everybody, route: "GET /entity-kinds", tag: tag,
		does: "List what a subject can be, and with which certificates it files"},
		func(context.Context, *call, *nothing) (*all[EntityKind], error) { return allOf(a.entityKinds()) })
	register(a, operation{who: everybody, route: "GET /findings", tag: tag, does: "List every finding there can be"},
		func(context.Context, *call, *nothing) (*all[finding.Entry], error) { return allOf(finding.Catalogue()) })
	register(a, operation{who: everybody, route: "GET /health", tag: tag, does: "See whether the API answers"},
		func(context.Context, *call, *nothing) (*healthOutput, error) {
			out := &healthOutput{}
			out.Body.Status = "ok"
			return out, nil
		})
}

func provinceOf(p province.Province) Province {
	return Province{Code: p.Code, Name: p.Name, Abbreviation: p.Abbreviation}
}

func (a *API) entityKinds() []EntityKind {
	var list []EntityKind
	for _, e := range certificate.EntityKinds() {
		kind := EntityKind{Kind: e, Words: e.Words(), Certificates: []CertificateKind{}}
		for _, k := range certificate.Permitted(e, a.Decisions.Now()) {
			kind.Certificates = append(kind.Certificates, CertificateKind{Kind: k, Words: k.Words()})
		}
		list = append(list, kind)
	}
	return list
}
