package system

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"beian/functions/abandon"
	"beian/functions/accesscheck"
	"beian/functions/announce"
	"beian/functions/api"
	"beian/functions/apidocs"
	"beian/functions/awaitbureau"
	"beian/functions/awaitconfirmation"
	"beian/functions/collectdetails"
	"beian/functions/collectevidence"
	"beian/functions/exchange"
	"beian/functions/expire"
	"beian/functions/followup"
	"beian/functions/initialreview"
	"beian/functions/inspectupload"
	"beian/functions/mailbounce"
	"beian/functions/maildocuments"
	"beian/functions/operator"
	"beian/functions/portal"
	"beian/functions/reject"
	"beian/functions/reminders"
	"beian/functions/retention"
	"beian/functions/reviewer"
	"beian/functions/sitewatch"
	"beian/functions/smsreply"
	"beian/functions/staff"
	"beian/functions/sweeper"
	"beian/functions/transmit"
	"beian/functions/verifyauthenticity"
	"beian/functions/verifyproduct"
	"beian/functions/verifysms"
	"beian/functions/verifytype"
	"beian/functions/webhooks"
	"beian/functions/withdraw"
	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/lambdahost"
	"beian/infra/local/models"
	"beian/shared/aws/lambdaerror"
	"beian/shared/partners/dialguard"
	"beian/shared/partners/receiver"
	"beian/shared/process/bounce"
	"beian/shared/process/decide"
	"beian/shared/process/session"
	"beian/shared/rules/finding"
	"beian/shared/rules/pack"
	"beian/shared/setup"
	"beian/shared/setup/domains"
	"beian/shared/setup/environ"
	"beian/shared/setup/sender"
	"beian/shared/setup/sending"
	"beian/shared/setup/watching"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// functions construct the handler of each function, as its lambda/main.go does on AWS. Each step has one line.
