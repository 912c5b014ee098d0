package picture_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"testing"

	"beian/shared/rules/picture"
)

// TestPixels: what decoding takes is known from the header; a file that is no picture takes nothing.
func TestPixels(t *testing.T) {
	var asJPEG, asPNG bytes.Buffer
	if err := jpeg.Encode(&asJPEG, image.NewGray(image.Rect(0, 0, 400, 300)), nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&asPNG, image.NewGray(image.Rect(0, 0, 30, 20))); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data []byte
		want int64
	}{"JPEG": {asJPEG.Bytes(), 120_000}, "PNG": {asPNG.Bytes(), 600}, "no picture": {[]byte("%PDF-1.7"), 0}, "empty": {nil, 0}} {
		if got := picture.Pixels(t.Context(), c.data); got != c.want {
			t.Errorf("%s: %d pixels, want %d", name, got, c.want)
		}
	}
}
