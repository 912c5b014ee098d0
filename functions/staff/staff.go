// Package staff is the function behind the pages for staff: the reviewer's desk and the operator's room. Each page calls the operations of the JSON
// API in this process, with the claims of the browser's session. It shows what an operation gives, and adds no authorisation: a reviewer's page needs a
// claim where the operation does, and each reading is recorded as that of the API is.
//
//	lambda.Start(staff.New(config).Handle)
//
// Every page works without a mouse: assets/keys.js gives keys to what has data-key, and ? shows them. See ADR 48.
package staff

import (
	"context"
	"embed"
	"log/slog"
	"net/http"
	"time"

	"beian/functions/reviewer"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

//go:embed templates words assets
var files embed.FS

// Prefix begins the paths of all pages.
const Prefix = "/staff"

// Config has the dependencies of the function. Handling requests requires all fields.
type Config struct {
	// API, Reviewer and Operator are those of the packages api, reviewer and operator.
	API, Reviewer, Operator *web.API
	Sessions                session.Sessions
	Issuer                  pages.Issuer
	Origin                  string // scheme and host of the pages, such as https://staff.beian.example
	Provider                finding.Words
	SupportPhone            string
	Now                     func() time.Time // of the system
	Wall                    func() time.Time
	Log                     *slog.Logger
}

// Staff answers the requests of browsers. It is safe for concurrent use.
type Staff struct {
	config     Config
	operations *http.ServeMux // finds the API of an operation
	*pages.Site
}

// New returns the function with all its pages.
func New(config Config) *Staff {
	s := &Staff{config: config, operations: http.NewServeMux()}
	s.Site = pages.New(pages.Config{
		Files: files, Operations: s.operation, Limits: limiterOf(config.API), Sessions: config.Sessions, Issuer: config.Issuer, Origin: config.Origin,
		Prefix: Prefix, Home: Prefix, Cookies: "staff-", Provider: config.Provider, SupportPhone: config.SupportPhone,
		Begin: func(v *pages.Visit) any { return &visit{Visit: v, staff: s} },
		Dot:   func(v *pages.Visit, data any) any { return page{own(v), data} },
		Wall:  config.Wall, Log: config.Log,
	})
	s.registerOperations()
	s.registerHome()
	s.registerQueue()
	s.registerFigures()
	s.registerCase()
	s.registerRoom()
	s.registerHistory()
	s.registerAppointments()
	s.registerCalls()
	s.registerPreview()
	s.registerPeople()
	s.registerAudit()
	s.registerCoaching()
	s.registerDuties()
	s.registerReadings()
	return s
}

// Routes returns the gateway's route keys. None needs a token, because a browser has a session.
func Routes() []string { return []string{"ANY " + Prefix, "ANY " + Prefix + "/{proxy+}"} }

// A visit is one request of a browser.
type visit struct {
	*pages.Visit
	staff *Staff
	etag  string // of the order that the page shows
	// preview is what the applicant would read of the verdict that was typed.
	preview *reviewer.VerdictPreview
}

// own returns what the function knows of a visit.
func own(v *pages.Visit) *visit { return v.Own.(*visit) }

// A page is the data of a template.
type page struct {
	*visit
	Data any
}

// With returns the page with other data, for a template within the template.
func (p page) With(data any) page { return page{p.visit, data} }

// Caller is who the browser's session belongs to.
func (v *visit) Caller() apigateway.Caller {
	caller, _ := apigateway.CallerOf(v.Session.Claims)
	return caller
}

// IsReviewer reports whether the person may review, IsOperator whether they operate the system.
func (v *visit) IsReviewer() bool { return v.Caller().Is(filing.Reviewer) }

func (v *visit) IsOperator() bool { return v.Caller().Is(filing.Admin) }

// IsStaff reports whether the person is one of both.
func (v *visit) IsStaff() bool { return v.Caller().Staff() }

// register registers a page for staff. Without a session, the browser goes to the log-in; an applicant's session is refused.
func (s *Staff) register(route string, show func(*visit) error) {
	s.Private(route, func(v *pages.Visit) error {
		w := own(v)
		if !w.Caller().Staff() {
			return &web.Problem{Status: http.StatusForbidden}
		}
		return show(w)
	})
}

// operation handles the call of an operation with the API that has it.
func (s *Staff) operation(ctx context.Context, e apigateway.Event) (apigateway.Response, error) {
	r, err := apigateway.Request(ctx, e)
	if err != nil {
		return apigateway.Response{}, err
	}
	handler, _ := s.operations.Handler(r)
	if found, ok := handler.(*operations); ok { // the mux redirects a path with "." or "..", which is that of no operation
		return found.api.Handle(ctx, e)
	}
	return s.config.API.Handle(ctx, e)
}

// operations are those of an API. It is a handler only so that a mux finds it.
type operations struct {
	http.Handler
	api *web.API
}

func (s *Staff) registerOperations() {
	for _, api := range []*web.API{s.config.Reviewer, s.config.Operator} {
		if api == nil { // tests of single pages have none
			continue
		}
		for _, path := range api.Paths() {
			s.operations.Handle(web.Prefix+path, &operations{api: api})
		}
	}
}

func limiterOf(api *web.API) *limits.Limiter {
	if api == nil {
		return nil
	}
	return api.Limits
}
