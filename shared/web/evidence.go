package web

import (
	"context"
	"errors"

	"beian/shared/process/envelope"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// CodeEvidenceDamaged says that an accepted paper cannot be used any more.
const CodeEvidenceDamaged finding.Code = "evidence-damaged"

// ReadEvidence returns an accepted file, whose digest it checks. If the bucket has lost the file or holds other bytes than were accepted,
// ReadEvidence alarms the operator and returns a fault of kind Conflict with [CodeEvidenceDamaged]. The error is [envelope.ErrErased] if
// the order is erased.
func (a *API) ReadEvidence(ctx context.Context, objects envelope.Objects, object evidence.Object) ([]byte, error) {
	data, err := objects.Read(ctx, object.Order(), string(object), object.Digest(), evidence.MaxOriginal)
	lost := fault.KindOf(err) == fault.NotFound && !errors.Is(err, envelope.ErrErased)
	if lost || errors.Is(err, envelope.ErrTampered) {
		a.Decisions.Log.ErrorContext(ctx, "an accepted paper is lost, or was exchanged in the bucket", "alarm", "operator",
			"order", object.Order(), "object", object, "cause", err.Error())
		return nil, fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeEvidenceDamaged, evidence.Pointer(object.Slot()))})
	}
	return data, err
}
