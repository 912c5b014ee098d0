package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/form"
	"beian/shared/rules/picture"
	"beian/shared/web"
)

// Findings about uploads.
const (
	CodeSlotUnknown     finding.Code = "evidence-slot-unknown"
	CodeSlotTwice       finding.Code = "evidence-slot-twice"
	CodeKeyForeign      finding.Code = "evidence-key-foreign"
	CodeNotUploaded     finding.Code = "evidence-not-uploaded"
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
	var accepted []string // objects in the bucket of uploads
	for _, u := range uploads {
		if u.accepted {
			good[u.slot] = u.evidence
			accepted = append(accepted, string(u.key))
			if u.early {
				accepted = append(accepted, u.key.Inspected())
			}
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
	early    bool            // whether there was a result of the function inspectupload
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
		group.Go(func() error { return a.inspectUpload(inspecting, o, u, budget) })
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
func (a operations) inspectUpload(ctx context.Context, o filing.Order, u *upload, budget *picture.Budget) error {
	if !budget.Exhausted() {
		err := a.storeUpload(ctx, o, u, budget)
		if !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		budget.Exhaust()
	}
	u.found = finding.List{finding.New(picture.CodeLater, evidence.Pointer(u.slot))}
	return nil
}

// storeUpload checks an upload. If it passes, storeUpload stores the original and the bureau's small copy, encrypted, in the
// bucket of evidence. Findings that do not block become warnings for the reviewer.
func (a operations) storeUpload(ctx context.Context, o filing.Order, u *upload, budget *picture.Budget) error {
	at := evidence.Pointer(u.slot)
	file, err := a.config.Uploads.Read(ctx, u.key)
	if fault.KindOf(err) == fault.NotFound {
		u.found = finding.List{finding.New(CodeNotUploaded, at)}
		return nil
	}
	if err != nil {
		return err
	}
	done, err := a.inspectFile(ctx, u, file, budget)
	if err != nil {
		return err
	}
	now, wrong := a.Decisions.Now(), done.Found
	if !wrong.Blocking() && form.IsFormKind(u.slot.Kind()) {
		wrong = o.FormFindings(u.slot, done.Form, now)
	}
	if wrong.Blocking() {
		u.found = wrong.Under(at)
		return nil
	}
	original := done.Original(file)
	e := filing.Evidence{
		Key: u.key, SHA256: fmt.Sprintf("%x", sha256.Sum256(original)), CopySHA256: fmt.Sprintf("%x", sha256.Sum256(done.Small)), Size: len(original),
		ContentType: string(done.Format), AcceptedAt: now, Warnings: done.Found.Under(at), Form: done.Form,
	}
	group, writing := errgroup.WithContext(ctx)
	for object, content := range map[evidence.Object][]byte{e.Original(): original, e.Copy(): done.Small} {
		group.Go(func() error { return a.config.Objects.Write(writing, string(o.ID), string(object), content) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	u.accepted, u.evidence = true, e
	return nil
}

// inspectFile returns the result of inspecting the file of an upload: the stored one of the function inspectupload if there is one of this file, else its own. The pixels that
// are decoded at a time are limited; see operations.pictures.
func (a operations) inspectFile(ctx context.Context, u *upload, file []byte, budget *picture.Budget) (inspection.Result, error) {
	if inspection.Early(len(file)) {
		sealed, err := a.config.Uploads.ReadObject(ctx, u.key.Inspected(), inspection.MaxResult)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return inspection.Result{}, err
		}
		if done, ok := inspection.Open(sealed, u.key, file); ok {
			u.early = true
			return done, nil
		}
	}
	pixels := picture.Pixels(ctx, file)
	if err := a.pictures.Acquire(ctx, pixels); err != nil {
		return inspection.Result{}, err
	}
	defer a.pictures.Release(pixels)
	return inspection.Inspect(ctx, u.slot, file, budget)
}
