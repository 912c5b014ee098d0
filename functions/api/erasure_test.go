package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"beian/functions/sweeper"
	"beian/shared/aws/bucket"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/late"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

// eraseAndRestore erases a filed order, whose record was sent to the bureau in one file with that of another order. Then it restores a
// backup of the table and the bucket from before the erasure. The erased order stays unreadable; the other can be read.
func eraseAndRestore(t *testing.T, f *fixture) {
	sim, exchange := f.startBureau()
	defer sim.Close()
	app, otherApp := filingtest.EnterpriseBeijing(), filingtest.NumberedEnterprise(2)
	id, otherID := f.orderInQueue(app), f.orderInQueueOf("account-2", otherApp)
	f.runExchange(exchange)
	admin, reviewer, order, other := f.admin(), f.reviewer(), "/orders/"+id, "/orders/"+otherID
	for _, one := range []string{id, otherID} {
		f.decide(one, filing.AnnounceResult{})
		f.decide(one, filing.SetDuties{})
	}
	admin.do("GET "+order, nil).wantStatus(200).wantValue("APPROVED", "status")
	slot := slices.Sorted(maps.Keys(f.readOrder(id).Evidence))[0]
	received := f.receivedFiles()
	if !slices.ContainsFunc(received, func(f receivedFile) bool { return strings.Contains(f.orders, id) }) {
		t.Fatal("no file of the bureau contains the order")
	}
	rows, objects := f.backupTable(), f.backupBucket()

	// An order within its retention period is not erased.
	approved := f.now
	f.applicant().do("POST "+order+"/erasure", map[string]any{}).wantStatus(403)
	admin.do("POST "+order+"/erasure", map[string]any{}).wantStatus(409, "erasure-filing-stands /filingEnded")
	f.now = approved.AddDate(0, 0, 100)
	ended := map[string]any{"filingEnded": approved.AddDate(0, 0, 10).Format(time.DateOnly)}
	admin.do("POST "+order+"/erasure", ended).wantStatus(409, "erasure-too-early ")
	admin.do("POST "+order+"/erasure", map[string]any{"filingEnded": "2031-01-01"}).wantStatus(409, "erasure-filing-date /filingEnded")
	admin.do("POST "+order+"/erasure", map[string]any{"filingEnded": "yesterday"}).wantStatus(422)

	// The process ends after the decision. The sweeper completes the erasure, also when it is called twice.
	f.now = approved.AddDate(0, 0, 103)
	erased := admin.do("POST "+order+"/erasure", ended).wantStatus(202).wantValue(true, "erased").wantValue("APPROVED", "status")
	f.wantNoPersonalData(app, erased)
	for _, kind := range []fault.Kind{fault.Unavailable, fault.Internal} { // neither makes the erasure a dead letter
		if err := f.sweep(failingBucket{f.objects.Bucket, kind}); err == nil {
			t.Errorf("a sweep that could not delete the objects (%s) succeeded", kind)
		}
	}
	for range 2 {
		if err := f.sweep(f.objects.Bucket); err != nil {
			t.Fatal(err)
		}
	}
	if left := f.backupBucket(); slices.ContainsFunc(slices.Collect(maps.Keys(left)), func(key string) bool { return strings.HasPrefix(key, evidence.KeyPrefix(id)) }) {
		t.Error("the evidence is still in the bucket")
	}
	admin.do("POST "+order+"/erasure", ended).wantStatus(202) // repeated: no effect

	unreadable := func(when string) {
		t.Helper()
		f.wantNoPersonalData(app, admin.do("GET "+order, nil).wantStatus(200).wantValue(true, "erased").wantValue("nobody", "next", "who"))
		f.wantNoPersonalData(app, f.applicant().do("GET "+order, nil).wantStatus(200))
		for _, who := range []client{f.applicant(), admin} {
			who.do("GET "+order+"/summary", nil).wantStatus(409, "order-erased ")
			who.do("GET "+order+"/evidence", nil).wantStatus(409, "order-erased ")
		}
		f.clientAs("account-2", "applicant").do("GET "+order+"/summary", nil).wantStatus(404)
		f.wantNoPersonalData(app, f.applicant().do("GET /orders", nil).wantStatus(200))
		lines := f.applicant().do("GET "+order+"/timeline", nil).wantStatus(200).value("items").([]any)
		last := lines[len(lines)-1].(map[string]any)
		if recorded := last["title"] == "The personal data were erased"; recorded && last["who"] != "the administrator" || !recorded && when != "restored" {
			t.Errorf("%s: the timeline ends with %v", when, last)
		}
		reviewer.do("GET "+order+"/ledger", nil).wantStatus(200).wantValue(true, "verified")
		reviewer.do("POST "+order+"/evidence/views", map[string]any{"slot": slot}).wantStatus(409, "order-erased ")
		f.applicant().do("POST "+order+"/abandonment", nil).wantStatus(409, "order-erased ")
		for key, sealed := range f.backupBucket() {
			f.wantEncrypted(app, key, sealed)
			if !strings.HasPrefix(key, evidence.KeyPrefix(id)) {
				continue
			}
			if _, err := f.objects.Read(t.Context(), id, key, evidence.Object(key).Digest(), evidence.MaxOriginal); !errors.Is(err, envelope.ErrErased) {
				t.Errorf("%s: %s: %v", when, key, err)
			}
		}
		admin.do("GET /bureau/sent/1", nil).wantStatus(404)
		for _, file := range received {
			if strings.Contains(file.orders, id) {
				admin.do("GET /bureau/received/"+file.id, nil).wantStatus(404)
				admin.do("POST /bureau/received/"+file.id+"/replay", nil).wantStatus(404)
			}
		}
		// The other order is untouched.
		admin.do("GET "+other, nil).wantStatus(200).wantValue(otherApp.Opening.Name.Reveal(), "subject", "name")
		for slot, paper := range f.readOrder(otherID).Evidence {
			if _, err := f.objects.Read(t.Context(), otherID, string(paper.Original()), paper.Original().Digest(), evidence.MaxOriginal); err != nil {
				t.Errorf("%s: the other order's %s: %v", when, slot, err)
			}
		}
	}
	unreadable("erased")
	f.restore(rows, objects)
	unreadable("restored")
	f.now = f.now.Add(time.Hour)
	admin.do("POST "+order+"/erasure", map[string]any{}).wantStatus(202) // the restored row is recorded as erased, without a period
	if err := f.sweep(f.objects.Bucket); err != nil {
		t.Fatal(err)
	}
	unreadable("erased again")
}

