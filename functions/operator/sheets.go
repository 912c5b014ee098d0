package operator

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/envelope"
	"beian/shared/process/sheet"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/number"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A Sheet is what the operator enters of an order into the bureau's console.
type Sheet struct {
	Order    filing.ID       `json:"order"`
	Version  int             `json:"version"`
	Round    int             `json:"round"`
	Waiting  bool            `json:"waiting" doc:"whether the order still has to be entered"`
	Sections []sheet.Section `json:"sections" nullable:"false" doc:"in the order of the bureau's console"`
	Papers   []SheetPaper    `json:"papers" nullable:"false" doc:"the papers to upload to the console, in its order"`
	Sites    []SheetSite     `json:"sites" nullable:"false" doc:"the sites and apps whose numbers an approval gives, in this order; empty if it gives none"`
	Page     SheetPage       `json:"page"`
}

// A SheetPaper is a paper of a sheet.
type SheetPaper struct {
	sheet.Paper
	URL string `json:"url" doc:"path of the copy, a JPEG within the bureau's limits; valid as long as the page"`
}

// A SheetSite is a site or an app of a sheet.
type SheetSite struct {
	Name    string          `json:"name"`
	Domains []filing.Domain `json:"domains" nullable:"false"`
}

// Label is the name with the domains.
func (s SheetSite) Label() string {
	all := []string{s.Name}
	for _, d := range s.Domains {
		all = append(all, d.Display())
	}
	return strings.Join(all, " ")
}

// A SheetPage leads to the sheet as a page with buttons to copy each value.
type SheetPage struct {
	URL       string    `json:"url" doc:"path of the page. It needs no token, so keep it as confidential as the sheet"`
	ExpiresAt time.Time `json:"expiresAt"`
}

type (
	sheetsInput struct {
		State string `query:"state" enum:"waiting,entered" default:"waiting" doc:"waiting: to be entered into the bureau's console; entered: the bureau's result has to be recorded"`
		web.PageQuery
	}
	sheetOutput struct {
		ETag string `header:"ETag"`
		Body Sheet
	}
	entryInput struct {
		web.OrderRequest
		Body struct {
			On workday.Date `json:"on" format:"date" doc:"the day on which the order was entered, Shanghai time; the bureau's deadline counts from it"`
		}
	}
	approvalInput struct {
		web.OrderRequest
		Body struct {
			SubjectNumber string             `json:"subjectNumber,omitempty" maxLength:"128" doc:"the subject's filing number" example:"京ICP备12345678号"`
			SubjectID     string             `json:"subjectMinistryId,omitempty" maxLength:"64" doc:"the ministry's id of the subject (Ztid), where the console shows it"`
			Sites         []filing.GivenSite `json:"sites,omitempty" maxItems:"64" doc:"the sites' numbers, in the order of the order's sites"`
		}
	}
	refusalInput struct {
		web.OrderRequest
		Body struct {
			Codes   []int  `json:"codes,omitempty" maxItems:"20" doc:"result codes of the bureau (MIIT-IF30 6.2); without one, the refusal counts as 1002"`
			Opinion string `json:"opinion,omitempty" maxLength:"2000" doc:"the bureau's text; the applicant gets it"`
		}
	}
	pageInput struct {
		Token string `path:"token" maxLength:"512" doc:"from the link"`
	}
	copyInput struct {
		Token  string `path:"token" maxLength:"512" doc:"from the link"`
		Number int    `path:"number" minimum:"1" maximum:"10000" doc:"of the paper in the sheet, from 1"`
	}
	fileOutput struct {
		ContentType  string `header:"Content-Type"`
		CacheControl string `header:"Cache-Control"`
		Disposition  string `header:"Content-Disposition"`
		Policy       string `header:"Content-Security-Policy"`
		Referrer     string `header:"Referrer-Policy"`
		Body         []byte
	}
)

