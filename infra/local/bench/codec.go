package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"beian/functions/exchange"
	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
)

// The codec is measured with the largest file of the exchange: the interface's maximum of records, with pictures that bring it
// near the maximum of 50 MB.
const (
	codecRecords = 1000
	codecPicture = 6700 // bytes of each of five pictures in a record
	codecRuns    = 5
	codecAim     = 400 // MB
)

var codec = wire.Codec{Key: "0123456789abcdef", IV: "fedcba9876543210", Encryption: wire.AESEncryption}

// A codecFigure is the cost of one run, measured in a separate process.
type codecFigure struct {
	Bytes   int     `json:"bytes"` // of the document
	Seconds float64 `json:"seconds"`
	Mallocs uint64  `json:"mallocs"`
	Alloced uint64  `json:"alloced"` // bytes
	Peak    int     `json:"peak"`    // MB resident, input included
}

// measureCodec prints the cost of encoding and decoding a large file. Each is measured in a separate process for its peak memory.
func (b *Bench) measureCodec(ctx context.Context) error {
	fmt.Fprintf(b.out, "A file of %d records for the bureau (GBK, zip, MD5, AES, base64)\n", codecRecords)
	program, err := os.Executable()
	if err != nil {
		return err
	}
	for _, part := range []string{"encode", "decode"} {
		child := exec.CommandContext(ctx, program, "bench", part, filepath.Join(b.folder, "parcel"))
		child.Stderr = os.Stderr
		out, err := child.Output()
		if err != nil {
			return fmt.Errorf("measuring %s: %w", part, err)
		}
		var f codecFigure
		if err := json.Unmarshal(out, &f); err != nil {
			return err
		}
		fmt.Fprintf(b.out, "  %s         %6.0f records/s  %6.1f MB/s (a document of %.1f MB)\n", part, codecRecords/f.Seconds,
			float64(f.Bytes)/1e6/f.Seconds, float64(f.Bytes)/1e6)
		fmt.Fprintf(b.out, "                 %6d allocations, %.0f MB in all\n", f.Mallocs, float64(f.Alloced)/1e6)
		fmt.Fprintf(b.out, "                 %6d MB peak resident memory   %s\n", f.Peak, compareWithAim(f.Peak < codecAim, "aim: under 400 MB"))
	}
	fmt.Fprintln(b.out)
	return nil
}

// MeasureCodec measures "encode" or "decode" and prints the figure as JSON. Encoding writes the file that decoding reads.
func MeasureCodec(part, file string) error {
	debug.SetMemoryLimit(exchange.MemoryLimit) // the function's own limit
	measured := map[string]func(string) (func() (int, error), error){"encode": encoding, "decode": decoding}[part]
	if measured == nil {
		return fmt.Errorf("bench: %q is neither encode nor decode", part)
	}
	do, err := measured(file)
	if err != nil {
		return err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	started := time.Now()
	var f codecFigure
	for range codecRuns {
		if f.Bytes, err = do(); err != nil {
			return err
		}
	}
	f.Seconds = time.Since(started).Seconds() / codecRuns
	runtime.ReadMemStats(&after)
	f.Mallocs, f.Alloced = (after.Mallocs-before.Mallocs)/codecRuns, (after.TotalAlloc-before.TotalAlloc)/codecRuns
	f.Peak = memoryMB(os.Getpid(), "VmHWM")
	return json.NewEncoder(os.Stdout).Encode(f)
}

// encoding encodes a large upload once into the file and returns the function to measure.
func encoding(file string) (func() (int, error), error) {
	upload := largeUpload()
	var parcel wire.Parcel
	encode := func() (int, error) {
		content, err := upload.Marshal()
		if err != nil {
			return 0, err
		}
		parcel, err = codec.Encode(wire.File{Name: "beianinfo.xml", Content: content}, time.Unix(0, 0))
		return len(content), err
	}
	if _, err := encode(); err != nil {
		return nil, err
	}
	return encode, os.WriteFile(file, []byte(parcel.Hash+"\n"+parcel.Info()), 0o600)
}

// decoding reads the file and returns the function to measure.
func decoding(file string) (func() (int, error), error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	hash, info, _ := bytes.Cut(text, []byte("\n"))
	return func() (int, error) {
		parcel, err := wire.ParseParcel(info, string(hash), wire.AESEncryption, wire.MD5Hash, wire.ZipCompression)
		if err != nil {
			return 0, err
		}
		opened, err := codec.Decode(parcel)
		if err != nil {
			return 0, err
		}
		upload, problems, err := document.ParseUpload(opened.Content)
		if err == nil && (len(problems) > 0 || len(upload.ICP.New) != codecRecords) {
			err = errors.New("bench: the decoded file differs from the encoded file")
		}
		return len(opened.Content), err
	}, nil
}

// largeUpload is an upload of invented enterprises with random pictures, which do not compress.
func largeUpload() document.Upload {
	upload := document.NewUpload(1)
	random := rand.NewChaCha8([32]byte{1})
	leader := document.Leader{
		Name: "示例人", OfficePhone: "010-00000000", Mobile: "13800000000", Email: "person@example.com", CertificateKind: 2,
		CertificateNumber: "110101199001010015",
	}
	for n := range int64(codecRecords) {
		id := n*10 + 1
		record := document.NewFiling{
			Subject: document.Subject{
				ID: id, Name: fmt.Sprintf("示例%d科技有限公司", n), Nature: 4, Investor: "示例人",
				Address:     document.Address{Province: 110000, City: 110100, County: 110105, Detail: "示例路1号"},
				Certificate: document.Certificate{Kind: 1, Number: fmt.Sprintf("91110000MA%08d", n), Address: "示例路1号"},
				Leader:      leader, ReportMode: document.ReportedByProvider,
			},
			Sites: []document.Site{{
				ID: id + 1, Name: "示例网站", Services: []int64{1, 6}, Languages: []int64{1},
				Domains: []document.Domain{{ID: id + 2, Name: fmt.Sprintf("invented-%d-example.com", n)}},
				Accesses: []document.Access{{ID: id + 3, Locations: []int64{1}, Modes: []int64{5},
					IPs: []document.IPRange{{ID: id + 4, First: 142737409, Last: 142737409}}}},
				Leader: document.SiteLeader{
					Name: leader.Name, OfficePhone: leader.OfficePhone, Mobile: leader.Mobile, Email: leader.Email,
					CertificateKind: leader.CertificateKind, CertificateNumber: leader.CertificateNumber,
				},
				HomeURL: fmt.Sprintf("www.invented-%d-example.com", n),
			}},
		}
		for purpose := range int64(5) {
			picture := make([]byte, codecPicture)
			_, _ = random.Read(picture) // never fails
			record.Attachments = append(record.Attachments, document.FilingAttachment{
				Format: document.JPEG, Purpose: purpose + 1, Content: picture,
				Owner: document.FilingOwner{Kind: document.SubjectOwner, ID: id},
			})
		}
		upload.ICP.New = append(upload.ICP.New, record)
	}
	return upload
}
