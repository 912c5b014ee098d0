package api

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/web"
)

// A filingResult is the response with a filing, or 304 without a body.
type filingResult struct {
	Status int
	ETag   string `header:"ETag"`
	Body   *web.Filing
}

type filingInput struct {
	web.FilingPath
	IfNoneMatch string `header:"If-None-Match" doc:"an ETag; the response is 304 if the filing still has it"`
}

type filingVersionsOutput struct {
	ETag string `header:"ETag"`
	Body web.FilingVersions
}

type filingReadsInput struct {
	web.FilingPath
	web.PageQuery
}

// registerFilings registers reading the account's filings.
func (a operations) registerFilings() {
	const tag = "Filings"
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings", Tag: tag,
		Summary:     "List what is filed of your subjects, most recently changed first; an agency also sees the filings that it has a consent for",
		Description: "What the bureau has approved, and the filings that were imported or claimed. The list has no personal data; read one with GET /filings/{id}."}, a.listFilings)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings/{id}", Tag: tag,
		Summary:     "Read a filing of yours as it stands at the bureau, the order that is about to change it, and what can begin",
		Description: "Use next to offer what can begin: a change, a cancellation, new documents, a transfer. openOrder names the order that is under way. Each change of the filing changes the ETag."}, a.readFiling)
	a.Describe(func(d *huma.OpenAPI) {
		d.Paths["/filings/{id}"].Get.Responses["304"] = &huma.Response{Description: "The filing still has the ETag of If-None-Match."}
	})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings/{id}/versions", Tag: tag,
		Summary:     "List what changed a filing of yours, and which places, oldest first",
		Description: "Names for each version the order, the bureau's file, the import, the claim or the transfer that made it. Values are not shown, only their places."},
		func(ctx context.Context, c *web.Call, in *web.FilingVersionsQuery) (*filingVersionsOutput, error) {
			f, err := in.ReadFilingFor(ctx, c, register.ScopeRead, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			entries, err := a.config.Store.FilingVersions(ctx, f.ID)
			if err != nil {
				return nil, err
			}
			body, err := web.FilingVersionsOf(f, entries, in.Cursor, false)
			return &filingVersionsOutput{ETag: web.FilingETag(f), Body: body}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /filings/{id}/staff-reads", Tag: tag,
		Summary:     "List what staff read of a filing of yours, newest first",
		Description: "Shows who read what and why, by role, without the person's account. Each read of staff is listed."},
		func(ctx context.Context, c *web.Call, in *filingReadsInput) (*web.PageResult[web.StaffRead], error) {
			f, err := in.ReadFilingFor(ctx, c, register.ScopeRead, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			found, next, err := a.config.Store.FilingReads(ctx, f.ID, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			shown := make([]web.StaffRead, len(found))
			for i, r := range found {
				shown[i] = web.StaffReadOf(r, false)
			}
			return web.NewPage(shown, next, "/filings/"+string(f.ID)+"/staff-reads", in.Limit, nil), nil
		})
}

// beginsAt returns a function that reports whether a kind can begin at a filing now.
func (a operations) beginsAt(f register.Filing) func(filing.Kind) bool {
	return func(k filing.Kind) bool { return filing.CanBegin(k, f, a.config.OnlyAccess, a.Decisions.Now()) }
}

// readFiling returns a filing with the open order of its owner. The ETag changes with both.
func (a operations) readFiling(ctx context.Context, c *web.Call, in *filingInput) (*filingResult, error) {
	f, err := in.ReadFilingFor(ctx, c, register.ScopeRead, a.config.Store.Filing)
	if err != nil {
		return nil, err
	}
	order, err := a.config.Store.OpenOrderOf(ctx, c.Caller.Account, f.SubjectKey)
	if err != nil {
		return nil, err
	}
	tag := web.FilingETag(f)
	if order != "" {
		tag = strings.TrimSuffix(tag, `"`) + "-" + string(order) + `"`
	}
	if web.MatchesETag(in.IfNoneMatch, tag) {
		return &filingResult{Status: http.StatusNotModified, ETag: tag}, nil
	}
	body := web.FilingOf(f).WithOpenOrder(order, a.beginsAt(f))
	if consent := c.Consent(); consent.ID != "" {
		body.Next = slices.DeleteFunc(body.Next, func(n web.FilingNext) bool {
			k, _ := filing.KindOf(n.Type)
			return !slices.Contains(consent.Scopes, k.Scope())
		})
	}
	return &filingResult{Status: http.StatusOK, ETag: tag, Body: &body}, nil
}
