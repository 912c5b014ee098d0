package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/form"
	"beian/shared/rules/picture"
	"beian/shared/rules/qrcode"
	"beian/shared/web"
)

// Findings about uploads.
const (
	CodeSlotUnknown     finding.Code = "evidence-slot-unknown"
	CodeSlotTwice       finding.Code = "evidence-slot-twice"
	CodeKeyForeign      finding.Code = "evidence-key-foreign"
	CodeNotUploaded     finding.Code = "evidence-not-uploaded"
	CodeCannotBeSmall   finding.Code = "evidence-cannot-be-small"
	CodeRedirectInvalid finding.Code = "evidence-redirect-invalid"
)

// checkOpenForEvidence returns an error if the order is at a step without uploads.
func checkOpenForEvidence(c *web.Call, o filing.Order, at time.Time) error {
	_, err := o.Apply(filing.AcceptEvidence{}, c.Actor(filing.Applicant), at)
	if errors.Is(err, filing.ErrNothingToDo) {
		return nil
	}
	return err
}

// acceptUploads checks each uploaded paper. It accepts those that pass, in one decision, and returns the findings about the others.
func (a operations) acceptUploads(ctx context.Context, c *web.Call, in *uploadedInput) (*web.OrderResult, error) {
	t, err := a.BeginDecision(ctx, c, in.OrderRequest, filing.Applicant)
	if err != nil {
		return nil, err
	}
	if t.Repeated {
		return c.Result(t.Decide(ctx, filing.AcceptEvidence{}))
	}
	now := a.Decisions.Now()
	if err := checkOpenForEvidence(c, t.Order, now); err != nil {
		return nil, err
	}
	uploads, err := a.inspectUploads(ctx, t.Order, in.Body.Papers, now)
	if err != nil {
		return nil, err
	}
	good := map[evidence.Slot]filing.Evidence{}
	var bad finding.List
	var accepted []evidence.Key
	for _, u := range uploads {
		if u.accepted {
			good[u.slot] = u.evidence
			accepted = append(accepted, u.key)
		}
		bad = append(bad, u.found...)
	}
	if len(good) == 0 && len(bad) > 0 {
		return nil, fault.WithFindings(fault.Invalid, bad)
	}
	order, err := t.Decide(ctx, filing.AcceptEvidence{Accepted: good, Failed: bad})
	if _, stored := errors.AsType[*filing.Failure](err); err == nil || stored {
		if err := a.config.Uploads.Delete(ctx, accepted...); err != nil { // an upload expires within a day anyway
			a.Decisions.Log.WarnContext(ctx, "accepted uploads were not deleted", "order", t.Order.ID, "cause", err.Error())
		}
	}
	return c.Result(order, err)
}

// An upload is a paper of a request.
type upload struct {
	slot     evidence.Slot
	key      evidence.Key
	accepted bool
	evidence filing.Evidence // if it is accepted
	found    finding.List
}

// parallelUploads is how many uploads of a request are read and stored at a time. Each is in memory meanwhile, with at most [evidence.MaxUpload].
const parallelUploads = 4

// inspectUploads checks the papers of a request, several at a time, and stores those that pass. It returns all of them in their order, with the findings
// about those that do not pass. When the time is over, those that passed stay accepted.
func (a operations) inspectUploads(ctx context.Context, o filing.Order, papers []UploadedPaper, now time.Time) ([]upload, error) {
	uploads := make([]upload, len(papers))
	seen := map[string]bool{}
	budget := picture.NewBudget()
	inspecting, cancel := leaveTimeToDecide(ctx)
	defer cancel()
	group, inspecting := errgroup.WithContext(inspecting)
	group.SetLimit(parallelUploads)
	for i, paper := range papers {
		u := &uploads[i]
		u.slot, u.key, u.found = parseUpload(o, i, paper)
		if seen[paper.Slot] {
			u.found = append(u.found, finding.New(CodeSlotTwice, fmt.Sprintf("/papers/%d/slot", i)))
		}
		seen[paper.Slot] = true
		if len(u.found) == 0 && !o.Accepts(u.slot, now) {
			u.found = append(u.found, finding.New(filing.CodeEvidenceNotRequested, evidence.Pointer(u.slot)))
		}
		if kept, ok := o.Evidence[u.slot]; len(u.found) > 0 || ok && kept.Key == u.key {
			continue
		}
		group.Go(func() error {
			e, found, err := a.inspectUpload(inspecting, o, u.slot, u.key, budget)
			switch {
			case err != nil:
				return err
			case found.Blocking():
				u.found = found.Under(evidence.Pointer(u.slot))
			default:
				u.accepted, u.evidence = true, e
			}
			return nil
		})
	}
	return uploads, group.Wait()
}

// parseUpload parses slot and key of an upload. The key must have been issued for this slot of this order.
func parseUpload(o filing.Order, i int, p UploadedPaper) (evidence.Slot, evidence.Key, finding.List) {
	slot, ok := parseSlot(o, p.Slot)
	if !ok {
		return "", "", finding.List{finding.New(CodeSlotUnknown, fmt.Sprintf("/papers/%d/slot", i))}
	}
	key, ok := evidence.ParseKey(string(o.ID), slot, p.Key)
	if !ok {
		return "", "", finding.List{finding.New(CodeKeyForeign, fmt.Sprintf("/papers/%d/key", i))}
	}
	return slot, key, nil
}

