package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/aws/bucket"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/picture"
)

// Findings about uploads.
const (
	CodeSlotUnknown   finding.Code = "evidence-slot-unknown"
	CodeSlotTwice     finding.Code = "evidence-slot-twice"
	CodeKeyForeign    finding.Code = "evidence-key-foreign"
	CodeNotUploaded   finding.Code = "evidence-not-uploaded"
	CodeCannotBeSmall finding.Code = "evidence-cannot-be-small"
)

// refused is the fault for findings; nil if there are none.
func refused(found finding.List) error {
	if len(found) == 0 {
		return nil
	}
	return fault.Found(fault.Invalid, found)
}

// takesEvidence refuses uploads for an order that is not where papers are given.
func takesEvidence(c *call, o filing.Order, at time.Time) error {
	_, err := o.Apply(filing.AcceptEvidence{}, c.actor(filing.Applicant), at)
	if errors.Is(err, filing.ErrNothingToDo) {
		return nil
	}
	return err
}

// accept looks at each uploaded paper, and keeps all the good ones by one decision. The bad ones are told.
func (a *API) accept(ctx context.Context, c *call, in *uploadedInput) (*changed, error) {
	t, err := a.turn(ctx, c, in.OrderPath, in.Conditions, filing.Applicant)
	if err != nil {
		return nil, err
	}
	if !t.repeated {
		if err := takesEvidence(c, t.order, a.Decisions.Now()); err != nil {
			return nil, err
		}
	}
	good := map[evidence.Slot]filing.Evidence{}
	var bad finding.List
	seen := map[string]bool{}
	for i, paper := range in.Body.Papers {
		slot, key, found := named(t.order, i, paper)
		if seen[paper.Slot] {
			found = append(found, finding.New(CodeSlotTwice, fmt.Sprintf("/papers/%d/slot", i)))
		}
		seen[paper.Slot] = true
		if kept, ok := t.order.Evidence[slot]; len(found) == 0 && (!ok || kept.Key != string(key)) {
			var e filing.Evidence
			if e, found, err = a.inspect(ctx, slot, key); err != nil {
				return nil, err
			}
			if !found.Blocking() {
				good[slot], found = e, nil
			}
			found = found.Under(evidence.Pointer(slot))
		}
		bad = append(bad, found...)
	}
	order := t.order
	if len(good) > 0 || len(bad) == 0 {
		if order, err = a.take(ctx, c, t, filing.Applicant, filing.AcceptEvidence{Papers: good}); err != nil {
			return nil, err
		}
	}
	if len(bad) > 0 {
		return nil, partly(len(good), bad)
	}
	return c.changed(order, nil)
}

// partly is the fault when some papers are kept and others are not.
func partly(kept int, bad finding.List) error {
	if kept == 0 {
		return fault.Found(fault.Invalid, bad)
	}
	n := strconv.Itoa(kept)
	return &fault.Fault{Kind: fault.Invalid, Findings: bad, Message: finding.Words{
		Chinese: "已保存 " + n + " 份合格的材料；其余材料有问题，请按提示重新上传，已保存的无需再传。",
		English: "Good papers kept: " + n + ". The others need another upload, as the findings say; those kept do not.",
	}}
}

// named reads slot and key of an upload. The key has to be one that was made for this slot of this order.
func named(o filing.Order, i int, p UploadedPaper) (evidence.Slot, bucket.Key, finding.List) {
	slot, ok := slotOf(o, p.Slot)
	if !ok {
		return "", "", finding.List{finding.New(CodeSlotUnknown, fmt.Sprintf("/papers/%d/slot", i))}
	}
	last, ours := strings.CutPrefix(p.Key, bucket.Prefix(string(o.ID))+string(slot)+"/")
	if _, err := ulid.ParseStrict(last); !ours || err != nil {
		return "", "", finding.List{finding.New(CodeKeyForeign, fmt.Sprintf("/papers/%d/key", i))}
	}
	return slot, bucket.Key(p.Key), nil
}

// inspect looks at an upload and stores the copy that the bureau gets. Findings that do not block go to the reviewer.
func (a *API) inspect(ctx context.Context, slot evidence.Slot, key bucket.Key) (filing.Evidence, finding.List, error) {
	data, err := a.Bucket.Read(ctx, key)
	if fault.KindOf(err) == fault.NotFound {
		return filing.Evidence{}, finding.List{finding.New(CodeNotUploaded, "")}, nil
	}
	if err != nil {
		return filing.Evidence{}, nil, err
	}
	image, found := picture.Inspect(data, "")
	if found.Blocking() {
		return filing.Evidence{}, found, nil
	}
	small, err := image.Copy(slot.Limit())
	switch {
	case errors.Is(err, picture.ErrLimit):
		return filing.Evidence{}, finding.List{finding.New(CodeCannotBeSmall, "")}, nil
	case err != nil:
		return filing.Evidence{}, nil, err
	}
	if err := a.Bucket.Write(ctx, key.Copy(), string(picture.JPEG), small); err != nil {
		return filing.Evidence{}, nil, err
	}
	return filing.Evidence{
		Key: string(key), CopyKey: string(key.Copy()), SHA256: image.SHA256, Size: image.Bytes,
		ContentType: string(image.Format), AcceptedAt: a.Decisions.Now(), Warnings: found.Under(evidence.Pointer(slot)),
	}, nil, nil
}