// registerSheets registers the operations of a provider without a link to the bureau: lists and sheets of the orders to enter, and the results.
func (a operations) registerSheets() {
	const tag = "Filing by hand"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /sheets", Tag: tag,
		Summary:     "List the orders to enter into the bureau's console, or those whose result is awaited, oldest first",
		Description: "The daily list of a provider that files by hand: enter the waiting orders, and record the results of the entered ones. A page can be empty and have a next page. Orders of the caller or their organisations are left out; a colleague enters them."}, a.listSheets)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /orders/{id}/sheet", Tag: tag, Reads: filing.ReadSheet, Errors: []int{http.StatusConflict},
		Summary:     "Read what to enter into the bureau's console, with links to the papers and to a page for copying and printing",
		Description: "For orders that are filed by hand: sections and fields are in the console's order. The links are valid for 30 minutes. 409 means that the order is not at the bureau's step, or goes over the interface."}, a.readSheet)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/sheet/entry", Tag: tag,
		Summary:     "Record the day on which the order was entered into the bureau's console, or correct it",
		Description: "The bureau's deadline counts from this day. Afterwards the order is in the list of entered ones, until its result is recorded."},
		func(ctx context.Context, c *web.Call, in *entryInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Admin, filing.RecordEntry{On: in.Body.On})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/sheet/approval", Tag: tag,
		Summary:     "Record the bureau's approval, with the numbers of the subject and of each site",
		Description: "Call it when the console shows the numbers. The applicant gets a message, and the register the filing. A number in the wrong form, or of another filing, is refused."}, a.recordApproval)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /orders/{id}/sheet/refusal", Tag: tag,
		Summary:     "Record the bureau's refusal, with its result codes or its opinion",
		Description: "The applicant gets the findings of the codes and the opinion, and can correct and resubmit the application. Each round is entered into the console anew."}, a.recordRefusal)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /sheets/{token}", Tag: tag, Summary: "Read a sheet as a page by its link",
		Description: "The link is that of page in GET /orders/{id}/sheet. It needs no token and expires after 30 minutes; then read the sheet again."}, a.readSheetPage)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /sheets/{token}/copies/{number}", Tag: tag,
		Summary:     "Read the copy of a paper by the link of its sheet",
		Description: "A JPEG within the bureau's limits, to upload to the console. The link expires with that of its sheet."}, a.readCopy)
	text := map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}}
	picture := map[string]*huma.MediaType{"image/jpeg": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}
	a.DescribeContent("/sheets/{token}", text)
	a.DescribeContent("/sheets/{token}/copies/{number}", picture)
}