// timeToDecide is what storing the decision about checked pictures takes at most, with retries.
const timeToDecide = 5 * time.Second

// leaveTimeToDecide returns the context for checking pictures. It ends before that of the request, so that those checked are accepted.
func leaveTimeToDecide(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-timeToDecide))
	}
	return ctx, func() {}
}

// inspectUpload checks an upload and stores it, see storeUpload. It does not read an upload after the budget or the time is used up.
func (a operations) inspectUpload(ctx context.Context, o filing.Order, slot evidence.Slot, key evidence.Key, budget *picture.Budget) (filing.Evidence, finding.List, error) {
	if !budget.Exhausted() {
		e, found, err := a.storeUpload(ctx, o, slot, key, budget)
		if !errors.Is(err, context.DeadlineExceeded) {
			return e, found, err
		}
		budget.Exhaust()
	}
	return filing.Evidence{}, finding.List{finding.New(picture.CodeLater, "")}, nil
}

// storeUpload checks an upload. If it passes, storeUpload stores the original and the bureau's small copy, encrypted, in the
// bucket of evidence. Findings that do not block become warnings for the reviewer.
func (a operations) storeUpload(ctx context.Context, o filing.Order, slot evidence.Slot, key evidence.Key, budget *picture.Budget) (filing.Evidence, finding.List, error) {
	data, err := a.config.Uploads.Read(ctx, key)
	if fault.KindOf(err) == fault.NotFound {
		return filing.Evidence{}, finding.List{finding.New(CodeNotUploaded, "")}, nil
	}
	if err != nil {
		return filing.Evidence{}, nil, err
	}
	checked, found, err := a.checkUpload(ctx, o, slot, data, budget)
	if err != nil || found.Blocking() {
		return filing.Evidence{}, found, err
	}
	e := filing.Evidence{
		Key: key, SHA256: fmt.Sprintf("%x", sha256.Sum256(checked.original)), CopySHA256: fmt.Sprintf("%x", sha256.Sum256(checked.small)), Size: len(checked.original),
		ContentType: string(checked.format), AcceptedAt: a.Decisions.Now(), Warnings: found.Under(evidence.Pointer(slot)), Form: checked.form,
	}
	group, writing := errgroup.WithContext(ctx)
	for object, content := range map[evidence.Object][]byte{e.Original(): checked.original, e.Copy(): checked.small} {
		group.Go(func() error { return a.config.Objects.Write(writing, string(o.ID), string(object), content) })
	}
	return e, nil, group.Wait()
}

// A checkedUpload is what is stored of an upload.
type checkedUpload struct {
	original, small []byte
	format          picture.Format // of the original
	form            string         // the code of a printed form in it, "" if there is none
}

// checkUpload decodes an upload once, checks it, and reduces it. The findings of an upload that passes do not block. The pixels that are decoded at a
// time are limited; see operations.pictures.
func (a operations) checkUpload(ctx context.Context, o filing.Order, slot evidence.Slot, data []byte, budget *picture.Budget) (checkedUpload, finding.List, error) {
	pixels := picture.Pixels(ctx, data)
	if err := a.pictures.Acquire(ctx, pixels); err != nil {
		return checkedUpload{}, nil, err
	}
	defer a.pictures.Release(pixels)
	image, found, err := inspect(ctx, slot, data, budget)
	if err != nil || found.Blocking() {
		return checkedUpload{}, found, err
	}
	var c checkedUpload
	var wrong finding.List
	if c.form, wrong, err = a.readForm(ctx, o, slot, image); err != nil || wrong.Blocking() {
		return checkedUpload{}, wrong, err
	}
	if c.small, err = image.Copy(ctx, slot.Limit()); errors.Is(err, picture.ErrLimit) {
		return checkedUpload{}, finding.List{finding.New(CodeCannotBeSmall, "")}, nil
	} else if err != nil {
		return checkedUpload{}, nil, err
	}
	c.original, c.format, err = image.Original(ctx, evidence.MaxOriginal)
	return c, found, err
}

// inspect checks the picture of a slot: an icon by the rules for icons, others by those for documents.
func inspect(ctx context.Context, slot evidence.Slot, data []byte, budget *picture.Budget) (picture.Image, finding.List, error) {
	if slot.Kind() == evidence.AppIcon {
		return picture.InspectIcon(ctx, data, budget)
	}
	return picture.Inspect(ctx, data, "", budget)
}

// readForm reads the code of a printed form in the picture of a slot: "" if there is none, or if the document is not printed. The findings block if
// the form is of another order or document; they have the pointer "".
func (a operations) readForm(ctx context.Context, o filing.Order, slot evidence.Slot, image picture.Image) (code string, found finding.List, err error) {
	if !form.IsFormKind(slot.Kind()) {
		return "", nil, nil
	}
	grey, err := image.InGrey(ctx, qrcode.MaxSide)
	if err != nil {
		return "", nil, err
	}
	isForm := func(text string) bool { _, is := form.ParseCode(text); return is }
	if code, _, err = qrcode.Read(ctx, grey, isForm); err != nil {
		return "", nil, err
	}
	if found = o.FormFindings(slot, code, a.Decisions.Now()); !found.Blocking() {
		return code, nil, nil
	}
	return "", found, nil
}
