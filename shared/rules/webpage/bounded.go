package webpage

import (
	"errors"
	"io"
	"runtime/metrics"
	"strings"
)

const (
	// maxTree is how much a process may allocate while it parses a page, in bytes. A page of 1 MB takes up to 80 MB if it has nothing but elements; one that is
	// made for it takes gigabytes, because HTML repeats open elements such as font in each paragraph that follows.
	maxTree = 128 << 20
	// chunk is how much of a page is parsed before the memory is measured, in bytes. A tree can grow by 25 MB in it.
	chunk = 1 << 10
)

// errTooLarge is returned by a boundedReader.
var errTooLarge = errors.New("the tree of the page is too large")

// A boundedReader returns a page, until the process has allocated too much since it was made.
type boundedReader struct {
	rest  *strings.Reader
	limit uint64
}

func newBoundedReader(page string) *boundedReader {
	return &boundedReader{strings.NewReader(page), allocated() + maxTree}
}

func (r *boundedReader) Read(p []byte) (int, error) {
	if allocated() > r.limit {
		return 0, errTooLarge
	}
	return io.LimitReader(r.rest, chunk).Read(p)
}

// allocated returns how many bytes the process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
