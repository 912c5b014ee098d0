package attacks_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"beian/infra/local/scenario"
	"beian/shared/aws/bucket"
	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/picture"
	"beian/shared/rules/workday"
	"beian/shared/setup/environ"
	"beian/shared/web"
)

const certificateFront, certificateBack, verificationForm = "subject-certificate-front", "subject-certificate-back", "sites/0/verification-form"

var page = []byte("<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>")

func digestOf(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

// post sends a file with an upload form. The store accepts it as long as the form is valid, whatever happened to the order since.
func post(t *testing.T, f scenario.UploadForm, file []byte) {
	t.Helper()
	if err := client.PostFile(t.Context(), f, file); err != nil {
		t.Fatal(err)
	}
}

// papersOf is the body that submits uploads.
func papersOf(forms ...scenario.UploadForm) []byte {
	var papers []string
	for _, f := range forms {
		papers = append(papers, fmt.Sprintf(`{"slot":%q,"key":%q}`, f.Slot, f.Key))
	}
	return []byte(`{"papers":[` + strings.Join(papers, ",") + `]}`)
}

// accepted returns the digests of the accepted papers by slot.
func accepted(t *testing.T, u *scenario.User, id filing.ID) map[string]string {
	t.Helper()
	var o struct {
		Evidence map[string]struct {
			SHA256 string `json:"sha256"`
		} `json:"evidence"`
	}
	if err := json.Unmarshal(send(t, u, scenario.Request{Method: "GET", Path: "/orders/" + string(id)}, 200).Body, &o); err != nil {
		t.Fatal(err)
	}
	digests := map[string]string{}
	for slot, e := range o.Evidence {
		digests[slot] = e.SHA256
	}
	return digests
}

// openPaper has the reviewer open a paper, and returns what the link answers, with any status.
func openPaper(t *testing.T, id filing.ID, slot string) scenario.Answer {
	t.Helper()
	opened := send(t, reviewer, scenario.Request{Method: "POST", Path: "/orders/" + string(id) + "/evidence/views", Body: fmt.Appendf(nil, `{"slot":%q}`, slot)}, 201)
	var view struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal(opened.Body, &view); err != nil {
		t.Fatal(err)
	}
	answer, err := client.Send(t.Context(), nil, scenario.Request{Method: "GET", Path: strings.TrimPrefix(view.URL, web.Prefix)})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// showsPaper reports whether the reviewer sees a picture, marked with the reviewer's name and the time.
func showsPaper(t *testing.T, shown scenario.Answer, original []byte) bool {
	t.Helper()
	now := sys.Clock.Now().In(workday.Shanghai)
	for _, at := range []time.Time{now, now.Add(-time.Minute)} {
		marked, err := picture.Marked(t.Context(), original, "reviewer "+at.Format("2006-01-02 15:04"), picture.NewBudget())
		if err != nil {
			t.Fatal(err)
		}
		if shown.Status == 200 && bytes.Equal(shown.Body, marked) {
			return true
		}
	}
	return false
}

// factsOf returns the facts of the last ledger entry of a decision.
func factsOf(t *testing.T, id filing.ID, decision string) map[string]string {
	t.Helper()
	ledger, err := reviewer.Ledger(t.Context(), id)
	if err != nil || !ledger.Verified {
		t.Fatalf("ledger: verified %t, %v", ledger.Verified, err)
	}
	var facts map[string]string
	for _, e := range ledger.Entries {
		if e.Decision == decision {
			facts = e.Facts
		}
	}
	return facts
}

// sentTo returns the pictures that were sent to the bureau for an order, by digest.
func sentTo(t *testing.T, id filing.ID) map[string]bool {
	t.Helper()
	o, err := sys.Parts.Store().Order(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	file, known, err := sys.Parts.Store().Sent(t.Context(), sys.Parts.Env[environ.BureauProvider], int64(o.Bureau.Sequence))
	if err != nil || !known {
		t.Fatalf("the file %d: known %t, %v", o.Bureau.Sequence, known, err)
	}
	data, err := sys.Parts.Objects().ReadShared(t.Context(), file.Object, wire.MaxDocument)
	if err != nil {
		t.Fatal(err)
	}
	codec := wire.Codec{Key: sys.Parts.Env[environ.BureauKey], IV: sys.Parts.Env[environ.BureauIV], Encryption: wire.AESEncryption}
	decoded, err := codec.Decode(wire.Parcel{Data: data, Hash: file.Hash, Encryption: file.Encryption, HashKind: file.HashKind, Compression: file.Compression})
	if err != nil {
		t.Fatal(err)
	}
	upload, _, err := document.ParseUpload(decoded.Content)
	if err != nil {
		t.Fatal(err)
	}
	digests := map[string]bool{}
	for _, record := range upload.ICP.New {
		if record.Subject.ID == o.Bureau.FirstID {
			for _, a := range record.Attachments {
				digests[digestOf(a.Content)] = true
			}
		}
	}
	return digests
}

// TestPaperExchanged: an upload form that is used again after the acceptance, the confirmation and the pass changes nothing: not what the
// reviewer sees, not what the bureau gets, and not the ledger.
func TestPaperExchanged(t *testing.T) {
	ctx := t.Context()
	applicant, app, id := applicantAt(t, 100, filing.CollectEvidence)
	order := "/orders/" + string(id)
	forms, err := applicant.UploadForms(ctx, id, "image/jpeg", certificateFront, certificateBack, verificationForm)
	if err != nil {
		t.Fatal(err)
	}
	pictures := map[string][]byte{}
	for i, f := range forms {
		pictures[f.Slot] = scenario.SamplePicture("accepted "+f.Slot, uint64(100+i))
		post(t, f, pictures[f.Slot])
	}
	send(t, applicant, scenario.Request{Method: "PUT", Path: order + "/evidence", Body: papersOf(forms...)}, 200)
	before := accepted(t, applicant, id)

	exchange := func(when string, status int) {
		t.Helper()
		for _, other := range [][]byte{scenario.SamplePicture("exchanged "+when, 7), page, {}} {
			for _, f := range forms {
				post(t, f, other)
			}
			send(t, applicant, scenario.Request{Method: "PUT", Path: order + "/evidence", Body: papersOf(forms...)}, status)
		}
		if after := accepted(t, applicant, id); !maps.Equal(after, before) {
			t.Errorf("after the %s the papers are %v, before %v", when, after, before)
		}
	}
	open := func(when string) {
		t.Helper()
		for slot, original := range pictures {
			shown := openPaper(t, id, slot)
			if !showsPaper(t, shown, original) || digestOf(original) != before[slot] {
				t.Errorf("after the %s: status %d, the reviewer sees other bytes than were accepted for %s", when, shown.Status, slot)
			}
			for name, want := range map[string]string{"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff",
				"Content-Security-Policy": "default-src 'none'; sandbox"} {
				if got := shown.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if reads, _ := staffReads(t, applicant, id, ""); reads[0].Slot != slot || reads[0].SHA256 != before[slot] {
				t.Errorf("the audit has %+v for the opening of %s", reads[0], slot)
			}
		}
	}
	exchange("acceptance", 200)
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
	if err := applicant.Confirm(ctx, id); err != nil {
		t.Fatal(err)
	}
	exchange("confirmation", 409)
	if err := reviewer.Claim(ctx, id); err != nil {
		t.Fatal(err)
	}
	open("confirmation")
	if err := reviewer.Approve(ctx, id); err != nil {
		t.Fatal(err)
	}
	exchange("pass", 409)
	answerSMS(t, applicant, app, id)
	if _, err := applicant.AwaitStep(ctx, id, filing.Done); err != nil {
		t.Fatal(err)
	}
	facts := factsOf(t, id, "accept-evidence")
	sent := sentTo(t, id)
	for slot := range pictures {
		if facts[slot] != before[slot] || !sent[facts[slot+" copy"]] {
			t.Errorf("%s: the ledger has %s and the copy %s, the bureau got %v", slot, facts[slot], facts[slot+" copy"], sent)
		}
	}
}

// TestUploadAcceptedTwice: an upload that is submitted several times at once, with other bytes between, counts once, and the stored bytes
// are those whose digest the order has.
func TestUploadAcceptedTwice(t *testing.T) {
	ctx := t.Context()
	applicant, _, id := applicantAt(t, 101, filing.CollectEvidence)
	forms, err := applicant.UploadForms(ctx, id, "image/jpeg", certificateFront)
	if err != nil {
		t.Fatal(err)
	}
	post(t, forms[0], scenario.SamplePicture("first", 1))
	var tries sync.WaitGroup
	for i := range 6 {
		tries.Go(func() {
			if err := client.PostFile(ctx, forms[0], scenario.SamplePicture("next", uint64(i))); err != nil {
				t.Error(err)
			}
			answer, err := client.Send(ctx, applicant, scenario.Request{Method: "PUT", Path: "/orders/" + string(id) + "/evidence", Body: papersOf(forms[0])})
			if err != nil || answer.Status != 200 && answer.Status != 422 { // 422: the accepted upload was deleted meanwhile
				t.Errorf("status %d, %v", answer.Status, err)
			}
		})
	}
	tries.Wait()
	digest := accepted(t, applicant, id)[certificateFront]
	if facts := factsOf(t, id, "accept-evidence"); facts[certificateFront] != digest {
		t.Errorf("the ledger has %v, the order %s", facts, digest)
	}
	if err := applicant.UploadMissing(ctx, id, scenario.SamplePicture("others", 2)); err != nil {
		t.Fatal(err)
	}
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
	if err := applicant.Confirm(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Claim(ctx, id); err != nil {
		t.Fatal(err)
	}
	sent := [][]byte{scenario.SamplePicture("first", 1)}
	for i := range 6 {
		sent = append(sent, scenario.SamplePicture("next", uint64(i)))
	}
	shown := openPaper(t, id, certificateFront)
	if !slices.ContainsFunc(sent, func(p []byte) bool { return digestOf(p) == digest && showsPaper(t, shown, p) }) {
		t.Errorf("status %d, the reviewer does not see the picture whose digest %s the order has", shown.Status, digest)
	}
}

// TestForeignUpload: the key of another slot, of another order, or of the accepted object itself is refused, and a form writes nothing into
// the bucket of evidence.
func TestForeignUpload(t *testing.T) {
	ctx := t.Context()
	applicant, _, id := applicantAt(t, 102, filing.CollectEvidence)
	other, _, foreign := applicantAt(t, 103, filing.CollectEvidence)
	mine, err := applicant.UploadForms(ctx, id, "image/jpeg", certificateFront, certificateBack)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := other.UploadForms(ctx, foreign, "image/jpeg", certificateFront)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(mine, theirs...) {
		post(t, f, scenario.SamplePicture("paper", 3))
	}
	evidencePath := "/orders/" + string(id) + "/evidence"
	for name, key := range map[string]string{
		"another slot":    mine[1].Key,
		"another order":   theirs[0].Key,
		"an object":       mine[0].Key + "-" + digestOf(scenario.SamplePicture("paper", 3)),
		"a result":        evidence.Key(mine[0].Key).Inspected(),
		"a parent folder": "orders/" + string(id) + "/" + certificateFront + "/../" + certificateBack + mine[1].Key[strings.LastIndexByte(mine[1].Key, '/'):],
	} {
		t.Run(name, func(t *testing.T) {
			send(t, applicant, scenario.Request{Method: "PUT", Path: evidencePath, Body: papersOf(scenario.UploadForm{Slot: certificateFront, Key: key})}, 422,
				"evidence-key-foreign /papers/0/key")
		})
	}
	send(t, other, scenario.Request{Method: "PUT", Path: evidencePath, Body: papersOf(mine[0])}, 404)
	send(t, applicant, scenario.Request{Method: "PUT", Path: evidencePath, Body: papersOf(mine[0])}, 200)
	for _, f := range mine { // the form names the bucket of uploads; its signature fits no other
		elsewhere := f
		elsewhere.Form.URL = strings.Replace(f.Form.URL, sys.Parts.Env[environ.Uploads], sys.Parts.Env[environ.Bucket], 1)
		if err := client.PostFile(ctx, elsewhere, page); err == nil {
			t.Error("the form wrote into the bucket of evidence")
		}
	}
}

// objectsOf returns the raw objects of an order in the bucket of evidence.
func objectsOf(t *testing.T, id filing.ID) map[evidence.Object][]byte {
	t.Helper()
	b := sys.Parts.Objects().Bucket.(*bucket.Bucket)
	prefix := evidence.KeyPrefix(string(id))
	list, err := b.Client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: &b.Name, Prefix: &prefix})
	if err != nil {
		t.Fatal(err)
	}
	objects := map[evidence.Object][]byte{}
	for _, o := range list.Contents {
		if objects[evidence.Object(*o.Key)], err = b.ReadObject(t.Context(), *o.Key, 8<<20); err != nil {
			t.Fatal(err)
		}
	}
	return objects
}

// original returns the object with the accepted original of a slot.
func original(t *testing.T, id filing.ID, slot evidence.Slot) evidence.Object {
	t.Helper()
	o, err := sys.Parts.Store().Order(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o.Evidence[slot].Original()
}

// paperAlarms returns the alarms about damaged papers.
func paperAlarms() []string {
	return slices.DeleteFunc(log.Errors(), func(line string) bool { return !strings.Contains(line, alarms[0]) || !isAlarm(line) })
}

func overwrite(t *testing.T, object evidence.Object, content []byte) {
	t.Helper()
	if err := sys.Parts.Objects().Bucket.WriteObject(t.Context(), string(object), content); err != nil {
		t.Fatal(err)
	}
}

// TestObjectExchanged: who can write the bucket of evidence, and even who can encrypt for the order, cannot show the reviewer or send the
// bureau other bytes than were accepted. The operator is alarmed, and the order goes on with a new upload.
func TestObjectExchanged(t *testing.T) {
	ctx := t.Context()
	applicant, app, id := applicantAt(t, 104, filing.CollectEvidence)
	old := scenario.SamplePicture("an earlier version", 4)
	if err := applicant.Upload(ctx, id, map[string][]byte{certificateFront: old}, "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	earlier := original(t, id, certificateFront)
	papers := map[string][]byte{}
	for i, slot := range []string{certificateFront, certificateBack, verificationForm} {
		papers[slot] = scenario.SamplePicture("paper "+slot, uint64(110+i))
	}
	if err := applicant.Upload(ctx, id, papers, "image/jpeg"); err != nil {
		t.Fatal(err)
	}
	if err := applicant.PassLiveness(ctx, id, 0); err != nil {
		t.Fatal(err)
	}
	if err := applicant.Confirm(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := reviewer.Claim(ctx, id); err != nil {
		t.Fatal(err)
	}
	objects := objectsOf(t, id)
	front, back := original(t, id, certificateFront), original(t, id, certificateBack)
	reencrypted := func(object evidence.Object, content []byte) []byte {
		if err := sys.Parts.Objects().Write(ctx, string(id), string(object), content); err != nil {
			t.Fatal(err)
		}
		return objectsOf(t, id)[object]
	}
	for name, content := range map[string][]byte{
		"another slot's object":      objects[back],
		"an earlier version":         objects[earlier],
		"bytes":                      page,
		"nothing":                    {},
		"a page under the same key":  reencrypted(front, page),
		"the old picture under it":   reencrypted(front, old),
		"the back under it":          reencrypted(front, papers[certificateBack]),
		"a page, appended to itself": append(bytes.Clone(objects[front]), page...),
	} {
		t.Run(name, func(t *testing.T) {
			overwrite(t, front, content)
			alarms := len(paperAlarms())
			shown := openPaper(t, id, certificateFront)
			if found := shown.Problem().Findings; shown.Status != http.StatusConflict || !has(found, web.CodeEvidenceDamaged, "/evidence/"+certificateFront) {
				t.Errorf("status %d, %v: %.200s", shown.Status, found, shown.Body)
			}
			if len(paperAlarms()) != alarms+1 {
				t.Errorf("%d alarms, before %d", len(paperAlarms()), alarms)
			}
		})
	}
	overwrite(t, front, objects[front])
	if shown := openPaper(t, id, certificateFront); !showsPaper(t, shown, papers[certificateFront]) {
		t.Errorf("the restored paper: status %d", shown.Status)
	}
	// The bureau's copy.
	reencrypted(copyOf(t, id, verificationForm), papers[certificateBack])
	if err := reviewer.Approve(ctx, id); err != nil {
		t.Fatal(err)
	}
	answerSMS(t, applicant, app, id)
	o, err := applicant.AwaitStep(ctx, id, filing.Done)
	if err != nil || o.Status != filing.BureauRejected || !has(o.Findings, "record-paper-lost", "/evidence/sites~10~1verification-form") {
		t.Fatalf("status %s, %v, %v", o.Status, o.Findings, err)
	}
	if err := applicant.Resubmit(ctx, id); err != nil {
		t.Fatal(err)
	}
	if missing, err := applicant.MissingPapers(ctx, id); err != nil || len(missing) != 1 || missing[0] != verificationForm {
		t.Errorf("to upload again: %v, %v", missing, err)
	}
}

// copyOf returns the object with the bureau's copy of a slot.
func copyOf(t *testing.T, id filing.ID, slot evidence.Slot) evidence.Object {
	t.Helper()
	o, err := sys.Parts.Store().Order(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o.Evidence[slot].Copy()
}
