package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"testing"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/picture"
)

func TestInspect(t *testing.T) {
	good := asJPEG(t, drawDocument(900, 700), 85)
	grey := image.NewGray(image.Rect(0, 0, 1000, 800))
	full := append(bytes.Clone(good), make([]byte, evidence.MaxUpload-len(good))...)
	for name, c := range map[string]struct {
		data     []byte
		declared string
		want     finding.Code // "" for none
		blocks   bool
	}{
		"a colour JPEG":          {good, "image/jpeg", "", false},
		"a colour PNG":           {asPNG(t, drawDocument(800, 600)), "image/png", "", false},
		"nothing declared":       {good, "", "", false},
		"exactly 20 MiB":         {full, "image/jpeg", "", false},
		"one byte more":          {append(bytes.Clone(full), 0), "image/jpeg", picture.CodeTooLarge, true},
		"nothing":                {nil, "image/jpeg", picture.CodeEmpty, true},
		"JPEG called PNG":        {good, "image/png", picture.CodeOtherType, false},
		"PDF called JPEG":        {[]byte("%PDF-1.7\n1 0 obj"), "image/jpeg", picture.CodePDF, true},
		"HEIC":                   {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), "image/jpeg", picture.CodeHEIC, true},
		"HEIF of other phones":   {[]byte("\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00"), "image/heif", picture.CodeHEIC, true},
		"AVIF":                   {[]byte("\x00\x00\x00\x1cftypavif\x00\x00\x00\x00"), "image/avif", picture.CodeHEIC, true},
		"live photo":             {[]byte("\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00"), "", picture.CodeVideo, true},
		"MP4":                    {[]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00"), "image/jpeg", picture.CodeVideo, true},
		"WebP":                   {[]byte("RIFF\x24\x00\x00\x00WEBPVP8 "), "image/webp", picture.CodeNotAnImage, true},
		"BMP":                    {[]byte("BM\x36\x00\x00\x00"), "image/bmp", picture.CodeNotAnImage, true},
		"TIFF":                   {[]byte("II*\x00\x08\x00\x00\x00"), "image/tiff", picture.CodeNotAnImage, true},
		"JPEG of twelve bits":    {twelveBits(good), "image/jpeg", picture.CodeNotAnImage, true},
		"PNG of 16 bits":         {asPNG(t, deep(drawDocument(900, 700))), "image/png", "", false},
		"PNG with transparency":  {asPNG(t, image.NewNRGBA(image.Rect(0, 0, 900, 700))), "image/png", picture.CodeGrey, false},
		"one pixel":              {asPNG(t, drawDocument(1, 1)), "image/png", picture.CodeTiny, true},
		"a thumbnail":            {asJPEG(t, drawDocument(160, 120), 85), "image/jpeg", picture.CodeTiny, true},
		"a strip of a panorama":  {asJPEG(t, drawDocument(2200, 100), 85), "image/jpeg", picture.CodeTiny, true},
		"a screenshot":           {asPNG(t, drawDocument(1170, 2532)), "image/png", "", false},
		"GIF":                    {[]byte("GIF89a\x01\x00\x01\x00"), "image/gif", picture.CodeNotAnImage, true},
		"JPEG cut in the middle": {good[:len(good)/2], "image/jpeg", picture.CodeUnreadable, true},
		"JPEG without its end":   {good[:len(good)-2], "image/jpeg", picture.CodeUnreadable, true},
		"JPEG of three bytes":    {good[:3], "image/jpeg", picture.CodeUnreadable, true},
		"PNG cut":                {asPNG(t, drawDocument(800, 600))[:900], "image/png", picture.CodeUnreadable, true},
		"bomb by area":           {pngHeader(11_000, 11_000), "image/png", picture.CodeTooManyPixels, true},
		"bomb by side":           {pngHeader(12_001, 10), "image/png", picture.CodeTooManyPixels, true},
		"bomb beyond 32 bits":    {pngHeader(1<<31-1, 1<<31-1), "image/png", picture.CodeNotAnImage, true},
		"small":                  {asJPEG(t, drawDocument(640, 480), 85), "image/jpeg", picture.CodeSmall, false},
		"800 × 600":              {asJPEG(t, drawDocument(600, 800), 85), "image/jpeg", "", false},
		"grey scale":             {asJPEG(t, grey, 85), "image/jpeg", picture.CodeGrey, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, found := inspect(c.data, c.declared)
			if c.want == "" && len(found) > 0 || c.want != "" && !found.Has(c.want) {
				t.Fatalf("found %v, want %q", found, c.want)
			}
			if found.Blocking() != c.blocks {
				t.Errorf("blocking: %v, want %v", found.Blocking(), c.blocks)
			}
		})
	}
}