// textsEncrypted checks that the table has no text in clear that a person wrote, and that lists still say who acts next.
func textsEncrypted(t *testing.T, f *fixture) {
	app := filingtest.EnterpriseBeijing()
	id := f.orderAt(app, filing.InitialReview)
	order, me, staff := "/orders/"+id, f.applicant(), f.reviewer()
	staff.do("POST "+order+"/claim", nil).wantStatus(200)
	staff.do("POST "+order+"/review", map[string]any{"verdict": "pass", "documents": []string{"sites/0/verification-form"}}).wantStatus(200)
	me.do("PUT "+order+"/papers", map[string]any{"courier": "示例快递，示例人转交", "tracking": "EX-TYPED"}).wantStatus(200).
		wantValue("示例快递，示例人转交", "papers", "courier").wantValue("EX-TYPED", "papers", "tracking")
	f.wantNotStored("示例人转交", "EX-TYPED")
	staff.do("POST "+order+"/claim", nil).wantStatus(200)
	why := map[string]any{"pointer": "/subject/remark", "message": map[string]any{"zh-CN": "请示例人重写备注", "en": "Please rewrite the remark, invented person"}}
	staff.do("POST "+order+"/review", map[string]any{"verdict": "return", "findings": []any{why}}).wantStatus(200)
	back := me.do("GET "+order, nil).wantStatus(200)
	if !strings.Contains(back.text, "请示例人重写备注") || strings.Contains(back.text, "EX-TYPED") {
		t.Error("the applicant does not see the reviewer's text, or still sees the tracking number")
	}
	f.wantNotStored("请示例人重写备注", "invented person", "EX-TYPED", app.Opening.Name.Reveal(), app.Sites[0].Name, app.Subject.Address)
	me.do("GET /orders", nil).wantStatus(200).wantValue("applicant", "items", 0, "next", "who")
}

