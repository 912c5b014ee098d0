// Package accesscheck is the function that a provider's own systems ask: may this host be served on this address? It also has the feed of changes, with which
// a CDN keeps a local copy, and the badge with the number that a site shows.
//
//	lambda.Start(accesscheck.New(config).Handle)
//
// Administrators ask with their token; machines sign their requests (see package webhook). Everybody may read badges. The function reads the table and nothing
// else: it has no key, so that it cannot read personal data.
package accesscheck

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/aws/apigateway"
	"beian/shared/partners/webhook"
	"beian/shared/process/accesscheck"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// Config has the dependencies of the function. Handling requests requires all fields; Signed of web.Config is set by [New].
type Config struct {
	web.Config
	Checker *accesscheck.Checker
	Store   Store
	// Secrets are the active secrets of machines, at most two.
	Secrets []webhook.Secret
}

// A Store reads the feed of changes. Package dynamo implements it.
type Store interface {
	// AccessChanges returns what changed for hosts after a cursor, oldest first, and the cursor after it.
	AccessChanges(ctx context.Context, cursor string, limit int) (changed []accesscheck.ChangeSet, next string, err error)
}

// A Function answers the requests. It is safe for concurrent use.
type Function struct {
	// API has the operations other than badges.
	API    *web.API
	config Config
}

// An AccessQuestion asks whether a host may be served on an address.
type AccessQuestion struct {
	Host    string `json:"host" maxLength:"1024" doc:"host of a request; case, port, a final dot and *. do not matter" example:"www.example.cn"`
	Address string `json:"address,omitempty" maxLength:"64" doc:"public IP address to which visitors connect; absent: on any address" example:"8.130.1.1"`
}

// An AccessCheck is the answer to a question.
type AccessCheck struct {
	AccessQuestion
	Domain domainname.Domain `json:"domain,omitempty" doc:"the registrable domain of the host, which is filed; absent if it has none"`
	AccessReason
	Until time.Time `json:"until" doc:"the answer may be cached until then, unless the feed of changes has the domain before"`
}

// An AccessReason says whether hosts may be served, and why.
type AccessReason struct {
	Allowed  bool             `json:"allowed"`
	Reason   finding.Code     `json:"reason" doc:"stable code; GET /findings lists the texts" example:"access-filed"`
	Severity finding.Severity `json:"severity" enum:"block,warn,inform" doc:"warn: allowed, although the register was not sure"`
	Message  finding.Words    `json:"message"`
	Remedy   finding.Words    `json:"remedy"`
	Number   string           `json:"number,omitempty" doc:"of the site, app or mini program that the answer is about" example:"京ICP备12345678号-1"`
}

// An AccessChange is a domain whose answer changed, with the answer of now.
type AccessChange struct {
	At     time.Time              `json:"at"`
	Domain domainname.Domain      `json:"domain" doc:"registrable; the answer is that of all hosts below it"`
	Change accesscheck.ChangeKind `json:"change" enum:"filed,ended,access-ended,changed,blacklisted,unblacklisted"`
	AccessReason
	Addresses []AddressRange `json:"addresses" nullable:"false" doc:"of our access, if the hosts are allowed: IPv4 ranges on which they may be served; empty if they are not known"`
}

// An AddressRange is a range of IPv4 addresses.
type AddressRange struct {
	First string `json:"first" example:"8.130.1.1"`
	Last  string `json:"last" example:"8.130.1.1"`
}

// AccessQuestions is the body of a batch.
type AccessQuestions struct {
	Items []AccessQuestion `json:"items" minItems:"1" maxItems:"1000" nullable:"false"`
}

// A FeedPosition is the body of a machine's request for changes.
type FeedPosition struct {
	Cursor string `json:"cursor,omitempty" maxLength:"512" doc:"next of the previous answer; absent: the oldest change"`
}

// AccessChanges is a page of the feed.
type AccessChanges struct {
	Items []AccessChange `json:"items" nullable:"false" doc:"oldest first"`
	Next  string         `json:"next" doc:"cursor for the next request. Ask again at once until items is empty, then every few seconds"`
}

type (
	checkInput struct {
		Host        string `query:"host" required:"true" maxLength:"1024" example:"www.example.cn"`
		Address     string `query:"address" maxLength:"64" example:"8.130.1.1"`
		IfNoneMatch string `header:"If-None-Match" doc:"an ETag; the response is 304 if the answer is the same"`
	}
	checkOutput struct {
		Status int
		ETag   string `header:"ETag"`
		Cache  string `header:"Cache-Control"`
		Body   *AccessCheck
	}
	batchInput  struct{ Body AccessQuestions }
	batchOutput struct {
		Body struct {
			Items []AccessCheck `json:"items" nullable:"false" doc:"in the order of the questions"`
		}
	}
	changesInput struct {
		Cursor string `query:"cursor" maxLength:"512" doc:"next of the previous answer; absent: the oldest change"`
	}
	signedChangesInput struct{ Body FeedPosition }
	changesOutput      struct{ Body AccessChanges }
)

// maxBatch is the length of a batch in bytes: 1,000 questions of hosts with the length of DNS names.
const maxBatch = webhook.MaxBody