// twelveBits returns a JPEG whose frame says that samples have twelve bits, which medical devices use.
func twelveBits(data []byte) []byte {
	data = bytes.Clone(data)
	data[bytes.Index(data, []byte{0xff, 0xc0})+4] = 12
	return data
}

// deep returns a picture with sixteen bits for each sample.
func deep(p image.Image) image.Image {
	out := image.NewNRGBA64(p.Bounds())
	draw.Draw(out, out.Rect, p, image.Point{}, draw.Src)
	return out
}

func TestParseFormat(t *testing.T) {
	for contentType, want := range map[string]picture.Format{
		"image/jpeg": picture.JPEG, "image/jpg": picture.JPEG, "image/pjpeg": picture.JPEG, "IMAGE/JPEG; charset=binary": picture.JPEG, "": picture.JPEG,
		"application/octet-stream": picture.JPEG, "image/*": picture.JPEG, "image/png": picture.PNG, "image/x-png": picture.PNG,
	} {
		if format, found := picture.ParseFormat(contentType); format != want || len(found) > 0 {
			t.Errorf("%q: %q, %v", contentType, format, found)
		}
	}
	for contentType, want := range map[string]finding.Code{
		"image/heic": picture.CodeHEIC, "image/heif": picture.CodeHEIC, "image/avif": picture.CodeHEIC, "application/pdf": picture.CodePDF,
		"video/quicktime": picture.CodeVideo, "video/mp4": picture.CodeVideo, "image/webp": picture.CodeNotAnImage, "image/gif": picture.CodeNotAnImage,
		"image/bmp": picture.CodeNotAnImage, "image/tiff": picture.CodeNotAnImage, "application/zip": picture.CodeNotAnImage, "jpeg": picture.CodeNotAnImage,
	} {
		if _, found := picture.ParseFormat(contentType); !found.Blocking() || !found.Has(want) {
			t.Errorf("%q: %v", contentType, found)
		}
	}
}

// TestCopyOfPrintColours: a picture in CMYK is encoded again, because viewers show its colours wrongly.
func TestCopyOfPrintColours(t *testing.T) {
	data, err := os.ReadFile("testdata/cmyk.jpg")
	if err != nil {
		t.Fatal(err)
	}
	copied, err := inspectAndCopy(data, evidence.AttachmentLimit)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := jpeg.Decode(bytes.NewReader(copied))
	if err != nil || shown.ColorModel() != color.YCbCrModel {
		t.Fatalf("%T, %v", shown, err)
	}
	if r, g, b, _ := shown.At(20, 20).RGBA(); r>>8 < 150 || g>>8 > 90 || b>>8 > 90 {
		t.Errorf("the seal is %d %d %d, want red", r>>8, g>>8, b>>8)
	}
}

func TestInspectReturnsTheImage(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		data := withEXIF(asJPEG(t, drawDocument(900, 700), 85), order, 6, "")
		inspected, found := inspect(data, "image/jpeg")
		if len(found) != 0 {
			t.Fatal(found)
		}
		if inspected.Format != picture.JPEG || inspected.Width != 900 || inspected.Height != 700 || inspected.Orientation != 6 || inspected.Grey {
			t.Errorf("%+v", inspected)
		}
	}
}