var functions = map[string]func(*setup.Parts) (any, error){
	"verifytype": func(p *setup.Parts) (any, error) {
		filed, err := p.Facts()
		if err != nil {
			return nil, err
		}
		finder, err := domains.NewFinder(p)
		return lambdaerror.Wrap(verifytype.Handler{Decisions: p.Decisions(), Facts: filed, Domains: finder}.Handle), err
	},
	"verifyproduct": func(p *setup.Parts) (any, error) {
		return lambdaerror.Wrap(verifyproduct.Handler{Decisions: p.Decisions(), Servers: p.Store()}.Handle), nil
	},
	"collectdetails":     newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(collectdetails.Handler{Decisions: d}.Handle) }),
	"collectevidence":    newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(collectevidence.Handler{Decisions: d}.Handle) }),
	"verifyauthenticity": newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(verifyauthenticity.Handler{Decisions: d}.Handle) }),
	"awaitconfirmation":  newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(awaitconfirmation.Handler{Decisions: d}.Handle) }),
	"initialreview": func(p *setup.Parts) (any, error) {
		filed, err := p.Facts()
		if err != nil {
			return nil, err
		}
		finder, err := domains.NewFinder(p)
		return lambdaerror.Wrap(initialreview.Handler{Decisions: p.Decisions(), Domains: finder, Facts: filed}.Handle), err
	},
	"maildocuments": newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(maildocuments.Handler{Decisions: d}.Handle) }),
	"verifysms": func(p *setup.Parts) (any, error) {
		return lambdaerror.Wrap(verifysms.Handler{Decisions: p.Decisions(), NewCode: setup.RandomSMSCode, Hours: p.SendingHours()}.Handle), nil
	},
	"transmit": func(p *setup.Parts) (any, error) {
		filed, err := p.Facts()
		if err != nil {
			return nil, err
		}
		finder, err := domains.NewFinder(p)
		return lambdaerror.Wrap(transmit.Handler{Decisions: p.Decisions(), Facts: filed, Domains: finder, IDs: p.Store(), ByHand: p.ByHand()}.Handle), err
	},
	"awaitbureau": newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(awaitbureau.Handler{Decisions: d}.Handle) }),
	"announce":    newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(announce.Handler{Decisions: d}.Handle) }),
	"followup": func(p *setup.Parts) (any, error) {
		return lambdaerror.Wrap(followup.Handler{Decisions: p.Decisions(), History: p.Store()}.Handle), nil
	},
	"withdraw": newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(withdraw.Handler{Decisions: d}.Handle) }),
	"abandon":  newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(abandon.Handler{Decisions: d}.Handle) }),
	"reject":   newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(reject.Handler{Decisions: d}.Handle) }),
	"expire":   newDecidingFunction(func(d *decide.Service) any { return lambdaerror.Wrap(expire.Handler{Decisions: d}.Handle) }),
	"api": func(p *setup.Parts) (any, error) {
		operations, err := newAPI(p)
		return operations.Handle, err
	},
	"portal": func(p *setup.Parts) (any, error) {
		operations, err := newAPI(p)
		if err != nil {
			return nil, err
		}
		uploads, err := p.Uploads().Origin(context.Background())
		return portal.New(portal.Config{
			API: operations, Sessions: session.Sessions{Store: p.Store(), Now: p.Wall}, Issuer: pages.Issuer{URL: p.Env[environ.IssuerURL], ClientID: p.Env[environ.IssuerClient], Pages: p.Env[environ.IssuerPages]},
			Origin: p.Env[environ.PortalURL], Uploads: uploads,
			Provider: finding.Words{Chinese: p.Env[environ.ProviderNameChinese], English: p.Env[environ.ProviderNameEnglish]}, SupportPhone: p.Env[environ.SupportPhone], PaperAddress: p.Env[environ.PaperAddress],
			PCUploads: p.Env[environ.PCUploads] == "true", Simulated: p.Env[environ.LivenessEndpoint] == "",
			Recognition: recognitionFiles,
			Now:         p.Now, Wall: p.Wall, Log: p.Log,
		}).Handle, err
	},
	"reviewer": func(p *setup.Parts) (any, error) {
		operations, err := newReviewer(p)
		return operations.Handle, err
	},
	"operator": func(p *setup.Parts) (any, error) {
		operations, err := newOperator(p)
		return operations.Handle, err
	},
	"staff": func(p *setup.Parts) (any, error) {
		config, err := webConfig(p)
		if err != nil {
			return nil, err
		}
		operations := api.New(api.Config{Config: config, Store: p.Store(), Objects: p.Objects()})
		reviews, err := newReviewer(p)
		if err != nil {
			return nil, err
		}
		room, err := newOperator(p)
		return staff.New(staff.Config{API: operations, Reviewer: reviews, Operator: room, Sessions: session.Sessions{Store: p.Store(), Now: p.Wall, Site: "staff"},
			Issuer: pages.Issuer{URL: p.Env[environ.IssuerURL], ClientID: p.Env[environ.IssuerClient], Pages: p.Env[environ.IssuerPages]}, Origin: p.Env[environ.StaffURL],
			Provider: finding.Words{Chinese: p.Env[environ.ProviderNameChinese], English: p.Env[environ.ProviderNameEnglish]}, SupportPhone: p.Env[environ.SupportPhone],
			Now: p.Now, Wall: p.Wall, Log: p.Log}).Handle, err
	},
	"apidocs": func(p *setup.Parts) (any, error) {
		return apidocs.New(apidocs.Config{Wall: p.Wall, Log: p.Log}).Handle, nil
	},
	"smsreply": func(p *setup.Parts) (any, error) {
		secrets, err := p.SMSSecrets()
		return lambdaerror.Wrap(smsreply.Handler{
			Decisions: p.Decisions(), Replies: p.Store(), Secrets: secrets, WallClock: p.Wall, Log: p.Log,
		}.Handle), err
	},
	"mailbounce": func(p *setup.Parts) (any, error) {
		secrets, err := p.BounceSecrets()
		return lambdaerror.Wrap(mailbounce.Handler{
			Counter: bounce.Counter{Store: p.Store(), Duties: p.Duties(), Now: p.Now, Log: p.Log}, Secrets: secrets, WallClock: p.Wall,
		}.Handle), err
	},
	"webhooks": func(p *setup.Parts) (any, error) {
		return lambdaerror.Wrap(webhooks.Handler{
			Store: p.Store(), Client: receiver.New(onLaptop, p.Wall), Origin: p.Env[environ.PortalURL], Now: p.Wall, Jitter: rand.Float64, Sleep: webhooks.Sleep, Log: p.Log,
		}.Handle), nil
	},
	"accesscheck": func(p *setup.Parts) (any, error) {
		secrets, err := p.AccessSecrets()
		return accesscheck.New(accesscheck.Config{
			Config: web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.ReadOnlyPeople()}, Checker: p.AccessChecker(), Store: p.Store(), Secrets: secrets,
		}).Handle, err
	},
	"inspectupload": func(p *setup.Parts) (any, error) {
		return lambdaerror.Wrap(inspectupload.Handler{Uploads: p.Uploads()}.Handle), nil
	},
	"sweeper": func(p *setup.Parts) (any, error) {
		messages, err := sending.NewMessenger(p)
		if err != nil {
			return nil, err
		}
		limiter, err := p.Limits()
		if err != nil {
			return nil, err
		}
		agencies, err := p.Agencies()
		return lambdaerror.Wrap(sweeper.Handler{
			Decisions: p.Decisions(), Outbox: p.Store(), Register: p.Store(), Agencies: agencies, Messenger: messages, Sender: sender.New(p), Objects: p.Objects(), Uploads: p.Uploads(), Limits: limiter, Watch: p.Watch(), Duties: p.Duties(), People: p.People(),
			WallClock: p.Wall, Log: p.Log,
		}.Handle), err
	},
	"reminders": func(p *setup.Parts) (any, error) {
		promise, err := p.ReviewPromise()
		if err != nil {
			return nil, err
		}
		owed, err := domains.NewDuties(p)
		return lambdaerror.Wrap(reminders.Handler{
			Decisions: p.Decisions(), Orders: p.Store(), Filings: p.Store(), Duties: owed, Now: p.Now, Log: p.Log, NewCode: setup.RandomSMSCode, Hours: p.SendingHours(), Promise: promise,
		}.Handle), err
	},
	"sitewatch": func(p *setup.Parts) (any, error) {
		service, err := watching.NewService(p)
		if err == nil {
			service.Renderer = newRenderer(service.Prober)
		}
		return lambdaerror.Wrap(sitewatch.Handler{Service: service, Log: p.Log}.Handle), err
	},
	"retention": func(p *setup.Parts) (any, error) {
		keep, err := p.Retention()
		return lambdaerror.Wrap(retention.Handler{
			Decisions: p.Decisions(), Orders: p.Store(), Filings: p.Store(), Files: p.Store(), Differences: p.Store(), Tasks: p.Store(), Objects: p.Objects(), Retention: keep, Now: p.Now, Log: p.Log,
		}.Handle), err
	},
	"exchange": func(p *setup.Parts) (any, error) {
		bureau, err := p.Exchange()
		return lambdaerror.Wrap(exchange.Handler{Exchange: bureau}.Handle), err
	},
}

