package api

import (
	"context"
	"net/http"

	"beian/shared/filing"
	"beian/shared/rules/app"
	"beian/shared/rules/certificate"
	"beian/shared/rules/codes"
	"beian/shared/rules/division"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/preapproval"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
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
	Requirements []province.Requirement `json:"requirements" nullable:"false" doc:"in force on the day"`
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

// A Kind is a kind of application.
type Kind struct {
	Type      filing.Type           `json:"type"`
	Words     finding.Words         `json:"words"`
	Begins    filing.Beginning      `json:"begins" enum:"determined,at-filing" doc:"determined: the system determines the type from subject and domains; at-filing: the applicant chooses it at a filing"`
	Phone     bool                  `json:"phone" doc:"whether it can be made on a phone from beginning to end"`
	Subject   filing.Block          `json:"subject" enum:"asked,editable,fixed,reference,absent" doc:"asked: the applicant enters it; editable and fixed: it is filled in; reference: the bureau gets only its number or id"`
	Sites     filing.Block          `json:"sites" enum:"asked,editable,fixed,reference,absent"`
	Access    filing.Block          `json:"access" enum:"asked,editable,fixed,reference,absent" doc:"server or service code"`
	Documents filing.Documents      `json:"documents" enum:"all,sites,affected,chosen,none" doc:"whose documents are needed"`
	Liveness  bool                  `json:"liveness" doc:"whether site leaders pass a liveness check"`
	Website   filing.Website        `json:"website" enum:"closed,reachable,any-state" doc:"what the sites must be during the bureau's review"`
	Codes     filing.CodeRecipients `json:"codes" enum:"all-leaders,site-leaders,affected-leaders,subject-leader,none" doc:"who answers an SMS code, where province and date require it"`
	Steps     []filing.Step         `json:"steps" nullable:"false" doc:"the steps through which an order may go"`
	Services  []string              `json:"services" nullable:"false" doc:"the kinds of service that are filed with it; see /service-kinds"`
}

// A ServiceKind is what can be filed: websites, and since September 2023 apps, mini programs and quick apps.
type ServiceKind struct {
	Kind    string        `json:"kind" enum:"site,app,mini-program,quick-app"`
	Words   finding.Words `json:"words"`
	Letter  string        `json:"letter,omitempty" doc:"at the end of its filing number"`
	ByHand  bool          `json:"byHand" doc:"whether an operator of the provider enters it at the bureau, because the ministry's interface cannot carry it"`
	Systems []app.System  `json:"systems" nullable:"false" doc:"the platforms on which it runs; none of a website"`
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
	Code       string       `path:"code" minLength:"2" maxLength:"2" doc:"GB/T 2260, two digits"`
	EntityKind int          `query:"entityKind" default:"4" minimum:"1" maximum:"99" doc:"see /entity-kinds; default: enterprise"`
	On         workday.Date `query:"on" maxLength:"10" doc:"the day whose requirements are read, Shanghai time; it may be in the past or in the future. Default: today" example:"2019-12-25"`
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
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /provinces", Tag: tag, Summary: "List the provinces",
		Description: "The values of province in an opening: GB/T 2260, two digits. Read what one bureau asks for with GET /provinces/{code}."},
		func(context.Context, *web.Call, *noInput) (*listResult[Province], error) {
			var list []Province
			for _, p := range province.All() {
				list = append(list, provinceOf(p))
			}
			return newList(list)
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /provinces/{code}", Tag: tag,
		Summary:     "Read the requirements of a province's bureau, of today or of another day",
		Description: "Show it before an order opens: what the bureau asks of this kind of subject, each with source and first day. A date answers which rules applied then. An unknown code is answered with 404."},
		func(_ context.Context, _ *web.Call, in *provinceInput) (*provinceOutput, error) {
			code, ok := province.ParseCode(in.Code)
			if !ok {
				return nil, fault.New(fault.NotFound, "没有这个省份。", "There is no such province.")
			}
			kind := certificate.EntityKind(in.EntityKind)
			if !kind.Known() {
				return nil, fault.WithFindings(fault.Invalid, finding.List{finding.New(web.CodeParameter, "", "name", "entityKind")})
			}
			at := a.Decisions.Now()
			if in.On != "" {
				if !in.On.Valid() {
					return nil, fault.WithFindings(fault.Invalid, finding.List{finding.New(web.CodeParameter, "", "name", "on")})
				}
				at = in.On.Time()
			}
			return &provinceOutput{Body: ProvinceRules{provinceOf(code.Province()), code.Province().Requirements(kind, at)}}, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /divisions", Tag: tag, Errors: []int{http.StatusNotFound},
		Summary:     "List the present divisions of a province or city",
		Description: "Read one level at a time for a form: without parent the provinces, then their cities, then districts. A subject needs a district (six digits). A parent that is no division is answered with 404."},
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
		Summary:     "List the trades that require pre-approval by another authority",
		Description: "A site of one of these trades needs the permit of the authority that is named, before it is filed. The rules by province and date are part of each entry."},
		func(ctx context.Context, _ *web.Call, _ *noInput) (*listResult[preapproval.Rule], error) {
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			return newList(tables.Trades())
		})
	a.registerCodes("GET /service-contents", tag, "List the service contents of sites",
		"The values of contents of a site, in the ministry's numbers. The bureau may change the table; read it again rather than storing it.", codes.Services)
	a.registerCodes("GET /site-languages", tag, "List the languages of sites",
		"The values of languages of a site, in the ministry's numbers. The bureau may change the table; read it again rather than storing it.", codes.Languages)
	a.registerCodes("GET /access-modes", tag, "List the access modes of servers",
		"The values of mode of a server, in the ministry's numbers. The bureau may change the table; read it again rather than storing it.", codes.AccessModes)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /entity-kinds", Tag: tag,
		Summary:     "List the kinds of subject and the certificates accepted for each",
		Description: "The values of entityKind and of certificate.kind in an opening. A certificate that is not listed for the kind of subject is refused."},
		func(ctx context.Context, _ *web.Call, _ *noInput) (*listResult[EntityKind], error) {
			tables, err := a.config.Store.CodeTables(ctx)
			if err != nil {
				return nil, err
			}
			return newList(a.entityKinds(tables))
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /kinds", Tag: tag, Summary: "List the kinds of application",
		Description: "What each kind of application asks for: steps, documents, liveness, SMS check. The system determines some kinds itself; the others begin at a filing."},
		func(context.Context, *web.Call, *noInput) (*listResult[Kind], error) {
			var list []Kind
			for _, k := range filing.Kinds {
				list = append(list, Kind{Type: k.Type, Words: k.Words, Begins: k.Begins, Phone: k.Phone, Subject: k.Subject, Sites: k.Sites, Access: k.Access,
					Documents: k.Documents, Liveness: k.Liveness, Website: k.Website, Codes: k.Codes, Steps: k.Steps(), Services: namesOf(k.Services())})
			}
			return newList(list)
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /service-kinds", Tag: tag, Summary: "List the kinds of service that can be filed, with their platforms",
		Description: "The values of serviceKind in an opening, and of system of an app's platform. Kinds with byHand cannot be sent over the interface: the provider enters them into the bureau's console."},
		func(context.Context, *web.Call, *noInput) (*listResult[ServiceKind], error) {
			var list []ServiceKind
			for _, s := range number.Services {
				list = append(list, ServiceKind{Kind: s.Name(), Words: s.Words(), Letter: string(s), ByHand: filing.Order{Service: s}.ConsoleOnly(),
					Systems: append([]app.System{}, app.Systems(s)...)})
			}
			return newList(list)
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /findings", Tag: tag, Summary: "List all findings with their texts",
		Description: "Every code that a finding can have, with severity, both texts and the remedy. Use it for help pages; a response has the full texts already."},
		func(context.Context, *web.Call, *noInput) (*listResult[finding.Entry], error) {
			return newList(finding.Catalogue())
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /health", Tag: tag, Summary: "Check that the API is running",
		Description: "For load balancers and monitoring. It answers without reading the database."},
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
func (a operations) registerCodes(route, tag, summary, description string, name codes.Name) {
	web.Register(a.API, web.Operation{Roles: web.Public, Route: route, Tag: tag, Summary: summary, Description: description},
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

// namesOf returns the names of kinds of service.
func namesOf(services []number.Service) []string {
	names := make([]string, len(services))
	for i, s := range services {
		names[i] = s.Name()
	}
	return names
}
