package soap

import (
	"io"
	"slices"
)

// firstPart is how much memory ReadBody allocates at most before bytes have arrived.
const firstPart = 1 << 20

// ReadBody reads a body to its end. declared is its Content-Length, negative if unknown. Memory is allocated as bytes arrive, because a
// sender may declare more than it sends; if it sends all, the result is allocated exactly.
func ReadBody(body io.Reader, declared int64) ([]byte, error) {
	const tail = 512 // for the read that finds the end
	data := make([]byte, 0, min(max(declared, 0), firstPart)+tail)
	for {
		n, err := body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, err
		}
		if len(data) == cap(data) {
			more := len(data)
			if rest := int(declared) + tail - len(data); rest > 0 {
				more = min(more, rest)
			}
			data = slices.Grow(data, more)
		}
	}
}