// listSheets lists a page of the orders at the bureau that are filed by hand. A page may have fewer items than the limit.
func (a operations) listSheets(ctx context.Context, c *web.Call, in *sheetsInput) (*web.PageResult[web.Brief], error) {
	found, err := a.config.Store.ListOpen(ctx, filing.AwaitBureau, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	var chosen []filing.Order
	for _, o := range found.Orders {
		if o.ByHand && o.AwaitsEntry() == (in.State == "waiting") {
			chosen = append(chosen, o)
		}
	}
	return web.NewPage(c.Briefs(c.WithoutOwn(chosen)), found.Next, "/sheets", in.Limit, url.Values{"state": {in.State}}), nil
}

// sheetExpiry is how long the link to a sheet and its papers is valid: as long as a reviewer's claim, because to enter an order takes as long.
const sheetExpiry = 30 * time.Minute

// readSheet returns the sheet of an order with a new link to its page.
func (a operations) readSheet(ctx context.Context, c *web.Call, in *web.OrderPath) (*sheetOutput, error) {
	o, err := a.ReadOrder(ctx, c, *in)
	if err != nil {
		return nil, err
	}
	s, err := a.sheetOf(ctx, o)
	if err != nil {
		return nil, err
	}
	expires := a.Decisions.Now().Add(sheetExpiry)
	token, err := a.NewLink(ctx, c, a.config.Objects, sheetKey(o.ID), sheetType, expires)
	if err != nil {
		return nil, err
	}
	out := &sheetOutput{ETag: web.ETag(o), Body: Sheet{Order: o.ID, Version: o.Version, Round: o.Round, Waiting: o.AwaitsEntry(), Sections: s.Sections, Papers: []SheetPaper{}, Sites: []SheetSite{}}}
	if o.Kind().AsksDetails() {
		for _, site := range o.Private.Sites {
			out.Body.Sites = append(out.Body.Sites, SheetSite{site.Name, append([]filing.Domain{}, site.Domains...)})
		}
	}
	out.Body.Page = SheetPage{URL: web.Prefix + "/sheets/" + token, ExpiresAt: expires}
	for i, p := range s.Papers {
		out.Body.Papers = append(out.Body.Papers, SheetPaper{Paper: p, URL: out.Body.Page.URL + "/copies/" + strconv.Itoa(i+1)})
	}
	return out, nil
}

// sheetOf returns the sheet of an order that an operator enters, with the words of the code tables in force.
func (a operations) sheetOf(ctx context.Context, o filing.Order) (sheet.Sheet, error) {
	if err := o.CheckAtConsole(); err != nil {
		return sheet.Sheet{}, err
	}
	var err error
	if o.Codes, err = a.config.Store.CodeTables(ctx); err != nil {
		return sheet.Sheet{}, err
	}
	return sheet.Of(o, a.Decisions.Now()), nil
}

// A link to a sheet has the key of no object: a prefix that none has, and the order's id.
const (
	sheetType   = "text/html"
	sheetPrefix = "sheet/"
)

func sheetKey(id filing.ID) string { return sheetPrefix + string(id) }

// openSheet returns the order and the sheet of a link. A link ends when the bureau's result is recorded.
func (a operations) openSheet(ctx context.Context, token string) (filing.Order, sheet.Sheet, error) {
	key, _, err := a.OpenLink(ctx, a.config.Objects, token, sheetType)
	if err != nil {
		return filing.Order{}, sheet.Sheet{}, err
	}
	id, ofSheet := strings.CutPrefix(key, sheetPrefix)
	if !ofSheet {
		return filing.Order{}, sheet.Sheet{}, envelope.ErrInvalidLink
	}
	o, err := a.Decisions.Order(ctx, filing.ID(id))
	if err != nil {
		return filing.Order{}, sheet.Sheet{}, err
	}
	s, err := a.sheetOf(ctx, o)
	if fault.KindOf(err) == fault.Conflict {
		err = envelope.ErrInvalidLink
	}
	return o, s, err
}

// readSheetPage returns the sheet as a page.
func (a operations) readSheetPage(ctx context.Context, c *web.Call, in *pageInput) (*fileOutput, error) {
	o, s, err := a.openSheet(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: sheetType + "; charset=utf-8", CacheControl: "private, no-store", Disposition: "inline", Policy: pagePolicy(),
		Referrer: "no-referrer", Body: sheetPage(o, s, web.Prefix+"/sheets/"+in.Token, c.Language)}, nil
}

// readCopy returns the bureau's copy of a paper.
func (a operations) readCopy(ctx context.Context, _ *web.Call, in *copyInput) (*fileOutput, error) {
	o, s, err := a.openSheet(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	if in.Number > len(s.Papers) {
		return nil, fault.New(fault.NotFound, "没有这份材料。", "There is no such paper.")
	}
	paper := s.Papers[in.Number-1]
	data, err := a.ReadEvidence(ctx, a.config.Objects, o.Evidence[paper.Slot].Copy())
	if err != nil {
		return nil, err
	}
	return &fileOutput{ContentType: "image/jpeg", CacheControl: "private, no-store", Referrer: "no-referrer", Policy: "default-src 'none'; sandbox",
		Disposition: `attachment; filename="` + fileName(in.Number, paper.Slot) + `"`, Body: data}, nil
}

// fileName returns the name under which a browser saves a paper: its place in the sheet, and its kind.
func fileName(n int, slot evidence.Slot) string {
	return strconv.Itoa(n) + "-" + string(slot.Kind()) + ".jpg"
}

// recordApproval records an approval. The register is asked first whose the numbers are.
func (a operations) recordApproval(ctx context.Context, c *web.Call, in *approvalInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Admin)
	if err != nil {
		return nil, err
	}
	d := filing.RecordApproval{SubjectNumber: in.Body.SubjectNumber, SubjectID: in.Body.SubjectID, Sites: in.Body.Sites, Holders: map[string]register.Filing{}}
	if subject, err := number.ParseSubject(d.SubjectNumber); err == nil {
		if d.Holders[filing.PointerSubjectNumber], err = a.config.Store.FilingByNumber(ctx, subject); err != nil {
			return nil, err
		}
	}
	for pointer, id := range d.MinistryIDs() {
		part := register.SitePart
		if pointer == filing.PointerSubjectID {
			part = register.SubjectPart
		}
		if d.Holders[pointer], err = a.config.Store.FilingByMinistryID(ctx, part, id); err != nil {
			return nil, err
		}
	}
	return c.Result(t.Decide(ctx, d))
}

// recordRefusal records a refusal with the findings of its codes.
func (a operations) recordRefusal(ctx context.Context, c *web.Call, in *refusalInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Admin)
	if err != nil {
		return nil, err
	}
	d, wrong := sheet.Refusal(t.Order, in.Body.Codes, in.Body.Opinion)
	if len(wrong) > 0 {
		return nil, fault.WithFindings(fault.Invalid, wrong)
	}
	return c.Result(t.Decide(ctx, d))
}