func TestCopyKeepsSmallPictures(t *testing.T) {
	plain := asJPEG(t, drawDocument(400, 300), 70)
	if len(plain) > evidence.AttachmentLimit {
		t.Fatalf("the sample has %d bytes", len(plain))
	}
	for name, data := range map[string][]byte{
		"as it is":             plain,
		"with EXIF, upright":   withEXIF(plain, binary.LittleEndian, 1, "somewhere"),
		"with a comment":       withSegment(plain, 0xfe, []byte("somewhere")),
		"with bytes behind it": append(bytes.Clone(plain), "somewhere"...),
	} {
		copied, err := inspectAndCopy(data, evidence.AttachmentLimit)
		if err != nil || !bytes.Equal(copied, plain) {
			t.Errorf("%s: %d bytes instead of %d, %v", name, len(copied), len(plain), err)
		}
	}
}

func TestDeriveFitsTheLimit(t *testing.T) {
	transparent := image.NewNRGBA(image.Rect(0, 0, 400, 300))
	for name, c := range map[string]struct {
		data  []byte
		limit int
	}{
		"large photograph": {asJPEG(t, drawDocument(1700, 1200), 60), evidence.AttachmentLimit},
		"tall":             {asJPEG(t, drawDocument(300, 3400), 80), evidence.AttachmentLimit},
		"noise":            {asJPEG(t, drawNoise(900, 700), 80), evidence.VerificationFormLimit},
		"PNG":              {asPNG(t, drawDocument(800, 600)), evidence.VerificationFormLimit},
		"transparent PNG":  {asPNG(t, transparent), evidence.AttachmentLimit},
	} {
		copied, err := inspectAndCopy(c.data, c.limit)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(copied) > c.limit {
			t.Errorf("%s: %d bytes, limit %d", name, len(copied), c.limit)
		}
		inspected, found := inspect(copied, "image/jpeg")
		if found.Blocking() || max(inspected.Width, inspected.Height) < 300 {
			t.Errorf("%s: %+v %v", name, inspected, found)
		}
	}
}

func TestDeriveUsesTheLimit(t *testing.T) {
	copied, err := inspectAndCopy(asJPEG(t, drawNoise(900, 700), 80), evidence.AttachmentLimit)
	if err != nil || len(copied) < evidence.AttachmentLimit/2 {
		t.Errorf("only %d of %d bytes used, %v", len(copied), evidence.AttachmentLimit, err)
	}
}

func TestDerivePutsTransparencyOnWhite(t *testing.T) {
	copied, err := inspectAndCopy(asPNG(t, image.NewNRGBA(image.Rect(0, 0, 400, 300))), evidence.AttachmentLimit)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := jpeg.Decode(bytes.NewReader(copied))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := picture.At(200, 150).RGBA(); min(r, g, b)>>8 < 250 {
		t.Errorf("the background is %d %d %d, want white", r>>8, g>>8, b>>8)
	}
}

