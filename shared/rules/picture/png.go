package picture

import (
	"encoding/binary"
	"image/color"
)

// maxChunks limits the chunks of a PNG. Programs write the pixels in chunks of 8 KB and more, so a file of 20 MB has up to 2,600.
const maxChunks = 10_000

// maxDeflateRatio is how much deflate compresses at best (RFC 1951: 258 bytes in two bits, 1,032 to one).
const maxDeflateRatio = 1032

// A pngHeader is what this package needs to know about a PNG before it is decoded. Chunks with text, profiles and EXIF are not read: the
// decoder skips them, and none of them reaches the copy for the bureau.
type pngHeader struct {
	interlaced bool
	rowBits    int64 // bits of a row of pixels
	height     int64
	chunks     int
	compressed int64 // bytes of image data
}

// readPNGHeader counts the chunks. It stops early if the file is malformed.
func readPNGHeader(data []byte) pngHeader {
	var h pngHeader
	for data = data[min(len(data), 8):]; len(data) >= 12; {
		length := int64(binary.BigEndian.Uint32(data))
		if length > int64(len(data)-12) {
			break
		}
		h.chunks++
		body := data[8 : 8+length]
		switch string(data[4:8]) {
		case "IHDR":
			if len(body) == 13 && h.height == 0 {
				samples := map[byte]int64{2: 3, 4: 2, 6: 4}[body[9]] // by colour type; grey and palettes have one
				h.rowBits = int64(binary.BigEndian.Uint32(body)) * int64(body[8]) * max(samples, 1)
				h.height = int64(binary.BigEndian.Uint32(body[4:]))
				h.interlaced = body[12] == 1
			}
		case "IDAT":
			h.compressed += length
		case "IEND":
			return h
		}
		data = data[12+length:]
	}
	return h
}

func (h pngHeader) isSane() bool { return h.chunks <= maxChunks }

// isComplete reports whether the image data can be that of so many pixels.
func (h pngHeader) isComplete() bool { return h.rowBits/8*h.height <= maxDeflateRatio*h.compressed }

// passes is the work of decoding: an interlaced file is decoded in parts, which are then merged.
func (h pngHeader) passes(model color.Model) int64 {
	passes := int64(1)
	if h.interlaced {
		passes = 2
	}
	switch model {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		passes *= 2
	}
	return passes
}
