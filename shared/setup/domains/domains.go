// Package domains builds the finder of facts about domains from environment variables. It is separate from package setup, so that only the
// functions that look up domains link the RDAP library.
package domains

import (
	"context"

	"beian/shared/partners/domainfacts"
	"beian/shared/process/domaincheck"
	"beian/shared/process/duties"
	rules "beian/shared/rules/domainfacts"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// Lookups are where facts about domains are looked up besides the provider's registrar system: the values of environ.DomainLookups.
type Lookups string

const (
	Public    Lookups = ""          // the public directory (RDAP), DNS, and the domain's own page
	Off       Lookups = "off"       // nowhere: what the registrar system does not know is unknown
	Simulator Lookups = "simulator" // invented, on the laptop
)

// NewFinder returns the finder of facts about domains. The provider's registrar system is asked first, if there is one.
func NewFinder(p *setup.Parts) (*domaincheck.Finder, error) {
	f := &domaincheck.Finder{Blacklist: p.Store(), Now: p.Now, Log: p.Log}
	var public domaincheck.Registrations
	switch Lookups(p.Env[environ.DomainLookups]) {
	case Simulator:
		simulated := domainfacts.Simulator{Now: p.Now}
		public, f.Pages = simulated, simulated
	case Public:
		public, f.Pages = domainfacts.NewRDAP(), domainfacts.NewPages()
	}
	f.Registrations = public
	if p.Env[environ.RegistrarEndpoint] == "" {
		return f, nil
	}
	endpoint, err := p.Partner(environ.RegistrarName, environ.RegistrarEndpoint, environ.RegistrarKey, environ.RegistrarSecret)
	if err != nil {
		return nil, err
	}
	client, err := domainfacts.New(endpoint)
	if err != nil {
		return nil, err
	}
	f.Registrations = domaincheck.Fallback{First: client, Then: public}
	return f, nil
}

// NewDuties returns the service of what filings owe, which also asks when domains expire.
func NewDuties(p *setup.Parts) (*duties.Service, error) {
	finder, err := NewFinder(p)
	if err != nil {
		return nil, err
	}
	service := p.Duties()
	service.Registrations = finder.Registrations
	if service.Registrations == nil {
		service.Registrations = unknown{}
	}
	return service, nil
}

// unknown is the source of registrations where there is none: it knows nothing of any domain. Without a source at all, the service of duties takes what it knows
// for old, and each filing is due again and again.
type unknown struct{}

func (unknown) Registration(context.Context, rules.Query) (rules.Facts, error) {
	return rules.Facts{}, nil
}
