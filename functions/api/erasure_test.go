package api_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
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
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

// erasure erases a filed order, whose record went to the bureau in one file with that of another, and then restores a
// backup of the table and of the bucket that was made before. Nothing personal of the order can be read; the other can.
func erasure(t *testing.T, w *world) {
	sim, exchange := w.bureau()
	defer sim.Close()
	app, otherApp := filingtest.EnterpriseBeijing(), filingtest.Numbered(2)
	id, otherID := w.handOver(app), w.handOver(otherApp)
	w.round(exchange)
	admin, reviewer, order, other := w.admin(), w.reviewer(), "/orders/"+id, "/orders/"+otherID
	for _, one := range []string{id, otherID} {
		w.decide(one, filing.AnnounceResult{})
		w.decide(one, filing.SetDuties{})
	}
	admin.do("GET "+order, nil).is(200).wants("APPROVED", "status")
	slot := slices.Sorted(maps.Keys(w.read(id).Evidence))[0]
	received := w.receivedFiles()
	if !slices.ContainsFunc(received, func(f receivedFile) bool { return strings.Contains(f.orders, id) }) {
		t.Fatal("no file of the bureau names the order")
	}
	rows, objects := w.rows(), w.stored()

	// What has to be kept is kept.
	approved := w.now
	w.applicant().do("POST "+order+"/erasure", map[string]any{}).is(403)
	admin.do("POST "+order+"/erasure", map[string]any{}).is(409, "erasure-filing-stands /filingEnded")
	w.now = approved.AddDate(0, 0, 100)
	ended := map[string]any{"filingEnded": approved.AddDate(0, 0, 10).Format(time.DateOnly)}
	admin.do("POST "+order+"/erasure", ended).is(409, "erasure-too-early ")
	admin.do("POST "+order+"/erasure", map[string]any{"filingEnded": "2031-01-01"}).is(409, "erasure-filing-date /filingEnded")
	admin.do("POST "+order+"/erasure", map[string]any{"filingEnded": "yesterday"}).is(422)

	// The erasure dies after the decision. The sweeper completes it, also when it is called twice.
	w.now = approved.AddDate(0, 0, 103)
	erased := admin.do("POST "+order+"/erasure", ended).is(202).wants(true, "erased").wants("APPROVED", "status")
	w.impersonal(app, erased)
	if err := w.sweep(failing{w.objects.Bucket}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("the sweeper without a bucket: %v", err)
	}
	for range 2 {
		if err := w.sweep(w.objects.Bucket); err != nil {
			t.Fatal(err)
		}
	}
	if left := w.stored(); slices.ContainsFunc(slices.Collect(maps.Keys(left)), func(key string) bool { return strings.HasPrefix(key, evidence.KeyPrefix(id)) }) {
		t.Error("the evidence is still in the bucket")
	}
	admin.do("POST "+order+"/erasure", ended).is(202) // again: nothing to do

	unreadable := func(when string) {
		t.Helper()
		w.impersonal(app, admin.do("GET "+order, nil).is(200).wants(true, "erased").wants("nobody", "next", "who"))
		w.impersonal(app, w.applicant().do("GET "+order, nil).is(200))
		w.impersonal(app, w.applicant().do("GET "+order+"/summary", nil).is(200))
		w.impersonal(app, w.applicant().do("GET "+order+"/evidence", nil).is(200))
		w.impersonal(app, w.applicant().do("GET /orders", nil).is(200))
		w.applicant().do("GET "+order+"/timeline", nil).is(200)
		reviewer.do("GET "+order+"/ledger", nil).is(200).wants(true, "verified")
		reviewer.do("POST "+order+"/evidence/views", map[string]any{"slot": slot}).is(409, "order-erased ")
		w.applicant().do("POST "+order+"/abandonment", nil).is(409, "order-erased ")
		for key, sealed := range w.stored() {
			w.clear(app, key, sealed)
			if !strings.HasPrefix(key, evidence.KeyPrefix(id)) {
				continue
			}
			if _, err := w.objects.Read(t.Context(), id, key, evidence.MaxBytes); !errors.Is(err, envelope.ErrErased) {
				t.Errorf("%s: %s: %v", when, key, err)
			}
		}
		admin.do("GET /bureau/sent/1", nil).is(404)
		for _, file := range received {
			if strings.Contains(file.orders, id) {
				admin.do("GET /bureau/received/"+file.id, nil).is(404)
				admin.do("POST /bureau/received/"+file.id+"/replay", nil).is(404)
			}
		}
		// The other order is untouched.
		admin.do("GET "+other, nil).is(200).wants(otherApp.Opening.Name.Reveal(), "subject", "name")
		view := reviewer.do("POST "+other+"/evidence/views", map[string]any{"slot": slices.Sorted(maps.Keys(w.read(otherID).Evidence))[0]}).is(201)
		if shown := (person{w: w}).do("GET "+strings.TrimPrefix(view.at("url").(string), web.Prefix), nil).is(200); len(shown.text) < 1000 {
			t.Errorf("%s: the other order's evidence has %d bytes", when, len(shown.text))
		}
	}
	unreadable("erased")
	w.restore(rows, objects)
	unreadable("restored")
	w.now = w.now.Add(time.Hour)
	admin.do("POST "+order+"/erasure", map[string]any{}).is(202) // the restored row is recorded as erased, without a period
	if err := w.sweep(w.objects.Bucket); err != nil {
		t.Fatal(err)
	}
	unreadable("erased again")
}

