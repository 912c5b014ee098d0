package api

import (
	"context"
	"net/http"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/limits"
	"beian/shared/rules/evidence"
	"beian/shared/web"
)

// A NewChange is the request to open an order that changes a filing.
type NewChange struct {
	Access   []int           `json:"access,omitempty" maxItems:"64" doc:"indexes of the filing's sites that move to another server, or whose server has other addresses: the order then asks for the server or service code. Absent: the sites stay where they are"`
	Language string          `json:"language,omitempty" maxLength:"16" doc:"language of the SMS and emails: zh-CN or en. Default: that of Accept-Language"`
	Contact  *filing.Contact `json:"contact,omitempty" doc:"a missing mobile or email defaults to that of the account"`
}

type changeInput struct {
	web.FilingPath
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours opens only one order"`
	Body NewChange
}

// A NewSubmission is the request to open an order that sends documents on their own.
type NewSubmission struct {
	Site     string          `json:"site,omitempty" maxLength:"128" doc:"number of the site whose documents are new; none for those of the subject" example:"浙ICP备12345678号-1"`
	Papers   []evidence.Kind `json:"papers,omitempty" maxItems:"32" doc:"the documents to renew, by their names in slots: subject-certificate-front, subject-leader-certificate-front, other … of the subject; leader-certificate-front, verification-form, domain-certificate, pre-approval/0/1, other-paper … of a site" example:"[\"subject-certificate-front\"]"`
	Language string          `json:"language,omitempty" maxLength:"16" doc:"language of the SMS and emails: zh-CN or en. Default: that of Accept-Language"`
	Contact  *filing.Contact `json:"contact,omitempty" doc:"a missing mobile or email defaults to that of the account"`
}

type submissionInput struct {
	web.FilingPath
	Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it within 24 hours opens only one order"`
	Body NewSubmission
}

func (a operations) openSubmission(ctx context.Context, c *web.Call, in *submissionInput) (*openResult, error) {
	f, err := in.ReadFilingFor(ctx, c, register.ScopeChange, a.config.Store.Filing)
	if err != nil {
		return nil, err
	}
	at := filing.AtFilingInput{Type: filing.SubmitEvidence, Filing: f, Papers: in.Body.Papers}
	if in.Body.Site != "" {
		at.Sites = []int{siteNumbered(f, in.Body.Site)}
	}
	return a.createOrder(ctx, c, in.Key, newOrder{Language: in.Body.Language, Contact: in.Body.Contact, At: &at})
}

// registerChanges registers the opening of orders that begin at a filing.
func (a operations) registerChanges() {
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filings/{id}/changes", Status: http.StatusCreated, Tag: "Filings", Counts: limits.Open,
		Summary:     "Open an order that changes a filing. It has all data of the filing; enter the new ones with PUT /orders/{id}/details, as a whole",
		Description: "Province and certificate number cannot be changed, and a domain is added with a new site; the findings say what to do instead. It is refused while another order of the subject is open."},
		func(ctx context.Context, c *web.Call, in *changeInput) (*openResult, error) {
			f, err := in.ReadFilingFor(ctx, c, register.ScopeChange, a.config.Store.Filing)
			if err != nil {
				return nil, err
			}
			at := filing.AtFilingInput{Type: filing.ChangeFiling, Filing: f, NewAccess: in.Body.Access}
			return a.createOrder(ctx, c, in.Key, newOrder{Language: in.Body.Language, Contact: in.Body.Contact, At: &at})
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /filings/{id}/evidence-submissions", Status: http.StatusCreated, Tag: "Filings", Counts: limits.Open,
		Summary:     "Open an order that sends new documents of the subject or of a site to the bureau, for example of a renewed certificate. Nothing else of the filing changes",
		Description: "Call it when a document has expired or the bureau asks for a better copy. Name the documents in papers, and the site if they are those of a site. It is refused while another order of the subject is open."},
		a.openSubmission)
}
