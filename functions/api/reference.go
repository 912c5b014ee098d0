package api

import (
	"context"
	"net/http"

	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/division"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/web"
)

// A Province is one of the 31 provinces with a bureau.
type Province struct {
	Code         province.Code `json:"code" doc:"GB/T 2260, two digits"`
	Name         finding.Words `json:"name"`
	Abbreviation string        `json:"abbreviation" doc:"first character of filing numbers"`
}

// ProvinceRules are the requirements of a bureau.
type ProvinceRules struct {
	Province
	Requirements []province.Requirement `json:"requirements" nullable:"false" doc:"in force today"`
}

// An EntityKind is a kind of subject.
type EntityKind struct {
	Kind         certificate.EntityKind `json:"kind" doc:"the ministry's number"`
	Words        finding.Words          `json:"words"`
	Certificates []CertificateKind      `json:"certificates" nullable:"false" doc:"accepted today"`
}

// A CertificateKind is a kind of certificate.
type CertificateKind struct {
	Kind  certificate.Kind `json:"kind" doc:"the ministry's number"`
	Words finding.Words    `json:"words"`
}

// A List is a complete list.
type List[T any] struct {
	Items []T `json:"items" nullable:"false"`
}

type listResult[T any] struct{ Body List[T] }

func newList[T any](items []T) (*listResult[T], error) {
	return &listResult[T]{Body: List[T]{Items: append([]T{}, items...)}}, nil
}

type noInput struct{}

type provinceInput struct {
	Code       string `path:"code" minLength:"2" maxLength:"2" doc:"GB/T 2260, two digits"`
	EntityKind int    `query:"entityKind" default:"4" minimum:"1" maximum:"99" doc:"see /entity-kinds; default: enterprise"`
}

type provinceOutput struct{ Body ProvinceRules }

type divisionInput struct {
	Parent string `query:"parent" maxLength:"6" doc:"GB/T 2260, six digits; default: list the provinces"`
}

type healthOutput struct {
	Body struct {
		Status string `json:"status" enum:"ok"`
	}
}

// registerReference registers the reference data, which requires no token.
func (a operations) registerReference() {
	const tag = "Reference"
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /provinces", Tag: tag, Summary: "List the provinces"},
		func(context.Context, *web.Call, *noInput) (*listResult[Province], error) {
			var list []Province
			for _, p := range province.All() {
				list = append(list, provinceOf(p))
			}
			return newList(list)
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /provinces/{code}", Tag: tag,
		Summary: "Read the requirements of a province's bureau"},
		func(_ context.Context, _ *web.Call, in *provinceInput) (*provinceOutput, error) {
			code, ok := province.ParseCode(in.Code)
			if !ok {
				return nil, fault.New(fault.NotFound, "没有这个省份。", "There is no such province.")
			}
			kind := certificate.EntityKind(in.EntityKind)
			if !kind.Known() {
				return nil, fault.WithFindings(fault.Invalid, finding.List{finding.New(web.CodeParameter, "", "name", "entityKind")})
			}
			return &provinceOutput{Body: ProvinceRules{provinceOf(code.Province()), code.Province().Requirements(kind, a.Decisions.Now())}}, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /divisions", Tag: tag, Errors: []int{http.StatusNotFound},
		Summary: "List the present divisions of a province or city"},
		func(ctx context.Context, _ *web.Call, in *divisionInput) (*listResult[division.Division], error) {
			if in.Parent == "" {
				return newList(division.Provinces())
			}
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			if !tables.KnowsDivision(in.Parent, a.Decisions.Now()) {
				return nil, fault.WithFindings(fault.NotFound, finding.List{finding.New(division.Unknown, "")})
			}
			return newList(tables.Children(in.Parent, a.Decisions.Now()))
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /pre-approvals", Tag: tag,
		Summary: "List the trades that require pre-approval by another authority"},
		func(ctx context.Context, _ *web.Call, _ *noInput) (*listResult[preapproval.Rule], error) {
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			return newList(tables.Trades())
		})
	a.registerCodes("GET /service-contents", tag, "List the service contents of sites", codes.Services)
	a.registerCodes("GET /site-languages", tag, "List the languages of sites", codes.Languages)
	a.registerCodes("GET /access-modes", tag, "List the access modes of servers", codes.AccessModes)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /entity-kinds", Tag: tag,
		Summary: "List the kinds of subject and the certificates accepted for each"},
		func(ctx context.Context, _ *web.Call, _ *noInput) (*listResult[EntityKind], error) {
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			return newList(a.entityKinds(tables))
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /findings", Tag: tag, Summary: "List all findings with their texts"},
		func(context.Context, *web.Call, *noInput) (*listResult[finding.Entry], error) {
			return newList(finding.Catalogue())
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /health", Tag: tag, Summary: "Check that the API is running"},
		func(context.Context, *web.Call, *noInput) (*healthOutput, error) {
			out := &healthOutput{}
			out.Body.Status = "ok"
			return out, nil
		})
}

func provinceOf(p province.Province) Province {
	return Province{Code: p.Code, Name: p.Name, Abbreviation: p.Abbreviation}
}

// registerCodes registers an operation that lists the codes of a table in force.
func (a operations) registerCodes(route, tag, summary string, name codes.Name) {
	web.Register(a.API, web.Operation{Roles: web.Public, Route: route, Tag: tag, Summary: summary},
		func(ctx context.Context, _ *web.Call, _ *noInput) (*listResult[codes.Code], error) {
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			return newList(tables.InForce(name))
		})
}

func (a operations) entityKinds(tables codes.Tables) []EntityKind {
	var list []EntityKind
	for _, e := range tables.EntityKinds() {
		kind := EntityKind{Kind: e, Words: tables.Words(codes.Natures, int64(e)), Certificates: []CertificateKind{}}
		for _, k := range tables.PermittedKinds(e, a.Decisions.Now()) {
			kind.Certificates = append(kind.Certificates, CertificateKind{Kind: k, Words: tables.Words(codes.CertificateKinds, int64(k))})
		}
		list = append(list, kind)
	}
	return list
}
