package notify

import "strings"

// A Length is how long an SMS is. Carriers charge for each segment. See [LengthOf].
type Length struct {
	Encoding string // "GSM-7" or "UCS-2"
	Units    int    // septets of GSM-7, or 16-bit units of UCS-2
	Segments int
	Single   int // units that fit into one SMS
}

// The default alphabet of GSM 03.38, and the characters of its extension table, which take two septets (3GPP TS 23.038, 6.2.1).
const (
	gsmAlphabet = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "\f^{}\\[~]|€"
)

// LengthOf returns the length of an SMS. A text in the GSM alphabet has 160 septets in one SMS and 153 in each segment of a longer one; every other text
// is in UCS-2, with 70 and 67 units (3GPP TS 23.040, 9.2.3.24.1). No character is divided between segments.
func LengthOf(text string) Length {
	l := Length{Encoding: "GSM-7", Single: 160}
	segment := 153
	sizes := make([]int, 0, len(text))
	for _, c := range text {
		size := 1
		switch {
		case strings.ContainsRune(gsmExtended, c):
			size = 2
		case !strings.ContainsRune(gsmAlphabet, c):
			l.Encoding = "UCS-2"
		}
		sizes = append(sizes, size)
	}
	if l.Encoding == "UCS-2" {
		l.Single, segment = 70, 67
		sizes = sizes[:0]
		for _, c := range text {
			size := 1
			if c > 0xffff { // a surrogate pair
				size = 2
			}
			sizes = append(sizes, size)
		}
	}
	l.Segments = 1
	used := 0
	for _, size := range sizes {
		l.Units += size
		if used+size > segment {
			l.Segments++
			used = 0
		}
		used += size
	}
	if l.Units <= l.Single {
		l.Segments = 1
	}
	return l
}
