package cloud

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"beian/infra/local/cloudformation"
	"beian/infra/local/front"
	"beian/infra/local/iam"
	"beian/infra/local/trail"
)

// An API is an HTTP API of API Gateway. It listens on a port of its own from the moment it is made.
type API struct {
	Name, Description, ProtocolType string
	Tags                            map[string]string

	listener net.Listener
	server   *http.Server
}

func (a *Account) apiHandler() cloudformation.Handler {
	return handler(&a.made.apis, maker[API]{
		createOnly: []string{"ProtocolType"},
		name:       func(cloudformation.Request, API) string { return drawn() },
		attributes: func(id string, p API) map[string]any {
			return map[string]any{"ApiId": id, "ApiEndpoint": "http://" + p.listener.Addr().String()}
		},
		check: func(p API) error {
			if p.ProtocolType != "HTTP" {
				return fmt.Errorf("only the protocol HTTP is known here, not %q", p.ProtocolType)
			}
			return required("Name", p.Name)
		},
		create: func(_ context.Context, id string, p *API) (err error) {
			if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
				return err
			}
			p.server = &http.Server{Handler: a.door(id), ReadHeaderTimeout: 10 * time.Second}
			go p.server.Serve(p.listener)
			return nil
		},
		update: func(_ context.Context, _ string, old API, p *API) error {
			p.listener, p.server = old.listener, old.server
			return nil
		},
		delete: func(_ context.Context, _ string, p API) error { return p.server.Close() },
	})
}

// door answers for an API: with the routes that it has at the time, once it has a stage.
func (a *Account) door(id string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		f := front.Front{Log: a.config.Log}
		if _, open := a.made.stages.get(id + "/$default"); open {
			f.Routes, f.Authorizer = a.routesOf(id)
		}
		f.ServeHTTP(w, r)
	}
}

// routesOf are the routes of an API, and what lets requests in at those that are not public.
func (a *Account) routesOf(id string) (all []front.Route, gate *front.Authorizer) {
	for _, r := range a.made.routes.list() {
		if r.ApiId != id {
			continue
		}
		integration, _ := a.made.integrations.get(strings.TrimPrefix(r.Target, "integrations/"))
		if r.AuthorizationType == "JWT" {
			authorizer, _ := a.made.authorizers.get(r.AuthorizerId)
			gate = authorizer.gate
		}
		all = append(all, front.Route{Key: r.RouteKey, Handler: a.integrated(id, r.RouteKey, integration.IntegrationUri), Public: r.AuthorizationType == "NONE"})
	}
	return all, gate
}

// integrated calls a function for a route, if the function permits it.
func (a *Account) integrated(api, key, function string) called {
	method, path, _ := strings.Cut(key, " ")
	source := "arn:" + a.partition() + ":execute-api:" + a.config.Region + ":" + trail.Account + ":" + api + "/$default/" + strings.Replace(method, "ANY", "*", 1) + path
	return func(ctx context.Context, payload []byte) ([]byte, error) {
		if !a.permits(function, "apigateway.amazonaws.com", source) {
			return nil, a.deny("apigateway.amazonaws.com for "+source, iam.Request{Action: "lambda:InvokeFunction", Resource: function})
		}
		return a.lambda.Invoke(ctx, function, payload)
	}
}

// called is a function as front and ticker call it.
type called func(context.Context, []byte) ([]byte, error)

// Invoke calls it.
func (c called) Invoke(ctx context.Context, payload []byte) ([]byte, error) { return c(ctx, payload) }

// drawn is an id as API Gateway draws them.
func drawn() string { return strings.ToLower(rand.Text()[:10]) }

// An Integration is the function that an API calls.
type Integration struct{ ApiId, IntegrationType, IntegrationUri, PayloadFormatVersion string }

func (a *Account) integrationHandler() cloudformation.Handler {
	return handler(&a.made.integrations, maker[Integration]{
		createOnly: []string{"ApiId"},
		name:       func(cloudformation.Request, Integration) string { return drawn() },
		check: func(i Integration) error {
			if i.IntegrationType != "AWS_PROXY" || i.PayloadFormatVersion != "2.0" {
				return fmt.Errorf("only AWS_PROXY with the payload 2.0 is known here, not %q with %q", i.IntegrationType, i.PayloadFormatVersion)
			}
			if _, err := a.function(i.IntegrationUri); err != nil {
				return err
			}
			return a.checkAPI(i.ApiId)
		},
	})
}

