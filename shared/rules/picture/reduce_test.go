package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"runtime"
	"testing"

	exact "golang.org/x/image/draw"

	"beian/shared/rules/evidence"
	"beian/shared/rules/picture"
	"beian/shared/rules/picture/picturetest"
)

// inColours returns a picture as brightness and colours.
func inColours(picture image.Image, ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	out := image.NewYCbCr(picture.Bounds(), ratio)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			c := color.YCbCrModel.Convert(picture.At(x, y)).(color.YCbCr)
			out.Y[out.YOffset(x, y)], out.Cb[out.COffset(x, y)], out.Cr[out.COffset(x, y)] = c.Y, c.Cb, c.Cr
		}
	}
	return out
}

// TestReducedAsExactly: in each format of pixels, a reduced picture differs little from one that is reduced in 64-bit floating point with the Catmull-Rom kernel.
func TestReducedAsExactly(t *testing.T) {
	const width, height = 501, 375 // odd
	original := picturetest.DrawPhoto(width, height)
	grey, transparent := image.NewGray(original.Rect), image.NewNRGBA(original.Rect)
	draw.Draw(grey, grey.Rect, original, image.Point{}, draw.Src)
	draw.Draw(transparent, transparent.Rect, original, image.Point{}, draw.Src)
	pictures := map[string]image.Image{"RGBA": original, "grey": grey, "NRGBA": transparent}
	for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
		pictures[ratio.String()] = inColours(original, ratio)
	}
	for name, p := range pictures {
		for _, to := range []image.Point{{width, height}, {450, 336}, {250, 187}, {45, 33}} {
			reduced, err := picture.Reduced(t.Context(), p, to.X, to.Y)
			if err != nil {
				t.Fatal(err)
			}
			want := image.NewRGBA(reduced.Rect)
			exact.CatmullRom.Scale(want, want.Rect, p, p.Bounds(), draw.Src, nil)
			if reduced.Rect.Size() != to {
				t.Errorf("%s: %v, want %v", name, reduced.Rect, to)
			}
			if ratio := likeness(reduced, want); ratio < 34 {
				t.Errorf("%s to %v: only %.1f dB like the exact one", name, to, ratio)
			}
		}
	}
}

// likeness returns how much the brightness of two pictures is alike, in decibels (PSNR).
func likeness(a *image.YCbCr, b *image.RGBA) float64 {
	var sum float64
	for y := range a.Rect.Dy() {
		for x := range a.Rect.Dx() {
			c := b.RGBAAt(x, y)
			bright, _, _ := color.RGBToYCbCr(c.R, c.G, c.B)
			difference := float64(a.Y[a.YOffset(x, y)]) - float64(bright)
			sum += difference * difference
		}
	}
	return 10 * math.Log10(255*255/max(sum/float64(a.Rect.Dx()*a.Rect.Dy()), .001))
}

// TestCopyOfPhotos: the copies of photos use most of the limit, and show colours; making them takes little memory beside that of the decoded picture.
func TestCopyOfPhotos(t *testing.T) {
	for _, size := range []image.Point{{1000, 640}, {1240, 1754}, {1920, 1440}} {
		data := picturetest.Photo(size.X, size.Y)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		copied, err := inspectAndCopy(data, evidence.AttachmentLimit)
		runtime.ReadMemStats(&after)
		if err != nil {
			t.Fatal(err)
		}
		if share := float64(len(copied)) / evidence.AttachmentLimit; share > 1 || share < .75 {
			t.Errorf("%v: the copy has %.0f %% of the limit", size, 100*share)
		}
		if bytes := after.TotalAlloc - before.TotalAlloc; bytes > uint64(4*size.X*size.Y)+4<<20 {
			t.Errorf("%v: %.1f bytes for each pixel were allocated", size, float64(bytes)/float64(size.X*size.Y))
		}
		shown, err := jpeg.Decode(bytes.NewReader(copied))
		if err != nil {
			t.Fatal(err)
		}
		b := shown.Bounds()
		if r, g, _, _ := shown.At(b.Dx()/4, b.Dy()*3/4).RGBA(); r < 2*g {
			t.Errorf("%v: the seal is not red", size)
		}
	}
}

// BenchmarkUpload measures what becomes of an upload: it is decoded, checked and reduced to the bureau's limit.
func BenchmarkUpload(b *testing.B) {
	for name, data := range map[string][]byte{
		"JPEG 1000x640": picturetest.Photo(1000, 640), "JPEG 1920x1440": picturetest.Photo(1920, 1440),
		"JPEG 4000x3000": picturetest.Photo(4000, 3000), "PNG 1600x1000": asPNG(b, picturetest.DrawPhoto(1600, 1000)),
	} {
		b.Run(fmt.Sprintf("%s, %d KB", name, len(data)/1024), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := inspectAndCopy(data, evidence.AttachmentLimit); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