// recognitionFiles are the files with which browsers read papers.
var recognitionFiles = models.Files(func() (string, error) {
	here, err := startFolder()
	if err != nil {
		return "", err
	}
	modules, err := localdynamodb.FindModules(here)
	return string(modules), err
})

// newAPI returns the operations of applicants.
func newAPI(p *setup.Parts) (*web.API, error) {
	live, err := p.Liveness()
	if err != nil {
		return nil, err
	}
	config, err := webConfig(p)
	if err != nil {
		return nil, err
	}
	config.Agencies, err = p.Agencies()
	return api.New(api.Config{
		Config: config, Store: p.Store(), Uploads: p.Uploads(), Objects: p.Objects(), Liveness: live, Draw: setup.RandomSMSCode, Hours: p.SendingHours(), NewID: setup.NewID, Duties: p.Duties(),
	}), err
}

// Functions returns the names of all functions.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }

// webConfig returns the configuration of the functions behind the HTTP API.
func webConfig(p *setup.Parts) (web.Config, error) {
	keep, err := p.Retention()
	if err != nil {
		return web.Config{}, err
	}
	limiter, err := p.Limits()
	return web.Config{Decisions: p.Decisions(), Wall: p.Wall, People: p.People(), Limits: limiter, Retention: keep}, err
}

