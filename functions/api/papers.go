package api

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	"beian/shared/process/limits"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/picture"
	"beian/shared/web"
)

// An Owed is a paper that the application requires or may include.
type Owed struct {
	Slot   evidence.Slot  `json:"slot"`
	Words  finding.Words  `json:"words" doc:"what the paper is"`
	Level  evidence.Level `json:"level" enum:"required,optional"`
	Reason finding.Words  `json:"reason" doc:"why it is required or useful"`
	Given  bool           `json:"given"`
	// Missing is a warning if the applicant explained why the paper is missing.
	Missing *finding.Finding `json:"missing,omitempty" doc:"set while a required paper is missing. If it is overridable, POST /orders/{id}/evidence/explanations can explain it with this code and pointer"`
}

// Limits are the limits of uploads.
type Limits struct {
	MaxBytes     int      `json:"maxBytes"`
	MaxPixels    int      `json:"maxPixels" doc:"width times height"`
	MaxSide      int      `json:"maxSide" doc:"pixels"`
	ContentTypes []string `json:"contentTypes" nullable:"false"`
}

// Evidence lists the papers that are required and those that were accepted.
type Evidence struct {
	Owed   []Owed                      `json:"owed" nullable:"false"`
	Given  map[evidence.Slot]web.Given `json:"given" nullable:"false"`
	Limits Limits                      `json:"limits"`
}

// Uploads is the request for upload forms.
type Uploads struct {
	Slots []Upload `json:"slots" minItems:"1" maxItems:"32" nullable:"false"`
}

// An Upload names a paper to upload.
type Upload struct {
	Slot        string `json:"slot" maxLength:"128"`
	ContentType string `json:"contentType" maxLength:"128" doc:"image/jpeg or image/png; image/jpg is understood"`
	Redirect    string `json:"redirect,omitempty" maxLength:"512" doc:"for a form without script: the page to which the store redirects the browser after the upload, with the upload's key in the query; an https URL, or http on the loopback"`
}

// An UploadForm is the form to upload one paper: POST multipart/form-data, all fields first, then the file as "file". Whatever the store
// answers, submit the key next: the findings of that request say in words what is wrong with an upload.
type UploadForm struct {
	Slot evidence.Slot `json:"slot"`
	Key  evidence.Key  `json:"key" doc:"send it with PUT /orders/{id}/evidence after the upload, also if the store refused the file: the findings say what to do"`
	Form bucket.Form   `json:"form"`
}

// Uploaded is the request to accept uploads.
type Uploaded struct {
	Papers []UploadedPaper `json:"papers" minItems:"1" maxItems:"32" nullable:"false"`
}

// An UploadedPaper names one finished upload.
type UploadedPaper struct {
	Slot string `json:"slot" maxLength:"128"`
	Key  string `json:"key" maxLength:"256"`
}

type explainInput struct {
	web.OrderRequest
	Body struct {
		Explanations []filing.Explanation `json:"explanations" minItems:"1" maxItems:"20" nullable:"false"`
	}
}

type evidenceOutput struct {
	ETag string `header:"ETag"`
	Body Evidence
}

type formsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Items []filing.Form `json:"items" nullable:"false"`
	}
}

type uploadsInput struct {
	web.OrderRequest
	Body Uploads
}

type uploadsOutput struct {
	Body struct {
		Forms     []UploadForm `json:"forms" nullable:"false"`
		ExpiresAt time.Time    `json:"expiresAt"`
	}
}

type uploadedInput struct {
	web.OrderRequest
	Body Uploaded
}

type mailInput struct {
	web.OrderRequest
	Body struct {
		Courier  string `json:"courier,omitempty" maxLength:"256"`
		Tracking string `json:"tracking,omitempty" maxLength:"256" doc:"the courier's tracking number"`
	}
}

