package web

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// A FilingBrief is a filing of the register in a list. It contains no personal data.
type FilingBrief struct {
	ID          register.ID            `json:"id"`
	Version     int                    `json:"version" doc:"number of changes so far; the ETag contains it"`
	Status      register.Status        `json:"status" enum:"FILED,SHELL,CANCELLED" doc:"SHELL: the subject is filed and no site is left"`
	Number      number.Subject         `json:"number" doc:"the subject's number" example:"浙ICP备12345678号"`
	Province    province.Code          `json:"province" doc:"GB/T 2260, two digits"`
	Entity      certificate.EntityKind `json:"entityKind"`
	Domains     []filing.Domain        `json:"domains" nullable:"false" doc:"of all sites"`
	ChangedAt   time.Time              `json:"changedAt"`
	CancelledOn workday.Date           `json:"cancelledOn,omitempty"`
	Erased      bool                   `json:"erased,omitempty" doc:"whether the personal data were erased"`
}

// A Filing is a filing of the register for its owner.
type Filing struct {
	FilingBrief
	Subject filing.Subject   `json:"subject" doc:"as it is filed"`
	Sites   []RegisteredSite `json:"sites" nullable:"false"`
	Papers  []FilingPaper    `json:"papers" nullable:"false" doc:"with which the filing was made; each is kept with its order"`
	// OpenOrder and Next are set for the owner.
	OpenOrder filing.ID    `json:"openOrder,omitempty" doc:"the order of your account that is about to change the filing; absent if none is open"`
	Next      []FilingNext `json:"next,omitempty" doc:"what can begin now; absent while an order is open, and after a cancellation"`
}

// A FilingPaper is a document with which a filing was made. Its content is read with the order.
type FilingPaper struct {
	Slot  evidence.Slot `json:"slot"`
	Words finding.Words `json:"words" doc:"name of the document"`
	Order filing.ID     `json:"order"`
	Site  string        `json:"site,omitempty" doc:"number of the site; absent for a document of the subject" example:"浙ICP备12345678号-1"`
}

// IsLetter reports whether the document is a letter of commitment or authorisation, which may end on a day.
func (p FilingPaper) IsLetter() bool {
	switch p.Slot.Kind() {
	case evidence.CommitmentLetter, evidence.SubjectAuthorizationLetter, evidence.SiteAuthorizationLetter:
		return true
	}
	return false
}

// A FilingNext is a kind of application that can begin at a filing.
type FilingNext struct {
	Type  filing.Type   `json:"type" doc:"kind of the application"`
	Words finding.Words `json:"words"`
	Href  string        `json:"href" doc:"path of the operation that begins it, with POST"`
}

// A RegisteredSite is a site of a filing.
type RegisteredSite struct {
	Number   number.Filing  `json:"number" doc:"the site's number" example:"浙ICP备12345678号-1"`
	Kind     string         `json:"kind" enum:"site,app,mini-program,quick-app" doc:"what is filed; the letter at the end of the number says it too"`
	Details  filing.Site    `json:"details" doc:"as it is filed"`
	Accesses []FilingAccess `json:"accesses" nullable:"false" doc:"the providers that host the site"`
}

// A FilingAccess is the hosting of a site by a provider.
type FilingAccess struct {
	Ours      bool          `json:"ours" doc:"whether this provider hosts it"`
	Server    string        `json:"server,omitempty" doc:"of our own access"`
	Placement province.Code `json:"placement,omitempty" doc:"province where the server is located: GB/T 2260, two digits"`
	IPs       []string      `json:"ips" nullable:"false" doc:"addresses, or ranges as first-last"`
}

var errNoFiling = fault.New(fault.NotFound, "找不到这条备案，请在备案列表中重新打开。", "There is no such filing.")

// A FilingPath is the path parameter that names a filing. It is exported because huma ignores unexported embedded structs.
type FilingPath struct {
	ID string `path:"id" doc:"the filing's id" example:"01JCZK3V7M8N9P0Q1R2S3T4V5W"`
}

// ReadFiling returns the filing of a path. The error is a fault of kind NotFound if the caller's account does not have it.
func (p FilingPath) ReadFiling(ctx context.Context, c *Call, read func(context.Context, register.ID) (register.Filing, error)) (register.Filing, error) {
	f, err := p.FindFiling(ctx, read)
	if err == nil && f.Account != c.Caller.Account {
		return register.Filing{}, errNoFiling
	}
	return f, err
}

