package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"runtime"
	"testing"

	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/picture"
	"beian/shared/rules/picture/picturetest"
)

// TestStructure: small files that are expensive to decode are refused before they are decoded, however the scans are hidden from
// a reader that is stricter than the decoder.
func TestStructure(t *testing.T) {
	const width, height = 1000, 800
	attack := picturetest.Progressive{Width: width, Height: height, Components: 3, Scans: 1800}
	between := func(bytes ...byte) []byte {
		attack := attack
		attack.Between = bytes
		return attack.File()
	}
	photo := asJPEG(t, drawDocument(width, height), 85)
	for name, c := range map[string]struct {
		file []byte
		want finding.Code // "" if it is accepted
	}{
		"ten scans":                        {picturetest.Progressive{Width: width, Height: height, Components: 3, Scans: 8}.File(), ""},
		"the scans of libjpeg for CMYK":    {picturetest.Progressive{Width: width, Height: height, Components: 4, Scans: 21}.File(), ""},
		"1,800 scans":                      {attack.File(), picture.CodeStructure},
		"with a stray byte before each":    {between(0x00), picture.CodeStructure},
		"with a stray zero":                {between(0xff, 0x00), picture.CodeStructure},
		"with fill bytes":                  {between(0xff, 0xff, 0xff), picture.CodeStructure},
		"with a restart marker":            {between(0xff, 0xd3), picture.CodeStructure},
		"with a comment":                   {between(0xff, 0xfe, 0, 4, 'h', 'i'), picture.CodeStructure},
		"a sequential file of seven scans": {repeatScan(photo, 7), picture.CodeStructure},
		"with restart markers alone":       {picturetest.Progressive{Width: width, Height: height, Components: 1, Scans: 2, Between: bytes.Repeat([]byte{0xff, 0xd0}, 200_000)}.File(), picture.CodeStructure},
		"20,000 comments":                  {repeatSegment(photo, []byte{0xff, 0xfe, 0, 2}, 20_000), picture.CodeStructure},
		"a profile in 255 parts":           {repeatSegment(photo, []byte{0xff, 0xe2, 0, 2}, 255), ""},
		"two frames":                       {repeatSegment(photo, photo[bytes.Index(photo, []byte{0xff, 0xc0}):][:19], 1), picture.CodeUnreadable},
		"a PNG of 100,000 chunks of text":  {repeatChunk(asPNG(t, drawDocument(width, height)), "tEXt", 100_000), picture.CodeStructure},
		"with empty image data":            {repeatChunk(asPNG(t, drawDocument(width, height)), "IDAT", 100_000), picture.CodeStructure},
		"a PNG without image data":         {pngHeader(6000, 6000), picture.CodeUnreadable},
		"with image data for fewer pixels": {withSize(asPNG(t, drawDocument(300, 300)), 6000, 6000), picture.CodeUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := inspect(c.file, "")
			if c.want != "" && !found.Has(c.want) || c.want == "" && found.Blocking() {
				t.Errorf("found %v, want %q", found, c.want)
			}
		})
	}
}

// repeatScan repeats the scan of a sequential JPEG.
func repeatScan(photo []byte, times int) []byte {
	start := bytes.Index(photo, []byte{0xff, 0xda})
	scan := photo[start : len(photo)-2]
	return append(append(bytes.Clone(photo[:start]), bytes.Repeat(scan, times)...), photo[len(photo)-2:]...)
}

// repeatSegment inserts copies of a segment after the start of a JPEG.
func repeatSegment(photo, segment []byte, times int) []byte {
	return append(append(bytes.Clone(photo[:2]), bytes.Repeat(segment, times)...), photo[2:]...)
}

// repeatChunk inserts empty chunks after the header of a PNG.
func repeatChunk(file []byte, kind string, times int) []byte {
	const header = 8 + 25
	chunk := append([]byte{0, 0, 0, 0}, kind...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(kind)))
	return append(append(bytes.Clone(file[:header]), bytes.Repeat(chunk, times)...), file[header:]...)
}

