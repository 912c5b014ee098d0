package api

import (
	"context"
	"net/http"
	"slices"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/limits"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/web"
)

// Cancellations are the parts of a filing that an order could end.
type Cancellations struct {
	Items   []CancellationOffer `json:"items" nullable:"false" doc:"the subject, each site, and our access of each site"`
	Reasons []codes.Code        `json:"reasons" nullable:"false" doc:"the ministry's reasons, one of which the request has"`
}

// A CancellationOffer is a part of a filing, and what its end would mean.
type CancellationOffer struct {
	Kind         filing.Type     `json:"kind" enum:"CANCEL_ACCESS,CANCEL_SUBJECT,CANCEL_SITE"`
	Words        finding.Words   `json:"words" doc:"of the kind"`
	Site         string          `json:"site,omitempty" doc:"number of the site; absent for the whole subject" example:"浙ICP备12345678号-1"`
	Domains      []filing.Domain `json:"domains" nullable:"false" doc:"which are no longer filed, or no longer hosted by us"`
	Possible     bool            `json:"possible"`
	Consequences finding.List    `json:"consequences" nullable:"false" doc:"what the end would mean, or why it is not possible"`
	Confirm      []finding.Code  `json:"confirm" nullable:"false" doc:"codes of the consequences that the request has to confirm"`
}

// A NewCancellation is the request to end a part of a filing.
type NewCancellation struct {
	Kind      filing.Type     `json:"kind,omitempty" maxLength:"32" doc:"CANCEL_ACCESS, CANCEL_SUBJECT or CANCEL_SITE" example:"CANCEL_SITE"`
	Site      string          `json:"site,omitempty" maxLength:"128" doc:"number of the site; none for the whole subject" example:"浙ICP备12345678号-1"`
	Reason    int64           `json:"reason,omitempty" doc:"the ministry's number; see GET /cancellation-reasons" example:"1"`
	Remark    string          `json:"remark,omitempty" maxLength:"8192" doc:"more about the reason, for the bureau: at most 1000 characters"`
	Confirmed []finding.Code  `json:"confirmed,omitempty" maxItems:"20" doc:"codes of all consequences that GET /filings/{id}/cancellations lists under confirm"`
	Language  string          `json:"language,omitempty" maxLength:"16" doc:"language of the SMS and emails: zh-CN or en. Default: that of Accept-Language"`
	Contact   *filing.Contact `json:"contact,omitempty" doc:"a missing mobile or email defaults to that of the account"`
}

type cancellationsOutput struct {
	ETag string `header:"ETag" doc:"the filing's version"`
	Body Cancellations
}

type cancelInput struct {
	web.FilingPath
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours opens only one order"`
	Body NewCancellation
}

type reasonInput struct {
	web.OrderRequest
	Body struct {
		Reason int64  `json:"reason,omitempty" doc:"the ministry's number; see GET /cancellation-reasons" example:"1"`
		Remark string `json:"remark,omitempty" maxLength:"8192" doc:"more about the reason, for the bureau: at most 1000 characters"`
	}
}

type passwordInput struct {
	web.OrderRequest
	Body struct {
		Password filing.FilingPassword `json:"password,omitempty" maxLength:"128" doc:"the filing password (备案密码)"`
	}
}

// registerCancellations registers the orders that end a part of a filing.
func (a operations) registerCancellations() {
	const tag = "Cancellations"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings/{id}/cancellations", Tag: tag,
		Summary:     "List what could be cancelled of a filing, and what each cancellation would mean. Nothing is stored",
		Description: "Show the consequences before POST to the same path; its confirmed has the codes listed under confirm. An offer that is not possible says why."}, a.listCancellations)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filings/{id}/cancellations", Status: http.StatusCreated, Tag: tag, Counts: limits.Open,
		Summary:     "Open an order that cancels the subject, a site, or our access of a site",
		Description: "Read the offers first with GET: confirmed must have every code that the offer lists. The order then goes through review to the bureau; nothing ends before the bureau approves. It is refused while another order of the subject is open."}, a.openCancellation)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/cancellation", Tag: tag, Counts: limits.Enter,
		Summary:     "Change the reason of a cancellation before it is submitted",
		Description: "Possible while the order waits for the confirmation. The reasons are those of GET /cancellation-reasons. To cancel something else, abandon the order and open another one."},
		func(ctx context.Context, c *web.Call, in *reasonInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.EnterReason{Reason: in.Body.Reason, Remark: in.Body.Remark})
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/filing-password", Tag: "Details", Counts: limits.Enter,
		Summary:     "Enter the bureau's filing password of the subject, before 2020-08-17: the findings say where it is required. It is never shown again; the bureau checks it after the confirmation",
		Description: "Possible before the confirmation. An order whose filing needs none refuses it with filing-password-not-asked-for. A wrong or locked password comes back as a finding, and the order waits for another one."},
		func(ctx context.Context, c *web.Call, in *passwordInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.EnterFilingPassword{Password: in.Body.Password})
		})
	a.registerCodes("GET /cancellation-reasons", "Reference", "List the reasons for a cancellation",
		"The values of reason in a cancellation, in the ministry's numbers. The offers of GET /filings/{id}/cancellations have them, too.", codes.CancellationReasons)
}