// New returns the function.
func New(config Config) *Function {
	config.Signed = func(header http.Header, body []byte) error {
		_, err := webhook.Verify(config.Secrets, webhook.HeadersOf(header.Get), body, config.Wall())
		return err
	}
	f := &Function{web.New(config.Config), config}
	const tag = "Access"
	web.Register(f.API, web.Operation{Roles: web.Admins, Route: "GET /access-checks", Tag: tag,
		Summary:     "Check whether a host may be served on an address",
		Description: "The answer is about the registrable domain of the host. A host or an address that is malformed is answered with no, not with an error."}, f.check)
	f.API.Describe(func(d *huma.OpenAPI) {
		d.Paths["/access-checks"].Get.Responses["304"] = &huma.Response{Description: "The answer is the one with the ETag of If-None-Match."}
	})
	web.Register(f.API, web.Operation{Roles: web.Admins, Route: "POST /access-checks", Tag: tag, MaxBody: maxBatch,
		Summary:     "Check up to 1,000 hosts with their addresses",
		Description: "Start a local copy with it, then follow GET /access-changes. The answers have the order of the questions."}, f.checkBatch)
	web.Register(f.API, web.Operation{Roles: web.Machines, Route: "POST /webhooks/access-checks", Tag: tag, MaxBody: maxBatch, Errors: []int{http.StatusUnauthorized},
		Summary:     "Check up to 1,000 hosts with their addresses, as a machine",
		Description: "As POST /access-checks, with a signature in place of a token. It reads only, so a repeated request has the answer of its time."}, f.checkBatch)
	web.Register(f.API, web.Operation{Roles: web.Admins, Route: "GET /access-changes", Tag: tag,
		Summary:     "Follow the domains whose answer changed",
		Description: "Changes appear about five seconds after they happened, and stay for 30 days. Each has the answer of now, not of its time, so that only the last change of a domain matters."},
		func(ctx context.Context, _ *web.Call, in *changesInput) (*changesOutput, error) {
			return f.changes(ctx, in.Cursor)
		})
	web.Register(f.API, web.Operation{Roles: web.Machines, Route: "POST /webhooks/access-changes", Tag: tag, Errors: []int{http.StatusUnauthorized},
		Summary:     "Follow the domains whose answer changed, as a machine",
		Description: "As GET /access-changes, with a signature in place of a token, and the cursor in the body."},
		func(ctx context.Context, _ *web.Call, in *signedChangesInput) (*changesOutput, error) {
			return f.changes(ctx, in.Body.Cursor)
		})
	return f
}

// badgePath is the path of badges. The host may end in .svg.
const badgePath = badgePrefix + "{host}"

// Routes returns the routes that need a token of staff.
func (f *Function) Routes() []string { return f.API.Routes() }

// PublicRoutes returns the routes without a token: those of machines, and badges.
func (f *Function) PublicRoutes() []string {
	return append(f.API.PublicRoutes(), "GET "+badgePath, "HEAD "+badgePath)
}

// Handle responds to one event. It never returns an error: every failure is an HTTP response.
func (f *Function) Handle(ctx context.Context, e apigateway.Event) (apigateway.Response, error) {
	if host, is := strings.CutPrefix(e.RawPath, badgePrefix); is {
		return f.badge(ctx, host, e.RequestContext.RequestID), nil
	}
	return f.API.Handle(ctx, e)
}

func (f *Function) check(ctx context.Context, _ *web.Call, in *checkInput) (*checkOutput, error) {
	answers, err := f.config.Checker.Check(ctx, []accesscheck.Question{{Host: in.Host, Address: in.Address}})
	if err != nil {
		return nil, err
	}
	body := checkOf(answers[0])
	out := &checkOutput{Body: &body, ETag: tagOf(body), Cache: fmt.Sprintf("private, max-age=%d", int(body.Until.Sub(f.config.Wall()).Seconds()))}
	if web.MatchesETag(in.IfNoneMatch, out.ETag) {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

// tagOf returns the entity tag of an answer. It does not depend on the time.
func tagOf(c AccessCheck) string {
	c.Until = time.Time{}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // cannot happen: texts can be marshalled
	}
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

func (f *Function) checkBatch(ctx context.Context, _ *web.Call, in *batchInput) (*batchOutput, error) {
	questions := make([]accesscheck.Question, len(in.Body.Items))
	for i, q := range in.Body.Items {
		questions[i] = accesscheck.Question(q)
	}
	answers, err := f.config.Checker.Check(ctx, questions)
	if err != nil {
		return nil, err
	}
	out := &batchOutput{}
	for _, a := range answers {
		out.Body.Items = append(out.Body.Items, checkOf(a))
	}
	return out, nil
}

func checkOf(a accesscheck.Answer) AccessCheck {
	return AccessCheck{AccessQuestion: AccessQuestion(a.Question), Domain: a.Domain, AccessReason: reasonOf(a.Reason, a.Site), Until: a.Until.UTC()}
}

func reasonOf(r finding.Finding, s accesscheck.Site) AccessReason {
	out := AccessReason{Allowed: r.Severity != finding.Block, Reason: r.Code, Severity: r.Severity, Message: r.Message, Remedy: r.Remedy}
	if s.Number.Running > 0 {
		out.Number = s.Number.String()
	}
	return out
}
