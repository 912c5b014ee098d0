// Package portal is the function behind the pages for applicants. Each page calls the operations of the JSON API in this process, with the
// claims of the browser's session, so that a page and the API do the same, with the same authorisation and the same findings.
//
//	lambda.Start(portal.New(config).Handle)
//
// Pages work without JavaScript, except those that need the camera. A form's fields are named by JSON pointers into the request of the
// operation; a finding is shown at the field that its pointer names. The words are in words/, in both languages side by side.
package portal

import (
	"embed"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// Config has the dependencies of the portal. Handling requests requires all fields.
type Config struct {
	API      *web.API // of package api
	Sessions session.Sessions
	Issuer   pages.Issuer
	Origin   string // scheme and host of the portal, such as https://beian.example
	// Uploads is the origin to which browsers upload papers.
	Uploads      string
	Provider     finding.Words // name of the provider
	SupportPhone string
	PaperAddress string // to which originals are mailed
	// PCUploads permits uploading papers on a PC; without it, papers are uploaded on a phone (S2).
	PCUploads bool
	// Simulated says that the liveness checks are simulated.
	Simulated bool
	// Recognition has the files with which browsers read papers; see package models of the laptop. Without them, pages do not offer it.
	Recognition fs.FS
	Now         func() time.Time // of the system
	Wall        func() time.Time
	Log         *slog.Logger
}

//go:embed templates words assets
var files embed.FS

// A Portal answers the requests of browsers. It is safe for concurrent use.
type Portal struct {
	config Config
	*pages.Site
}

// New returns the portal with all its pages.
func New(config Config) *Portal {
	p := &Portal{config: config}
	site := pages.Config{
		Files: files, Sessions: config.Sessions, Issuer: config.Issuer, Origin: config.Origin, Home: "/filings", Camera: true,
		Policy:   map[string]string{"connect-src": config.Uploads, "form-action": config.Uploads},
		Provider: config.Provider, SupportPhone: config.SupportPhone, Wall: config.Wall, Log: config.Log,
		Begin:       func(v *pages.Visit) any { return &visit{Visit: v, portal: p} },
		Dot:         func(v *pages.Visit, data any) any { return page{own(v), data} },
		ReadSession: func(v *pages.Visit) error { return own(v).readSession() },
		NoSession:   func(v *pages.Visit) error { return own(v).showWithoutSession() },
		Permits: func(v *pages.Visit, method, path string) bool {
			return v.Session.Grant == nil || permits(*v.Session.Grant, method, path)
		},
		HrefOf: func(v *pages.Visit, pointer string) string { return own(v).hrefOf(pointer) },
	}
	if config.API != nil { // tests of pages without operations have none
		site.Operations, site.Limits = config.API.Handle, config.API.Limits
	}
	site.Issuer.Registers = true
	p.Site = pages.New(site)
	p.registerHome()
	p.registerBegin()
	p.registerFilings()
	p.registerOrder()
	p.registerHandOff()
	p.registerAtFiling()
	p.registerUpkeep()
	p.registerMute()
	p.registerRecognition()
	p.registerSMS()
	p.registerLinks()
	p.registerFiling()
	p.registerRecords()
	p.registerRevoke()
	p.registerNeed()
	p.registerLookups()
	p.registerState()
	return p
}

// Routes returns the gateway's route keys: all paths that no other function has. None needs a token, because a browser has a session.
func Routes() []string { return []string{"ANY /", "ANY /{proxy+}"} }

// AssetAddress returns the path of a file in assets/, such as judge.js. Package cards of the laptop measures the module.
func AssetAddress(name string) (string, error) {
	return pages.New(pages.Config{Files: files}).AssetAddress(name)
}

// A visit is one request of a browser.
type visit struct {
	*pages.Visit
	portal *Portal
	// handedOver is the step that this phone does for another browser, if the page belongs to something else. phoneEnded says that it did one.
	handedOver *session.Grant
	phoneEnded bool
	phone      bool   // whether the browser came here by a hand-off
	etag       string // of what the page shows
}

// own returns what the portal knows of a visit.
func own(v *pages.Visit) *visit { return v.Own.(*visit) }

// A page is the data of a template.
type page struct {
	*visit
	Data any
}

// With returns the page with other data, for a template within the template.
func (p page) With(data any) page { return page{p.visit, data} }

// public registers a page that needs no session, such as "GET /need".
func (p *Portal) public(route string, show func(*visit) error) {
	p.Public(route, func(v *pages.Visit) error { return show(own(v)) })
}

// private registers a page that needs a session.
func (p *Portal) private(route string, show func(*visit) error) {
	p.Private(route, func(v *pages.Visit) error { return show(own(v)) })
}

// showWithoutSession shows a private page to a browser without a session: what its phone may do instead, or the log-in.
func (v *visit) showWithoutSession() error {
	if v.handedOver != nil || v.phoneEnded {
		return v.showOnlyStep()
	}
	return v.LogInFirst()
}

// hrefOf returns the address of the page of the order with the field of a pointer; "" if there is none.
func (v *visit) hrefOf(pointer string) string {
	if strings.HasPrefix(v.R.URL.Path, "/orders/") {
		return v.pageOf(pointer)
	}
	return ""
}
