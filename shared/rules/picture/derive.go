package picture

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"math"

	"golang.org/x/image/draw"

	"beian/shared/rules/fault"
)

// Bounds of the search for a copy within the limit: the long side at the start, the lowest quality, and the shortest long side. Below
// this quality letters get halos, so the search reduces the size instead.
const (
	maxCopySide = 1600
	minQuality  = 60
	minSide     = 64
)

// qualities are the qualities above minQuality that are tried. Finer steps are invisible, and each costs an encoding.
var qualities = [...]int{68, 76, 84}

// ErrLimit is returned if no legible copy fits into the limit.
var ErrLimit = fault.New(fault.TooLarge, "图片无法压缩到管局允许的大小。", "The picture cannot be reduced to the size that the bureau allows.")

// Copy returns the copy for the bureau: a baseline JPEG of at most limit bytes, upright, on white, and without metadata such as
// the place of the photo. If the file is an upright baseline JPEG within the limit, Copy only removes its metadata and does not encode
// it again. It returns [ErrLimit] if no legible copy fits, and the error of ctx once that has ended.
func (i Image) Copy(ctx context.Context, limit int) ([]byte, error) {
	if i.Format == JPEG && i.Orientation == 1 {
		if h := readHeader(i.data); h.baseline && !h.thumbnail && !i.printed() {
			if plain := stripMetadata(i.data); plain != nil && len(plain) <= limit {
				return plain, nil
			}
		}
	}
	picture, err := i.shrink(ctx, i.picture, maxCopySide)
	if err != nil {
		return nil, err
	}
	return i.shrinkToLimit(ctx, upright(picture, i.Orientation), limit)
}

// printed reports whether the colours are those of printing (CMYK), which browsers and the bureau's viewer may show wrongly.
func (i Image) printed() bool { return i.picture.ColorModel() == color.CMYKModel }

// maxOriginalSide is the long side of a reduced original: a page of A4 at 340 dots per inch.
const maxOriginalSide = 4000

// Original returns the picture to store: the file itself if it has at most limit bytes, else a JPEG that fits, upright and without
// metadata. It returns [ErrLimit] if none fits, and the error of ctx once that has ended.
func (i Image) Original(ctx context.Context, limit int) (data []byte, format Format, err error) {
	if len(i.data) <= limit {
		return i.data, i.Format, nil
	}
	picture, err := i.shrink(ctx, i.picture, maxOriginalSide)
	if err != nil {
		return nil, "", err
	}
	picture = upright(picture, i.Orientation)
	if data = i.encode(picture, qualities[len(qualities)-1]); len(data) > limit {
		data, err = i.shrinkToLimit(ctx, picture, limit)
	}
	return data, JPEG, err
}

// InGrey returns the picture in grey, with a long side of at most long pixels, and not turned upright: for reading codes. It spends the work of
// reading them, too. The error is that of ctx.
func (i Image) InGrey(ctx context.Context, long int) (*image.Gray, error) {
	picture, err := i.shrink(ctx, i.picture, long)
	if err != nil {
		return nil, err
	}
	i.budget.spend(picture.Rect, workOfReading)
	grey := image.NewGray(picture.Rect)
	draw.Draw(grey, grey.Rect, picture, picture.Rect.Min, draw.Src)
	return grey, ctx.Err()
}

// shrinkToLimit returns the copy with the largest size, and at this size the best quality, that is within limit.
func (i Image) shrinkToLimit(ctx context.Context, picture *image.RGBA, limit int) ([]byte, error) {
	for ctx.Err() == nil {
		smallest := i.encode(picture, minQuality)
		if len(smallest) <= limit {
			return i.raiseQuality(ctx, picture, smallest, limit)
		}
		long := max(picture.Rect.Dx(), picture.Rect.Dy())
		// The size of a JPEG is roughly proportional to its area. Each step reduces the side by at least a tenth, so the search ends.
		ratio := min(0.9, max(0.3, 0.97*math.Sqrt(float64(limit)/float64(len(smallest)))))
		next := int(float64(long) * ratio)
		if next < minSide {
			return nil, ErrLimit
		}
		var err error
		if picture, err = i.shrink(ctx, picture, next); err != nil {
			return nil, err
		}
	}
	return nil, ctx.Err()
}

