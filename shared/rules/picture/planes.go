package picture

import (
	"context"
	"image"
	"image/color"
	"image/draw"
)

// bandRows is the number of rows that are drawn before the context is checked: less than 0.1 s of work. It is even.
const bandRows = 64

// A plane is the brightness, or one colour, of a picture. It may share its samples with the decoded picture.
type plane struct {
	samples               []byte
	stride, width, height int
}

func newPlane(width, height int) plane {
	return plane{make([]byte, width*height), width, width, height}
}

func (p plane) row(y int) []byte { return p.samples[y*p.stride:][:p.width] }

// planes are the brightness (Y) and the colours (Cb, Cr) of a picture. Their sizes can differ; each covers the whole picture.
type planes [3]plane

// size is that of the picture.
func (p planes) size() size { return size{p[0].width, p[0].height} }

// factor returns how many pixels of each direction can become one before the picture is resampled to a long side of long pixels: at least two pixels for each of
// the result are left, so that it stays sharp.
func (p planes) factor(long int) int { return max(1, p.size().long()/(2*long)) }

// planesOf returns the planes of a picture on white. Those of a JPEG in the usual colours are not copied.
func planesOf(ctx context.Context, picture image.Image) (planes, error) {
	switch p := picture.(type) {
	case *image.YCbCr:
		return separate(p), ctx.Err()
	case *image.Gray:
		b := p.Rect
		neutral := plane{[]byte{0x80}, 1, 1, 1}
		return planes{{p.Pix[p.PixOffset(b.Min.X, b.Min.Y):], p.Stride, b.Dx(), b.Dy()}, neutral, neutral}, ctx.Err()
	}
	b := picture.Bounds()
	out := image.NewYCbCr(image.Rect(0, 0, b.Dx(), b.Dy()), image.YCbCrSubsampleRatio420)
	band := image.NewRGBA(image.Rect(0, 0, b.Dx(), min(b.Dy(), bandRows)))
	for y := 0; y < b.Dy(); y += bandRows {
		if err := ctx.Err(); err != nil {
			return planes{}, err
		}
		band.Rect.Max.Y = min(bandRows, b.Dy()-y)
		draw.Draw(band, band.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(band, band.Rect, picture, b.Min.Add(image.Pt(0, y)), draw.Over)
		convertBand(out, band, y)
	}
	return separate(out), ctx.Err()
}

// convertBand writes a band of opaque colours into the rows from y on, an even number. Blue and red are those of the average of four pixels.
func convertBand(out *image.YCbCr, band *image.RGBA, y int) {
	width, height := band.Rect.Dx(), band.Rect.Dy()
	for row := range height {
		pixels, luma := band.Pix[row*band.Stride:][:4*width], out.Y[(y+row)*out.YStride:][:width]
		for x := range luma {
			luma[x], _, _ = color.RGBToYCbCr(pixels[4*x], pixels[4*x+1], pixels[4*x+2])
		}
	}
	for row := 0; row < height; row += 2 {
		upper, lower := band.Pix[row*band.Stride:], band.Pix[min(row+1, height-1)*band.Stride:]
		for x := 0; x < width; x += 2 {
			left, right := 4*x, 4*min(x+1, width-1)
			mean := func(c int) uint8 {
				return uint8((int(upper[left+c]) + int(upper[right+c]) + int(lower[left+c]) + int(lower[right+c]) + 2) / 4)
			}
			at := (y+row)/2*out.CStride + x/2
			_, out.Cb[at], out.Cr[at] = color.RGBToYCbCr(mean(0), mean(1), mean(2))
		}
	}
}

// separate returns the planes of a picture whose corner is at 0, 0.
func separate(p *image.YCbCr) planes {
	width, height := p.Rect.Dx(), p.Rect.Dy()
	across, down := subsampling(p.SubsampleRatio)
	colour := plane{stride: p.CStride, width: (width + across - 1) / across, height: (height + down - 1) / down}
	blue, red := colour, colour
	blue.samples, red.samples = p.Cb, p.Cr
	return planes{{p.Y, p.YStride, width, height}, blue, red}
}

// subsampling returns how many pixels across and down have one colour.
func subsampling(ratio image.YCbCrSubsampleRatio) (across, down int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// averaged returns the planes with a resolution that suffices for a picture with a long side of long pixels: squares of pixels become their mean. The colours get
// half the resolution of the brightness, as the encoder needs them.
func (p planes) averaged(ctx context.Context, long int) (planes, error) {
	luma, factor := p[0], p.factor(long)
	for i, of := range p {
		wide, high := factor, factor
		if i > 0 {
			wide, high = 2*factor*of.width/luma.width, 2*factor*of.height/luma.height
		}
		var err error
		if p[i], err = of.averaged(ctx, max(1, wide), max(1, high)); err != nil {
			return planes{}, err
		}
	}
	return p, nil
}

// averaged returns the mean of each rectangle of wide × high samples, which is smaller at the right and the lower edge.
func (p plane) averaged(ctx context.Context, wide, high int) (plane, error) {
	if wide == 1 && high == 1 {
		return p, nil
	}
	out := newPlane((p.width+wide-1)/wide, (p.height+high-1)/high)
	sums := make([]uint32, out.width)
	for y := range out.height {
		if y%bandRows == 0 && ctx.Err() != nil {
			return plane{}, ctx.Err()
		}
		clear(sums)
		first, end := y*high, min((y+1)*high, p.height)
		for row := first; row < end; row++ {
			addRow(sums, p.row(row), wide)
		}
		line := out.row(y)
		count := uint32(wide * (end - first))
		for x, sum := range sums {
			line[x] = uint8((sum + count/2) / count)
		}
		if rest := p.width % wide; rest > 0 {
			count = uint32(rest * (end - first))
			line[len(line)-1] = uint8((sums[len(sums)-1] + count/2) / count)
		}
	}
	return out, nil
}

// addRow adds each group of wide samples to its sum.
func addRow(sums []uint32, samples []byte, wide int) {
	if wide == 2 {
		for x := 0; x < len(sums) && 2*x+1 < len(samples); x++ {
			sums[x] += uint32(samples[2*x]) + uint32(samples[2*x+1])
		}
		if len(samples)%2 == 1 {
			sums[len(sums)-1] += uint32(samples[len(samples)-1])
		}
		return
	}
	for x := range sums {
		var sum uint32
		for _, sample := range samples[x*wide : min((x+1)*wide, len(samples))] {
			sum += uint32(sample)
		}
		sums[x] += sum
	}
}

// upright rotates and mirrors a picture whose colours have half the resolution by an EXIF orientation (EXIF 2.3, 4.6.4 A).
func upright(p *image.YCbCr, orientation int) *image.YCbCr {
	if orientation == 1 {
		return p
	}
	turned := image.Rect(0, 0, p.Rect.Dx(), p.Rect.Dy())
	if orientation >= 5 {
		turned = image.Rect(0, 0, p.Rect.Dy(), p.Rect.Dx())
	}
	out := image.NewYCbCr(turned, p.SubsampleRatio)
	to := separate(out)
	for i, from := range separate(p) {
		from.turn(to[i], orientation)
	}
	return out
}

// turn writes the plane rotated and mirrored by an orientation from 2 to 8.
func (p plane) turn(out plane, orientation int) {
	// The sample for column x and row y of the result is at start + x*across + y*down.
	right, low := p.width-1, (p.height-1)*p.stride
	var start, across, down int
	switch orientation {
	case 2:
		start, across, down = right, -1, p.stride
	case 3:
		start, across, down = low+right, -1, -p.stride
	case 4:
		start, across, down = low, 1, -p.stride
	case 5:
		start, across, down = 0, p.stride, 1
	case 6:
		start, across, down = low, -p.stride, 1
	case 7:
		start, across, down = low+right, -p.stride, -1
	case 8:
		start, across, down = right, p.stride, -1
	}
	for y := range out.height {
		line, at := out.row(y), start+y*down
		for x := range line {
			line[x] = p.samples[at]
			at += across
		}
	}
}
