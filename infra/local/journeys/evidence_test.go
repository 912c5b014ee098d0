package journeys_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/process/inspection"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
)

// paddedPicture returns a picture with padding after its end, of a total size.
func paddedPicture(size int) []byte {
	picture := scenario.SamplePicture("padded", 7)
	return append(picture, make([]byte, size-len(picture))...)
}

// pixelBomb returns a PNG of a few bytes whose header declares a billion pixels.
func pixelBomb() []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), 30_000), 30_000)
	head = append(head, 8, 6, 0, 0, 0)
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

// TestBadPapers checks that each unusable file is rejected with its reason and that valid files of the same request are kept (S13).
func TestBadPapers(t *testing.T) {
	j := journeyAt(t, 720, filing.CollectEvidence)
	ctx := t.Context()
	const front = "subject-certificate-front"
	whole := scenario.SamplePicture("whole", 8)
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"a PDF named .jpg":            {[]byte("%PDF-1.7\n%invented"), "evidence-is-pdf"},
		"a truncated JPEG":            {whole[:len(whole)/2], "evidence-unreadable"},
		"a decompression bomb":        {pixelBomb(), "evidence-too-many-pixels"},
		"text":                        {[]byte("hello"), "evidence-not-jpg-or-png"},
		"a photograph of an iPhone's": {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "evidence-is-heic"},
	} {
		t.Run(name, func(t *testing.T) {
			err := j.applicant.Upload(ctx, j.id, map[string][]byte{front: tc.file}, "image/jpeg")
			wantProblem(t, err, 422, tc.want+" /evidence/"+front)
		})
	}
	if o := j.order(); o.Step != filing.CollectEvidence {
		t.Fatalf("at %s", o.Step)
	}
	err := j.applicant.Upload(ctx, j.id, map[string][]byte{front: []byte("%PDF-"), "subject-certificate-back": whole}, "image/jpeg")
	wantProblem(t, err, 422, "evidence-is-pdf /evidence/"+front)
	owed, err := j.applicant.MissingPapers(ctx, j.id)
	j.must(err)
	if len(owed) != 2 || owed[0] != front {
		t.Errorf("still missing: %q", owed)
	}
	j.must(j.applicant.Abandon(ctx, j.id))
}

// TestUploadPolicy checks that the storage rejects a type or key that the form does not allow, and the API a size.
func TestUploadPolicy(t *testing.T) {
	j := journeyAt(t, 721, filing.CollectEvidence)
	ctx := t.Context()
	const front = "subject-certificate-front"
	forms, err := j.applicant.UploadForms(ctx, j.id, "image/jpeg", front)
	j.must(err)
	form := forms[0]
	wantProblem(t, j.applicant.ConfirmUploads(ctx, j.id, form), 422, "evidence-not-uploaded /evidence/"+front)
	j.must(client.PostFile(ctx, form, paddedPicture(evidence.MaxUpload+1))) // the API refuses it, in words
	wantProblem(t, j.applicant.ConfirmUploads(ctx, j.id, form), 422, "evidence-too-large /evidence/"+front)
	for name, value := range map[string]string{"Content-Type": "application/pdf", "key": "orders/elsewhere"} {
		changed := scenario.UploadForm{Slot: form.Slot, Key: form.Key}
		changed.Form.URL, changed.Form.Fields = form.Form.URL, map[string]string{}
		found := false
		for k, v := range form.Form.Fields {
			changed.Form.Fields[k] = v
			if k == name {
				changed.Form.Fields[k], found = value, true
			}
		}
		if !found {
			t.Fatalf("the form has no field %s: %v", name, form.Form.Fields)
		}
		if err := client.PostFile(ctx, changed, scenario.SamplePicture("paper", 1)); !hasStatus(err, 403) {
			t.Errorf("with another %s: %v", name, err)
		}
	}
	j.must(client.PostFile(ctx, form, paddedPicture(evidence.MaxUpload)))
	j.must(j.applicant.ConfirmUploads(ctx, j.id, form))
	stranger := newJourney(t, 722)
	wantProblem(t, stranger.applicant.ConfirmUploads(ctx, j.id, form), 404)
	j.must(j.applicant.Abandon(ctx, j.id))
}

func hasStatus(err error, status int) bool {
	refusal, ok := errors.AsType[*scenario.Problem](err)
	return ok && refusal.Status == status && !bytes.Contains([]byte(refusal.Detail), []byte("<Error></Error>"))
}

// TestLargeUploads: a photo of a phone is inspected when it arrives, before a request accepts it.
func TestLargeUploads(t *testing.T) {
	j := journeyAt(t, 10_950, filing.CollectEvidence)
	ctx := t.Context()
	slots, err := j.applicant.MissingPapers(ctx, j.id)
	j.must(err)
	forms, err := j.applicant.UploadForms(ctx, j.id, "image/jpeg", slots[0])
	j.must(err)
	j.must(j.applicant.Client.PostFile(ctx, forms[0], paddedPicture(inspection.MinSize)))
	j.must(scenario.AwaitInspection(ctx, sys, forms[0]))
	j.must(j.applicant.ConfirmUploads(ctx, j.id, forms...))
	if _, err := sys.Parts.Uploads().ReadObject(ctx, evidence.Key(forms[0].Key).Inspected(), 1); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the result was not used: %v", err)
	}
	j.must(j.applicant.Abandon(ctx, j.id))
}