// registerPapers registers uploads and mailed originals.
func (a operations) registerPapers() {
	const tag = "Papers"
	web.Register(a.API, web.Operation{Roles: web.AnyRole, Route: "GET /orders/{id}/evidence", Tag: tag, Claim: true, Reads: filing.ReadPapers, Errors: []int{http.StatusConflict},
		Summary:     "List the required and the accepted papers",
		Description: "Read it before uploading: what is required and why, what was accepted, and the limits of a file. The list follows province, kind of subject and details, so read it again after these change. A reviewer needs a claim (409)."},
		func(ctx context.Context, c *web.Call, in *web.OrderPath) (*evidenceOutput, error) {
			o, err := a.readComplete(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			return &evidenceOutput{ETag: web.ETag(o), Body: evidenceOf(o, a.Decisions.Now())}, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/evidence", Status: http.StatusCreated, Tag: tag, Counts: limits.Form,
		Summary:     "Get upload forms for one or more papers",
		Description: "Post each file to the URL of its form, all fields first. Then submit the keys with PUT to the same path. Forms expire at expiresAt."}, a.createUploadForms)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/evidence", Tag: tag, Counts: limits.Accept,
		Summary:     "Submit uploaded papers: each is checked, and those that pass are accepted",
		Description: "Each file is decoded, and a copy within the bureau's limits must be legible. A file that is refused has findings at its slot; the others are accepted. A paper that was accepted before is replaced."}, a.acceptUploads)
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /orders/{id}/evidence/copy", Tag: tag, Reads: filing.ReadPaper, Errors: []int{http.StatusConflict},
		Summary:     "Read the copy of an accepted paper that the bureau receives",
		Description: "A JPEG within the bureau's limits, or the original if it is within them. Show it to the applicant after the upload: what is not legible in it, the bureau cannot read."}, a.readCopy)
	a.DescribeContent("/orders/{id}/evidence/copy", map[string]*huma.MediaType{
		"image/jpeg": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "GET /orders/{id}/forms", Tag: tag, Reads: filing.ReadPapers, Errors: []int{http.StatusConflict},
		Summary:     "Get the forms to print and sign, filled in",
		Description: "One for each paper that is signed, with the application's data, once the details are complete. Print the code as a QR code at the bottom right. When the signed form is uploaded at its slot, the code says whether it is a form of this application and paper, and whether it still agrees with the data."},
		func(ctx context.Context, c *web.Call, in *web.OrderPath) (*formsOutput, error) {
			o, err := a.readComplete(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			out := &formsOutput{ETag: web.ETag(o)}
			out.Body.Items = append([]filing.Form{}, o.Forms(a.Decisions.Now())...)
			return out, nil
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "POST /orders/{id}/evidence/explanations", Tag: tag,
		Summary:     "Explain why a required paper is missing; a reviewer decides",
		Description: "Only for papers whose missing finding is overridable; send its code and pointer. The paper then counts as explained until a reviewer refuses that."},
		func(ctx context.Context, c *web.Call, in *explainInput) (*web.OrderResult, error) {
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, filing.ExplainEvidence{Explanations: in.Body.Explanations})
		})
	web.Register(a.API, web.Operation{Roles: web.Applicants, Route: "PUT /orders/{id}/papers", Tag: tag,
		Summary:     "Enter courier and tracking number of the mailed originals",
		Description: "Call it after the reviewer asked for originals (status MAIL_PENDING). The parcel can be corrected until its receipt is confirmed."},
		func(ctx context.Context, c *web.Call, in *mailInput) (*web.OrderResult, error) {
			d := filing.SendPapers{Courier: in.Body.Courier, Tracking: in.Body.Tracking}
			return a.Decide(ctx, c, in.OrderRequest, filing.Applicant, d)
		})
}

type copyInput struct {
	web.OrderPath
	Slot string `query:"slot" maxLength:"128" doc:"slot of an accepted paper" example:"subject-certificate-front"`
}

type copyOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	Body        []byte
}

