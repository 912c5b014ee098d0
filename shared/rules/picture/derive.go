package picture

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"math"

	"beian/shared/rules/fault"
)

// Bounds of the search for a copy within the limit: the long side at the start, and the shortest long side.
const (
	maxCopySide = 1600
	minSide     = 64
)

// qualities are those that are tried. Below the lowest, letters get halos, so the search reduces the size instead. Finer steps are invisible.
var qualities = [...]int{60, 68, 76, 84}

// ErrLimit is returned if no legible copy fits into the limit.
var ErrLimit = fault.New(fault.TooLarge, "图片无法压缩到管局允许的大小。", "The picture cannot be reduced to the size that the bureau allows.")

// Copy returns the copy for the bureau: a baseline JPEG of at most limit bytes, upright, on white, and without metadata such as
// the place of the photo. If the file is an upright baseline JPEG within the limit, Copy only removes its metadata and does not encode
// it again. It returns [ErrLimit] if no legible copy fits, and the error of ctx once that has ended.
func (i Image) Copy(ctx context.Context, limit int) ([]byte, error) {
	if i.Orientation == 1 && i.plain {
		if plain := stripMetadata(i.data); plain != nil && len(plain) <= limit {
			return plain, nil
		}
	}
	picture, err := i.reduce(ctx, maxCopySide)
	if err != nil {
		return nil, err
	}
	return i.encodeWithin(ctx, picture, picture.size().within(maxCopySide), limit)
}

// maxOriginalSide is the long side of a reduced original: a page of A4 at 340 dots per inch.
const maxOriginalSide = 4000

// Original returns the picture to store: the file itself if it has at most limit bytes, else a JPEG that fits, upright and without
// metadata. It returns [ErrLimit] if none fits, and the error of ctx once that has ended.
func (i Image) Original(ctx context.Context, limit int) (data []byte, format Format, err error) {
	if len(i.data) <= limit {
		return i.data, i.Format, nil
	}
	picture, err := i.reduce(ctx, maxOriginalSide)
	if err != nil {
		return nil, "", err
	}
	data, err = i.encodeWithin(ctx, picture, picture.size().within(maxOriginalSide), limit)
	return data, JPEG, err
}

// InGrey returns the picture in grey, with a long side of at most long pixels, and not turned upright: for reading codes. It may share its pixels with i. It
// spends the work of reading codes, too. The error is that of ctx.
func (i Image) InGrey(ctx context.Context, long int) (*image.Gray, error) {
	i.budget.spend(i.planes.size(), workOfAveraging)
	factor := i.planes.factor(long)
	luma, err := i.planes[0].averaged(ctx, factor, factor)
	if err != nil {
		return nil, err
	}
	to := i.planes.size().within(long)
	i.budget.spend(to, workOfScaling+workOfReading)
	if to == (size{luma.width, luma.height}) {
		return &image.Gray{Pix: luma.samples, Stride: luma.stride, Rect: image.Rect(0, 0, to.width, to.height)}, nil
	}
	grey := image.NewGray(image.Rect(0, 0, to.width, to.height))
	err = luma.resample(ctx, plane{grey.Pix, grey.Stride, to.width, to.height}, to, chosenRows(to.height, 1, 1))
	return grey, err
}

// reduce returns the picture with a resolution that suffices for a long side of long pixels.
func (i Image) reduce(ctx context.Context, long int) (planes, error) {
	i.budget.spend(i.planes.size(), workOfAveraging)
	return i.planes.averaged(ctx, long)
}

// encodeWithin returns the upright JPEG with the largest size up to the given one, and at this size the best quality, that is within limit. It searches with a
// sample of the rows, so the whole picture is usually drawn and encoded once.
func (i Image) encodeWithin(ctx context.Context, picture planes, to size, limit int) ([]byte, error) {
	underestimated := 1.0 // how many times longer a whole JPEG was than its estimate
	for to.long() >= minSide {
		sampled, err := i.sample(ctx, picture, to)
		if err != nil {
			return nil, err
		}
		var whole *image.YCbCr
		for {
			quality, estimate := i.bestQuality(sampled, underestimated, limit)
			if quality == 0 {
				// The length of a JPEG is roughly proportional to its area. Each step reduces the side by at least a tenth, so the search ends.
				ratio := min(0.9, max(0.3, 0.97*math.Sqrt(float64(limit)/estimate)))
				to = to.within(int(float64(to.long()) * ratio))
				break
			}
			if whole == nil {
				drawn, err := i.draw(ctx, picture, to, 1)
				if err != nil {
					return nil, err
				}
				whole = upright(drawn, i.Orientation)
			}
			data := i.encode(whole, quality)
			if len(data) <= limit {
				return data, ctx.Err()
			}
			underestimated *= float64(len(data)) / estimate
		}
	}
	return nil, ErrLimit
}

// A sample is a share of the rows of a picture.
type sample struct {
	rows  *image.YCbCr
	share float64
}

// sampledBlocks is the number of rows of blocks in a sample, at least. Pictures with less than twice as many are drawn whole.
const sampledBlocks = 8

// sample draws a sample of the picture in a size.
func (i Image) sample(ctx context.Context, picture planes, to size) (sample, error) {
	rows, err := i.draw(ctx, picture, to, max(1, to.height/(rowsOfBlock*sampledBlocks)))
	if err != nil {
		return sample{}, err
	}
	return sample{rows, float64(rows.Rect.Dy()) / float64(to.height)}, nil
}

// bestQuality returns the best quality with which the estimated length of the whole JPEG, times the factor, is within limit, and this length. If there is none,
// it returns 0 and the length with the lowest quality.
func (i Image) bestQuality(s sample, factor float64, limit int) (best int, length float64) {
	const header = 623 // bytes that do not depend on the picture
	for _, quality := range qualities {
		estimate := factor * (header + float64(len(i.encode(s.rows, quality))-header)/s.share)
		if estimate > float64(limit) {
			if best == 0 {
				length = estimate
			}
			break
		}
		best, length = quality, estimate
	}
	return best, length
}

// draw draws the picture in a size, or one row of blocks in each group of every.
func (i Image) draw(ctx context.Context, picture planes, to size, every int) (*image.YCbCr, error) {
	i.budget.spend(size{to.width, to.height / every}, workOfScaling)
	return picture.resampled(ctx, to, every)
}

func (i Image) encode(picture image.Image, quality int) []byte {
	bounds := picture.Bounds()
	i.budget.spend(size{bounds.Dx(), bounds.Dy()}, workOfEncoding)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // writing to a buffer never fails, and no side exceeds the limit of JPEG
	}
	return out.Bytes()
}