// ReadFilingFor is ReadFiling also for an agency whose consent permits something. If the consent does not, or has ended, the error is a fault of
// kind Forbidden.
func (p FilingPath) ReadFilingFor(ctx context.Context, c *Call, s register.Scope, read func(context.Context, register.ID) (register.Filing, error)) (register.Filing, error) {
	f, err := p.FindFiling(ctx, read)
	if err != nil || f.Account == c.Caller.Account {
		return f, err
	}
	if acts, err := c.ActsFor(ctx, f, s); err != nil || !acts {
		return register.Filing{}, cmp.Or(err, error(errNoFiling))
	}
	return f, nil
}

// FindFiling returns the filing of a path for staff. The error is a fault of kind NotFound if there is none.
func (p FilingPath) FindFiling(ctx context.Context, read func(context.Context, register.ID) (register.Filing, error)) (register.Filing, error) {
	if _, err := ulid.ParseStrict(p.ID); err != nil {
		return register.Filing{}, errNoFiling
	}
	return read(ctx, register.ID(p.ID))
}

// FilingETag is the entity tag of a filing's version.
func FilingETag(f register.Filing) string { return `"` + strconv.Itoa(f.Version) + `"` }

// FilingBriefOf returns the JSON of a filing in a list.
func FilingBriefOf(f register.Filing) FilingBrief {
	b := FilingBrief{ID: f.ID, Version: f.Version, Status: f.Status, Number: f.Number, Province: f.Province, Entity: f.Entity, Domains: []filing.Domain{},
		ChangedAt: f.ChangedAt, CancelledOn: f.CancelledOn, Erased: f.Erased}
	for _, s := range f.Sites {
		b.Domains = append(b.Domains, s.DomainNames()...)
	}
	return b
}

// FilingBriefsOf returns the JSON of filings in a list.
func FilingBriefsOf(found []register.Filing) []FilingBrief {
	briefs := make([]FilingBrief, len(found))
	for i, f := range found {
		briefs[i] = FilingBriefOf(f)
	}
	return briefs
}

// serviceNumbered returns the kind of the service with a number; a website's for "".
func serviceNumbered(site string) number.Service {
	n, _ := number.ParseFiling(site)
	return n.Service
}

// FilingOf returns the JSON of a filing.
func FilingOf(f register.Filing) Filing {
	full := Filing{FilingBrief: FilingBriefOf(f), Subject: f.Private.Subject, Sites: []RegisteredSite{}, Papers: []FilingPaper{}}
	for _, p := range f.Papers {
		full.Papers = append(full.Papers, FilingPaper{p.Slot, serviceNumbered(p.Site).Fit(p.Slot.Words()), filing.ID(p.Order), p.Site})
	}
	for i, s := range f.Sites {
		site := RegisteredSite{Number: s.Number, Kind: s.Number.Service.Name(), Accesses: []FilingAccess{}}
		if i < len(f.Private.Sites) {
			site.Details = f.Private.Sites[i]
		}
		for _, a := range s.Accesses {
			access := FilingAccess{Ours: a.Ours, Server: a.Server, Placement: a.Placement, IPs: []string{}}
			for _, ip := range a.IPs {
				text := ip.First
				if ip.Last != ip.First {
					text += "-" + ip.Last
				}
				access.IPs = append(access.IPs, text)
			}
			site.Accesses = append(site.Accesses, access)
		}
		full.Sites = append(full.Sites, site)
	}
	return full
}

// WithOpenOrder returns the JSON with the open order of the owner or, if order is "", with the kinds that can begin.
func (f Filing) WithOpenOrder(order filing.ID, canBegin func(filing.Kind) bool) Filing {
	f.OpenOrder, f.Next = order, nil
	if order != "" {
		return f
	}
	for _, k := range filing.Kinds {
		next := FilingNext{Type: k.Type, Words: k.Words}
		own := Prefix + "/filings/" + string(f.ID)
		switch {
		case !canBegin(k):
			continue
		case k.Type == filing.AddSiteOwn, k.Type == filing.AddAccess:
			next.Href = Prefix + "/orders"
		case k.Type == filing.ChangeFiling:
			next.Href = own + "/changes"
		case k.Cancels != "":
			next.Href = own + "/cancellations"
		case k.Type == filing.SubmitEvidence:
			next.Href = own + "/evidence-submissions"
		default:
			continue
		}
		f.Next = append(f.Next, next)
	}
	return f
}
