package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/picture"
)

// An Owed is one paper that the order owes.
type Owed struct {
	Slot   evidence.Slot  `json:"slot"`
	Words  finding.Words  `json:"words" doc:"what it is"`
	Level  evidence.Level `json:"level" enum:"required,optional"`
	Reason finding.Words  `json:"reason" doc:"why it is asked for"`
	Given  bool           `json:"given"`
}

// Limits are what uploads have to keep to.
type Limits struct {
	MaxBytes     int      `json:"maxBytes"`
	MaxPixels    int      `json:"maxPixels" doc:"width times height"`
	MaxSide      int      `json:"maxSide" doc:"pixels"`
	ContentTypes []string `json:"contentTypes" nullable:"false"`
}

// Evidence is which papers are owed and which are there.
type Evidence struct {
	Owed   []Owed                  `json:"owed" nullable:"false"`
	Given  map[evidence.Slot]Given `json:"given" nullable:"false"`
	Limits Limits                  `json:"limits"`
}

// Uploads asks for forms to upload papers with.
type Uploads struct {
	Slots []Upload `json:"slots" minItems:"1" maxItems:"32"`
}

// An Upload is one paper to be uploaded.
type Upload struct {
	Slot        string         `json:"slot" maxLength:"128"`
	ContentType picture.Format `json:"contentType" enum:"image/jpeg,image/png"`
}

// An UploadForm is how to upload one paper: as multipart/form-data, all fields first, then the file as "file".
type UploadForm struct {
	Slot evidence.Slot `json:"slot"`
	Key  bucket.Key    `json:"key" doc:"to be named once the upload is done"`
	Form bucket.Form   `json:"form"`
}

// Uploaded names uploads that are done.
type Uploaded struct {
	Papers []UploadedPaper `json:"papers" minItems:"1" maxItems:"32"`
}

// An UploadedPaper is one upload that is done.
type UploadedPaper struct {
	Slot string `json:"slot" maxLength:"128"`
	Key  string `json:"key" maxLength:"256"`
}

type evidenceOutput struct {
	ETag string `header:"ETag"`
	Body Evidence
}

type uploadsInput struct {
	OrderPath
	Conditions
	Body Uploads
}

type uploadsOutput struct {
	Body struct {
		Forms     []UploadForm `json:"forms" nullable:"false"`
		ExpiresAt time.Time    `json:"expiresAt"`
	}
}

type uploadedInput struct {
	OrderPath
	Conditions
	Body Uploaded
}

type mailInput struct {
	OrderPath
	Conditions
	Body struct {
		Courier  string `json:"courier,omitempty" maxLength:"256"`
		Tracking string `json:"tracking,omitempty" maxLength:"256" doc:"the courier's number"`
	}
}

// papers declares uploads, and originals by mail.
func (a *API) papers() {
	const tag = "Papers"
	register(a, operation{who: anyRole, route: "GET /orders/{id}/evidence", tag: tag, does: "Read which papers are owed"},
		func(ctx context.Context, c *call, in *OrderPath) (*evidenceOutput, error) {
			o, err := a.seen(ctx, c, *in)
			if err != nil {
				return nil, err
			}
			return &evidenceOutput{ETag: etag(o), Body: evidenceOf(o, a.Decisions.Now())}, nil
		})
	register(a, operation{who: applicants, route: "POST /orders/{id}/evidence", status: http.StatusCreated, tag: tag,
		does: "Get forms to upload papers with, several at once"}, a.forms)
	register(a, operation{who: applicants, route: "PUT /orders/{id}/evidence", tag: tag,
		does: "Say that papers are uploaded; each is looked at, and the good ones are kept"}, a.accept)
	register(a, operation{who: applicants, route: "PUT /orders/{id}/papers", tag: tag,
		does: "Say how the originals travel"},
		func(ctx context.Context, c *call, in *mailInput) (*changed, error) {
			d := filing.SendPapers{Courier: in.Body.Courier, Tracking: in.Body.Tracking}
			return c.changed(a.decide(ctx, c, in.OrderPath, in.Conditions, filing.Applicant, d))
		})
}

func evidenceOf(o filing.Order, at time.Time) Evidence {
	e := Evidence{Owed: []Owed{}, Given: givenOf(o), Limits: Limits{
		MaxBytes: evidence.MaxBytes, MaxPixels: picture.MaxPixels, MaxSide: picture.MaxSide,
		ContentTypes: []string{string(picture.JPEG), string(picture.PNG)}}}
	for _, r := range o.Owed(at) {
		_, given := o.Evidence[r.Slot]
		e.Owed = append(e.Owed, Owed{Slot: r.Slot, Words: r.Slot.Words(), Level: r.Level, Reason: r.Reason, Given: given})
	}
	return e
}

// forms makes a form for each slot. It changes nothing, so asking again only makes others.
func (a *API) forms(ctx context.Context, c *call, in *uploadsInput) (*uploadsOutput, error) {
	t, err := a.turn(ctx, c, in.OrderPath, in.Conditions, filing.Applicant)
	if err != nil {
		return nil, err
	}
	now := a.Decisions.Now()
	if err := takesEvidence(c, t.order, now); err != nil {
		return nil, err
	}
	var found finding.List
	out := &uploadsOutput{}
	out.Body.ExpiresAt = now.Add(bucket.UploadExpiry)
	for i, wanted := range in.Body.Slots {
		slot, ok := slotOf(t.order, wanted.Slot)
		if !ok {
			found = append(found, finding.New(CodeSlotUnknown, "/slots/"+strconv.Itoa(i)+"/slot"))
			continue
		}
		key := bucket.NewKey(string(t.order.ID), slot, now)
		form, err := a.Bucket.PresignUpload(ctx, key, string(wanted.ContentType))
		if err != nil {
			return nil, err
		}
		out.Body.Forms = append(out.Body.Forms, UploadForm{Slot: slot, Key: key, Form: form})
	}
	if err := refused(found); err != nil {
		return nil, err
	}
	return out, nil
}

// slotOf reads the name of a slot; false if the order has no such place.
func slotOf(o filing.Order, text string) (evidence.Slot, bool) {
	slot, err := evidence.ParseSlot(text)
	if err != nil {
		return "", false
	}
	site, ofSite := slot.Site()
	return slot, !ofSite || site < len(o.Private.Sites)
}
