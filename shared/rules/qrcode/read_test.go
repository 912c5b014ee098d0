package qrcode_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	qrcode2 "github.com/yeqown/go-qrcode/v2"
	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"beian/shared/rules/qrcode"
)

const text = "BEIAN-FORM/1/01JCZK3V7M8N9P0Q1R2S3T4V5W/SITES/0/VERIFICATION-FORM/1/ABCDEFGHJKMNPQRS"

func wanted(text string) bool { return strings.HasPrefix(text, "BEIAN-FORM/") }

// A canvas draws the modules of a code on a page.
type canvas struct {
	page       *image.Gray
	x, y, size int // pixels
}

func (c canvas) Write(m qrcode2.Matrix) error {
	m.Iterate(qrcode2.IterDirection_ROW, func(x, y int, value qrcode2.QRValue) {
		if value.IsSet() {
			at := image.Rect(c.x+x*c.size, c.y+y*c.size, c.x+(x+1)*c.size, c.y+(y+1)*c.size)
			draw.Draw(c.page, at, image.Black, image.Point{}, draw.Src)
		}
	})
	return nil
}

func (canvas) Close() error { return nil }

// pageWith returns a page of A4 with lines of print, boxes to tick, and codes: the first at the bottom right, as on a form.
func pageWith(t testing.TB, texts ...string) *image.Gray {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 1240, 1754)) // 150 dots per inch
	draw.Draw(page, page.Rect, image.White, image.Point{}, draw.Src)
	random := rand.New(rand.NewPCG(3, 4))
	box := func(x, y, side, line int) {
		draw.Draw(page, image.Rect(x, y, x+side, y+side), image.Black, image.Point{}, draw.Src)
		draw.Draw(page, image.Rect(x+line, y+line, x+side-line, y+side-line), image.White, image.Point{}, draw.Src)
	}
	for y := 100; y < 1300; y += 36 {
		for x := 90; x < 1100; x += 24 {
			if random.IntN(4) == 0 {
				box(x, y, 21, 3) // a character such as 回
				box(x+6, y+6, 9, 3)
				continue
			}
			for range 5 {
				if random.IntN(2) == 0 {
					draw.Draw(page, image.Rect(x, y+random.IntN(18), x+20, y+20).Intersect(image.Rect(x, y, x+20, y+2+random.IntN(18))), image.Black, image.Point{}, draw.Src)
				} else {
					draw.Draw(page, image.Rect(x+random.IntN(18), y, x+2+random.IntN(18), y+20), image.Black, image.Point{}, draw.Src)
				}
			}
		}
	}
	for i, text := range texts {
		code, err := qrcode2.NewWith(text, qrcode2.WithErrorCorrectionLevel(qrcode2.ErrorCorrectionMedium))
		if err == nil {
			err = code.Save(canvas{page, 960 - 500*i, 1470, 5})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return page
}

// photographed returns the page turned by an angle on a dark table, scaled, blurred, with noise, and compressed.
func photographed(t testing.TB, page *image.Gray, degrees, scale float64, blur, quality int) *image.Gray {
	t.Helper()
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	sin, cos = sin*scale, cos*scale
	w, h := float64(page.Rect.Dx()), float64(page.Rect.Dy())
	width, height := math.Abs(w*cos)+math.Abs(h*sin)+40, math.Abs(w*sin)+math.Abs(h*cos)+40
	out := image.NewGray(image.Rect(0, 0, int(width), int(height)))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{Y: 90}), image.Point{}, draw.Src)
	turn := f64.Aff3{cos, -sin, width/2 - cos*w/2 + sin*h/2, sin, cos, height/2 - sin*w/2 - cos*h/2}
	draw.BiLinear.Transform(out, turn, page, page.Rect, draw.Over, nil)
	for range blur {
		soft := image.NewGray(out.Rect)
		for y := 1; y < out.Rect.Dy()-1; y++ {
			for x := 1; x < out.Rect.Dx()-1; x++ {
				sum := 0
				for dy := -1; dy <= 1; dy++ {
					for dx := -1; dx <= 1; dx++ {
						sum += int(out.Pix[(y+dy)*out.Stride+x+dx])
					}
				}
				soft.Pix[y*out.Stride+x] = byte(sum / 9)
			}
		}
		out = soft
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range out.Pix {
		shade := 1 - 0.35*float64(i%out.Stride)/float64(out.Stride) // light from one side
		out.Pix[i] = byte(max(0, min(255, float64(out.Pix[i])*shade+random.NormFloat64()*6)))
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, out, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	decoded, err := jpeg.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	return decoded.(*image.Gray)
}

// TestRead: the code of a form is read from what phones and scanners make of it.
func TestRead(t *testing.T) {
	page := pageWith(t, text)
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
		"beside another code":   {pageWith(t, "https://example.cn/licence", text), 2, 1, 1, 60},
	} {
		t.Run(name, func(t *testing.T) {
			got, found, err := qrcode.Read(t.Context(), photographed(t, c.page, c.degrees, c.scale, c.blur, c.quality), wanted)
			if err != nil || !found || got != text {
				t.Errorf("%q, %v, %v", got, found, err)
			}
		})
	}
}

// TestReadNothing: a page without a code, or with another one, has none.
func TestReadNothing(t *testing.T) {
	for name, page := range map[string]*image.Gray{
		"no code": pageWith(t), "another code": pageWith(t, "https://example.cn/"),
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
	if _, _, err := qrcode.Read(ended, pageWith(t, text), wanted); !errors.Is(err, context.Canceled) {
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
