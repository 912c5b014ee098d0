package domains_test

import (
	"log/slog"
	"testing"
	"time"

	partners "beian/shared/partners/domainfacts"
	"beian/shared/partners/webhook"
	"beian/shared/process/domaincheck"
	"beian/shared/rules/domainfacts"
	"beian/shared/setup"
	"beian/shared/setup/domains"
	"beian/shared/setup/environ"
)

// TestNewFinder: the settings decide which sources are asked; only the laptop has the simulator.
func TestNewFinder(t *testing.T) {
	registrar := environ.Values{environ.RegistrarName: "registrar", environ.RegistrarEndpoint: "https://registrar.example", environ.RegistrarKey: "k1", environ.RegistrarSecret: webhook.NewSecret().Reveal()}
	finder := func(lookups domains.Lookups, own environ.Values) *domaincheck.Finder {
		t.Helper()
		env := environ.Values{environ.DomainLookups: string(lookups)}
		for name, value := range own {
			env[name] = value
		}
		f, err := domains.NewFinder(&setup.Parts{Env: env, Now: time.Now, Wall: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if _, is := finder(domains.Simulator, nil).Registrations.(partners.Simulator); !is {
		t.Error("no simulator on the laptop")
	}
	if f := finder(domains.Public, nil); f.Pages == nil {
		t.Error("no page is looked for by default")
	} else if _, is := f.Registrations.(*partners.RDAP); !is {
		t.Error("RDAP is not the default")
	}
	if f := finder(domains.Off, nil); f.Registrations != nil || f.Pages != nil {
		t.Error("something is looked up")
	}
	if f, is := finder(domains.Off, registrar).Registrations.(domaincheck.Fallback); !is || f.Then != nil {
		t.Error("with public lookups off, only the registrar system is asked")
	}
	if f, is := finder(domains.Public, registrar).Registrations.(domaincheck.Fallback); !is || f.Then == nil {
		t.Error("RDAP is not asked about domains of other registrars")
	}
	bad := environ.Values{environ.RegistrarEndpoint: "http://registrar.example"}
	if _, err := domains.NewFinder(&setup.Parts{Env: bad, Now: time.Now, Wall: time.Now}); err == nil {
		t.Error("an endpoint without TLS is accepted")
	}
}

// TestNewDuties: where no registrar is asked, the duties have a source that knows nothing, because a filing without one is due each minute.
func TestNewDuties(t *testing.T) {
	parts := &setup.Parts{Env: environ.Values{environ.DomainLookups: string(domains.Off)}, Now: time.Now, Wall: time.Now, Log: slog.New(slog.DiscardHandler)}
	service, err := domains.NewDuties(parts)
	if err != nil || service.Registrations == nil {
		t.Fatalf("%+v, %v", service, err)
	}
	if facts, err := service.Registrations.Registration(t.Context(), domainfacts.Query{Domain: "example.cn"}); err != nil || facts != (domainfacts.Facts{}) {
		t.Errorf("%+v, %v", facts, err)
	}
}
