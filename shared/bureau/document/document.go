// Package document defines the documents of the ministry's enterprise-system interface V3.0 as Go types: what a provider uploads
// ([Upload], MIIT-IF30 10) and what a bureau returns ([Download], MIIT-IF30 11). Most are about ICP filings; [IPUpload] and
// [DomainUpload] are about the filings of a provider's addresses and of domains.
//
//	upload := document.NewUpload(providerID)
//	upload.ICP.New = []document.NewFiling{filing}
//	content, err := upload.Marshal()
//	download, problems, err := document.ParseDownload(content)
//
// The tags of the fields are the ministry's schema; package schema explains them. Fields have English names, tags the names
// of the elements. Ids marked "ours" are assigned by the provider: positive and unique. Ids marked "the bureau's" come from
// [FiledData]; every later change or cancellation needs them.
//
// Documents contain personal data. Printing one shows only its kind.
package document

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"beian/shared/bureau/schema"
	"beian/shared/rules/gbk"
)

// Version is the version in the root of every document; a bureau answers 5004 to any other.
const Version = "V.3.0"

// Root elements.
const (
	uploadRoot   = "UploadData"
	downloadRoot = "DownloadData"
)

// An IPv4 is an address as an unsigned integer: 192.0.2.10 is 3221225994. V3.0 has no IPv6.
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

// beijing is the time zone of every bureau.
var beijing = time.FixedZone("CST", 8*60*60)

// FormatTime formats a time as bureaus do, in Beijing time.
func FormatTime(at time.Time) string { return at.In(beijing).Format(time.DateTime) }

// FormatDate formats a date as in documents, in Beijing time.
func FormatDate(at time.Time) string { return at.In(beijing).Format(time.DateOnly) }

// marshal encodes a document, or returns the problems of one that breaks the schema.
func marshal(dst []byte, root string, readable gbk.Repertoire, v any) ([]byte, error) {
	if err := schema.Check(root, readable, v).Err(); err != nil {
		return nil, err
	}
	return schema.Append(dst, root, readable, v)
}

// redacted formats a document for prints and logs.
type redacted struct{ what string }

func (r redacted) print(state fmt.State) { _, _ = fmt.Fprintf(state, "%s(redacted)", r.what) }

func (r redacted) log() slog.Value { return slog.StringValue(r.what + "(redacted)") }
