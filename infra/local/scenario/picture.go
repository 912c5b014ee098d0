package scenario

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"beian/infra/local/system"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// SampleIcon draws the icon of an invented app, a square with sides of as many pixels, as JPEG.
func SampleIcon(side int) []byte {
	icon := image.NewRGBA(image.Rect(0, 0, side, side))
	draw.Draw(icon, icon.Bounds(), image.NewUniform(color.RGBA{35, 87, 150, 255}), image.Point{}, draw.Src)
	draw.Draw(icon, image.Rect(side/4, side/4, side*3/4, side*3/4), image.NewUniform(color.RGBA{240, 180, 60, 255}), image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, icon, &jpeg.Options{Quality: 80}); err != nil {
		panic(err) // a buffer does not fail
	}
	return out.Bytes()
}

// SamplePicture draws an invented document with a title, marked SAMPLE, as JPEG. The result depends only on the arguments.
func SamplePicture(title string, seed uint64) []byte {
	const width, height = 1000, 640
	random := rand.New(rand.NewPCG(seed, seed))
	card := image.NewRGBA(image.Rect(0, 0, width, height))
	paint := func(r image.Rectangle, c color.Color) {
		draw.Draw(card, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	paint(card.Bounds(), color.RGBA{236, 240, 247, 255})
	paint(image.Rect(0, 0, width, 80), color.RGBA{35, 87, 150, 255})
	paint(image.Rect(700, 140, 930, 440), color.RGBA{200, 170, 150, 255})
	for y := 160; y < 600; y += 60 {
		paint(image.Rect(60, y, 200+random.IntN(400), y+18), color.RGBA{uint8(90 + random.IntN(60)), 100, 120, 255})
	}
	write := func(x, y int, c color.Color, text string) {
		d := font.Drawer{Dst: card, Src: image.NewUniform(c), Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
		d.DrawString(text)
	}
	write(40, 48, color.White, "SAMPLE - NOT A DOCUMENT - "+title)
	for i := range 12 {
		write(60+i*70, 620, color.RGBA{180, 60, 60, 255}, "SAMPLE")
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, card, &jpeg.Options{Quality: 80}); err != nil {
		panic(err) // a buffer does not fail
	}
	return out.Bytes()
}

// AwaitInspection waits until the function inspectupload has inspected a large upload. It must not be accepted meanwhile.
func AwaitInspection(ctx context.Context, s *system.System, form UploadForm) error {
	return Poll(ctx, func() (bool, error) {
		_, err := s.Parts.Uploads().ReadObject(ctx, evidence.Key(form.Key).Inspected(), 1)
		if fault.KindOf(err) == fault.NotFound {
			return false, nil
		}
		return true, err
	})
}