// newDecidingFunction creates a function that needs only the decision service.
func newDecidingFunction(handle func(*decide.Service) any) func(*setup.Parts) (any, error) {
	return func(p *setup.Parts) (any, error) { return handle(p.Decisions()), nil }
}

// timeouts are the time limits of functions that may run longer than the default.
var timeouts = map[string]time.Duration{"reminders": 5 * time.Minute, "retention": 5 * time.Minute, "exchange": 5 * time.Minute, "sitewatch": 5 * time.Minute}

// registerFunctions adds the functions to the host: in this process, or as built programs in a folder.
func (s *System) registerFunctions(c Config) error {
	for name, make := range functions {
		if c.ByHand && name == "exchange" {
			continue // it is not deployed on AWS either
		}
		if c.Programs != "" {
			s.Functions.Install(name, lambdahost.Program{
				Folder: filepath.Join(c.Programs, name), Env: s.functionVariables(name), Timeout: timeouts[name], Output: c.Output,
			})
			continue
		}
		parts := *s.Parts
		parts.AWS = s.functionSDKConfig(name)
		handler, err := make(&parts)
		if err != nil {
			return fmt.Errorf("function %s: %w", name, err)
		}
		s.Functions.Register(name, handler, timeouts[name])
	}
	return nil
}

// functionVariables returns the environment of a function's processes.
func (s *System) functionVariables(function string) []string {
	all := []string{
		"AWS_REGION=" + Region, "AWS_ENDPOINT_URL=" + s.AWSURL, "AWS_ACCESS_KEY_ID=" + function, "AWS_SECRET_ACCESS_KEY=" + secretOf(function),
	}
	for _, name := range slices.Sorted(maps.Keys(s.Parts.Env)) {
		all = append(all, string(name)+"="+s.Parts.Env[name])
	}
	return all
}

// functionSDKConfig returns the SDK configuration of a function. Its access key is the function's name, by which the laptop identifies the caller.
func (s *System) functionSDKConfig(function string) aws.Config {
	c := s.Parts.AWS
	c.Credentials = credentials.NewStaticCredentialsProvider(function, secretOf(function), "")
	return c
}

// secretOf returns the secret of an access key: the user's own, or that of a function; "" if there is no such key. The secrets are not
// confidential: all listeners are on the loopback, and refuse pages of other sites.
func secretOf(key string) string {
	switch {
	case key == accessKey:
		return secretKey
	case functions[key] == nil:
		return ""
	}
	return secretKey + "-of-" + key
}

func newReviewer(p *setup.Parts) (*web.API, error) {
	config, err := webConfig(p)
	if err != nil {
		return nil, err
	}
	promise, err := p.ReviewPromise()
	if err != nil {
		return nil, err
	}
	twice, err := p.SecondReadings()
	return reviewer.New(reviewer.Config{Config: config, Store: p.Store(), Objects: p.Objects(), Promise: promise, Sender: sender.New(p), SecondReadings: twice}), err
}

// onLaptop lets events go to this machine.
var onLaptop = dialguard.Guard{Allow: dialguard.Loopback}

func newOperator(p *setup.Parts) (*web.API, error) {
	config, err := webConfig(p)
	if err != nil {
		return nil, err
	}
	bureau, err := p.Operator()
	if err != nil {
		return nil, err
	}
	found, err := p.Late()
	if err != nil {
		return nil, err
	}
	// A portal that is being built listens on this machine.
	hooks := p.Subscriptions()
	hooks.Local, hooks.CheckHost = true, onLaptop.CheckHost
	return operator.New(operator.Config{Config: config, Store: p.Store(), Bureau: bureau, Late: found, Rules: sync.OnceValues(pack.Load), Objects: p.Objects(), Webhooks: hooks, Duties: p.Duties()}), nil
}
