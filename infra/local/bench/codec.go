package bench

import (
	"bufio"
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
	"strings"
	"time"

	"beian/functions/exchange"
	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
)

// The codec is measured with the largest file that the exchange makes: as many records as the interface takes in one, with
// pictures that bring it near the 50 MB which it takes.
const (
	codecRecords = 1000
	codecPicture = 6700 // bytes of each of five pictures in a record
	codecRuns    = 5
	codecAim     = 400 // MB
)

var codec = wire.Codec{Key: "0123456789abcdef", IV: "fedcba9876543210", Encryption: wire.AESEncryption}

// A measured is what one part of the codec took, in a process that did nothing else.
type measured struct {
	Bytes   int     `json:"bytes"` // of the document
	Seconds float64 `json:"seconds"`
	Mallocs uint64  `json:"mallocs"` // of one run
	Alloced uint64  `json:"alloced"` // bytes of one run
	Peak    int     `json:"peak"`    // MB resident at most, input included
}

// codecs measures encoding and decoding of a large file, each in a process of its own, whose peak memory the system tells.
func (b *Bench) codecs(ctx context.Context) error {
	folder := filepath.Dir(b.Config.Folder)
	fmt.Fprintf(b.Out, "A file of %d records for the bureau (GBK, zip, MD5, AES, base64)\n", codecRecords)
	for _, part := range []string{"encode", "decode"} {
		own, err := os.Executable()
		if err != nil {
			return err
		}
		child := exec.CommandContext(ctx, own, "bench", part, filepath.Join(folder, "parcel"))
		child.Stderr = os.Stderr
		out, err := child.Output()
		if err != nil {
			return fmt.Errorf("measuring %s: %w", part, err)
		}
		var m measured
		if err := json.Unmarshal(out, &m); err != nil {
			return err
		}
		fmt.Fprintf(b.Out, "  %s         %6.0f records/s  %6.1f MB/s (a document of %.1f MB)\n", part, codecRecords/m.Seconds,
			float64(m.Bytes)/1e6/m.Seconds, float64(m.Bytes)/1e6)
		fmt.Fprintf(b.Out, "                 %6d allocations, %.0f MB in all\n", m.Mallocs, float64(m.Alloced)/1e6)
		fmt.Fprintf(b.Out, "                 %6d MB resident at most   %s\n", m.Peak, against(m.Peak < codecAim, "aim: under 400 MB"))
	}
	fmt.Fprintln(b.Out)
	return nil
}

// Codec measures one part of the codec, "encode" or "decode", and prints the figures as JSON. Encoding leaves the file
// that decoding reads.
func Codec(part, file string) error {
	debug.SetMemoryLimit(exchange.MemoryLimit) // as the function does
	var m measured
	var err error
	switch part {
	case "encode":
		m, err = measureEncoding(file)
	case "decode":
		m, err = measureDecoding(file)
	default:
		err = errors.New("bench: there is no such part")
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(m)
}

func measureEncoding(file string) (measured, error) {
	upload := largeUpload()
	var parcel wire.Parcel
	m, err := measure(func() (int, error) {
		content, err := upload.Marshal()
		if err != nil {
			return 0, err
		}
		parcel, err = codec.Seal(wire.File{Name: "beianinfo.xml", Content: content}, time.Unix(0, 0))
		return len(content), err
	})
	if err != nil {
		return m, err
	}
	return m, os.WriteFile(file, []byte(parcel.Hash+"\n"+parcel.Info()), 0o600)
}

func measureDecoding(file string) (measured, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return measured{}, err
	}
	hash, info, _ := bytes.Cut(text, []byte("\n"))
	return measure(func() (int, error) {
		parcel, err := wire.Received(info, string(hash), wire.AESEncryption, wire.MD5Hash, wire.ZipCompression)
		if err != nil {
			return 0, err
		}
		opened, err := codec.Open(parcel)
		if err != nil {
			return 0, err
		}
		upload, problems, err := document.ParseUpload(opened.Content)
		if err == nil && (len(problems) > 0 || len(upload.ICP.New) != codecRecords) {
			err = errors.New("bench: what was encoded does not decode")
		}
		return len(opened.Content), err
	})
}

// measure runs something a few times and returns what one run took.
func measure(do func() (length int, err error)) (measured, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	var m measured
	for range codecRuns {
		var err error
		if m.Bytes, err = do(); err != nil {
			return m, err
		}
	}
	m.Seconds = time.Since(begun).Seconds() / codecRuns
	runtime.ReadMemStats(&after)
	m.Mallocs = (after.Mallocs - before.Mallocs) / codecRuns
	m.Alloced = (after.TotalAlloc - before.TotalAlloc) / codecRuns
	var err error
	m.Peak, err = peak()
	return m, err
}

// largeUpload is an upload of invented enterprises, each with pictures of its own, for pictures do not compress.
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

// peak is the most resident memory that this process has had, in MB, as Linux counts it.
func peak() (int, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var kb int
		if strings.HasPrefix(lines.Text(), "VmHWM:") {
			_, err := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kb)
			return kb / 1000, err
		}
	}
	return 0, errors.New("bench: the system does not tell the peak memory")
}
