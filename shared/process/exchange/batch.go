package exchange

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/evidence"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A batch is the content of one file.
type batch struct {
	upload document.Upload
	sent   []SentRecord
	size   int // estimated size of the document in bytes
	// operation is that of all records: a file has one.
	operation int64
}

// buildFile builds the next file from the oldest waiting entries and puts it in flight. It returns false if no entry waits.
func (r *run) buildFile(ctx context.Context) (bool, error) {
	for {
		b, handled, err := r.fillBatch(ctx)
		switch {
		case err != nil:
			return false, err
		case handled == 0:
			return false, nil
		case len(b.sent) == 0:
			continue // all of these entries were discarded
		}
		parcel, err := r.Client.Prepare(b.upload)
		switch {
		case err == nil:
			return true, r.putInFlight(ctx, b, parcel)
		case !errors.Is(err, bureau.ErrUnsendable):
			return false, err
		case len(b.sent) > 1:
			r.state.OneByOne = len(b.sent)
		default:
			problems, _ := errors.AsType[schema.Problems](err)
			if err := r.refuseSent(ctx, b.sent[0], append(findingsOf(problems, nil), rejectedFinding()...)); err != nil {
				return false, err
			}
			r.clearFlight(1)
		}
		if err := r.saveLink(ctx); err != nil {
			return false, err
		}
	}
}

func rejectedFinding() finding.List { return finding.List{finding.New(CodeRejected, "")} }

// fillBatch fills a batch up to the limits. It returns the batch and the number of outbox entries consumed or discarded.
func (r *run) fillBatch(ctx context.Context) (b batch, handled int, err error) {
	limit := r.MaxRecords
	if limit <= 0 {
		limit = DefaultRecords
	}
	if r.state.OneByOne > 0 {
		limit = 1
	}
	b.upload = document.NewUpload(r.provider)
	b.upload.Characters = r.Characters
	entries, err := r.Store.Outbox(ctx, decide.UploadRecord, limit)
	if err != nil {
		return b, 0, err
	}
	for _, entry := range entries {
		full, err := r.addRecord(ctx, &b, entry)
		switch {
		case errors.Is(err, envelope.ErrTampered):
			r.raiseAlarm(ctx, "an order that waits for its upload cannot be decrypted", "order", entry.Order)
		case err != nil:
			return b, 0, err
		case full:
			return b, handled, nil
		default:
			handled++
		}
	}
	return b, handled, nil
}

// addRecord adds the record of an entry's order to the batch. It returns full if the batch would become too large, or has records of another
// operation. It deletes an entry whose order no longer waits for the upload.
func (r *run) addRecord(ctx context.Context, b *batch, entry decide.OutboxEntry) (full bool, err error) {
	if entry.Task != "" {
		return r.addAnswer(ctx, b, entry)
	}
	order, err := r.Decisions.Order(ctx, entry.Order)
	if fault.KindOf(err) == fault.NotFound || err == nil && !waitsForUpload(order, entry) {
		return false, r.Store.DeleteEntry(ctx, entry.ID)
	}
	if err != nil {
		return false, err
	}
	record, found, err := r.recordOf(ctx, order)
	if err != nil {
		return false, err
	}
	if found.Blocking() {
		return false, r.refuseUnsendable(ctx, order.ID, entry.ID, found)
	}
	return r.addTo(ctx, b, record, SentRecord{Order: order.ID, Round: order.Round, Entry: entry.ID})
}

// addTo adds a record to the batch, and stores its names. It returns full if the batch would become too large, or has records of another operation.
func (r *run) addTo(ctx context.Context, b *batch, record document.Record, s SentRecord) (full bool, err error) {
	size := record.Size()
	if len(b.sent) > 0 && (b.size+size > maxBytes || record.Operation() != b.operation) {
		return true, nil
	}
	b.operation = record.Operation()
	names := record.Names()
	if err := r.Store.PutRecords(ctx, Record{Order: s.Order, Round: s.Round, Task: s.Task}, names...); err != nil {
		return false, err
	}
	for _, name := range names {
		delete(r.records, name) // it may have named an earlier record
	}
	record.AddTo(b.upload.ICP)
	s.Name = names[0]
	b.sent = append(b.sent, s)
	b.size += size
	return false, nil
}

