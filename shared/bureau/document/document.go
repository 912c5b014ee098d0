// Package document holds the documents of the ministry's enterprise-system interface V3.0 as Go types: what a provider
// uploads ([Upload], MIIT-IF30, 10) and what a bureau answers with ([Download], MIIT-IF30, 11), for ICP filings.
//
// The tags of the fields are the ministry's schema; package schema explains them. Fields have English names, the tag
// says the element. Ids named "ours" are given by the enterprise: positive, never used twice. Ids named "the bureau's"
// come from [FiledData], and every later change or deregistration needs them.
//
// Documents are full of personal data. Printing one shows only what kind it is.
package document

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"beian/shared/bureau/schema"
)

// Version is what the root of every document must say; a bureau answers 5004 to any other.
const Version = "V.3.0"

// Root elements.
const (
	uploadRoot   = "UploadData"
	downloadRoot = "DownloadData"
)

// An IPv4 address as the interface writes it: an unsigned integer, 192.0.2.10 = 3221225994. There is no IPv6 in V3.0.
type IPv4 uint32

// IPv4From returns the integer of an IPv4 address, false for any other address.
func IPv4From(addr netip.Addr) (IPv4, bool) {
	if addr = addr.Unmap(); !addr.Is4() {
		return 0, false
	}
	four := addr.As4()
	return IPv4(binary.BigEndian.Uint32(four[:])), true
}

// Addr returns the address.
func (ip IPv4) Addr() netip.Addr {
	var four [4]byte
	binary.BigEndian.PutUint32(four[:], uint32(ip))
	return netip.AddrFrom4(four)
}

func (ip IPv4) String() string { return ip.Addr().String() }

// beijing is the time of every bureau; China has kept one zone without summer time since 1992.
var beijing = time.FixedZone("CST", 8*60*60)

// ParseTime reads a time of a download: YYYY-MM-DD, perhaps with a time of day, in Beijing time. Documents keep the
// text as it came, since bureaus do not agree on what follows the date.
func ParseTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateTime, "2006-01-02 15:04:05.999", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if at, err := time.ParseInLocation(layout, text, beijing); err == nil {
			return at, true
		}
	}
	at, err := time.ParseInLocation(time.DateOnly, text[:min(len(text), len(time.DateOnly))], beijing)
	return at, err == nil
}

// FormatTime writes a time as bureaus do, in Beijing time.
func FormatTime(at time.Time) string { return at.In(beijing).Format(time.DateTime) }

// FormatDate writes a date as documents do, in Beijing time.
func FormatDate(at time.Time) string { return at.In(beijing).Format(time.DateOnly) }

// marshal writes a document, refusing one that breaks the schema before a byte is built.
func marshal(dst []byte, root string, v any) ([]byte, error) {
	if err := schema.Check(root, v).Err(); err != nil {
		return nil, err
	}
	return schema.Append(dst, root, v)
}

// redacted is what a document shows of itself when it is printed or logged.
type redacted struct{ what string }

func (r redacted) print(state fmt.State) { _, _ = fmt.Fprintf(state, "%s(redacted)", r.what) }

func (r redacted) log() slog.Value { return slog.StringValue(r.what + "(redacted)") }
