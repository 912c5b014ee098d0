package picture

import (
	"bytes"
	"encoding/binary"
)

// JPEG markers (ITU-T T.81, table B.1).
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF2  = 0xc2 // progressive
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
)

// A header is the information in the segments before the image data of a JPEG that this package needs.
type header struct {
	baseline    bool
	samples     int64 // samples of all components per pixel, rounded up
	orientation int
	thumbnail   bool // the JFIF segment contains a thumbnail
}

// bytesPerPixel returns an upper bound of the memory for decoding: four bytes, and four more for each sample of a progressive file,
// whose coefficients stay in memory until the end.
func (h header) bytesPerPixel() int64 {
	if h.baseline {
		return 4
	}
	return 4 + 4*h.samples
}

// readHeader parses the segments into a header. Fields without a segment keep their defaults.
func readHeader(data []byte) header {
	h := header{orientation: 1, samples: 4}
	for s := range segments(data) {
		body := s.body()
		switch {
		case s.marker == markerSOF0:
			h.baseline = true
		case s.marker == markerSOF2:
			h.samples = samplesPerPixel(body)
		case s.marker == markerAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")):
			h.thumbnail = len(body) > 14
		case s.marker == markerAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			h.orientation = orientation(body[6:])
		}
	}
	return h
}

// samplesPerPixel returns the number of samples that a frame stores for each pixel, rounded up.
func samplesPerPixel(frame []byte) int64 {
	if len(frame) < 6 {
		return 4
	}
	count := int(frame[5])
	if len(frame) < 6+3*count || count == 0 {
		return 4
	}
	var sum, most int64
	for i := range count {
		factors := frame[6+3*i+1]
		area := int64(factors>>4) * int64(factors&15)
		sum += area
		most = max(most, area)
	}
	if most == 0 {
		return 4
	}
	return (sum + most - 1) / most
}

// orientation returns tag 0x0112 of the first directory of a TIFF structure (EXIF 2.3, 4.6.4); 1 if there is none.
func orientation(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(tiff) < 8 {
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if value := int(order.Uint16(entries[8:])); value >= 1 && value <= 8 {
				return value
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// A segment is a marker with all bytes up to the next marker. For SOS these include the compressed data.
type segment struct {
	marker byte
	bytes  []byte
}

// body returns the bytes after marker and length.
func (s segment) body() []byte {
	if len(s.bytes) < 4 {
		return nil
	}
	length := int(binary.BigEndian.Uint16(s.bytes[2:]))
	return s.bytes[4:min(len(s.bytes), max(4, 2+length))]
}

// segments yields the segments of a JPEG in order up to EOI. It stops early if the file is malformed.
func segments(data []byte) func(yield func(segment) bool) {
	return func(yield func(segment) bool) {
		if len(data) < 2 || data[0] != 0xff || data[1] != markerSOI || !yield(segment{markerSOI, data[:2]}) {
			return
		}
		for data = data[2:]; len(data) >= 2 && data[0] == 0xff; {
			marker, end := data[1], 2
			switch {
			case marker == 0xff: // a fill byte
				data = data[1:]
				continue
			case marker == markerEOI:
				yield(segment{marker, data[:2]})
				return
			case len(data) < 4:
				return
			}
			end += int(binary.BigEndian.Uint16(data[2:]))
			if end < 4 || end > len(data) {
				return
			}
			if marker == markerSOS {
				end += compressedLength(data[end:])
			}
			if !yield(segment{marker, data[:end]}) {
				return
			}
			data = data[end:]
		}
	}
}

// compressedLength returns the number of bytes of compressed data before the next marker.
func compressedLength(data []byte) int {
	for i := 0; i+1 < len(data); i++ {
		next := data[i+1]
		if data[i] == 0xff && next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7) {
			return i
		}
	}
	return len(data)
}

// stripMetadata returns a copy of a JPEG without metadata: EXIF with place and device, comments, previews, and bytes after the end
// marker. It keeps the frame (JFIF), the colour transform (Adobe) and the colour profile. It returns nil if the end marker is missing.
func stripMetadata(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for s := range segments(data) {
		body := s.body()
		keep := s.marker < markerAPP0 ||
			s.marker == markerAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")) ||
			s.marker == markerAPP2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")) ||
			s.marker == markerAPP14 && bytes.HasPrefix(body, []byte("Adobe"))
		if keep {
			out = append(out, s.bytes...)
		}
		if s.marker == markerEOI {
			return out
		}
	}
	return nil
}
