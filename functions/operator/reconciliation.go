package operator

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/envelope"
	"beian/shared/process/exchange"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
	"beian/shared/web"
)

// A Reconciliation is a page of the differences between the register and the bureau.
type Reconciliation struct {
	Copy  *ReconciledCopy        `json:"copy,omitempty" doc:"the newest full copy of the bureau; absent if none came yet"`
	Items []ReconciledDifference `json:"items" nullable:"false"`
	Next  string                 `json:"next,omitempty" doc:"cursor of the next page; absent on the last page"`
	Page  ReconciliationPage     `json:"page"`
}

// A ReconciledCopy is a full copy of what the bureau has, and how far it is compared.
type ReconciledCopy struct {
	ReceivedAt time.Time `json:"receivedAt" doc:"of its newest file"`
	Files      int       `json:"files" doc:"files that came within a day are one copy"`
	Filings    int       `json:"filings" doc:"in all files"`
	Compared   int       `json:"compared" doc:"filings that were compared with the register"`
	Finished   bool      `json:"finished" doc:"false while the exchange still compares; differences may be missing until then"`
}

// A ReconciledDifference is one difference. It has no personal data.
type ReconciledDifference struct {
	Number    string                  `json:"number" doc:"of the subject" example:"京ICP备12345678号"`
	Site      string                  `json:"site,omitempty" doc:"number of the site that the copy lacks"`
	Kind      exchange.DifferenceKind `json:"kind" enum:"missing-here,missing-there,differs,conflict,contradiction" doc:"missing-here: the register lacks what the bureau has; missing-there: the bureau's copy lacks what the register has; differs: other data; conflict: the bureau's data have a number, a domain or an id of another filing; contradiction: the copy has the filing twice, with different data"`
	Filing    register.ID             `json:"filing,omitempty" doc:"the filing of the register; absent if it lacks the filing"`
	Places    []string                `json:"places,omitempty" doc:"JSON pointers of what differs, without values"`
	Conflicts []finding.Code          `json:"conflicts,omitempty" doc:"codes of what another filing of the register has; see /findings"`
	SeenAt    time.Time               `json:"seenAt" doc:"when the bureau's file was received"`
	SettledAt time.Time               `json:"settledAt,omitzero" doc:"when the register took the bureau's data over; absent while the difference is open"`
	Actor     exchange.Actor          `json:"actor" enum:"operator,applicant,bureau" doc:"who is to act"`
	Message   finding.Words           `json:"message"`
	Remedy    finding.Words           `json:"remedy" doc:"what to do"`
}

// A ReconciliationPage leads to the list as a page for reading and printing.
type ReconciliationPage struct {
	URL       string    `json:"url" doc:"path of the page. It needs no token"`
	ExpiresAt time.Time `json:"expiresAt"`
}

// A ReconciliationImport is what an import did about one filing.
type ReconciliationImport struct {
	Number    string         `json:"number"`
	Filing    register.ID    `json:"filing,omitempty" doc:"the filing of the register; absent if it still conflicts with another one"`
	Conflicts []finding.Code `json:"conflicts,omitempty" doc:"codes of what another filing of the register has; see /findings"`
}

type (
	reconciliationInput struct {
		State string `query:"state" enum:"open,settled" default:"open" doc:"open: somebody has to act; settled: the register took the bureau's data over"`
		web.PageQuery
	}
	reconciliationOutput struct {
		Link string `header:"Link" doc:"the next page, with rel=next (RFC 8288)"`
		Body Reconciliation
	}
	reconciliationPageInput struct {
		Token string `path:"token" maxLength:"512" doc:"from the link"`
		State string `query:"state" enum:"open,settled" default:"open" doc:"open: somebody has to act; settled: the register took the bureau's data over"`
		web.PageQuery
	}
	reconciliationImportInput struct {
		Body struct {
			Numbers []string `json:"numbers" minItems:"1" maxItems:"50" nullable:"false" doc:"numbers of subjects, of open differences of the kinds missing-here and conflict"`
		}
	}
	reconciliationImportOutput struct {
		Body struct {
			Items []ReconciliationImport `json:"items" nullable:"false" doc:"without the numbers that have no such difference any more"`
		}
	}
)

// numbers returns the numbers of the body in their canonical form. The error is a fault of kind Invalid with a finding for each that is none.
func (in *reconciliationImportInput) numbers() ([]string, error) {
	var numbers []string
	var wrong finding.List
	for i, text := range in.Body.Numbers {
		n, err := number.ParseSubject(text)
		if err != nil {
			wrong = append(wrong, finding.New(filing.CodeNumberMalformed, fmt.Sprintf("/numbers/%d", i)))
		}
		numbers = append(numbers, n.String())
	}
	return numbers, web.FaultFor(wrong)
}

