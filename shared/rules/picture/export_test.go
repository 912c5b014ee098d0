package picture

import "beian/shared/rules/evidence"

// A single picture within the other limits never exceeds the budget of a request.
const _ = uint64(maxWork - workOfByte*evidence.MaxUpload - MaxPixels*(workOfDecoding+maxVisits))

// NewSmallBudget returns a budget for that many decoded pixels of a progressive picture with visits.
func NewSmallBudget(pixels, visits int64) *Budget {
	return newBudget(pixels * (workOfDecoding + visits))
}
