package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"strings"
	"testing"

	"beian/shared/rules/picture"
)

// TestMarked: every eighth of a picture is marked visibly, on light, dark and grey ground, and most of the ground stays as it was.
func TestMarked(t *testing.T) {
	for _, ground := range []color.Gray{{0}, {96}, {160}, {255}} {
		for _, size := range []image.Point{{800, 600}, {1200, 5000}, {4000, 3000}, {64, 64}} {
			plain := image.NewGray(image.Rectangle{Max: size})
			draw.Draw(plain, plain.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
			data := asJPEG(t, plain, 90)
			before := bytes.Clone(data)
			marked, err := picture.Marked(t.Context(), data, "reviewer-1 2026-11-28 15:30", picture.NewBudget())
			if err != nil || !bytes.Equal(before, data) {
				t.Fatal("no marked picture, or the original changed:", err)
			}
			shown, err := jpeg.Decode(bytes.NewReader(marked))
			if err != nil {
				t.Fatal(err)
			}
			checkMarks(t, shown, ground, size)
		}
	}
}

func checkMarks(t *testing.T, shown image.Image, ground color.Gray, size image.Point) {
	t.Helper()
	bounds, changed := shown.Bounds(), 0
	if ratio := float64(bounds.Dx()) / float64(bounds.Dy()); max(bounds.Dx(), bounds.Dy()) > 2560 || ratio*float64(size.Y)/float64(size.X) > 1.02 || ratio*float64(size.Y)/float64(size.X) < 0.98 {
		t.Errorf("%v became %v", size, bounds)
	}
	parts := [8][8]int{}
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			c := color.GrayModel.Convert(shown.At(x, y)).(color.Gray)
			if difference := int(c.Y) - int(ground.Y); difference > 40 || difference < -40 {
				changed++
				parts[y*8/bounds.Dy()][x*8/bounds.Dx()]++
			}
		}
	}
	if share := float64(changed) / float64(bounds.Dx()*bounds.Dy()); share > 0.25 {
		t.Errorf("%v on %d: %.0f %% of the picture are covered", size, ground.Y, 100*share)
	}
	if min(size.X, size.Y) < 300 {
		return
	}
	for row := range 4 { // a quarter of the height, a quarter of the width
		for column := range 4 {
			if parts[2*row][2*column]+parts[2*row+1][2*column]+parts[2*row][2*column+1]+parts[2*row+1][2*column+1] < 20 {
				t.Errorf("%v on %d: part %d, %d is not marked", size, ground.Y, row, column)
			}
		}
	}
}

// TestMarkedText: text of any length and with any characters is drawn, and a turned photo is shown upright.
func TestMarkedText(t *testing.T) {
	data := asJPEG(t, drawDocument(900, 700), 85)
	for _, text := range []string{"", "审核员 <b>\x00\n", strings.Repeat("x", 500)} {
		if _, err := picture.Marked(t.Context(), data, text, picture.NewBudget()); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := picture.Marked(t.Context(), []byte("%PDF-1.4"), "x", picture.NewBudget()); err == nil {
		t.Error("a file that is no picture was marked")
	}
}

// BenchmarkMarked measures a photo of a phone: 12 million pixels.
func BenchmarkMarked(b *testing.B) {
	for _, size := range []image.Point{{1000, 640}, {4000, 3000}} {
		data := asJPEG(b, drawDocument(size.X, size.Y), 85)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				marked, err := picture.Marked(b.Context(), data, "reviewer-1 2026-11-28 15:30", picture.NewBudget())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(marked))/1024, "KB")
			}
		})
	}
}