// TestDeriveRespectsOrientation: the seal in the upper left of the stored picture is in the corner that the orientation requires.
func TestDeriveRespectsOrientation(t *testing.T) {
	stored := asJPEG(t, drawDocument(400, 300), 90)
	for orientation, want := range map[uint16]struct {
		turned, right, low bool
	}{
		1: {false, false, false}, 2: {false, true, false}, 3: {false, true, true}, 4: {false, false, true},
		5: {true, false, false}, 6: {true, true, false}, 7: {true, true, true}, 8: {true, false, true},
	} {
		copied, err := inspectAndCopy(withEXIF(stored, binary.BigEndian, orientation, "somewhere"), evidence.AttachmentLimit)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(copied, []byte("somewhere")) || bytes.Contains(copied, []byte("Exif")) {
			t.Errorf("orientation %d: metadata survived", orientation)
		}
		picture, err := jpeg.Decode(bytes.NewReader(copied))
		if err != nil {
			t.Fatal(err)
		}
		size := picture.Bounds().Size()
		if (size.Y > size.X) != want.turned {
			t.Errorf("orientation %d: %v", orientation, size)
		}
		for _, right := range []bool{false, true} {
			for _, low := range []bool{false, true} {
				x, y := 10, 10
				if right {
					x = size.X - 11
				}
				if low {
					y = size.Y - 11
				}
				c := color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)
				red := c.R > 150 && c.G < 90
				if red != (right == want.right && low == want.low) {
					t.Errorf("orientation %d: the colour at %d,%d is %v", orientation, x, y, c)
				}
			}
		}
	}
}

func TestCopyRefuses(t *testing.T) {
	if _, err := inspectAndCopy(asJPEG(t, drawNoise(400, 300), 80), 500); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("a limit that no copy can meet: %v", err)
	}
}

func FuzzInspect(f *testing.F) {
	small := asJPEG(f, drawDocument(40, 30), 80)
	f.Add(small)
	f.Add(withEXIF(small, binary.LittleEndian, 6, "x"))
	f.Add(withSegment(small, 0xe0, []byte("JFIF\x00")))
	f.Add(asPNG(f, drawDocument(40, 30)))
	f.Add(pngHeader(300, 300))
	f.Add([]byte("%PDF-1.4"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		inspected, found := inspect(data, "image/jpeg")
		if inspected.Width*inspected.Height > 1<<18 {
			return // the copy of a large picture takes too long here
		}
		copied, err := inspectAndCopy(data, evidence.AttachmentLimit)
		if found.Blocking() != (err != nil) {
			t.Errorf("Inspect: %v, Copy: %v", found, err)
		}
		if err == nil {
			if _, again := inspect(copied, "image/jpeg"); again.Blocking() {
				t.Errorf("the copy is refused: %v", again)
			}
		}
	})
}

// inspect inspects data alone.
func inspect(data []byte, declared string) (picture.Image, finding.List) {
	inspected, found, err := picture.Inspect(context.Background(), data, declared, picture.NewBudget())
	if err != nil {
		panic(err) // only the context's
	}
	return inspected, found
}

// inspectAndCopy inspects data and copies it.
func inspectAndCopy(data []byte, limit int) ([]byte, error) {
	inspected, found := inspect(data, "")
	if found.Blocking() {
		return nil, fmt.Errorf("refused: %v", found)
	}
	return inspected.Copy(context.Background(), limit)
}

// TestOriginal: a file within the limit is kept; a larger one, as phones make them, is reduced to a legible JPEG within it.
func TestOriginal(t *testing.T) {
	noise := image.NewRGBA(image.Rect(0, 0, 2400, 1800))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.Uint32())
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, noise, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	if file.Len() <= evidence.MaxOriginal {
		t.Fatalf("the file has only %d bytes", file.Len())
	}
	inspected, found := inspect(file.Bytes(), "image/jpeg")
	if found.Blocking() {
		t.Fatal(found)
	}
	if kept, format, err := inspected.Original(t.Context(), file.Len()); err != nil || format != picture.JPEG || !bytes.Equal(kept, file.Bytes()) {
		t.Errorf("a file within the limit: %s, %v", format, err)
	}
	reduced, format, err := inspected.Original(t.Context(), evidence.MaxOriginal)
	if err != nil || format != picture.JPEG || len(reduced) > evidence.MaxOriginal {
		t.Fatalf("%d bytes of %s, %v", len(reduced), format, err)
	}
	if config, err := jpeg.DecodeConfig(bytes.NewReader(reduced)); err != nil || config.Width < 1200 {
		t.Errorf("%d pixels wide, %v", config.Width, err)
	}
}