func (a *Account) checkAPI(id string) error {
	if _, is := a.made.apis.get(id); !is {
		return fmt.Errorf("the API %s does not exist", id)
	}
	return nil
}

// A Route is a method and a path of an API, or a pattern of them.
type Route struct{ ApiId, AuthorizationType, AuthorizerId, RouteKey, Target string }

func (a *Account) routeHandler() cloudformation.Handler {
	return handler(&a.made.routes, maker[Route]{
		createOnly: []string{"ApiId"},
		name:       func(cloudformation.Request, Route) string { return drawn() },
		attributes: func(id string, _ Route) map[string]any { return map[string]any{"RouteId": id} },
		check: func(r Route) error {
			id, integrated := strings.CutPrefix(r.Target, "integrations/")
			if i, is := a.made.integrations.get(id); !integrated || !is || i.ApiId != r.ApiId {
				return fmt.Errorf("the route %s has no integration of its API as target, but %q", r.RouteKey, r.Target)
			}
			switch r.AuthorizationType {
			case "NONE":
			case "JWT":
				if z, is := a.made.authorizers.get(r.AuthorizerId); !is || z.ApiId != r.ApiId {
					return fmt.Errorf("the route %s has no authorizer of its API, but %q", r.RouteKey, r.AuthorizerId)
				}
			default:
				return fmt.Errorf("the authorization %q of the route %s is not known here", r.AuthorizationType, r.RouteKey)
			}
			return required("RouteKey", r.RouteKey)
		},
	})
}

// An Authorizer lets requests in that carry a token.
type Authorizer struct {
	ApiId, Name, AuthorizerType string
	IdentitySource              []string
	JwtConfiguration            struct {
		Audience []string
		Issuer   string
	}

	gate *front.Authorizer
}

func (a *Account) authorizerHandler() cloudformation.Handler {
	return handler(&a.made.authorizers, maker[Authorizer]{
		createOnly: []string{"ApiId"},
		name:       func(cloudformation.Request, Authorizer) string { return drawn() },
		attributes: func(id string, _ Authorizer) map[string]any { return map[string]any{"AuthorizerId": id} },
		check: func(z Authorizer) error {
			switch {
			case z.AuthorizerType != "JWT":
				return fmt.Errorf("only an authorizer of the type JWT is known here, not %q", z.AuthorizerType)
			case len(z.IdentitySource) != 1 || z.IdentitySource[0] != "$request.header.Authorization":
				return errors.New("only the identity source $request.header.Authorization is known here")
			case len(z.JwtConfiguration.Audience) == 0 || z.JwtConfiguration.Issuer == "":
				return errors.New("the authorizer lacks an issuer or an audience")
			}
			return a.checkAPI(z.ApiId)
		},
		create: func(_ context.Context, _ string, z *Authorizer) error {
			for _, other := range a.made.authorizers.list() {
				if other.ApiId == z.ApiId {
					return errors.New("only one authorizer for each API is known here")
				}
			}
			a.setGate(z)
			return nil
		},
		update: func(_ context.Context, _ string, _ Authorizer, z *Authorizer) error {
			a.setGate(z)
			return nil
		},
	})
}

func (a *Account) setGate(z *Authorizer) {
	z.gate = &front.Authorizer{Issuer: z.JwtConfiguration.Issuer, Audiences: z.JwtConfiguration.Audience, Client: &http.Client{Transport: pools{a}}}
}

// A Stage is what of an API is open to callers. Its limits and its log are kept as they are wished for.
type Stage struct {
	ApiId, StageName     string
	AutoDeploy           bool
	AccessLogSettings    struct{ DestinationArn, Format string }
	DefaultRouteSettings struct {
		DetailedMetricsEnabled bool
		ThrottlingBurstLimit   int
		ThrottlingRateLimit    float64
	}
	Tags map[string]string
}

func (a *Account) stageHandler() cloudformation.Handler {
	return handler(&a.made.stages, maker[Stage]{
		createOnly: []string{"ApiId", "StageName"},
		name:       func(_ cloudformation.Request, s Stage) string { return s.StageName },
		key:        func(_ string, s Stage) string { return s.ApiId + "/" + s.StageName },
		check: func(s Stage) error {
			if s.StageName != "$default" || !s.AutoDeploy {
				return fmt.Errorf("only the stage $default that deploys itself is known here, not %q", s.StageName)
			}
			return a.checkAPI(s.ApiId)
		},
	})
}
