// Package domains builds the finder of facts about domains from environment variables. It is apart from package setup, so that only the
// functions that look up domains contain the RDAP library.
package domains

import (
	"beian/shared/partners/domainfacts"
	"beian/shared/partners/webhook"
	"beian/shared/process/domaincheck"
	"beian/shared/setup"
	"beian/shared/setup/environ"
)

// Simulator is the value of environ.DomainFacts on the laptop.
const Simulator = "simulator"

// NewFinder returns the finder of facts about domains: the simulator on the laptop; else the provider's registrar system, if there is one,
// and the public directory.
func NewFinder(p *setup.Parts) (*domaincheck.Finder, error) {
	f := &domaincheck.Finder{Blacklist: p.Store(), Now: p.Now, Log: p.Log}
	if p.Env[environ.DomainFacts] == Simulator {
		f.Registrations, f.Pages = domainfacts.Simulator{Now: p.Now}, domainfacts.Simulator{Now: p.Now}
		return f, nil
	}
	rdap := domainfacts.NewRDAP()
	f.Registrations, f.Pages = rdap, domainfacts.NewPages()
	if p.Env[environ.RegistrarEndpoint] == "" {
		return f, nil
	}
	client, err := domainfacts.New(webhook.Endpoint{
		Name: p.Env[environ.RegistrarName], URL: p.Env[environ.RegistrarEndpoint], KeyID: p.Env[environ.RegistrarKey],
		Secret: []byte(p.Env[environ.RegistrarSecret]), Now: p.Wall,
	})
	if err != nil {
		return nil, err
	}
	f.Registrations = domainfacts.Fallback{Client: client, RDAP: rdap}
	return f, nil
}
