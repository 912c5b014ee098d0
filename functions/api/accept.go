package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

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
	good := map[evidence.Slot]filing.Evidence{}
	var bad finding.List
	var accepted []evidence.Key
	seen := map[string]bool{}
	budget := picture.NewBudget()
	inspecting, cancel := leaveTimeToDecide(ctx)
	defer cancel()
	for i, paper := range in.Body.Papers {
		slot, key, found := parseUpload(t.Order, i, paper)
		if seen[paper.Slot] {
			found = append(found, finding.New(CodeSlotTwice, fmt.Sprintf("/papers/%d/slot", i)))
		}
		seen[paper.Slot] = true
		if len(found) == 0 && !t.Order.Accepts(slot, now) {
			found = append(found, finding.New(filing.CodeEvidenceNotRequested, evidence.Pointer(slot)))
		}
		if kept, ok := t.Order.Evidence[slot]; len(found) == 0 && (!ok || kept.Key != key) {
			var e filing.Evidence
			if e, found, err = a.inspectUpload(inspecting, t.Order, slot, key, budget); err != nil {
				return nil, err
			}
			if !found.Blocking() {
				good[slot], found = e, nil
				accepted = append(accepted, key)
			}
			found = found.Under(evidence.Pointer(slot))
		}
		bad = append(bad, found...)
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
	select {
	case a.pictures <- struct{}{}:
		defer func() { <-a.pictures }()
	case <-ctx.Done():
		return filing.Evidence{}, nil, ctx.Err()
	}
	image, found, err := inspect(ctx, slot, data, budget)
	if err != nil || found.Blocking() {
		return filing.Evidence{}, found, err
	}
	printed, wrong, err := a.readForm(ctx, o, slot, image)
	if err != nil || wrong.Blocking() {
		return filing.Evidence{}, wrong, err
	}
	small, err := image.Copy(ctx, slot.Limit())
	switch {
	case errors.Is(err, picture.ErrLimit):
		return filing.Evidence{}, finding.List{finding.New(CodeCannotBeSmall, "")}, nil
	case err != nil:
		return filing.Evidence{}, nil, err
	}
	original, format, err := image.Original(ctx, evidence.MaxOriginal)
	if err != nil {
		return filing.Evidence{}, nil, err
	}
	e := filing.Evidence{
		Key: key, SHA256: fmt.Sprintf("%x", sha256.Sum256(original)), CopySHA256: fmt.Sprintf("%x", sha256.Sum256(small)), Size: len(original),
		ContentType: string(format), AcceptedAt: a.Decisions.Now(), Warnings: found.Under(evidence.Pointer(slot)), Form: printed,
	}
	for object, content := range map[evidence.Object][]byte{e.Original(): original, e.Copy(): small} {
		if err := a.config.Objects.Write(ctx, string(o.ID), string(object), content); err != nil {
			return filing.Evidence{}, nil, err
		}
	}
	return e, nil, nil
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
