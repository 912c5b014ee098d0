package picture

import (
	"context"
	"image"
	"math"
)

// A size is that of a picture in pixels.
type size struct{ width, height int }

func (s size) long() int { return max(s.width, s.height) }

func (s size) pixels() int64 { return int64(s.width) * int64(s.height) }

// within returns the size with a long side of at most long pixels.
func (s size) within(long int) size {
	if s.long() <= long {
		return s
	}
	ratio := float64(long) / float64(s.long())
	return size{max(1, int(float64(s.width)*ratio)), max(1, int(float64(s.height)*ratio))}
}

// rowsOfBlock is the number of rows that JPEG encodes together if the colours have half the resolution.
const rowsOfBlock = 16

// resampled returns the picture in a smaller size, or only one row of blocks in each group of so many: every 1 is the whole picture.
func (p planes) resampled(ctx context.Context, to size, every int) (*image.YCbCr, error) {
	rows := chosenRows(to.height, rowsOfBlock, every)
	out := image.NewYCbCr(image.Rect(0, 0, to.width, len(rows)), image.YCbCrSubsampleRatio420)
	half := size{(to.width + 1) / 2, (to.height + 1) / 2}
	err := p[0].resample(ctx, plane{out.Y, out.YStride, to.width, len(rows)}, to, rows)
	colourRows := chosenRows(half.height, rowsOfBlock/2, every)
	for i, samples := range [][]byte{out.Cb, out.Cr} {
		if err == nil {
			err = p[1+i].resample(ctx, plane{samples, out.CStride, half.width, len(colourRows)}, half, colourRows)
		}
	}
	return out, err
}

// chosenRows returns the rows of the first of each group of every blocks.
func chosenRows(height, block, every int) []int {
	var rows []int
	for y := range height {
		if y/block%every == 0 {
			rows = append(rows, y)
		}
	}
	return rows
}

// weightBits is the precision of weights: their sum is 1 << weightBits.
const weightBits = 14

// A mix is how a sample of the result is made: the first sample of the source and the weights of those from it on.
type mix struct {
	first   int
	weights []int32
}

// mixes returns the mixes of the Catmull-Rom kernel, widened to the ratio of the sizes so that each sample of the source counts.
func mixes(from, to int) []mix {
	out := make([]mix, to)
	ratio := float64(from) / float64(to)
	wide := max(1, ratio)
	most := int(4*wide) + 2 // weights of a mix
	exact, all := make([]float64, 0, most), make([]int32, 0, to*most)
	for i := range out {
		centre := (float64(i)+.5)*ratio - .5
		first, last := max(0, int(math.Ceil(centre-2*wide))), min(from-1, int(math.Floor(centre+2*wide)))
		exact = exact[:0]
		var sum float64
		for j := first; j <= last; j++ {
			exact = append(exact, catmullRom((float64(j)-centre)/wide))
			sum += exact[len(exact)-1]
		}
		begin, largest, rest := len(all), 0, int32(1<<weightBits)
		for j, weight := range exact {
			all = append(all, int32(math.Round(weight/sum*(1<<weightBits))))
			rest -= all[begin+j]
			if weight > exact[largest] {
				largest = j
			}
		}
		all[begin+largest] += rest
		weights := all[begin:]
		for weights[0] == 0 {
			first, weights = first+1, weights[1:]
		}
		for weights[len(weights)-1] == 0 {
			weights = weights[:len(weights)-1]
		}
		out[i] = mix{first, weights}
	}
	return out
}

// catmullRom is the kernel at a distance.
func catmullRom(t float64) float64 {
	switch t = math.Abs(t); {
	case t < 1:
		return (1.5*t-2.5)*t*t + 1
	case t < 2:
		return ((2.5-.5*t)*t-4)*t + 2
	}
	return 0
}

// resample writes the given rows of the plane in another size.
func (p plane) resample(ctx context.Context, out plane, to size, rows []int) error {
	down, across := mixes(p.height, to.height), mixes(p.width, to.width)
	const dropped = 8 // bits of a sum of rows, so that it can be weighted again within 32 bits
	sums := make([]int32, p.width)
	for i, y := range rows {
		if i%bandRows == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		p.mixRows(sums, down[y])
		for x, sum := range sums {
			sums[x] = sum >> dropped
		}
		line := out.row(i)
		for x := range line {
			weights := across[x].weights
			values := sums[across[x].first:][:len(weights)]
			sum := int32(1 << (2*weightBits - dropped - 1))
			for j, weight := range weights {
				sum += weight * values[j]
			}
			line[x] = uint8(max(0, min(255, sum>>(2*weightBits-dropped))))
		}
	}
	return ctx.Err()
}

// mixRows sets the sums of each column.
func (p plane) mixRows(sums []int32, m mix) {
	clear(sums)
	for j := 0; j < len(m.weights); j += 2 { // two rows at a time read and write the sums half as often
		row, weight := p.row(m.first+j), m.weights[j]
		next, nextWeight := row, int32(0)
		if j+1 < len(m.weights) {
			next, nextWeight = p.row(m.first+j+1), m.weights[j+1]
		}
		sums, next := sums[:len(row)], next[:len(row)]
		for x, sample := range row {
			sums[x] += weight*int32(sample) + nextWeight*int32(next[x])
		}
	}
}
