package reviewer

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/filing"
	"beian/shared/process/envelope"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/picture"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A Verdict is the reviewer's decision.
type Verdict struct {
	Verdict     filing.Verdict           `json:"verdict" enum:"pass,return,reject"`
	Documents   []evidence.Slot          `json:"documents,omitempty" maxItems:"64" doc:"with pass: slots of the papers whose originals must be mailed"`
	Findings    []Reason                 `json:"findings,omitempty" maxItems:"32" doc:"with return and reject: the reasons"`
	UndoSeconds int                      `json:"undoSeconds,omitempty" minimum:"0" maximum:"10" doc:"for how long you can take the verdict back with DELETE; until then nothing is sent. 0: at once"`
	Overrides   []filing.OverrideRequest `json:"overrides,omitempty" maxItems:"20" doc:"with pass: each explained finding of the order that no reviewer overrode before. The other choice is to return the order"`
}

type reviewInput struct {
	web.OrderRequest
	Body Verdict
}

type viewInput struct {
	web.OrderRequest
	Body struct {
		Slot string `json:"slot" maxLength:"128"`
		Copy bool   `json:"copy,omitempty" doc:"the copy that the bureau gets, instead of the original"`
	}
}

type viewOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		URL       string    `json:"url" doc:"path of the picture, marked with your name and the time. It needs no token, so keep it as confidential as the paper"`
		ExpiresAt time.Time `json:"expiresAt"`
	}
}

// registerReviews registers the operations.
func (a operations) registerReviews() {
	const tag = "Review"
	for _, one := range []struct {
		route, summary, description string
		claim                       bool
		decision                    filing.Decision
	}{
		{"POST /orders/{id}/claim", "Claim an order for 30 minutes, or renew the claim",
			"Claim an order before reading its papers or deciding on it. It is refused while a colleague has it, at steps without a review, and for an order of your own.", false, filing.ClaimOrder{}},
		{"DELETE /orders/{id}/claim", "Release the claim of an order",
			"Other reviewers can then claim it. A claim also ends by itself 30 minutes after it was made or renewed.", true, filing.ReleaseClaim{}},
		{"POST /orders/{id}/papers/receipt", "Confirm receipt of the original documents",
			"Check the originals first; the order then goes on. If one is wrong or missing, return the order with POST /orders/{id}/review instead.", true, filing.ReceivePapers{}},
	} {
		web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: one.route, Tag: tag, Summary: one.summary, Description: one.description, Claim: one.claim},
			func(ctx context.Context, c *web.Call, in *web.OrderRequest) (*web.OrderResult, error) {
				return a.Decide(ctx, c, *in, filing.Reviewer, one.decision)
			})
	}
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "POST /orders/{id}/review", Tag: tag, Claim: true,
		Summary:     "Pass the application, return it for correction, or reject it",
		Description: "Claim the order first. Passing needs an override of each explained finding that has none; returning and rejecting need reasons from the catalogue. A rejection closes the order, and the applicant can contest it once. On some orders a verdict takes effect only after another reviewer has read the order; the response does not say so."},
		func(ctx context.Context, c *web.Call, in *reviewInput) (*web.OrderResult, error) {
			given, err := in.Body.given()
			if err != nil {
				return nil, err
			}
			return a.give(ctx, c, in.OrderRequest, given, in.Body.UndoSeconds)
		})
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "DELETE /orders/{id}/review", Tag: tag, Claim: true,
		Summary:     "Take back your verdict, or your decision on an appeal, that has not taken effect",
		Description: "It is possible after a request with undoSeconds, for that time and until the verdict takes effect. You still have the order claimed. The ledger keeps that there was a verdict."},
		func(ctx context.Context, c *web.Call, in *web.OrderRequest) (*web.OrderResult, error) {
			return a.Decide(ctx, c, *in, filing.Reviewer, filing.UndoVerdict{})
		})
	web.Register(a.API, web.Operation{Roles: web.Reviewers, Route: "POST /orders/{id}/evidence/views", Status: http.StatusCreated, Tag: tag,
		Claim: true, Reads: filing.ReadPaper, Summary: "View the original of a paper of a claimed order; the view is recorded with the digest of the paper",
		Description: "Returns a link that is valid for two minutes and needs no token. The picture is marked with your name and the time; the original stays as it was uploaded. Papers of orders that you have not claimed are refused (409)."}, a.viewPaper)
	web.Register(a.API, web.Operation{Roles: web.Public, Route: "GET /evidence-views/{token}", Tag: tag,
		Summary:     "Read the picture of a paper by its link",
		Description: "The link comes from POST /orders/{id}/evidence/views and expires after two minutes, or with the claim. It answers with the picture, with a long side of at most 2,560 pixels and marked with who looks and when."}, a.readOriginal)
	a.DescribeContent("/evidence-views/{token}", map[string]*huma.MediaType{
		string(picture.JPEG): {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /orders/{id}/ledger", Tag: tag, Reads: filing.ReadLedger,
		Summary:     "Read all decisions, and whether the ledger is intact",
		Description: "The entries are chained by their hashes and authenticated; intact is false if one was changed, removed or inserted. Without a claim, a reviewer sees no reasons of overrides. While the order awaits the review, what other reviewers did since its submission is left out for reviewers, so that a second reviewer does not learn whether there was a first."}, a.readLedger)
}

