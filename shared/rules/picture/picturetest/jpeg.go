// Package picturetest makes picture files for tests: invented photos, and files that are cheap to send and expensive to decode.
package picturetest

import (
	"bytes"
	"encoding/binary"
)

// A Progressive describes a grey or coloured progressive JPEG whose every block is empty. Each scan after the first repeats the same
// coefficients, so it has only a few bytes, and decoding it visits every block.
type Progressive struct {
	Width, Height int
	Components    int // 1, 3 or 4, all of full resolution
	Scans         int // of the first component; each other component has one
	Between       []byte
}

// largestRun is the number of blocks that one code of a scan can skip (ITU-T T.81, G.1.2.2).
const largestRun = 1<<15 - 1

// File returns the file.
func (p Progressive) File() []byte {
	var out bytes.Buffer
	out.WriteString("\xff\xd8")
	if p.Components == 4 {
		writeSegment(&out, 0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")) // four components are CMYK
	}
	writeSegment(&out, 0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...))
	frame := []byte{8}
	frame = binary.BigEndian.AppendUint16(frame, uint16(p.Height))
	frame = binary.BigEndian.AppendUint16(frame, uint16(p.Width))
	frame = append(frame, byte(p.Components))
	for c := range p.Components {
		frame = append(frame, byte(c+1), 0x11, 0)
	}
	writeSegment(&out, 0xc2, frame)
	// The DC table has one code, 0, for "no difference". The AC table has one code, 0, for a run of blocks without coefficients.
	one := make([]byte, 16)
	one[0] = 1
	writeSegment(&out, 0xc4, append(append([]byte{0x00}, one...), 0))
	writeSegment(&out, 0xc4, append(append([]byte{0x10}, one...), 0xe0))

	blocks := (p.Width + 7) / 8 * ((p.Height + 7) / 8)
	for c := range p.Components {
		writeSegment(&out, 0xda, []byte{1, byte(c + 1), 0, 0, 0, 0})
		out.Write(make([]byte, (blocks+7)/8))
	}
	for range p.Scans - 1 {
		out.Write(p.Between)
		writeSegment(&out, 0xda, []byte{1, 1, 0, 1, 63, 0x21}) // refine bit 1 of the coefficients 1 to 63
		var bits bitWriter
		for left := blocks; left > 0; left -= largestRun {
			bits.write(0, 1)
			bits.write(largestRun-1<<14, 14)
		}
		out.Write(bits.bytes())
	}
	out.WriteString("\xff\xd9")
	return out.Bytes()
}

func writeSegment(out *bytes.Buffer, marker byte, body []byte) {
	out.Write([]byte{0xff, marker})
	out.Write(binary.BigEndian.AppendUint16(nil, uint16(len(body)+2)))
	out.Write(body)
}

// A bitWriter packs bits, most significant first, and stuffs a zero after each 0xff.
type bitWriter struct {
	out  []byte
	bits uint32
	free int
}

func (w *bitWriter) write(value uint32, count int) {
	for i := count - 1; i >= 0; i-- {
		w.bits = w.bits<<1 | value>>i&1
		if w.free++; w.free == 8 {
			w.out = append(w.out, byte(w.bits))
			if byte(w.bits) == 0xff {
				w.out = append(w.out, 0)
			}
			w.bits, w.free = 0, 0
		}
	}
}

// bytes returns the bits, padded with ones.
func (w *bitWriter) bytes() []byte {
	for w.free != 0 {
		w.write(1, 1)
	}
	return w.out
}
