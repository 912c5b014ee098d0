package qrcode_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"beian/shared/rules/qrcode"
	"beian/shared/rules/qrcode/qrcodetest"
)

const text = "BEIAN-FORM/1/01JCZK3V7M8N9P0Q1R2S3T4V5W/SITES/0/VERIFICATION-FORM/1/ABCDEFGHJKMNPQRS"

func wanted(text string) bool { return strings.HasPrefix(text, "BEIAN-FORM/") }

// TestRead: the code of a form is read from what phones and scanners make of it.
func TestRead(t *testing.T) {
	page := qrcodetest.Page(t, text)
	for name, c := range map[string]struct {
		page           *image.Gray
		degrees, scale float64
		blur, quality  int
	}{
		"scan":                  {page, 0, 1, 0, 80},
		"turned by two degrees": {page, 2, 1, 1, 60},
		"on its side":           {page, 90, 1, 1, 60},
		"upside down":           {page, 183, 1, 1, 60},
		"slanting":              {page, 30, 1, 0, 60},
		"small and blurred":     {page, -2, 0.75, 1, 40},
		"large":                 {page, 1, 1.3, 2, 50},
		"beside another code":   {qrcodetest.Page(t, "https://example.cn/licence", text), 2, 1, 1, 60},
	} {
		t.Run(name, func(t *testing.T) {
			got, found, err := qrcode.Read(t.Context(), decode(t, qrcodetest.Photograph(t, c.page, c.degrees, c.scale, c.blur, c.quality)), wanted)
			if err != nil || !found || got != text {
				t.Errorf("%q, %v, %v", got, found, err)
			}
		})
	}
}

// decode decodes a grey JPEG.
func decode(t *testing.T, file []byte) *image.Gray {
	t.Helper()
	decoded, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return decoded.(*image.Gray)
}

// TestReadNothing: a page without a code, or with another one, has none.
func TestReadNothing(t *testing.T) {
	for name, page := range map[string]*image.Gray{
		"no code": qrcodetest.Page(t), "another code": qrcodetest.Page(t, "https://example.cn/"),
		"a point": image.NewGray(image.Rect(0, 0, 1, 1)), "a line": image.NewGray(image.Rect(0, 0, 2000, 1)), "nothing": image.NewGray(image.Rectangle{}),
	} {
		if got, found, err := qrcode.Read(t.Context(), page, wanted); found || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, _, err := qrcode.Read(t.Context(), image.NewGray(image.Rect(0, 0, 1, qrcode.MaxSide+1)), wanted); !errors.Is(err, qrcode.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := qrcode.Read(ended, qrcodetest.Page(t, text), wanted); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

// cornersEverywhere is a picture that is full of corners of codes, with modules of a size.
func cornersEverywhere(side, module int) *image.Gray {
	page := image.NewGray(image.Rect(0, 0, side, side))
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	for y := 0; y < side; y += 8 * module {
		for x := 0; x < side; x += 8 * module {
			for n, shade := range []image.Image{image.Black, image.White, image.Black} {
				inset := n * module
				draw.Draw(page, image.Rect(x+inset, y+inset, x+7*module-inset, y+7*module-inset), shade, image.Point{}, draw.Src)
			}
		}
	}
	return page
}

// TestReadHostile: pictures that are made to take long do not.
func TestReadHostile(t *testing.T) {
	for _, module := range []int{1, 2, 3, 5, 8, 20} {
		began := time.Now()
		if _, found, err := qrcode.Read(t.Context(), cornersEverywhere(qrcode.MaxSide, module), wanted); found || err != nil {
			t.Errorf("%d: %v, %v", module, found, err)
		}
		if took := time.Since(began); took > 10*time.Second { // about 0.3 s on a free core
			t.Errorf("%d: %s", module, took)
		} else {
			t.Logf("modules of %d pixels: %s", module, took)
		}
	}
}

// FuzzRead: no picture makes the search fail. The bytes are modules of a code with its three corners, so that the decoder is reached.
func FuzzRead(f *testing.F) {
	f.Add([]byte("\x12\x9c\x55\x0f"), uint8(3))
	f.Add([]byte{}, uint8(0))
	f.Fuzz(func(t *testing.T, modules []byte, version uint8) {
		side := 17 + 4*(1+int(version%7))
		page := image.NewGray(image.Rect(0, 0, 4*(side+8), 4*(side+8)))
		draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
		module := func(x, y, size int, shade image.Image) {
			draw.Draw(page, image.Rect(4*(x+4), 4*(y+4), 4*(x+4+size), 4*(y+4+size)), shade, image.Point{}, draw.Src)
		}
		for i := range side * side {
			if len(modules) > 0 && modules[i/8%len(modules)]>>(i%8)&1 == 1 {
				module(i%side, i/side, 1, image.Black)
			}
		}
		for _, at := range []image.Point{{0, 0}, {side - 7, 0}, {0, side - 7}} {
			module(at.X, at.Y, 8, image.White)
			module(at.X, at.Y, 7, image.Black)
			module(at.X+1, at.Y+1, 5, image.White)
			module(at.X+2, at.Y+2, 3, image.Black)
		}
		if _, _, err := qrcode.Read(t.Context(), page, func(string) bool { return false }); err != nil {
			t.Error(err)
		}
	})
}
