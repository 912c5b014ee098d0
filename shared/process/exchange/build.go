package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// A batch is what goes into one file.
type batch struct {
	upload document.Upload
	sent   []SentRecord
	size   int // about, in bytes of the document
}

// build makes the next file out of the oldest waiting entries and writes it down as in flight. It reports false when
// nothing waits.
func (r *run) build(ctx context.Context) (bool, error) {
	for {
		b, moved, err := r.gather(ctx)
		switch {
		case err != nil:
			return false, err
		case moved == 0:
			return false, nil
		case len(b.sent) == 0:
			continue // those that waited could not go, and are out of the way now
		}
		parcel, err := r.Client.Prepare(b.upload)
		switch {
		case err == nil:
			return true, r.launch(ctx, b, parcel)
		case !errors.Is(err, bureau.ErrUnsendable):
			return false, err
		case len(b.sent) > 1:
			r.state.Single = len(b.sent)
		default:
			problems, _ := errors.AsType[schema.Problems](err)
			if err := r.unsendable(ctx, b.sent[0].Order, b.sent[0].Entry, append(findings(problems, nil), notTaken()...)); err != nil {
				return false, err
			}
			r.landed(1)
		}
		if err := r.save(ctx); err != nil {
			return false, err
		}
	}
}

func notTaken() finding.List { return finding.List{finding.New(CodeNotTaken, "")} }

// gather collects records up to the limits, and tells how many entries it put into the batch or out of the way.
func (r *run) gather(ctx context.Context) (b batch, moved int, err error) {
	limit := r.MaxRecords
	if limit <= 0 {
		limit = DefaultRecords
	}
	if r.state.Single > 0 {
		limit = 1
	}
	b.upload = document.NewUpload(r.provider)
	entries, err := r.Store.Outbox(ctx, decide.UploadRecord, limit)
	if err != nil {
		return b, 0, err
	}
	for _, entry := range entries {
		full, err := r.add(ctx, &b, entry)
		switch {
		case errors.Is(err, envelope.ErrTampered):
			r.alarm(ctx, "an order that is to be uploaded cannot be read", "order", entry.Order)
		case err != nil:
			return b, 0, err
		case full:
			return b, moved, nil
		default:
			moved++
		}
	}
	return b, moved, nil
}

// add puts an entry's order into the batch, unless the batch would be too large with it. An entry whose order does not
// wait for its upload any more is taken out of the outbox.
func (r *run) add(ctx context.Context, b *batch, entry decide.OutboxEntry) (full bool, err error) {
	order, err := r.Decisions.Order(ctx, entry.Order)
	if fault.KindOf(err) == fault.NotFound || err == nil && !awaited(order, entry) {
		return false, r.Store.DeleteEntry(ctx, entry.ID)
	}
	if err != nil {
		return false, err
	}
	record, found, err := r.record(ctx, order)
	if err != nil {
		return false, err
	}
	if found.Blocking() {
		return false, r.unsendable(ctx, order.ID, entry.ID, found)
	}
	size := sizeOf(record)
	if len(b.sent) > 0 && b.size+size > maxBytes {
		return true, nil
	}
	ids := numbersOf(order, order.Bureau.FirstID)
	if err := r.Store.PutRecords(ctx, Record{Order: order.ID, Round: order.Round}, ids.indexed()...); err != nil {
		return false, err
	}
	b.upload.ICP.New = append(b.upload.ICP.New, record)
	b.sent = append(b.sent, SentRecord{Order: order.ID, Round: order.Round, Subject: ids.subject, Entry: entry.ID})
	b.size += size
	return false, nil
}

// awaited reports whether an order still waits for the upload that an entry asks for.
func awaited(o filing.Order, e decide.OutboxEntry) bool {
	return o.Erasure == nil && o.Step == filing.AwaitBureau && o.Closing == "" && o.Round == e.Round &&
		o.Bureau != nil && o.Bureau.AcceptedAt.IsZero() && o.Bureau.DecidedAt.IsZero()
}

// record makes an order's record, with the papers from the bucket.
func (r *run) record(ctx context.Context, o filing.Order) (document.NewFiling, finding.List, error) {
	if o.Type != filing.First {
		return document.NewFiling{}, finding.List{finding.New(filing.CodeTypeNotYet, "")}, nil
	}
	copies := map[evidence.Slot][]byte{}
	var lost finding.List
	for slot, e := range o.Evidence {
		content, err := r.Objects.Read(ctx, string(o.ID), e.CopyKey, evidence.MaxBytes)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			lost = append(lost, finding.New(CodePaperLost, evidence.Pointer(slot)))
		case err != nil:
			return document.NewFiling{}, nil, err
		default:
			copies[slot] = content
		}
	}
	if len(lost) > 0 {
		return document.NewFiling{}, lost, nil
	}
	record, found := BuildRecord(o, copies)
	return record, found, nil
}

// unsendable refuses an order that cannot go, and takes its entry out of the outbox.
func (r *run) unsendable(ctx context.Context, id filing.ID, entry string, found finding.List) error {
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
		tell := r.Log.WarnContext // the applicant mends it
		if found.Has(CodePaperLost) || found.Has(CodeServer) || found.Has(CodeNotTaken) {
			tell = r.alarm
		}
		tell(ctx, "an order cannot be sent to the bureau", "order", id, "code", found[0].Code, "pointer", found[0].Pointer)
	}
	return r.Store.DeleteEntry(ctx, entry)
}

// launch stores a file's bytes and writes it down as in flight. The object's name holds the hash, so that a run that has
// lost the link cannot overwrite what another sends.
func (r *run) launch(ctx context.Context, b batch, parcel wire.Parcel) error {
	sum := sha256.Sum256(parcel.Data)
	object := fmt.Sprintf("bureau/%s/sent/%010d/%s", r.Link, r.state.Next, hex.EncodeToString(sum[:8]))
	var orders []string
	for _, s := range b.sent {
		orders = append(orders, string(s.Order))
	}
	if err := r.Objects.WriteShared(ctx, orders, object, parcel.Data); err != nil {
		return err
	}
	r.state.Flight = &Sent{
		Sequence: r.state.Next, Object: object, Encoding: encodingOf(parcel), Records: b.sent, BuiltAt: r.Now(),
	}
	return r.save(ctx)
}

// sizeOf estimates a record's length in the document, nearly all of which is pictures in base64.
func sizeOf(f document.NewFiling) int {
	size := 4 << 10
	for _, a := range f.Attachments {
		size += len(a.Content)*4/3 + 512
	}
	for _, s := range f.Sites {
		size += 2 << 10
		for _, p := range s.PreApprovals {
			for _, scan := range p.Scans {
				size += len(scan)*4/3 + 64
			}
		}
	}
	return size
}
