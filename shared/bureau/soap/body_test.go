package soap_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"beian/shared/bureau/soap"
)

func TestReadBody(t *testing.T) {
	for _, size := range []int{0, 1, 512, 1 << 20, 1<<20 + 513, 5 << 20} {
		sent := bytes.Repeat([]byte{7}, size)
		for _, declared := range []int64{-1, 0, int64(size), 100 << 20} {
			got, err := soap.ReadBody(bytes.NewReader(sent), declared)
			if err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%d bytes, %d declared: %d bytes, %v", size, declared, len(got), err)
			}
		}
	}
	cut := io.MultiReader(bytes.NewReader(make([]byte, 1000)), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := soap.ReadBody(cut, 2000); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut short: %v", err)
	}
}

// TestReadBodyAllocatesWhatArrives: a declared length alone costs no memory.
func TestReadBodyAllocatesWhatArrives(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := soap.ReadBody(bytes.NewReader(nil), 100<<20); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("allocated %d bytes", took)
	}
}