// eraseWithoutKey erases an open order whose key is missing, which also closes it: its applicant can file the same subject and domain on
// the same server again.
func eraseWithoutKey(t *testing.T, f *fixture) {
	app := filingtest.EnterpriseBeijing()
	id, me, admin := f.orderAt(app, filing.InitialReview), f.applicant(), f.admin()
	order := "/orders/" + id
	admin.do("POST "+order+"/erasure", map[string]any{}).wantStatus(409, "erasure-order-open ")
	if err := f.store.Encrypter.DeleteKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	me.do("GET "+order, nil).wantStatus(200).wantValue(true, "erased").wantValue("SUBMITTED", "status")
	me.do("POST "+order+"/withdrawal", nil).wantStatus(409, "order-erased ")
	me.do("POST /orders", openingBody(app)).wantStatus(409, "domain-has-open-order /domains", "subject-has-open-order /certificate/number")
	admin.do("POST "+order+"/erasure", map[string]any{}).wantStatus(202).wantValue("EXPIRED", "status").wantValue("Done", "step")
	if o := f.readOrder(id); o.SubjectKey != "" || o.Erasure.At.IsZero() {
		t.Error("the erasure is not recorded, or the key of the subject is left")
	}
	lines := me.do("GET "+order+"/timeline", nil).wantStatus(200).value("items").([]any)
	if last := lines[len(lines)-1].(map[string]any); last["title"] != "The order was closed and its personal data were erased" {
		t.Errorf("the timeline ends with %v", last)
	}
	f.orderAt(app, filing.InitialReview)
	if server, err := f.store.Server(t.Context(), "server-1"); err != nil || server.Used != 1 {
		t.Errorf("%d slots of the server are used, want 1: %v", server.Used, err)
	}
	f.reviewer().do("GET "+order+"/ledger", nil).wantStatus(200).wantValue(true, "verified")
	queue := f.reviewer().do("GET /review/orders", nil).wantStatus(200)
	if strings.Contains(queue.text, id) {
		t.Error("the closed order is in the reviewers' queue")
	}
}

