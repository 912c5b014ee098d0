// Package qrcodetest draws pages with QR codes, and what phones and scanners make of them.
package qrcodetest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/yeqown/go-qrcode/v2"
	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// A canvas draws the modules of a code on a page.
type canvas struct {
	page       *image.Gray
	x, y, size int // pixels
}

func (c canvas) Write(m qrcode.Matrix) error {
	m.Iterate(qrcode.IterDirection_ROW, func(x, y int, value qrcode.QRValue) {
		if value.IsSet() {
			at := image.Rect(c.x+x*c.size, c.y+y*c.size, c.x+(x+1)*c.size, c.y+(y+1)*c.size)
			draw.Draw(c.page, at, image.Black, image.Point{}, draw.Src)
		}
	})
	return nil
}

func (canvas) Close() error { return nil }

// Page returns a page of A4 with lines of print, boxes to tick, and codes: the first at the bottom right, as on a form.
func Page(t testing.TB, texts ...string) *image.Gray {
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
		code, err := qrcode.NewWith(text, qrcode.WithErrorCorrectionLevel(qrcode.ErrorCorrectionMedium))
		if err == nil {
			err = code.Save(canvas{page, 960 - 500*i, 1470, 5})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return page
}

// Photograph returns the page turned by an angle on a dark table, scaled, blurred, with noise, as a JPEG.
func Photograph(t testing.TB, page *image.Gray, degrees, scale float64, blur, quality int) []byte {
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
	return file.Bytes()
}