// read reads an order from the store.
func (w *world) read(id string) filing.Order {
	w.t.Helper()
	o, err := w.store.Order(w.t.Context(), filing.ID(id))
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// sweep runs the sweeper over the erasures in the outbox; notices would need senders.
func (w *world) sweep(from envelope.Bucket) error {
	w.t.Helper()
	h := sweeper.Handler{Decisions: w.desk, Outbox: erasures{w.store}, Objects: envelope.Objects{Sealer: w.store.Sealer, Bucket: from},
		Wall: func() time.Time { return w.now.Add(time.Minute) }, Log: w.desk.Log}
	_, err := h.Handle(w.t.Context(), events.DynamoDBEvent{})
	return err
}

// erasures is an outbox in which only erasures are seen.
type erasures struct{ *dynamo.Store }

func (o erasures) Outbox(ctx context.Context, kind decide.EntryKind, limit int) ([]decide.OutboxEntry, error) {
	if kind != decide.EraseOrder {
		return nil, nil
	}
	return o.Store.Outbox(ctx, kind, limit)
}

// failing is a bucket that deletes nothing.
type failing struct{ envelope.Bucket }

func (failing) DeleteAll(context.Context, string) error {
	return fault.New(fault.Unavailable, "", "the bucket is unavailable")
}

// A receivedFile is a file of the bureau and the orders in the header of its ciphertext.
type receivedFile struct{ id, orders string }

func (w *world) receivedFiles() []receivedFile {
	w.t.Helper()
	var files []receivedFile
	for key, sealed := range w.stored() {
		if i := strings.Index(key, "/received/"); i >= 0 {
			files = append(files, receivedFile{key[i+len("/received/"):], string(sealed[:min(len(sealed), 2000)])})
		}
	}
	return files
}

// clear holds that nothing of an applicant is in clear in an object.
func (w *world) clear(app filingtest.Application, key string, content []byte) {
	w.t.Helper()
	for _, secret := range []string{app.Opening.Name.Reveal(), app.Opening.Certificate.Number.Reveal(), app.Subject.Leader.Mobile.Reveal()} {
		if strings.Contains(string(content[:min(len(content), 1<<20)]), secret) {
			w.t.Errorf("%s is not encrypted", key)
		}
	}
	if http.DetectContentType(content) == "image/jpeg" {
		w.t.Errorf("%s is a picture in clear", key)
	}
}

// rows is a backup of the table of filings.
func (w *world) rows() []map[string]types.AttributeValue {
	w.t.Helper()
	out, err := w.store.Client.Scan(w.t.Context(), &dynamodb.ScanInput{TableName: aws.String(w.store.Table), ConsistentRead: aws.Bool(true)})
	if err != nil || out.LastEvaluatedKey != nil {
		w.t.Fatal("the table is too large for this test, or", err)
	}
	return out.Items
}

// stored is a backup of the bucket of evidence.
func (w *world) stored() map[string][]byte {
	w.t.Helper()
	b := w.objects.Bucket.(*bucket.Bucket)
	objects := map[string][]byte{}
	pages := s3.NewListObjectsV2Paginator(b.Client, &s3.ListObjectsV2Input{Bucket: &b.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, o := range page.Contents {
			if objects[*o.Key], err = b.ReadObject(w.t.Context(), *o.Key, 64<<20); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	return objects
}

// restore puts the table and the bucket back. The table of keys has no backup.
func (w *world) restore(rows []map[string]types.AttributeValue, objects map[string][]byte) {
	w.t.Helper()
	table := aws.String(w.store.Table)
	for _, row := range w.rows() {
		key := map[string]types.AttributeValue{"pk": row["pk"], "sk": row["sk"]}
		if _, err := w.store.Client.DeleteItem(w.t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: key}); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, row := range rows {
		if _, err := w.store.Client.PutItem(w.t.Context(), &dynamodb.PutItemInput{TableName: table, Item: row}); err != nil {
			w.t.Fatal(err)
		}
	}
	for key, content := range objects {
		if err := w.objects.Bucket.WriteObject(w.t.Context(), key, content); err != nil {
			w.t.Fatal(err)
		}
	}
}