// readCopy returns the copy of a paper that the bureau receives, or received, for its owner. Its size is within the limit of the slot.
func (a operations) readCopy(ctx context.Context, c *web.Call, in *copyInput) (*copyOutput, error) {
	o, err := a.readComplete(ctx, c, in.OrderPath)
	if err != nil {
		return nil, err
	}
	given, accepted := o.Evidence[evidence.Slot(in.Slot)]
	if !accepted {
		return nil, fault.WithFindings(fault.Invalid, finding.List{finding.New(CodeNotUploaded, "")})
	}
	data, err := a.ReadEvidence(ctx, a.config.Objects, given.Copy())
	return &copyOutput{ContentType: string(picture.JPEG), Disposition: "inline", Policy: "default-src 'none'; sandbox", Body: data}, err
}

func evidenceOf(o filing.Order, at time.Time) Evidence {
	e := Evidence{Owed: []Owed{}, Given: web.GivenOf(o, at), Limits: Limits{
		MaxBytes: evidence.MaxUpload, MaxPixels: picture.MaxPixels, MaxSide: picture.MaxSide,
		ContentTypes: []string{string(picture.JPEG), string(picture.PNG)}}}
	missing := map[string]finding.Finding{}
	for _, f := range o.MissingEvidence(at) {
		missing[f.Pointer] = f
	}
	for _, r := range o.EvidenceRequirements(at) {
		_, given := o.Evidence[r.Slot]
		one := Owed{Slot: r.Slot, Words: o.SlotWords(r.Slot), Level: r.Level, Reason: r.Reason, Given: given}
		if f, is := missing[evidence.Pointer(r.Slot)]; is {
			one.Missing = &f
		}
		e.Owed = append(e.Owed, one)
	}
	return e
}

// createUploadForms returns an upload form for each slot. It does not change the order.
func (a operations) createUploadForms(ctx context.Context, c *web.Call, in *uploadsInput) (*uploadsOutput, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
	if err != nil {
		return nil, err
	}
	now := a.Decisions.Now()
	if err := checkOpenForEvidence(c, t.Order, now); err != nil {
		return nil, err
	}
	var found finding.List
	out := &uploadsOutput{}
	out.Body.ExpiresAt = now.Add(bucket.UploadExpiry)
	for i, wanted := range in.Body.Slots {
		slot, ok := parseSlot(t.Order, wanted.Slot)
		if !ok {
			found = append(found, finding.New(CodeSlotUnknown, "/slots/"+strconv.Itoa(i)+"/slot"))
			continue
		}
		format, wrong := picture.ParseFormat(wanted.ContentType)
		if wrong.Blocking() {
			found = append(found, wrong.Under("/slots/"+strconv.Itoa(i)+"/contentType")...)
			continue
		}
		if !isPage(wanted.Redirect) {
			found = append(found, finding.New(CodeRedirectInvalid, "/slots/"+strconv.Itoa(i)+"/redirect"))
			continue
		}
		key := evidence.NewKey(string(t.Order.ID), slot, now)
		form, err := a.config.Uploads.PresignUpload(ctx, key, string(format), wanted.Redirect)
		if err != nil {
			return nil, err
		}
		out.Body.Forms = append(out.Body.Forms, UploadForm{Slot: slot, Key: key, Form: form})
	}
	if err := web.FaultFor(found); err != nil {
		return nil, err
	}
	return out, nil
}

// isPage reports whether a browser may be redirected to a URL after an upload. "" redirects nowhere.
func isPage(text string) bool {
	if text == "" {
		return true
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (ip.IsLoopback() || u.Hostname() == "localhost")
}

// parseSlot parses the name of a slot. It returns false if the order has no such slot.
func parseSlot(o filing.Order, text string) (evidence.Slot, bool) {
	slot, err := evidence.ParseSlot(text)
	if err != nil {
		return "", false
	}
	site, ofSite := slot.Site()
	return slot, !ofSite || site < len(o.Private.Sites)
}