// give records a verdict, which takes effect after some seconds unless the reviewer takes it back, and on some orders not before another reviewer has read the
// order.
func (a operations) give(ctx context.Context, c *web.Call, in web.OrderRequest, v filing.GivenVerdict, undoSeconds int) (*web.OrderResult, error) {
	return a.Decide(ctx, c, in, filing.Reviewer,
		filing.RecordVerdict{Verdict: v, Undo: time.Duration(undoSeconds) * time.Second, Readings: a.config.SecondReadings})
}

// viewPaper returns a link to the original. The audit has the slot and the digest of the paper; the order does not change.
func (a operations) viewPaper(ctx context.Context, c *web.Call, in *viewInput) (*viewOutput, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Reviewer)
	if err != nil {
		return nil, err
	}
	slot, err := evidence.ParseSlot(in.Body.Slot)
	given, accepted := t.Order.Evidence[slot]
	if err != nil || !accepted {
		return nil, fault.New(fault.NotFound, "没有这份材料。", "There is no such paper.")
	}
	object, digest := given.Original(), given.SHA256
	if in.Body.Copy {
		object, digest = given.Copy(), given.CopySHA256
	}
	c.AddToRead(func(r *filing.StaffRead) { r.Slot, r.SHA256 = slot, digest })
	out := &viewOutput{ETag: web.ETag(t.Order)}
	out.Body.ExpiresAt = a.Decisions.Now().Add(viewExpiry)
	token, err := a.NewLink(ctx, c, a.config.Objects, string(object), string(picture.JPEG), out.Body.ExpiresAt)
	out.Body.URL = web.Prefix + "/evidence-views/" + token
	return out, err
}

// viewExpiry is how long the link to an original is valid.
const viewExpiry = 2 * time.Minute

type originalInput struct {
	Token string `path:"token" maxLength:"512" doc:"from the link"`
}

type originalOutput struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Disposition  string `header:"Content-Disposition"`
	Policy       string `header:"Content-Security-Policy"`
	Body         []byte
}

// readOriginal returns the decrypted original of a link, as a picture and nothing else, marked with who looks at it and when, Shanghai time. The original stays
// unchanged. A link ends with the claim of the reviewer who asked for it, and as [web.API.OpenLink] says. A marked picture has at most about 2 MB, so its base64 fits into a response of Lambda (6 MB).
func (a operations) readOriginal(ctx context.Context, _ *web.Call, in *originalInput) (*originalOutput, error) {
	now := a.Decisions.Now()
	key, account, err := a.OpenLink(ctx, a.config.Objects, in.Token, string(picture.JPEG))
	if err != nil {
		return nil, err
	}
	object := evidence.Object(key)
	o, err := a.Decisions.Store.OrderState(ctx, filing.ID(object.Order()))
	if err != nil {
		return nil, err
	}
	if !o.IsClaimedBy(account, now) {
		return nil, envelope.ErrInvalidLink
	}
	data, err := a.ReadEvidence(ctx, a.config.Objects, object)
	if err != nil {
		return nil, err
	}
	marked, err := picture.Marked(ctx, data, markOf(*o.Claim, now), picture.NewBudget())
	if err != nil {
		return nil, err
	}
	return &originalOutput{ContentType: string(picture.JPEG), CacheControl: "private, no-store", Disposition: "inline", Policy: "default-src 'none'; sandbox", Body: marked}, nil
}

// markOf returns the text on a picture that a reviewer sees: their name, or the account if the name cannot be drawn, and the time in Shanghai.
func markOf(c filing.Claim, at time.Time) string {
	name := c.Name
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < '!' || r > '~' }) {
		name = string(c.Reviewer)
	}
	return name[:min(len(name), 40)] + " " + at.In(workday.Shanghai).Format("2006-01-02 15:04")
}
