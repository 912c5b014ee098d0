package notify_test

import (
	"strings"
	"testing"

	"beian/shared/process/notify"
)

func TestLengthOf(t *testing.T) {
	for _, one := range []struct {
		name, text string
		want       notify.Length
	}{
		{"empty", "", notify.Length{Encoding: "GSM-7", Units: 0, Segments: 1, Single: 160}},
		{"one SMS of GSM-7", strings.Repeat("a", 160), notify.Length{Encoding: "GSM-7", Units: 160, Segments: 1, Single: 160}},
		{"two segments of GSM-7", strings.Repeat("a", 161), notify.Length{Encoding: "GSM-7", Units: 161, Segments: 2, Single: 160}},
		{"two full segments", strings.Repeat("a", 306), notify.Length{Encoding: "GSM-7", Units: 306, Segments: 2, Single: 160}},
		{"a character more", strings.Repeat("a", 307), notify.Length{Encoding: "GSM-7", Units: 307, Segments: 3, Single: 160}},
		{"brackets take two septets", "[1]", notify.Length{Encoding: "GSM-7", Units: 5, Segments: 1, Single: 160}},
		{"a bracket is not divided", strings.Repeat("a", 152) + "[" + strings.Repeat("a", 152), notify.Length{Encoding: "GSM-7", Units: 306, Segments: 3, Single: 160}},
		{"one SMS of UCS-2", strings.Repeat("备", 70), notify.Length{Encoding: "UCS-2", Units: 70, Segments: 1, Single: 70}},
		{"two segments of UCS-2", strings.Repeat("备", 71), notify.Length{Encoding: "UCS-2", Units: 71, Segments: 2, Single: 70}},
		{"one Chinese character in a Latin text", strings.Repeat("a", 134) + "备", notify.Length{Encoding: "UCS-2", Units: 135, Segments: 3, Single: 70}},
		{"brackets of UCS-2 take one unit", "【备案】[1]", notify.Length{Encoding: "UCS-2", Units: 7, Segments: 1, Single: 70}},
		{"a rare character takes two units", strings.Repeat("备", 66) + "𠮷" + strings.Repeat("备", 66), notify.Length{Encoding: "UCS-2", Units: 134, Segments: 3, Single: 70}},
	} {
		t.Run(one.name, func(t *testing.T) {
			if got := notify.LengthOf(one.text); got != one.want {
				t.Errorf("got %+v, want %+v", got, one.want)
			}
		})
	}
}