// registerReconciliation registers the operations on the differences between the register and the bureau.
func (a operations) registerReconciliation() {
	const tag = "Register"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /reconciliation", Tag: tag,
		Summary:     "List the differences between the register and the bureau's newest full copy, with who is to act",
		Description: "Read it after the bureau sent its full copy. Each difference says who is to act and how; the bureau's data hold. While finished is false, differences may be missing."}, a.listDifferences)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /reconciliation/import", Tag: tag,
		Summary:     "Take filings over that the bureau has and the register lacks; importing again changes nothing",
		Description: "Send numbers of differences of the kinds missing-here and conflict. A filing gets no account; its subject claims it. One that still conflicts with another filing is not taken over, and the result names the conflicts."},
		func(ctx context.Context, c *web.Call, in *reconciliationImportInput) (*reconciliationImportOutput, error) {
			numbers, err := in.numbers()
			if err != nil {
				return nil, err
			}
			a.logAccess(ctx, c, "import what the register lacks", "filings", len(numbers))
			done, err := a.config.Bureau.Import(ctx, numbers)
			out := &reconciliationImportOutput{}
			out.Body.Items = []ReconciliationImport{}
			for _, one := range done {
				out.Body.Items = append(out.Body.Items, ReconciliationImport{Number: one.Number, Filing: one.Filing, Conflicts: codesOf(one.Conflicts)})
			}
			return out, err
		})
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /reconciliation-pages/{token}", Tag: tag,
		Summary:     "Read the differences as a page by its link",
		Description: "The link is that of page in GET /reconciliation. It needs no token and expires; then read the list again for a new one."}, a.readReconciliationPage)
	a.DescribeContent("/reconciliation-pages/{token}", map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}})
}

// reconciliationKey is the key in the links to the page. It is that of no object.
const reconciliationKey = "reconciliation"

// listDifferences lists a page of the differences, with a new link to the page for reading.
func (a operations) listDifferences(ctx context.Context, c *web.Call, in *reconciliationInput) (*reconciliationOutput, error) {
	found, err := a.config.Bureau.Reconciliation(ctx, in.State == "settled", in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	expires := a.Decisions.Now().Add(sheetExpiry)
	token, err := a.NewLink(ctx, c, a.config.Objects, reconciliationKey, sheetType, expires)
	if err != nil {
		return nil, err
	}
	page := web.NewPage(differencesOf(found.Differences), found.Next, "/reconciliation", in.Limit, url.Values{"state": {in.State}})
	return &reconciliationOutput{Link: page.Link, Body: Reconciliation{Copy: copyOf(found.Copy), Items: page.Body.Items, Next: page.Body.Next,
		Page: ReconciliationPage{URL: web.Prefix + "/reconciliation-pages/" + token, ExpiresAt: expires}}}, nil
}

func copyOf(c exchange.Copy) *ReconciledCopy {
	if len(c.Files) == 0 {
		return nil
	}
	out := &ReconciledCopy{Files: len(c.Files), Finished: true}
	for _, f := range c.Files {
		out.ReceivedAt, out.Filings, out.Compared = f.At, out.Filings+f.Filings, out.Compared+f.Compared
		out.Finished = out.Finished && !f.FinishedAt.IsZero()
	}
	return out
}

func differencesOf(found []exchange.Difference) []ReconciledDifference {
	var items []ReconciledDifference
	for _, d := range found {
		actor, advice := d.Advice()
		items = append(items, ReconciledDifference{Number: d.Number, Site: d.Site, Kind: d.Kind, Filing: d.Filing, Places: d.Places, Conflicts: codesOf(d.Conflicts),
			SeenAt: d.SeenAt, SettledAt: d.SettledAt, Actor: actor, Message: advice.Message, Remedy: advice.Remedy})
	}
	return items
}

func codesOf(found finding.List) []finding.Code {
	var codes []finding.Code
	for _, f := range found {
		codes = append(codes, f.Code)
	}
	return codes
}

// readReconciliationPage returns a page of the differences as HTML.
func (a operations) readReconciliationPage(ctx context.Context, c *web.Call, in *reconciliationPageInput) (*fileOutput, error) {
	key, _, err := a.OpenLink(ctx, a.config.Objects, in.Token, sheetType)
	if err == nil && key != reconciliationKey {
		err = envelope.ErrInvalidLink
	}
	if err != nil {
		return nil, err
	}
	found, err := a.config.Bureau.Reconciliation(ctx, in.State == "settled", in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: sheetType + "; charset=utf-8", CacheControl: "private, no-store", Disposition: "inline", Policy: pagePolicy(), Referrer: "no-referrer",
		Body: reconciliationPage(copyOf(found.Copy), differencesOf(found.Differences), in.State, found.Next, web.Prefix+"/reconciliation-pages/"+in.Token, c.Language)}, nil
}
