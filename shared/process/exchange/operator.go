package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/gbk"
)

// Findings about requests of the operator.
const (
	CodeNotMissing finding.Code = "bureau-file-not-missing" // the bureau has the file, and would reject it
	CodeUnreadable finding.Code = "bureau-file-unreadable"  // there is no document in the file
	CodePlain      finding.Code = "bureau-file-plain"       // the file is not encrypted, although a key is agreed
)

// An Operator inspects and repairs a link. Start with [Operator.Status]. It works on our own table and bucket and never calls the
// bureau: the next [Exchange.Run] sends what it requests.
type Operator struct {
	Decisions *decide.Service
	Store     Store
	Objects   envelope.Objects
	// Codec decodes what was sent and received.
	Codec wire.Codec
	Link  string
	// ByHand says that there is no link: operators enter applications into the bureau's console.
	ByHand bool
	// Characters are those that the bureau can read.
	Characters gbk.Repertoire
	// Deadlines are those of the bureau's tasks, and Duties reminds customers of them; nil reminds nobody.
	Deadlines bureautask.Deadlines
	Duties    *duties.Service
	Now       func() time.Time
	Log       *slog.Logger
}

// Issues lists the issues that staff have to read, at most limit.
func (o *Operator) Issues(ctx context.Context, limit int) ([]Issue, error) {
	return o.Store.Issues(ctx, o.Link, limit)
}

// Sent returns a file that was sent or is in flight, and its content without personal data. The error is a fault of kind NotFound if
// no file with the number is stored.
func (o *Operator) Sent(ctx context.Context, sequence int64) (Sent, schema.View, error) {
	sent, _, err := o.findSent(ctx, sequence)
	if err != nil {
		return sent, nil, err
	}
	data, err := readSentFile(ctx, o.Objects, sent)
	if err != nil {
		return sent, nil, err
	}
	file, err := o.Codec.Decode(sent.parcel(data))
	if err != nil {
		return sent, nil, unreadableFault(err)
	}
	upload, _, err := document.ParseUpload(file.Content)
	if err != nil {
		return sent, nil, unreadableFault(err)
	}
	return sent, upload.View(), nil
}

// ListSent lists the files that the bureau accepted, the newest first. The file in flight is in [Operator.Status].
func (o *Operator) ListSent(ctx context.Context, cursor string, limit int) (files []Sent, next string, err error) {
	return o.Store.SentFiles(ctx, o.Link, cursor, limit)
}

// ListReceived lists the downloaded files by name, the last name first.
func (o *Operator) ListReceived(ctx context.Context, cursor string, limit int) (files []Received, next string, err error) {
	return o.Store.ReceivedFiles(ctx, o.Link, cursor, limit)
}

// A ResendPreview is exactly what [Operator.Resend] would send.
type ResendPreview struct {
	Sent
	Allowed bool // the file is in flight, or the bureau reports it as missing
	Bytes   int  // size of the file, as it was and would be sent
	SHA256  string
	View    schema.View // its content without personal data
}

// PreviewResend returns what would be sent for a number. The stored bytes are sent unchanged, so that the preview has their digest.
func (o *Operator) PreviewResend(ctx context.Context, sequence int64) (ResendPreview, error) {
	sent, state, err := o.findSent(ctx, sequence)
	if err != nil {
		return ResendPreview{}, err
	}
	data, err := readSentFile(ctx, o.Objects, sent)
	if err != nil {
		return ResendPreview{Sent: sent}, err
	}
	digest := sha256.Sum256(data)
	p := ResendPreview{Sent: sent, Allowed: state.mayResend(sequence), Bytes: len(data), SHA256: hex.EncodeToString(digest[:])}
	_, p.View, err = o.Sent(ctx, sequence)
	return p, err
}

// mayResend reports whether the interface accepts a file again.
func (s LinkState) mayResend(sequence int64) bool {
	return s.Flight != nil && s.Flight.Sequence == sequence || slices.Contains(s.Missing, sequence)
}

