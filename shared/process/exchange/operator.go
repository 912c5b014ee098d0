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

	"github.com/oklog/ulid/v2"
)

// Why something that the operator asks for is not done.
const (
	CodeNotMissing finding.Code = "bureau-file-not-missing" // the bureau has the file; again it would be refused
	CodeUnreadable finding.Code = "bureau-file-unreadable"  // there is no document in the file
)

// An Operator looks at a link and helps it on. It works on what is kept here and never calls the bureau; what has to be
// sent is sent by the next [Exchange.Run].
type Operator struct {
	Decisions *decide.Service
	Store     Store
	Objects   envelope.Objects
	// Codec opens what was sent and received.
	Codec wire.Codec
	Link  string
	Now   func() time.Time
	Log   *slog.Logger
}

// Issues lists what the bureau wants looked at, at most limit.
func (o *Operator) Issues(ctx context.Context, limit int) ([]Issue, error) {
	return o.Store.Issues(ctx, o.Link, limit)
}

// Sent returns a file that was sent, or is on its way, and what the operator may see of it. Unknown numbers, and files that
// are not kept any more, are fault.NotFound.
func (o *Operator) Sent(ctx context.Context, sequence int64) (Sent, schema.View, error) {
	sent, _, err := o.sent(ctx, sequence)
	if err != nil {
		return sent, nil, err
	}
	data, err := o.Objects.ReadShared(ctx, sent.Object, wire.MaxDocument)
	if err != nil {
		return sent, nil, err
	}
	file, err := o.Codec.Open(sent.parcel(data))
	if err != nil {
		return sent, nil, unreadable(err)
	}
	upload, _, err := document.ParseUpload(file.Content)
	if err != nil {
		return sent, nil, unreadable(err)
	}
	return sent, upload.View(), nil
}

// sent finds a file by its number, in flight or not.
func (o *Operator) sent(ctx context.Context, sequence int64) (Sent, LinkState, error) {
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

// Received returns a file that was downloaded, and what the operator may see of it; without a view if there is no document
// in it. Name is the bureau's name of the file, of which the newest is meant, or the id under which it is kept.
func (o *Operator) Received(ctx context.Context, name string) (Received, schema.View, schema.Problems, error) {
	file, err := o.received(ctx, name)
	if err != nil {
		return file, nil, nil, err
	}
	d, err := o.delivery(ctx, file)
	if errors.Is(err, errNoDocument) {
		return file, nil, nil, nil
	}
	if err != nil {
		return file, nil, nil, err
	}
	return file, d.Document.View(), d.Problems, nil
}

func (o *Operator) received(ctx context.Context, name string) (Received, error) {
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

// delivery reads a kept file again.
func (o *Operator) delivery(ctx context.Context, file Received) (*bureau.Delivery, error) {
	if file.Object == "" {
		return nil, envelope.ErrErased
	}
	content, err := o.Objects.ReadShared(ctx, file.Object, wire.MaxDocument)
	if err != nil {
		return nil, err
	}
	if s := file.Sealed; s != nil {
		opened, err := o.Codec.Open(s.parcel(content))
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

// Replay acts on a kept file once more. What was done already is not done again. A file in which there still is no document
// is fault.Conflict with a finding; [ErrLinkBusy] says that an exchange is at work.
func (o *Operator) Replay(ctx context.Context, name string) (Received, Report, error) {
	file, err := o.received(ctx, name)
	if err != nil {
		return file, Report{}, err
	}
	d, err := o.delivery(ctx, file)
	if err != nil {
		return file, Report{}, err
	}
	r, err := o.hold(ctx)
	if err != nil {
		return file, Report{}, err
	}
	defer r.release(ctx)
	before := file.State
	file.Cause = ""
	if file.Sealed != nil {
		if err := r.keepDecoded(ctx, &file, d.Document); err != nil {
			return file, r.report, err
		}
	}
	if file, err = r.digest(ctx, file, d); err != nil {
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

// Resend asks for a file to be sent again, which the next run of the exchange does. The interface takes only the file in
// flight and those that the bureau says it lacks (MIIT-IF30, 8.1); for another it is fault.Conflict with a finding.
func (o *Operator) Resend(ctx context.Context, sequence int64) error {
	if _, _, err := o.sent(ctx, sequence); err != nil {
		return err
	}
	r, err := o.hold(ctx)
	if err != nil {
		return err
	}
	defer r.release(ctx)
	flight := r.state.Flight
	if (flight == nil || flight.Sequence != sequence) && !slices.Contains(r.state.Missing, sequence) {
		return fault.Found(fault.Conflict, finding.List{finding.New(CodeNotMissing, "", "sequence", fmt.Sprint(sequence))})
	}
	r.state.Upload.Since = time.Time{} // somebody has acted; if it stops again, it says so again
	return r.save(ctx)
}

// hold takes the link for what only one may do at a time.
func (o *Operator) hold(ctx context.Context) (*run, error) {
	r := &run{
		Exchange: &Exchange{Decisions: o.Decisions, Store: o.Store, Objects: o.Objects, Link: o.Link, Now: o.Now, Log: o.Log},
		holder:   ulid.Make().String(),
	}
	var err error
	r.state, err = o.Store.AcquireLink(ctx, o.Link, r.holder)
	return r, err
}
