package document_test

import (
	"net/netip"
	"testing"

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