// findSent returns the file with a number, in flight or settled, and the state of the link.
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

// Received returns a downloaded file, its content without personal data, and its schema problems. For a file without a document, the
// view is nil. name is the id of the file, or its name at the bureau, which stands for the newest file of that name.
func (o *Operator) Received(ctx context.Context, name string) (Received, schema.View, schema.Problems, error) {
	file, err := o.findReceived(ctx, name)
	if err != nil {
		return file, nil, nil, err
	}
	d, err := o.decodeReceived(ctx, file)
	if errors.Is(err, errNoDocument) {
		return file, nil, nil, nil
	}
	if err != nil {
		return file, nil, nil, err
	}
	file.Orders = d.orders
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

var errNoDocument = errors.New("the file contains no document")

func unreadableFault(err error) error {
	code := CodeUnreadable
	if errors.Is(err, wire.ErrPlain) {
		code = CodePlain
	}
	f := fault.WithFindings(fault.Conflict, finding.List{finding.New(code, "")})
	f.Cause = fmt.Errorf("%w: %w", errNoDocument, err)
	return f
}

// A keptDelivery is a stored file and the orders that it names.
type keptDelivery struct {
	bureau.Delivery
	orders []filing.ID
}

// decodeReceived decodes a stored file.
func (o *Operator) decodeReceived(ctx context.Context, file Received) (*keptDelivery, error) {
	if file.Object == "" {
		return nil, envelope.ErrErased
	}
	content, names, err := o.Objects.ReadSharedNames(ctx, file.Object, wire.MaxDocument)
	if err != nil {
		return nil, err
	}
	if s := file.Undecoded; s != nil {
		opened, err := o.Codec.Decode(s.parcel(content))
		if err != nil {
			return nil, unreadableFault(err)
		}
		content = opened.Content
	}
	d := keptDelivery{Delivery: bureau.Delivery{Name: file.Name, Content: content}}
	for _, name := range names {
		if _, filed := register.OfKeyName(name); name != file.Object && !filed { // not the key of a file that names no order
			d.orders = append(d.orders, filing.ID(name))
		}
	}
	if d.Document, d.Problems, err = document.ParseDownload(content); err != nil {
		return nil, unreadableFault(err)
	}
	return &d, nil
}

// Replay processes a stored file again. Effects that happened before are not repeated. The error is a fault of kind Conflict with a
// finding if the file has no document, and [ErrLinkBusy] if an exchange holds the link.
func (o *Operator) Replay(ctx context.Context, name string) (Received, Report, error) {
	file, err := o.findReceived(ctx, name)
	if err != nil {
		return file, Report{}, err
	}
	d, err := o.decodeReceived(ctx, file)
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
	if file, err = r.processFile(ctx, file, &d.Delivery); err != nil {
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

// Resend requests that the next run of the exchange sends a file again. The interface accepts only the file in flight and files that the
// bureau reports as missing (MIIT-IF30 8.1). For another file the error is a fault of kind Conflict with a finding.
func (o *Operator) Resend(ctx context.Context, sequence int64) error {
	if _, _, err := o.findSent(ctx, sequence); err != nil {
		return err
	}
	r, err := o.acquire(ctx)
	if err != nil {
		return err
	}
	defer r.release(ctx)
	if !r.state.mayResend(sequence) {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeNotMissing, "", "sequence", fmt.Sprint(sequence))})
	}
	r.state.Upload.Since = time.Time{} // the operator has acted; the next stop raises the alarm again
	return r.saveLink(ctx)
}

// acquire starts a run without a client of the bureau.
func (o *Operator) acquire(ctx context.Context) (*run, error) {
	e := &Exchange{Decisions: o.Decisions, Store: o.Store, Objects: o.Objects, Link: o.Link, Now: o.Now, Log: o.Log, Deadlines: o.Deadlines, Duties: o.Duties}
	return e.acquire(ctx)
}
