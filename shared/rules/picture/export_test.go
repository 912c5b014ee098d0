package picture

import (
	"context"
	"image"

	"beian/shared/rules/evidence"
)

// A single picture within the other limits never exceeds the budget of a request.
const _ = uint64(maxWork - workOfByte*evidence.MaxUpload - MaxPixels*(workOfDecoding+maxVisits))

// NewSmallBudget returns a budget for that many decoded pixels of a progressive picture with visits.
func NewSmallBudget(pixels, visits int64) *Budget {
	return newBudget(pixels * (workOfDecoding + visits))
}

// Reduced returns a picture in a smaller size.
func Reduced(ctx context.Context, picture image.Image, width, height int) (*image.YCbCr, error) {
	p, err := planesOf(ctx, picture)
	if err != nil {
		return nil, err
	}
	if p, err = p.averaged(ctx, max(width, height)); err != nil {
		return nil, err
	}
	return p.resampled(ctx, size{width, height}, 1)
}
