// Package qrcode finds QR codes (ISO/IEC 18004) in photographs and scans of documents.
//
//	text, found, err := qrcode.Read(ctx, grey, wanted)
//
// The library gozxing reads a code. This package chooses where: a page of text contains much that resembles the three corners of a code, and
// a hostile picture can contain so many that the library's own search, whose time grows with their third power, does not end.
package qrcode

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/detector"
)

// MaxSide is the long side, in pixels, up to which a picture is searched: a page of A4 with 8 pixels for each millimetre.
const MaxSide = 2400

// Limits of the search. On a page of text there are about twenty candidates for a corner.
const (
	rowStep       = 3   // a corner of a legible code has at least seven rows
	maxCandidates = 300 // that are compared with each new one
	maxCorners    = 24  // that are combined: 2,024 triangles
	maxAttempts   = 12  // triangles that are read
)

// ErrTooLarge is returned for a picture with a side above [MaxSide].
var ErrTooLarge = fmt.Errorf("qrcode: a side has more than %d pixels", MaxSide)

// Read returns the text of a QR code in the picture that wanted accepts, at any place and angle. found is false if there is none. It returns
// [ErrTooLarge], or the error of ctx once that has ended; a picture of the largest size takes about 0.1 s, a hostile one less than 2 s.
func Read(ctx context.Context, picture *image.Gray, wanted func(text string) bool) (text string, found bool, err error) {
	if picture.Rect.Dx() > MaxSide || picture.Rect.Dy() > MaxSide {
		return "", false, ErrTooLarge
	}
	black, err := blackOf(picture)
	if err != nil {
		return "", false, ctx.Err() // the picture is too small or has no contrast
	}
	corners, err := cornersOf(ctx, black)
	if err != nil {
		return "", false, err
	}
	for _, t := range trianglesOf(corners) {
		if err := ctx.Err(); err != nil {
			return "", false, err
		}
		if text, ok := readAt(black, t); ok && wanted(text) {
			return text, true, nil
		}
	}
	return "", false, nil
}

// blackOf returns which pixels are dark, each compared with its surroundings.
func blackOf(picture *image.Gray) (*gozxing.BitMatrix, error) {
	width, height := picture.Rect.Dx(), picture.Rect.Dy()
	grey, err := gozxing.NewPlanarYUVLuminanceSource(picture.Pix, picture.Stride, height, 0, 0, width, height, false)
	if err != nil {
		return nil, err
	}
	return gozxing.NewHybridBinarizer(grey).GetBlackMatrix()
}

// cornersOf returns the candidates for corners, those that most rows crossed first. It ends soon after ctx.
func cornersOf(ctx context.Context, black *gozxing.BitMatrix) ([]*detector.FinderPattern, error) {
	finder := detector.NewFinderPatternFinder(black, nil)
	for y := rowStep - 1; y < black.GetHeight() && len(finder.GetPossibleCenters()) < maxCandidates; y += rowStep {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		searchRow(finder, black, y)
	}
	corners := slices.Clone(finder.GetPossibleCenters())
	slices.SortStableFunc(corners, func(a, b *detector.FinderPattern) int { return cmp.Compare(b.GetCount(), a.GetCount()) })
	return corners[:min(len(corners), maxCorners)], nil
}

// searchRow gives the finder each place in a row with the proportions of a corner: dark, light, dark, light and dark as 1:1:3:1:1.
func searchRow(finder *detector.FinderPatternFinder, black *gozxing.BitMatrix, y int) {
	var lengths [5]int // of the last five runs of pixels, the last one not ended yet
	dark := false
	for x := range black.GetWidth() + 1 {
		is := x < black.GetWidth() && black.Get(x, y)
		if is == dark {
			lengths[4]++
			continue
		}
		if dark && detector.FinderPatternFinder_foundPatternCross(lengths[:]) {
			finder.HandlePossibleCenter(lengths[:], y, x)
		}
		copy(lengths[:], lengths[1:])
		lengths[4], dark = 1, is
	}
}

// A triangle is three corners that may belong to one code.
type triangle struct {
	corners    [3]*detector.FinderPattern
	distortion float64 // 0 for half a square, in proportion to its size
}

// Bounds of a triangle: how much modules may differ in size, and how far a photograph may distort half a square.
const (
	maxRatio      = 1.5
	maxDistortion = 0.6
)

// trianglesOf returns the triangles to read, the most regular first.
func trianglesOf(corners []*detector.FinderPattern) []triangle {
	var all []triangle
	for i := range corners {
		for j := range i {
			for k := range j {
				t := triangle{corners: [3]*detector.FinderPattern{corners[i], corners[j], corners[k]}}
				if t.measure(); t.distortion <= maxDistortion {
					all = append(all, t)
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b triangle) int { return cmp.Compare(a.distortion, b.distortion) })
	return all[:min(len(all), maxAttempts)]
}

// measure sets the distortion: how far the squares of the three sides are from 1:1:2. It is infinite if the corners differ in size.
func (t *triangle) measure() {
	a, b, c := t.corners[0], t.corners[1], t.corners[2]
	sizes := []float64{a.GetEstimatedModuleSize(), b.GetEstimatedModuleSize(), c.GetEstimatedModuleSize()}
	sides := []float64{squareOf(a, b), squareOf(b, c), squareOf(a, c)}
	slices.Sort(sides)
	if slices.Max(sizes) > maxRatio*slices.Min(sizes) || sides[2] == 0 {
		t.distortion = math.Inf(1)
		return
	}
	t.distortion = (math.Abs(sides[2]-2*sides[1]) + math.Abs(sides[2]-2*sides[0])) / sides[2]
}

// squareOf returns the square of the distance of two corners.
func squareOf(a, b *detector.FinderPattern) float64 {
	x, y := a.GetX()-b.GetX(), a.GetY()-b.GetY()
	return x*x + y*y
}

// readAt reads the code with three corners.
func readAt(black *gozxing.BitMatrix, t triangle) (string, bool) {
	bottomLeft, topLeft, topRight := gozxing.ResultPoint_OrderBestPatterns(t.corners[0], t.corners[1], t.corners[2])
	info := detector.NewFinderPatternInfo(bottomLeft.(*detector.FinderPattern), topLeft.(*detector.FinderPattern), topRight.(*detector.FinderPattern))
	sampled, err := detector.NewDetector(black).ProcessFinderPatternInfo(info)
	if err != nil {
		return "", false
	}
	code, err := decoder.NewDecoder().DecodeWithoutHint(sampled.GetBits())
	if err != nil {
		return "", false
	}
	return code.GetText(), true
}
