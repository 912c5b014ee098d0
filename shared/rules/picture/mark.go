package picture

import (
	"context"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/inconsolata"
	"golang.org/x/image/math/fixed"

	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// maxMarkedSide is the long side of a marked picture: a page of A4 at 220 dots per inch.
const maxMarkedSide = 2560

const (
	markShare   = 60   // the long side is this many times the height of the letters
	markLetters = 64   // longest text; the rest is cut
	markOpacity = 0x5a // of 0xff
)

// Marked returns an accepted original as a JPEG with a text all over it, upright, without metadata, and with a long side of at most 2,560 pixels. The
// text is in rows, of which each begins at another column, so that no large part of the picture is without it. It is light with dark edges, so it can be read
// on every ground, and what lies below it, too. Characters outside printable ASCII are drawn as "?". The error is that of ctx, or a fault of kind Internal for data
// that [Inspect] does not accept.
func Marked(ctx context.Context, data []byte, text string, budget *Budget) ([]byte, error) {
	decoded, found, err := decodeUpload(ctx, data, smallest{}, budget)
	if err != nil {
		return nil, err
	}
	if found.Blocking() {
		return nil, &fault.Fault{Kind: fault.Internal}
	}
	reduced, err := decoded.reduce(ctx, maxMarkedSide)
	if err != nil {
		return nil, err
	}
	drawn, err := decoded.draw(ctx, reduced, reduced.size().within(maxMarkedSide), 1)
	if err != nil {
		return nil, err
	}
	drawn = upright(drawn, decoded.Orientation)
	picture := image.NewRGBA(drawn.Rect)
	draw.Draw(picture, picture.Rect, drawn, image.Point{}, draw.Src)
	drawMarks(picture, newStamp(text, max(picture.Rect.Dx(), picture.Rect.Dy())/markShare))
	marked := decoded.encode(picture, qualities[len(qualities)-1])
	if len(marked) > evidence.MaxOriginal {
		decoded.Orientation = 1
		withMarks, err := planesOf(ctx, picture)
		if err != nil {
			return nil, err
		}
		return decoded.encodeWithin(ctx, withMarks, withMarks.size(), evidence.MaxOriginal)
	}
	return marked, ctx.Err()
}

// A stamp is a text as two masks: the letters, and the edges around them.
type stamp struct{ letters, edges *image.Alpha }

// newStamp draws a text whose letters are about height pixels high, and not smaller than the font.
func newStamp(text string, height int) stamp {
	face := inconsolata.Bold8x16
	runes := []rune(text)
	runes = runes[:min(len(runes), markLetters)]
	for i, r := range runes {
		if r < ' ' || r > '~' {
			runes[i] = '?'
		}
	}
	scale := max(1, height/face.Height)
	small := image.NewAlpha(image.Rect(0, 0, len(runes)*face.Advance+2, face.Height+2))
	d := font.Drawer{Dst: small, Src: image.Opaque, Face: face, Dot: fixed.P(1, 1+face.Ascent)}
	d.DrawString(string(runes))
	size := image.Rect(0, 0, small.Rect.Dx()*scale, small.Rect.Dy()*scale)
	s := stamp{image.NewAlpha(size), image.NewAlpha(size)}
	for y := range small.Rect.Dy() {
		for x := range small.Rect.Dx() {
			if small.AlphaAt(x, y).A < 0x80 {
				continue
			}
			at := image.Rect(x*scale, y*scale, (x+1)*scale, (y+1)*scale)
			edge := max(1, scale/2)
			draw.Draw(s.edges, at.Inset(-edge), image.NewUniform(color.Alpha{markOpacity}), image.Point{}, draw.Src)
			draw.Draw(s.letters, at, image.NewUniform(color.Alpha{2 * markOpacity}), image.Point{}, draw.Src)
		}
	}
	return s
}

// drawMarks draws a stamp all over a picture.
func drawMarks(picture *image.RGBA, s stamp) {
	width, height := s.letters.Rect.Dx(), s.letters.Rect.Dy()
	across, down := width+width/4, 5*height
	for row, y := 0, height; y < picture.Rect.Dy()+height; row, y = row+1, y+down {
		for x := -(row % 3) * across / 3; x < picture.Rect.Dx(); x += across {
			at := image.Rect(x, y-height, x+width, y)
			draw.DrawMask(picture, at, image.Black, image.Point{}, s.edges, image.Point{}, draw.Over)
			draw.DrawMask(picture, at, image.White, image.Point{}, s.letters, image.Point{}, draw.Over)
		}
	}
}