// raiseQuality returns the copy with the best quality within limit. best is the copy with minQuality, which is within limit.
func (i Image) raiseQuality(ctx context.Context, picture *image.RGBA, best []byte, limit int) ([]byte, error) {
	low, high := 0, len(qualities)-1
	for low <= high && ctx.Err() == nil {
		middle := (low + high) / 2
		if candidate := i.encode(picture, qualities[middle]); len(candidate) <= limit {
			best, low = candidate, middle+1
		} else {
			high = middle - 1
		}
	}
	return best, ctx.Err()
}

func (i Image) encode(picture *image.RGBA, quality int) []byte {
	i.budget.spend(picture.Rect, workOfEncoding)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // writing to a buffer never fails, and no side exceeds the limit of JPEG
	}
	return out.Bytes()
}

// shrink draws the picture on white, with a long side of at most long pixels. It halves the picture repeatedly, which needs little
// memory. Only the last step of a small picture uses the better kernel, which takes 32 bytes for each pixel.
func (i Image) shrink(ctx context.Context, picture image.Image, long int) (*image.RGBA, error) {
	for size := picture.Bounds().Size(); max(size.X, size.Y) > 2*long; size = picture.Bounds().Size() {
		i.budget.spend(picture.Bounds(), workOfScaling)
		half := newWhiteCanvas((size.X+1)/2, (size.Y+1)/2)
		if err := scale(ctx, half, picture); err != nil {
			return nil, err
		}
		picture = half
	}
	i.budget.spend(picture.Bounds(), workOfScaling)
	size := picture.Bounds().Size()
	ratio := min(1, float64(long)/float64(max(size.X, size.Y)))
	out := newWhiteCanvas(max(1, int(float64(size.X)*ratio)), max(1, int(float64(size.Y)*ratio)))
	switch {
	case ratio == 1:
		draw.Draw(out, out.Rect, picture, picture.Bounds().Min, draw.Over)
	case long <= maxCopySide:
		draw.CatmullRom.Scale(out, out.Rect, picture, picture.Bounds(), draw.Over, nil)
	default:
		return out, scale(ctx, out, picture)
	}
	return out, ctx.Err()
}

// bandRows is the number of rows that scale draws before it checks its context: less than 0.1 s of work.
const bandRows = 256

// scale draws the picture on the whole canvas, in bands.
func scale(ctx context.Context, canvas *image.RGBA, picture image.Image) error {
	for band := canvas.Rect; band.Min.Y < canvas.Rect.Max.Y; band.Min.Y = band.Max.Y {
		if err := ctx.Err(); err != nil {
			return err
		}
		band.Max.Y = min(band.Min.Y+bandRows, canvas.Rect.Max.Y)
		draw.ApproxBiLinear.Scale(canvas.SubImage(band).(*image.RGBA), canvas.Rect, picture, picture.Bounds(), draw.Over, nil)
	}
	return nil
}

func newWhiteCanvas(width, height int) *image.RGBA {
	c := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(c, c.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	return c
}

// upright rotates and mirrors the picture by its EXIF orientation (EXIF 2.3, 4.6.4 A).
func upright(picture *image.RGBA, orientation int) *image.RGBA {
	w, h := picture.Rect.Dx(), picture.Rect.Dy()
	// source returns the point of the stored picture for a point of the upright one.
	var source func(x, y int) (int, int)
	switch orientation {
	case 2:
		source = func(x, y int) (int, int) { return w - 1 - x, y }
	case 3:
		source = func(x, y int) (int, int) { return w - 1 - x, h - 1 - y }
	case 4:
		source = func(x, y int) (int, int) { return x, h - 1 - y }
	case 5:
		source = func(x, y int) (int, int) { return y, x }
	case 6:
		source = func(x, y int) (int, int) { return y, h - 1 - x }
	case 7:
		source = func(x, y int) (int, int) { return w - 1 - y, h - 1 - x }
	case 8:
		source = func(x, y int) (int, int) { return w - 1 - y, x }
	default:
		return picture
	}
	width, height := w, h
	if orientation >= 5 {
		width, height = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			sx, sy := source(x, y)
			copy(out.Pix[out.PixOffset(x, y):][:4], picture.Pix[picture.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
