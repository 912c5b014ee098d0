package reviewer

import (
	"context"
	"net/http"
	"net/url"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/person"
	"beian/shared/web"
)

// A FilingSearch is what staff look for in the register: one of the three. It is sent in a body, so that no name is in a URL or a log.
type FilingSearch struct {
	Number string      `json:"number,omitempty" maxLength:"64" doc:"of the subject or of a site, in any common form" example:"浙ICP备12345678号-1"`
	Domain string      `json:"domain,omitempty" maxLength:"255" doc:"of a website, an app, a mini program or a quick app"`
	Name   person.Name `json:"name,omitempty" maxLength:"1024" doc:"of the subject, complete: names are found by a keyed hash"`
}

type filingSearchInput struct{ Body FilingSearch }

type filingsInput struct {
	State string `query:"state" enum:"standing,cancelled" default:"standing" doc:"cancelled: those whose personal data are not erased yet, the one that was cancelled first first"`
	web.PageQuery
}

type filingOutput struct {
	ETag string `header:"ETag"`
	Body StaffFiling
}

type filingVersionsOutput struct {
	ETag string `header:"ETag"`
	Body web.FilingVersions
}

// A StaffFiling is a filing for staff.
type StaffFiling struct {
	web.Filing
	Account  filing.Account `json:"account,omitempty" doc:"that has the filing; absent until one claims it"`
	Withheld bool           `json:"withheld,omitempty" doc:"whether subject and details are left out, because the caller is no administrator"`
}

// Findings about a search in the register.
const (
	CodeSearchOneOfThree finding.Code = "filing-search-one-of-three"
	CodeSearchNumber     finding.Code = "filing-search-number"
)

// maxFound is the number of filings that a search returns.
const maxFound = 20

// registerFilings registers what staff read in the register of what is filed. Reviewers see no personal data; administrators see all. Each read
// of a filing is stored in its audit, which its owner can list.
func (a operations) registerFilings() {
	const tag = "Register"
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /register", Tag: tag, Summary: "List what is filed, most recently changed first",
		Description: "Brief entries without personal data. Cancelled filings are listed until their personal data are erased. Find a certain one with POST /register/search."},
		func(ctx context.Context, _ *web.Call, in *filingsInput) (*web.PageResult[web.FilingBrief], error) {
			list := a.config.Store.ListRetainedFilings
			if in.State == "standing" {
				list = func(ctx context.Context, cursor string, limit int) ([]register.Filing, string, error) {
					return a.config.Store.ListFilings(ctx, "", cursor, limit)
				}
			}
			found, next, err := list(ctx, in.Cursor, in.Limit)
			if err != nil {
				return nil, err
			}
			return web.NewPage(web.FilingBriefsOf(found), next, "/register", in.Limit, url.Values{"state": {in.State}}), nil
		})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "POST /register/search", Tag: tag, Status: http.StatusOK,
		Summary:     "Find filings by a number, a domain or the complete name of the subject",
		Description: "Send one of number, domain and name, in the body, so that no name is in a URL. Names are found only if they are complete. The read is recorded."}, a.searchFilings)
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /register/{id}", Tag: tag,
		Summary:     "Read a filing. A reviewer sees only what has no personal data",
		Description: "The read is recorded, and the filing's owner can list it. Administrators see the data of subject, leaders and sites."},
		func(ctx context.Context, c *web.Call, in *web.FilingPath) (*filingOutput, error) {
			f, err := in.FindFiling(ctx, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			out := &filingOutput{ETag: web.FilingETag(f), Body: StaffFiling{Account: f.Account}}
			what := filing.ReadFiling
			if out.Body.Withheld = !c.Caller.Is(filing.Admin); out.Body.Withheld {
				what, f.Private = filing.ReadFilingBrief, register.Private{}
			}
			out.Body.Filing = web.FilingOf(f)
			a.AddFilingReads(c, what, f)
			return out, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /register/{id}/versions", Tag: tag,
		Summary:     "List what changed a filing, and which places, oldest first",
		Description: "Names for each version the order, the bureau's file, the import, the claim or the transfer that made it, and the accounts of a transfer. Values are not shown, only their places."},
		func(ctx context.Context, c *web.Call, in *web.FilingVersionsQuery) (*filingVersionsOutput, error) {
			f, err := in.FindFiling(ctx, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			entries, err := a.config.Store.FilingVersions(ctx, f.ID)
			if err != nil {
				return nil, err
			}
			body, err := web.FilingVersionsOf(f, entries, in.Cursor, true)
			a.AddFilingReads(c, filing.ReadFilingVersions, f)
			return &filingVersionsOutput{ETag: web.FilingETag(f), Body: body}, err
		})
}

// searchFilings returns what a search finds, without personal data. That the filings were found is stored in their audits.
func (a operations) searchFilings(ctx context.Context, c *web.Call, in *filingSearchInput) (*web.PageResult[web.FilingBrief], error) {
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	found, err := a.findFilings(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	a.AddFilingReads(c, filing.ReadFilingBrief, found...)
	return web.NewPage(web.FilingBriefsOf(found), "", "/register/search", maxFound, nil), nil
}

func (a operations) findFilings(ctx context.Context, s FilingSearch) ([]register.Filing, error) {
	var f register.Filing
	var err error
	switch given := [3]bool{s.Number != "", s.Domain != "", s.Name != ""}; given {
	case [3]bool{true, false, false}:
		subject, _, wrong := number.Parse(s.Number)
		if wrong != nil {
			return nil, web.FaultFor(finding.List{finding.New(CodeSearchNumber, "/number")})
		}
		f, err = a.config.Store.FilingByNumber(ctx, subject)
	case [3]bool{false, true, false}:
		name, ok := domainname.Normalize(s.Domain)
		if !ok {
			return nil, nil
		}
		return a.config.Store.FilingsByDomain(ctx, name, maxFound)
	case [3]bool{false, false, true}:
		return a.config.Store.FilingsByName(ctx, s.Name, maxFound)
	default:
		return nil, web.FaultFor(finding.List{finding.New(CodeSearchOneOfThree, "")})
	}
	if err != nil || f.ID == "" {
		return nil, err
	}
	return []register.Filing{f}, nil
}
