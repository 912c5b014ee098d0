package simulator_test

import (
	"crypto/rand"
	"net/http/httptest"
	"testing"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
)

// BenchmarkUpload300KB measures one filing with 225 KB of images, from the document to the simulator's journal and answer.
func BenchmarkUpload300KB(b *testing.B) {
	now := func() time.Time { return time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) }
	simulated, err := simulator.New(simulator.Config{
		Accounts: []simulator.Account{account()}, Now: now, ReviewDelay: time.Hour, Folder: b.TempDir(), QueueLimit: 1 << 20,
	})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(simulated.Handler())
	defer server.Close()
	client, err := bureau.New(bureau.Config{
		UpDownLoad:     server.URL + bureau.UpDownLoadPath,
		BeianStatus:    server.URL + bureau.BeianStatusPath,
		VerifyPassword: server.URL + bureau.VerifyPasswordPath,
		ProviderID:     providerID, User: "demo", Password: "Passw0rd!", Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708",
		Now: now,
	})
	if err != nil {
		b.Fatal(err)
	}
	filing := companyFiling()
	filing.Attachments = nil
	for range 3 {
		image := make([]byte, 75<<10)
		_, _ = rand.Read(image)
		filing.Attachments = append(filing.Attachments, document.FilingAttachment{
			Format: document.JPEG, Purpose: document.SubjectDocument, Content: image,
			Owner: document.FilingOwner{Kind: document.SubjectOwner, ID: filing.Subject.ID},
		})
	}
	upload := document.NewUpload(providerID)
	upload.ICP.New = []document.NewFiling{filing}
	b.ReportAllocs()
	for sequence := int64(1); b.Loop(); sequence++ {
		outcome, err := send(b.Context(), client, sequence, upload)
		if err != nil || !outcome.OK() {
			b.Fatal(outcome, err)
		}
	}
}
