package picturetest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
)

// Photo returns the JPEG of [DrawPhoto], with the quality of a phone.
func Photo(width, height int) []byte {
	var out bytes.Buffer
	_ = jpeg.Encode(&out, DrawPhoto(width, height), &jpeg.Options{Quality: 85}) // cannot fail: to memory
	return out.Bytes()
}

// DrawPhoto draws a photo of a document: lines of small text and a red seal on paper on a table, with shadows and the noise of a camera.
func DrawPhoto(width, height int) *image.RGBA {
	random := rand.New(rand.NewPCG(3, 4))
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	letter := max(8, width/120)
	for y := range height {
		for x := range width {
			light := 255 - 60*x/width - 30*y/height
			r, g, b := light*6/10, light*5/10, light*4/10
			if x > width/8 && x < width*7/8 && y > height/8 && y < height*7/8 {
				r, g, b = light, light*98/100, light*90/100
				if row := y / letter; row%2 == 0 && (x/letter*7+row*13)%11 < 6 && (x%letter)*(y%letter)%7 < 3 {
					r, g, b = 40, 40, 60
				}
				if x < width/3 && y > height*2/3 {
					g, b = g/4, b/4
				}
			}
			noise := random.IntN(9) - 4
			clamp := func(v int) uint8 { return uint8(max(0, min(255, v+noise))) }
			p.SetRGBA(x, y, color.RGBA{clamp(r), clamp(g), clamp(b), 255})
		}
	}
	return p
}