// eraseRestoredOrder restores the items of an order from when it was open. It was closed and erased since, and another order has its
// locks: erasing it again leaves them to that order.
func eraseRestoredOrder(t *testing.T, f *fixture) {
	app := filingtest.EnterpriseBeijing()
	id, me := f.orderAt(app, filing.InitialReview), f.applicant()
	items := func() []map[string]types.AttributeValue {
		return slices.DeleteFunc(f.backupTable(), func(row map[string]types.AttributeValue) bool {
			return row["pk"].(*types.AttributeValueMemberS).Value != "ORDER#"+id
		})
	}
	backup := items()
	me.do("POST /orders/"+id+"/withdrawal", nil).wantStatus(202)
	f.decide(id, filing.Close{})
	f.orderAt(app, filing.CollectDetails)
	if err := f.store.Encrypter.DeleteKey(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	f.replace(items(), backup)
	f.admin().do("POST /orders/"+id+"/erasure", map[string]any{}).wantStatus(202).wantValue("EXPIRED", "status")
	me.do("POST /orders", openingBody(app)).wantStatus(409, "domain-has-open-order /domains", "subject-has-open-order /certificate/number")
	if server, err := f.store.Server(t.Context(), "server-1"); err != nil || server.Used != 1 {
		t.Errorf("%d slots of the server are used, want 1: %v", server.Used, err)
	}
}

// keyedDigests checks that no row contains a plain hash of personal data, which could confirm a guess.
func keyedDigests(t *testing.T, f *fixture) {
	sum := func(parts ...string) string {
		all := sha256.Sum256([]byte(strings.Join(parts, "")))
		return hex.EncodeToString(all[:])
	}
	id := f.orderAt(filingtest.EnterpriseBeijing(), filing.AwaitConfirmation)
	order, me := "/orders/"+id, f.applicant()
	summary := f.readOrder(id).Summary()
	digest := summary.Digest
	summary.Digest = ""
	guess, err := json.Marshal(summary)
	if err != nil {
		t.Fatal(err)
	}
	path, body := web.Prefix+order+"/confirmation", `{"digest":"`+digest+`"}`
	me.do("POST "+order+"/confirmation", body, "idempotency-key", "guess").wantStatus(200)
	if f.readOrder(id).Confirmation.Digest != digest {
		t.Error("the order has another digest than the one that was confirmed")
	}
	f.wantNotStored(sum(string(guess)), sum("4:POST", fmt.Sprint(len(path), ":", path), fmt.Sprint(len(body), ":", body)))
	me.do("POST "+order+"/confirmation", body, "idempotency-key", "guess").wantStatus(200)
	me.do("POST "+order+"/confirmation", `{"digest":"0"}`, "idempotency-key", "guess").wantStatus(422, "idempotency-key-reused ")
}

// wantNotStored checks that no row of the table contains one of the texts.
func (f *fixture) wantNotStored(texts ...string) {
	f.t.Helper()
	for _, row := range f.backupTable() {
		for name, value := range row {
			stored := fmt.Sprint(value)
			if b, ok := value.(*types.AttributeValueMemberB); ok {
				stored = string(b.Value)
			}
			for i, text := range texts {
				if strings.Contains(stored, text) {
					f.t.Errorf("%v has text %d of %d in clear in %s", row["sk"], i+1, len(texts), name)
				}
			}
		}
	}
}

// readOrder reads an order from the store.
func (f *fixture) readOrder(id string) filing.Order {
	f.t.Helper()
	o, err := f.store.Order(f.t.Context(), filing.ID(id))
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

// sweep runs the sweeper over the erasures in the outbox; notices would need senders.
func (f *fixture) sweep(from envelope.Bucket) error {
	f.t.Helper()
	h := sweeper.Handler{Decisions: f.decisions, Outbox: erasureOutbox{f.store}, Objects: envelope.Objects{Encrypter: f.store.Encrypter, Bucket: from}, Uploads: from,
		Watch:     late.Watch{Decisions: f.decisions, Store: f.store},
		WallClock: func() time.Time { return f.now.Add(time.Minute) }, Log: f.decisions.Log}
	_, err := h.Handle(f.t.Context(), sweeper.Input{})
	return err
}

// erasureOutbox is an outbox that returns only erasures.
type erasureOutbox struct{ *dynamo.Store }

func (o erasureOutbox) Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error) {
	if kind != decide.EraseOrder {
		return nil, nil
	}
	return o.Store.Outbox(ctx, kind, limit)
}

// failingBucket is a bucket whose deletions fail.
type failingBucket struct {
	envelope.Bucket
	kind fault.Kind
}

func (f failingBucket) DeleteAll(context.Context, string) error {
	return fault.New(f.kind, "", "the objects cannot be deleted")
}

// A receivedFile is a file of the bureau and the orders in the header of its ciphertext.
type receivedFile struct{ id, orders string }

func (f *fixture) receivedFiles() []receivedFile {
	f.t.Helper()
	var files []receivedFile
	for key, sealed := range f.backupBucket() {
		if i := strings.Index(key, "/received/"); i >= 0 {
			files = append(files, receivedFile{key[i+len("/received/"):], string(sealed[:min(len(sealed), 2000)])})
		}
	}
	return files
}

// wantEncrypted checks that an object contains no plain text of an application.
func (f *fixture) wantEncrypted(app filingtest.Application, key string, content []byte) {
	f.t.Helper()
	for _, secret := range []string{app.Opening.Name.Reveal(), app.Opening.Certificate.Number.Reveal(), app.Subject.Leader.Mobile.Reveal()} {
		if strings.Contains(string(content[:min(len(content), 1<<20)]), secret) {
			f.t.Errorf("%s is not encrypted", key)
		}
	}
	if http.DetectContentType(content) == "image/jpeg" {
		f.t.Errorf("%s is a picture in clear", key)
	}
}

// backupTable returns all items of the table of filings.
func (f *fixture) backupTable() []map[string]types.AttributeValue {
	f.t.Helper()
	out, err := f.table.Scan(f.t.Context(), &dynamodb.ScanInput{TableName: aws.String(f.store.Table), ConsistentRead: aws.Bool(true)})
	if err != nil || out.LastEvaluatedKey != nil {
		f.t.Fatal("the table is too large for this test, or", err)
	}
	return out.Items
}

// backupBucket returns all objects of the evidence bucket.
func (f *fixture) backupBucket() map[string][]byte {
	f.t.Helper()
	b := f.objects.Bucket.(*bucket.Bucket)
	objects := map[string][]byte{}
	pages := s3.NewListObjectsV2Paginator(b.Client, &s3.ListObjectsV2Input{Bucket: &b.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(f.t.Context())
		if err != nil {
			f.t.Fatal(err)
		}
		for _, o := range page.Contents {
			if objects[*o.Key], err = b.ReadObject(f.t.Context(), *o.Key, 64<<20); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	return objects
}

// restore writes a backup of the table and the bucket. The table of keys has no backup.
func (f *fixture) restore(rows []map[string]types.AttributeValue, objects map[string][]byte) {
	f.t.Helper()
	f.replace(f.backupTable(), rows)
	for key, content := range objects {
		if err := f.objects.Bucket.WriteObject(f.t.Context(), key, content); err != nil {
			f.t.Fatal(err)
		}
	}
}

// replace deletes items of the table and writes others.
func (f *fixture) replace(old, rows []map[string]types.AttributeValue) {
	f.t.Helper()
	table := aws.String(f.store.Table)
	for _, row := range old {
		key := map[string]types.AttributeValue{"pk": row["pk"], "sk": row["sk"]}
		if _, err := f.store.Client.DeleteItem(f.t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: key}); err != nil {
			f.t.Fatal(err)
		}
	}
	for _, row := range rows {
		if _, err := f.store.Client.PutItem(f.t.Context(), &dynamodb.PutItemInput{TableName: table, Item: row}); err != nil {
			f.t.Fatal(err)
		}
	}
}
