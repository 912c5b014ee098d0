package picture

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"
)

// Work is counted in units of about 2.5 ns on a server's core of 2025.
const (
	workOfByte       = 16 // to read and check a byte of a file
	workOfDecoding   = 6  // of a pixel, and one more for each time that the decoder visits it
	workOfConverting = 4  // of a pixel that is not stored as brightness and colours
	workOfAveraging  = 2  // of a pixel of the larger picture
	workOfScaling    = 10 // of a pixel of the smaller picture
	workOfEncoding   = 16 // of a pixel
	workOfReading    = 24 // of a pixel in which codes are searched

	// maxWork is 15 s: a function with one core of two thirds of that speed stays within the 30 s of API Gateway. It is enough for eight
	// photos of 12 million pixels and 10 MB each, and for each single picture within the other limits.
	maxWork = 6_000_000_000
)

// maxRead is the most bytes that a decoder gets at a time. An empty scan of 40 million pixels has about 50 bytes and takes up to 200 ms.
const maxRead = 64

// A Budget is the work that one request may spend on pictures. Fill it with [NewBudget]. It is safe for concurrent use.
type Budget struct{ left atomic.Int64 }

// NewBudget returns the budget of a request.
func NewBudget() *Budget { return newBudget(maxWork) }

func newBudget(work int64) *Budget {
	b := new(Budget)
	b.left.Store(work)
	return b
}

// Exhausted reports whether the budget is used up. The request then refuses all further pictures unread.
func (b *Budget) Exhausted() bool { return b.left.Load() <= 0 }

// Exhaust refuses all further pictures.
func (b *Budget) Exhaust() { b.left.Store(0) }

// take takes work from the budget before it is done. If too little is left, it exhausts the budget and returns false.
func (b *Budget) take(work int64) bool {
	for {
		left := b.left.Load()
		if work > left {
			b.Exhaust()
			return false
		}
		if b.left.CompareAndSwap(left, left-work) {
			return true
		}
	}
}

// spend takes work of a picture that was accepted, even if too little is left.
func (b *Budget) spend(of size, work int64) { b.left.Add(-of.pixels() * work) }

// A contextReader fails once its context has ended, which ends a decoder that reads from it. A decoder reads ahead as much as it gets, and
// a few kilobytes can hold many scans of a large JPEG, so it gets about one scan at a time.
type contextReader struct {
	ctx  context.Context
	data *bytes.Reader
}

func newContextReader(ctx context.Context, data []byte) io.Reader {
	return contextReader{ctx, bytes.NewReader(data)}
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.data.Read(p[:min(len(p), maxRead)])
}
