package picture

import (
	"bytes"
	"encoding/binary"
)

// JPEG markers (ITU-T T.81, table B.1).
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF2  = 0xc2 // progressive
	markerRST0  = 0xd0 // a restart within a scan
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
)

// Limits of a JPEG's structure. Decoding goes through all blocks of a component once for each scan with it, so a small file with many
// scans takes minutes.
//
// A sequential file codes each component in one scan (ITU-T T.81, F.1.1.1). Of progressive files, libjpeg writes 10 scans with 14
// components together for colours, and 18 with 24 for the colours of printing. Programs that search for the best scans write a few more.
const (
	maxVisits   = 48   // components of all scans
	maxSegments = 1000 // a profile or the metadata of an editor has up to 320
)

// A header is what this package needs to know about a JPEG before it is decoded.
type header struct {
	baseline    bool
	progressive bool
	components  int
	orientation int  // EXIF
	thumbnail   bool // the JFIF segment contains a thumbnail

	frames   int
	segments int
	visits   int // components of all scans
	restarts int // restart markers in all scans
}

// readHeader parses the segments into a header. Fields without a segment keep their defaults.
func readHeader(data []byte) header {
	h := header{orientation: 1}
	for s := range segments(data) {
		h.segments++
		h.restarts += s.restarts
		body := s.body()
		switch {
		case s.marker >= markerSOF0 && s.marker <= markerSOF2:
			h.frames++
			h.baseline, h.progressive = s.marker == markerSOF0, s.marker == markerSOF2
			if len(body) > 5 {
				h.components = int(body[5])
			}
		case s.marker == markerSOS:
			if len(body) > 0 {
				h.visits += int(body[0])
			}
		case s.marker == markerAPP0 && bytes.HasPrefix(body, []byte("JFIF\x00")):
			h.thumbnail = len(body) > 14
		case s.marker == markerAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			h.orientation = orientation(body[6:])
		}
	}
	return h
}

// isSane reports whether the file has no more scans, segments and restart markers than a picture of this size needs.
func (h header) isSane(width, height int) bool {
	units := (width/8 + 4) * (height/8 + 4) // at least the blocks of a component, each of which may have a restart marker
	visits := h.components
	if h.progressive {
		visits = maxVisits
	}
	return h.frames == 1 && h.segments <= maxSegments && h.visits <= visits && h.restarts <= units*h.visits
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

// A segment is a marker with all its bytes. For SOS these include the compressed data, with restart markers.
type segment struct {
	marker   byte
	bytes    []byte
	restarts int
}

// body returns the bytes after marker and length.
func (s segment) body() []byte {
	if len(s.bytes) < 4 {
		return nil
	}
	length := int(binary.BigEndian.Uint16(s.bytes[2:]))
	return s.bytes[4:min(len(s.bytes), max(4, 2+length))]
}

// segments yields the segments of a JPEG in order up to EOI. It stops early if the file ends within a segment. Between segments it skips
// the same bytes as the decoder of package image/jpeg: otherwise a file could hide scans from the one that the other decodes.
func segments(data []byte) func(yield func(segment) bool) {
	return func(yield func(segment) bool) {
		if len(data) < 2 || data[0] != 0xff || data[1] != markerSOI || !yield(segment{marker: markerSOI, bytes: data[:2]}) {
			return
		}
		for data = data[2:]; ; {
			skipped, _ := untilMarker(data)
			data = data[skipped:]
			if len(data) < 2 {
				return
			}
			s := segment{marker: data[1]}
			if s.marker == markerEOI {
				yield(segment{marker: markerEOI, bytes: data[:2]})
				return
			}
			if len(data) < 4 {
				return
			}
			end := 2 + int(binary.BigEndian.Uint16(data[2:]))
			if end < 4 || end > len(data) {
				return
			}
			if s.marker == markerSOS {
				compressed, restarts := untilMarker(data[end:])
				end, s.restarts = end+compressed, restarts
			}
			s.bytes = data[:end]
			if !yield(s) {
				return
			}
			data = data[end:]
		}
	}
}

// untilMarker returns the number of bytes before the next marker, and that of restart markers among them. Fill bytes are before a marker.
func untilMarker(data []byte) (length, restarts int) {
	for i := 0; ; i++ {
		next := bytes.IndexByte(data[i:], 0xff)
		if next < 0 || i+next+1 >= len(data) {
			return len(data), restarts
		}
		i += next
		switch marker := data[i+1]; {
		case marker >= markerRST0 && marker <= markerRST7:
			restarts++
		case marker != 0 && marker != 0xff:
			return i, restarts
		}
	}
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