func (a operations) listCancellations(ctx context.Context, c *web.Call, in *web.FilingPath) (*cancellationsOutput, error) {
	f, err := in.ReadFilingFor(ctx, c, register.ScopeRead, a.config.Store.Filing)
	if err != nil {
		return nil, err
	}
	tables, err := a.config.Store.CodeTables(ctx)
	if err != nil {
		return nil, err
	}
	out := &cancellationsOutput{ETag: web.FilingETag(f), Body: Cancellations{Items: []CancellationOffer{}, Reasons: tables.InForce(codes.CancellationReasons)}}
	if f.Status == register.Cancelled {
		return out, nil
	}
	for _, k := range filing.Kinds {
		switch k.Cancels {
		case "":
		case register.SubjectPart:
			out.Body.Items = append(out.Body.Items, a.offer(k, f, 0, f.Sites))
		default:
			for i, s := range f.Sites {
				one := a.offer(k, f, i, []register.FiledSite{s})
				one.Site = s.Number.String()
				out.Body.Items = append(out.Body.Items, one)
			}
		}
	}
	return out, nil
}

// offer returns what the end of a part would mean. sites are those of the part.
func (a operations) offer(k filing.Kind, f register.Filing, site int, sites []register.FiledSite) CancellationOffer {
	found := filing.Consequences(k, f, site, a.config.OnlyAccess)
	one := CancellationOffer{Kind: k.Type, Words: k.Words, Domains: []filing.Domain{}, Possible: !found.Blocking(), Consequences: found, Confirm: []finding.Code{}}
	if k.Cancels != register.SubjectPart {
		ofService := filing.Order{Service: sites[0].Number.Service}
		one.Words, one.Consequences = ofService.Service.Fit(k.Words), ofService.FitWords(found)
	}
	for _, s := range sites {
		one.Domains = append(one.Domains, s.DomainNames()...)
	}
	for _, f := range found {
		if one.Possible && f.Severity == finding.Warn {
			one.Confirm = append(one.Confirm, f.Code)
		}
	}
	return one
}

func (a operations) openCancellation(ctx context.Context, c *web.Call, in *cancelInput) (*openResult, error) {
	f, err := in.ReadFilingFor(ctx, c, register.ScopeCancel, a.config.Store.Filing)
	if err != nil {
		return nil, err
	}
	at := filing.AtFilingInput{Type: in.Body.Kind, Filing: f, Cancellation: filing.CancellationInput{
		Reason: in.Body.Reason, Remark: in.Body.Remark, Confirmed: in.Body.Confirmed, OnlyAccess: a.config.OnlyAccess,
	}}
	if k, ok := filing.KindOf(in.Body.Kind); !ok || k.Cancels == "" {
		tables, err := a.config.Store.CodeTables(ctx)
		if err != nil {
			return nil, err
		}
		found := finding.List{finding.New(filing.CodeKindUnknown, "/kind")}
		if !tables.Knows(codes.CancellationReasons, in.Body.Reason) {
			found = append(found, finding.New(filing.CodeCancelReason, "/reason"))
		}
		return nil, fault.WithFindings(fault.Invalid, found)
	}
	if in.Body.Site != "" {
		at.Sites = []int{siteNumbered(f, in.Body.Site)}
	}
	return a.createOrder(ctx, c, in.Key, newOrder{Language: in.Body.Language, Contact: in.Body.Contact, At: &at})
}

// siteNumbered returns the index of the filing's site with a number; -1 if it has none.
func siteNumbered(f register.Filing, typed string) int {
	n, err := number.ParseFiling(typed)
	if err != nil {
		return -1
	}
	return slices.IndexFunc(f.Sites, func(s register.FiledSite) bool { return s.Number == n })
}
