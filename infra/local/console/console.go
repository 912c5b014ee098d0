// Package console serves the pages under /local, for the person who runs the system on a laptop: what runs where, sample people to log in as, what was
// sent, the executions of the state machine, the clock, faults, and tasks of the simulated bureau. It exists only on the laptop: no function and no stack has it.
//
//	c := console.New(console.Config{Origin: "http://127.0.0.1:8080", Outbox: outbox, …})
//	routes = append(routes, c.Routes()...)
//
// The pages need no log-in. Whoever can open them can read the data folder too: the listener is on the loopback and guarded by package loopback. Forms are
// accepted only from pages of the same origin. See ADR 54.
package console

import (
	"embed"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/infra/local/apigateway"
	"beian/infra/local/clock"
	"beian/infra/local/faults"
	"beian/infra/local/outbox"
	"beian/infra/local/stepfunctions"
	"beian/infra/local/timetable"
	"beian/shared/bureau/simulator"
	"beian/shared/rules/finding"
	"beian/shared/web/pages"
)

//go:embed templates words assets
var files embed.FS

// Prefix begins the paths of all pages.
const Prefix = "/local"

// Config has the parts of the system that the pages show and control. All fields are required but People and Log.
type Config struct {
	Origin      string // base URL of the portal, such as http://127.0.0.1:8080
	AWS, Bureau string // base URLs of the other listeners
	People      []Person
	Clock       *clock.Clock
	Timetable   *timetable.Table
	Outbox      *outbox.Outbox
	Machine     *stepfunctions.Host
	MachineName string // of the filings
	Faults      *faults.Switches
	// ApplyScenario steers the simulated bureau, where Provider is the provider's number.
	ApplyScenario func(simulator.Scenario) error
	Provider      int64
	Log           *slog.Logger // nil logs nothing
}

// A Person is a sample person, as whom one click logs in.
type Person struct {
	Login string // mobile in E.164, or email address
	Staff bool   // uses the pages for staff, not the portal
	About finding.Words
}

// A Console answers the requests of browsers. It is safe for concurrent use.
type Console struct {
	config Config
	*pages.Site

	mu      sync.Mutex
	devices map[string]map[string]string // cookies by which the issuer knows the console, by login
}

// New returns the console with all its pages.
func New(config Config) *Console {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	c := &Console{config: config, devices: map[string]map[string]string{}}
	c.Site = pages.New(pages.Config{
		Files: files, Prefix: Prefix, Home: Prefix, Origin: config.Origin, Provider: finding.Words{Chinese: "本机", English: "Laptop"},
		Policy:      map[string]string{"frame-src": "'self'"}, // the HTML of emails
		ReadSession: func(*pages.Visit) error { return nil },
		Dot:         func(v *pages.Visit, data any) any { return page{v, c, data} },
		Wall:        time.Now, Log: config.Log,
	})
	c.registerHome()
	c.registerLogIn()
	c.registerOutbox()
	c.registerExecutions()
	c.registerClock()
	c.registerFaults()
	c.registerBureau()
	return c
}

// Routes returns the gateway's routes of the pages.
func (c *Console) Routes() []apigateway.Route {
	handler := lambda.NewHandler(c.Handle)
	return []apigateway.Route{{Key: "ANY " + Prefix, Handler: handler, Public: true}, {Key: "ANY " + Prefix + "/{proxy+}", Handler: handler, Public: true}}
}

// A page is the data of a template.
type page struct {
	*pages.Visit
	console *Console
	Data    any
}

// With returns the page with other data, for a template within the template.
func (p page) With(data any) page { return page{p.Visit, p.console, data} }

// A Link leads to a page of the console.
type Link struct {
	Href, Label string
	Here        bool
}

// Nav returns the links to all pages.
func (p page) Nav() ([]Link, error) {
	var links []Link
	for _, one := range []struct{ path, words string }{{"", "layout.nav-home"}, {"/outbox", "layout.nav-outbox"}, {"/executions", "layout.nav-executions"}, {"/clock", "layout.nav-clock"}, {"/faults", "layout.nav-faults"}, {"/bureau", "layout.nav-bureau"}} {
		label, err := p.T(one.words)
		if err != nil {
			return nil, err
		}
		href := Prefix + one.path
		links = append(links, Link{Href: href, Label: label, Here: p.R.URL.Path == href || one.path != "" && strings.HasPrefix(p.R.URL.Path, href+"/")})
	}
	return links, nil
}

// FaultsOn returns how many faults are switched on.
func (p page) FaultsOn() int { return p.console.config.Faults.Count() }

// Time returns a moment of the system to the second, in Shanghai.
func (p page) Time(t time.Time) string { return p.Moment(t) + t.Format(":05") }

func (c *Console) registerHome() {
	c.Public("GET ", func(v *pages.Visit) error { return c.showHome(v, http.StatusOK, "") })
	c.Public("GET /{$}", func(v *pages.Visit) error {
		v.Redirect(Prefix)
		return nil
	})
}

// A home is what the overview shows.
type home struct {
	Portal, AWS, Bureau string
	Now                 time.Time
	Sent                int
	Staff, Applicants   []Person
	Problem             string
}

// showHome shows the overview, with what prevented a log-in: the key of its words, "" for none.
func (c *Console) showHome(v *pages.Visit, status int, problem string) error {
	h := home{Portal: c.config.Origin, AWS: c.config.AWS, Bureau: c.config.Bureau, Now: c.config.Clock.Now(), Sent: c.config.Outbox.Count(), Problem: problem}
	for _, one := range c.config.People {
		if one.Staff {
			h.Staff = append(h.Staff, one)
		} else {
			h.Applicants = append(h.Applicants, one)
		}
	}
	if status != http.StatusOK {
		v.W.WriteHeader(status)
	}
	return v.Show("home", h)
}
