package document_test

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
)

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// filings returns an upload of n invented filings, each with images of that many bytes in total.
func filings(b *testing.B, n, images int) *document.Upload {
	b.Helper()
	upload, _, err := document.ParseUpload(sample(b, "new-filing.xml"))
	if err != nil {
		b.Fatal(err)
	}
	// Images do not compress, so each has different bytes.
	noise := make([]byte, n*images)
	source := rand.New(rand.NewPCG(1, 2))
	for i := 0; i+8 <= len(noise); i += 8 {
		binary.LittleEndian.PutUint64(noise[i:], source.Uint64())
	}
	filing := upload.ICP.New[0]
	upload.ICP.New = nil
	for range n {
		filing.Attachments = nil
		for _, purpose := range []int64{1, 2, 3, 4, 5} {
			filing.Attachments = append(filing.Attachments, document.FilingAttachment{
				Format: document.JPEG, Purpose: purpose, Content: noise[:images/5],
				Owner: document.FilingOwner{Kind: document.SubjectOwner, ID: filing.Subject.ID},
			})
			noise = noise[images/5:]
		}
		upload.ICP.New = append(upload.ICP.New, filing)
	}
	return upload
}

var codec = wire.Codec{Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708", Encryption: wire.AESEncryption}

func BenchmarkEncode(b *testing.B) {
	b.Run("1 of 300 KB", func(b *testing.B) { encode(b, filings(b, 1, 225<<10)) })
	b.Run("1000 of 45 KB", func(b *testing.B) { encode(b, filings(b, 1000, 33<<10)) })
}

func encode(b *testing.B, upload *document.Upload) {
	b.ReportAllocs()
	var length int
	for b.Loop() {
		length = len(pack(b, upload).Data)
	}
	report(b, len(upload.ICP.New), length)
}

func pack(b *testing.B, upload *document.Upload) wire.Parcel {
	content, err := upload.Marshal()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	parcel, err := codec.Encode(wire.File{Name: "beianinfo.xml", Content: content}, at)
	if err != nil {
		b.Fatal(err)
	}
	return parcel
}

func BenchmarkDecode(b *testing.B) {
	b.Run("1 of 300 KB", func(b *testing.B) { decode(b, filings(b, 1, 225<<10)) })
	b.Run("1000 of 45 KB", func(b *testing.B) { decode(b, filings(b, 1000, 33<<10)) })
}

func decode(b *testing.B, upload *document.Upload) {
	parcel := pack(b, upload)
	info := []byte(parcel.Info())
	b.ReportAllocs()
	for b.Loop() {
		received, err := wire.ParseParcel(info, parcel.Hash, parcel.Encryption, 0, 0)
		if err != nil {
			b.Fatal(err)
		}
		file, err := codec.Decode(received)
		if err != nil {
			b.Fatal(err)
		}
		if _, problems, err := document.ParseUpload(file.Content); err != nil || len(problems) > 0 {
			b.Fatal(err, problems)
		}
	}
	report(b, len(upload.ICP.New), len(parcel.Data))
}

func report(b *testing.B, records, encoded int) {
	b.ReportMetric(float64(records*b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(encoded)/(1<<20), "encoded-MB")
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.HeapSys-memory.HeapReleased)/(1<<20), "heap-MB")
}
