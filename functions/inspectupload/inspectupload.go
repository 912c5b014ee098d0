// Package inspectupload is the function that inspects a large upload when it arrives, and stores the result beside it, so that the request that accepts the paper need not
// wait for that (ADR 69).
//
// A rule of EventBridge calls it with each large object in the bucket of uploads. A call may be late, repeated or lost. A result is of one file ([inspection.Result.Seal]), and a
// repeated call replaces it by an equal one. If there is none, the request inspects the upload itself, so an upload that is gone is no error.
package inspectupload

import (
	"context"

	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/picture"
)

// Uploads is the bucket to which browsers upload. Package bucket implements it.
type Uploads interface {
	// Read returns an upload. The error for a missing one is fault.NotFound.
	Read(ctx context.Context, key evidence.Key) ([]byte, error)
	WriteObject(ctx context.Context, key string, data []byte) error
}

// A Handler is the function. Start with Handle.
type Handler struct{ Uploads Uploads }

// An Input names an object in the bucket of uploads.
type Input struct {
	Key evidence.Key `json:"key"`
}

// Handle inspects an upload. It does nothing for other objects: a large result is one, too.
func (h Handler) Handle(ctx context.Context, in Input) (struct{}, error) {
	return struct{}{}, h.inspect(ctx, in.Key)
}

func (h Handler) inspect(ctx context.Context, key evidence.Key) error {
	slot, is := key.Slot()
	if !is {
		return nil
	}
	file, err := h.Uploads.Read(ctx, key)
	if fault.KindOf(err) == fault.NotFound {
		return nil // it was accepted or deleted meanwhile
	}
	if err != nil {
		return err
	}
	done, err := inspection.Inspect(ctx, slot, file, picture.NewBudget())
	if err != nil || done.Found.Has(picture.CodeLater) { // which is about this call, not the file
		return err
	}
	sealed, err := done.Seal(key, file)
	if err != nil {
		return &fault.Fault{Kind: fault.Internal, Cause: err}
	}
	return h.Uploads.WriteObject(ctx, key.Inspected(), sealed)
}