// withSize returns the PNG with another size in its header.
func withSize(file []byte, width, height uint32) []byte {
	file = bytes.Clone(file)
	binary.BigEndian.PutUint32(file[16:], width)
	binary.BigEndian.PutUint32(file[20:], height)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

// TestEveryKindOfPicture: the largest number of pixels is accepted in each kind of picture, and decoding never takes more than the memory
// for each pixel that the function has.
func TestEveryKindOfPicture(t *testing.T) {
	const bytesPerPixel = 27
	size := image.Rect(0, 0, 1000, 800)
	gray16, rgba64 := image.NewGray16(size), image.NewNRGBA64(size)
	opaque := image.NewRGBA64(size)
	for i := range opaque.Pix {
		opaque.Pix[i] = 255
	}
	for name, file := range map[string][]byte{
		"grey":                         asPNG(t, image.NewGray(size)),
		"palette":                      asPNG(t, image.NewPaletted(size, color.Palette{color.White, color.Black})),
		"RGB":                          asPNG(t, drawDocument(1000, 800)),
		"RGBA":                         asPNG(t, image.NewNRGBA(size)),
		"grey, 16 bits":                asPNG(t, gray16),
		"RGB, 16 bits":                 asPNG(t, opaque),
		"RGBA, 16 bits":                asPNG(t, rgba64),
		"JPEG":                         asJPEG(t, drawDocument(1000, 800), 80),
		"progressive":                  picturetest.Progressive{Width: 1000, Height: 800, Components: 3, Scans: 8}.File(),
		"progressive, grey":            picturetest.Progressive{Width: 1000, Height: 800, Components: 1, Scans: 6}.File(),
		"progressive, for a printer's": picturetest.Progressive{Width: 1000, Height: 800, Components: 4, Scans: 21}.File(),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, found := inspect(file, "")
		runtime.ReadMemStats(&after)
		if found.Blocking() {
			t.Errorf("%s: %v", name, found)
		}
		const fixed = 1 << 20 // tables and buffers
		if took := after.TotalAlloc - before.TotalAlloc; took > bytesPerPixel*uint64(size.Dx()*size.Dy())+fixed {
			t.Errorf("%s: %.1f bytes for each pixel", name, float64(took)/float64(size.Dx()*size.Dy()))
		}
	}
}

// TestLargestPicture: a colour PNG with the largest number of pixels is accepted.
func TestLargestPicture(t *testing.T) {
	if _, found := inspect(picturetest.BlankPNG(8000, picture.MaxPixels/8000), ""); found.Blocking() {
		t.Error(found)
	}
}

// TestBudget: the work of a request is limited, and pictures that are refused cost only their bytes.
func TestBudget(t *testing.T) {
	good := picturetest.Progressive{Width: 500, Height: 400, Components: 1, Scans: 40}.File()
	bad := picturetest.Progressive{Width: 500, Height: 400, Components: 1, Scans: 200}.File()
	budget := picture.NewSmallBudget(5*500*400, 40)
	for range 3 {
		if _, found, err := picture.Inspect(t.Context(), bad, "", budget); err != nil || !found.Has(picture.CodeStructure) {
			t.Errorf("a bad picture: %v, %v", found, err)
		}
	}
	accepted := 0
	for range 5 {
		one, found, err := picture.Inspect(t.Context(), good, "", budget)
		if err != nil {
			t.Fatal(err)
		}
		if found.Has(picture.CodeLater) {
			continue
		}
		if _, err := one.Copy(t.Context(), evidence.AttachmentLimit); err != nil {
			t.Fatal(err)
		}
		accepted++
	}
	if accepted != 2 || !budget.Exhausted() { // their copies cost as much as the other three
		t.Errorf("accepted %d pictures", accepted)
	}
	if _, found, _ := picture.Inspect(t.Context(), []byte("text"), "", budget); !found.Has(picture.CodeLater) {
		t.Errorf("after the budget is exhausted: %v", found)
	}
}

// TestDecodingEndsWithItsContext: decoding, scaling and encoding stop once the request has ended.
func TestDecodingEndsWithItsContext(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	large := asJPEG(t, drawNoise(1400, 1200), 90)
	whole, found := inspect(large, "")
	if found.Blocking() {
		t.Fatal(found)
	}
	cancel()
	for name, file := range map[string][]byte{"JPEG": large, "PNG": asPNG(t, drawDocument(800, 600))} {
		if _, _, err := picture.Inspect(ended, file, "", picture.NewBudget()); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := whole.Copy(ended, evidence.AttachmentLimit); !errors.Is(err, context.Canceled) {
		t.Errorf("Copy: %v", err)
	}
	if _, _, err := whole.Original(ended, len(large)-1); !errors.Is(err, context.Canceled) {
		t.Errorf("Original: %v", err)
	}
	for name, file := range map[string][]byte{"JPEG": large, "PNG": asPNG(t, drawNoise(800, 600))} {
		during := &endingContext{Context: t.Context(), left: 5}
		if _, _, err := picture.Inspect(during, file, "", picture.NewBudget()); !errors.Is(err, context.Canceled) || during.left < -5 {
			t.Errorf("%s, ended during decoding: %v, asked %d times more", name, err, -during.left)
		}
	}
}

// TestDecoderIsStoppedBetweenScans: decoding can stop between the scans of a picture, although all fit into the buffer of the decoder.
func TestDecoderIsStoppedBetweenScans(t *testing.T) {
	questions := func(scans int) int {
		const many = 1 << 20
		ctx := &endingContext{Context: t.Context(), left: many}
		file := picturetest.Progressive{Width: 7000, Height: 100 * 8, Components: 1, Scans: scans}.File()
		if _, found, err := picture.Inspect(ctx, file, "", picture.NewBudget()); err != nil || found.Blocking() {
			t.Fatalf("%v, %v", found, err)
		}
		return many - ctx.left
	}
	if few, many := questions(2), questions(42); many < few+10 { // a scan of this size takes 16 bytes, one of 40 million pixels 50
		t.Errorf("the decoder asks %d times for 2 scans, %d times for 42", few, many)
	}
}

// An endingContext ends when it is asked the given number of times.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}