// waitsForUpload reports whether an order still waits for the upload of an entry.
func waitsForUpload(o filing.Order, e decide.OutboxEntry) bool {
	return o.Erasure == nil && o.Step == filing.AwaitBureau && o.Closing == "" && o.Round == e.Round &&
		o.Bureau != nil && o.Bureau.AcceptedAt.IsZero() && o.Bureau.DecidedAt.IsZero()
}

// recordOf builds an order's record with the evidence from the bucket.
func (r *run) recordOf(ctx context.Context, o filing.Order) (document.Record, finding.List, error) {
	copies := map[evidence.Slot][]byte{}
	var lost finding.List
	for slot, e := range o.Evidence {
		content, err := r.Objects.Read(ctx, string(o.ID), string(e.Copy()), e.CopySHA256, evidence.MaxOriginal)
		switch {
		case fault.KindOf(err) == fault.NotFound, errors.Is(err, envelope.ErrTampered):
			lost = append(lost, finding.New(CodePaperLost, evidence.Pointer(slot)))
		case err != nil:
			return document.Record{}, nil, err
		default:
			copies[slot] = content
		}
	}
	if len(lost) > 0 {
		return document.Record{}, lost, nil
	}
	var err error
	if o.Codes, err = r.Store.CodeTables(ctx); err != nil {
		return document.Record{}, nil, err
	}
	record, found := BuildRecord(o, copies, r.Characters)
	return record, found, nil
}

// refuseSent refuses the order of a record that cannot be sent, or reopens the task that it answers.
func (r *run) refuseSent(ctx context.Context, s SentRecord, found finding.List) error {
	if s.Task != "" {
		return r.refuseAnswer(ctx, s.Task, s.Entry, codesOf(found))
	}
	return r.refuseUnsendable(ctx, s.Order, s.Entry, found)
}

// refuseUnsendable refuses an order whose record cannot be sent, and deletes the outbox entry.
func (r *run) refuseUnsendable(ctx context.Context, id filing.ID, entry string, found finding.List) error {
	order, err := r.Decisions.Order(ctx, id)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if err == nil && order.Bureau != nil {
		_, err = r.Decisions.Decide(ctx, id, filing.Beian, filing.Refuse{Record: order.Bureau.Record, Findings: found})
		if kind := fault.KindOf(err); err != nil && kind != fault.Conflict {
			return err
		}
		r.report.Unsendable++
		log := r.Log.WarnContext // the applicant can correct the order
		if found.Has(CodePaperLost) || found.Has(CodeServer) || found.Has(CodeRejected) || found.Has(filing.CodeConsoleOnly) {
			log = r.raiseAlarm
		}
		log(ctx, "an order cannot be sent to the bureau", "order", id, "code", found[0].Code, "pointer", found[0].Pointer)
	}
	return r.Store.DeleteEntry(ctx, entry)
}

// putInFlight stores a file's bytes, and then the link's state with the file in flight. The object's key contains the hash, so that a
// runExchange whose lease has expired cannot overwrite the bytes of another run.
func (r *run) putInFlight(ctx context.Context, b batch, parcel wire.Parcel) error {
	object := fmt.Sprintf("bureau/%s/sent/%010d/%x", r.Link, r.state.Next, sha256.Sum256(parcel.Data))
	names, err := r.keyNames(ctx, b.sent)
	if err != nil {
		return err
	}
	if err := r.Objects.WriteShared(ctx, names, object, parcel.Data); err != nil {
		return err
	}
	r.state.Flight = &Sent{
		Sequence: r.state.Next, Object: object, Encoding: encodingOf(parcel), Records: b.sent, BuiltAt: r.Now(),
	}
	if err := r.saveLink(ctx); err != nil {
		return err
	}
	return r.markAnswersSent(ctx, *r.state.Flight)
}
