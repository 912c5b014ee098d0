package document_test

import (
	"net/netip"
	"testing"
	"time"

	"beian/shared/bureau/document"
)

func TestIPv4(t *testing.T) {
	for text, want := range map[string]document.IPv4{
		"106.2.76.1": 1778535425, "106.2.79.254": 1778536446, "223.252.223.1": 3757891329, "192.0.2.10": 3221225994,
	} {
		got, ok := document.IPv4From(netip.MustParseAddr(text))
		if !ok || got != want || got.String() != text {
			t.Errorf("%s: got %d", text, got)
		}
	}
	if _, ok := document.IPv4From(netip.MustParseAddr("2001:db8::1")); ok {
		t.Error("IPv6 has no integer")
	}
}

func TestParseTime(t *testing.T) {
	for text, want := range map[string]string{
		"2016-04-15":            "2016-04-15T00:00:00+08:00",
		"2016-04-15 15:10:04":   "2016-04-15T15:10:04+08:00",
		"2016-04-15 15:10:04.0": "2016-04-15T15:10:04+08:00",
		"2016-04-15 rain":       "2016-04-15T00:00:00+08:00",
	} {
		if at, ok := document.ParseTime(text); !ok || at.Format(time.RFC3339) != want {
			t.Errorf("%s: got %s", text, at)
		}
	}
	if _, ok := document.ParseTime("soon"); ok {
		t.Error("soon is no time")
	}
}
