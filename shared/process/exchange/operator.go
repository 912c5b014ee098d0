package exchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/bureau/wire"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// Findings of what the operator asks for.
const (
	CodeNotMissing finding.Code = "bureau-file-not-missing" // the bureau has the file, and would reject it
	CodeUnreadable finding.Code = "bureau-file-unreadable"  // there is no document in the file
)

// An Operator inspects a link, and repairs it. It works on what is stored here and never calls the bureau: the next
// [Exchange.Run] sends what has to be sent.
type Operator struct {
	Decisions *decide.Service
	Store     Store
	Objects   envelope.Objects
	// Codec decodes what was sent and received.
	Codec wire.Codec
	Link  string
	Now   func() time.Time
	Log   *slog.Logger
}

// Issues lists what the bureau wants the staff to look at, at most limit.
func (o *Operator) Issues(ctx context.Context, limit int) ([]Issue, error) {
	return o.Store.Issues(ctx, o.Link, limit)
}

// Sent returns a file that was sent or is in flight, and its content without personal data. Unknown numbers, and files that are
// no longer stored, are fault.NotFound.
func (o *Operator) Sent(ctx context.Context, sequence int64) (Sent, schema.View, error) {
	sent, _, err := o.findSent(ctx, sequence)
	if err != nil {
		return sent, nil, err
	}
	data, err := o.Objects.ReadShared(ctx, sent.Object, wire.MaxDocument)
	if err != nil {
		return sent, nil, err
	}
	file, err := o.Codec.Decode(sent.parcel(data))
	if err != nil {
		return sent, nil, unreadable(err)
	}
	upload, _, err := document.ParseUpload(file.Content)
	if err != nil {
		return sent, nil, unreadable(err)
	}
	return sent, upload.View(), nil
}

// findSent finds a file by its number, in flight or not.
func (o *Operator) findSent(ctx context.Context, sequence int64) (Sent, LinkState, error) {
	state, err := o.Store.Link(ctx, o.Link)
	if err != nil {
		return Sent{}, state, err
	}
	if state.Flight != nil && state.Flight.Sequence == sequence {
		return *state.Flight, state, nil
	}
	sent, known, err := o.Store.Sent(ctx, o.Link, sequence)
	if err == nil && !known {
		err = &fault.Fault{Kind: fault.NotFound}
	}
	return sent, state, err
}

// Received returns a downloaded file, its content without personal data, and its schema problems. A file without a document has
// no view. Name is the file's name at the bureau, for the newest of that name, or its id.
func (o *Operator) Received(ctx context.Context, name string) (Received, schema.View, schema.Problems, error) {
	file, err := o.findReceived(ctx, name)
	if err != nil {
		return file, nil, nil, err
	}
	d, err := o.read(ctx, file)
	if errors.Is(err, errNoDocument) {
		return file, nil, nil, nil
	}
	if err != nil {
		return file, nil, nil, err
	}
	return file, d.Document.View(), d.Problems, nil
}

func (o *Operator) findReceived(ctx context.Context, name string) (Received, error) {
	file, known, err := o.Store.Received(ctx, o.Link, name)
	if err == nil && !known {
		file, known, err = o.Store.ReceivedAs(ctx, o.Link, name)
	}
	if err == nil && !known {
		err = &fault.Fault{Kind: fault.NotFound}
	}
	return file, err
}

var errNoDocument = errors.New("there is no document in the file")

func unreadable(err error) error {
	f := fault.Found(fault.Conflict, finding.List{finding.New(CodeUnreadable, "")})
	f.Cause = fmt.Errorf("%w: %w", errNoDocument, err)
	return f
}

// read decodes a stored file.
func (o *Operator) read(ctx context.Context, file Received) (*bureau.Delivery, error) {
	if file.Object == "" {
		return nil, envelope.ErrErased
	}
	content, err := o.Objects.ReadShared(ctx, file.Object, wire.MaxDocument)
	if err != nil {
		return nil, err
	}
	if s := file.Undecoded; s != nil {
		opened, err := o.Codec.Decode(s.parcel(content))
		if err != nil {
			return nil, unreadable(err)
		}
		content = opened.Content
	}
	d := bureau.Delivery{Name: file.Name, Content: content}
	if d.Document, d.Problems, err = document.ParseDownload(content); err != nil {
		return nil, unreadable(err)
	}
	return &d, nil
}

// Replay processes a stored file again. What was done already is not done again. It fails with fault.Conflict and a finding if
// the file has no document, and with [ErrLinkBusy] if an exchange holds the link.
func (o *Operator) Replay(ctx context.Context, name string) (Received, Report, error) {
	file, err := o.findReceived(ctx, name)
	if err != nil {
		return file, Report{}, err
	}
	d, err := o.read(ctx, file)
	if err != nil {
		return file, Report{}, err
	}
	r, err := o.acquire(ctx)
	if err != nil {
		return file, Report{}, err
	}
	defer r.release(ctx)
	before := file.State
	file.Cause = ""
	if file.Undecoded != nil {
		if err := r.storeDecoded(ctx, &file, d.Document); err != nil {
			return file, r.report, err
		}
	}
	if file, err = r.process(ctx, file, d); err != nil {
		return file, r.report, err
	}
	if file.State != Poison {
		if before == Acknowledged || file.Acked {
			file.State = Acknowledged
		}
		if err := r.Store.PutReceived(ctx, r.Link, file); err != nil {
			return file, r.report, err
		}
		err = r.Store.ClearPoison(ctx, r.Link, file.ID)
	}
	return file, r.report, err
}

// Resend has the next run of the exchange send a file again. The interface accepts only the file in flight and those that the
// bureau reports as missing (MIIT-IF30 8.1); Resend fails with fault.Conflict and a finding for another file.
func (o *Operator) Resend(ctx context.Context, sequence int64) error {
	if _, _, err := o.findSent(ctx, sequence); err != nil {
		return err
	}
	r, err := o.acquire(ctx)
	if err != nil {
		return err
	}
	defer r.release(ctx)
	flight := r.state.Flight
	if (flight == nil || flight.Sequence != sequence) && !slices.Contains(r.state.Missing, sequence) {
		return fault.Found(fault.Conflict, finding.List{finding.New(CodeNotMissing, "", "sequence", fmt.Sprint(sequence))})
	}
	r.state.Upload.Since = time.Time{} // the operator has acted; the next stop raises the alarm again
	return r.save(ctx)
}

// acquire begins a run without a client of the bureau.
func (o *Operator) acquire(ctx context.Context) (*run, error) {
	e := &Exchange{Decisions: o.Decisions, Store: o.Store, Objects: o.Objects, Link: o.Link, Now: o.Now, Log: o.Log}
	return e.acquire(ctx)
}
