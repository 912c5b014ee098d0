package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	"beian/shared/bureau"
	"beian/shared/bureau/result"
	"beian/shared/rules/fault"
)

// downloads fetches files until the bureau has no more (MIIT-IF30, 8.2).
//
// A file that does not verify must not be acknowledged, and until it is the bureau hands out no other: it is kept, the
// loop stops and the operator is told. A file that verifies, but out of which nothing can be made, is kept, told to the
// operator, and acknowledged, so that it does not block those behind it (ADR 6).
func (r *run) downloads(ctx context.Context) error {
	empty := 0
	for range maxDownloads {
		if err := r.save(ctx); err != nil {
			return err
		}
		delivery, outcome, err := r.Client.Download(ctx)
		switch {
		case ctx.Err() != nil:
			return fault.Wrap(fault.Unavailable, ctx.Err())
		case errors.Is(err, bureau.ErrDamaged):
			if _, err := r.keep(ctx, delivery, err); err != nil {
				return err
			}
			r.report.Poisoned++
			return r.note(ctx, &r.state.Download, "the download of a damaged file", outcome, err)
		case err != nil && !errors.Is(err, bureau.ErrUnreadable), !outcome.OK():
			r.report.DownloadCode = int(outcome.Code)
			return r.note(ctx, &r.state.Download, "the download", outcome, err)
		case delivery == nil && outcome.Code == result.MoreToDownload && empty < maxEmpty:
			empty++
		case delivery == nil:
			return r.note(ctx, &r.state.Download, "the download", outcome, nil)
		default:
			if more, err := r.take(ctx, delivery, err); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// take stores a file, acts on it, and acknowledges it. It reports false when the bureau did not hear of that. Unreadable
// is why there is no document in it, nil if there is one.
func (r *run) take(ctx context.Context, d *bureau.Delivery, unreadable error) (bool, error) {
	file, err := r.keep(ctx, d, unreadable)
	if err != nil {
		return false, err
	}
	switch {
	case file.State == Accepted:
		if file, err = r.digest(ctx, file, d); err != nil {
			return false, err
		}
	case file.Sealed != nil && !file.Acked:
		r.poisoned(ctx, file)
	}
	return r.acknowledge(ctx, file)
}

// keep stores a file the first time that it comes. One without a document is poison from the first.
func (r *run) keep(ctx context.Context, d *bureau.Delivery, unreadable error) (Received, error) {
	content := d.Content
	if unreadable != nil {
		content = d.Parcel.Data
	}
	id := fileID(d.Name, content)
	file, known, err := r.Store.Received(ctx, r.Link, id)
	if err != nil || known {
		return file, err
	}
	file = Received{
		ID: id, Name: d.Name, Object: fmt.Sprintf("bureau/%s/received/%s", r.Link, id), State: Accepted, At: r.Now(),
	}
	if unreadable != nil {
		file.State, file.Cause = Poison, unreadable.Error()
		encoding := encodingOf(d.Parcel)
		file.Sealed = &encoding
	}
	if err := r.keepContent(ctx, &file, d.Document, content); err != nil {
		return file, err
	}
	return file, r.Store.PutReceived(ctx, r.Link, file)
}

// poisoned tells the operator of a file that was set aside.
func (r *run) poisoned(ctx context.Context, file Received) {
	r.report.Poisoned++
	r.alarm(ctx, "nothing can be made of a file from the bureau, or of part of it", "link", r.Link, "file", file.ID, "cause", file.Cause)
}

// digest acts on a file and writes down that it did.
func (r *run) digest(ctx context.Context, file Received, d *bureau.Delivery) (Received, error) {
	cause, err := r.act(ctx, file, d)
	if err != nil {
		return file, err
	}
	file.State = Processed
	if cause != "" {
		file.State, file.Cause = Poison, cause
		r.poisoned(ctx, file)
	}
	for _, p := range d.Problems {
		r.Log.WarnContext(ctx, "a file from the bureau departs from the schema", "link", r.Link, "file", file.ID, "problem", p.String())
	}
	return file, r.Store.PutReceived(ctx, r.Link, file)
}

func (r *run) acknowledge(ctx context.Context, file Received) (bool, error) {
	outcome, err := r.Client.Ack(ctx, file.Name)
	if err != nil || !outcome.OK() {
		r.report.DownloadCode = int(outcome.Code)
		return false, r.note(ctx, &r.state.Download, "the acknowledgement", outcome, err)
	}
	if file.Acked {
		return true, nil
	}
	r.report.Downloads++
	file.Acked = true
	if file.State == Processed {
		file.State = Acknowledged
	}
	return true, r.Store.PutReceived(ctx, r.Link, file)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// fileID names a file by what the bureau calls it and by its content: should a name ever come back with another content,
// it is another file.
func fileID(name string, content []byte) string {
	if len(name) > 128 || !plainName.MatchString(name) {
		sum := sha256.Sum256([]byte(name))
		name = "name-" + hex.EncodeToString(sum[:8])
	}
	sum := sha256.Sum256(content)
	return name + "-" + hex.EncodeToString(sum[:8])
}
