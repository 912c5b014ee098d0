package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"beian/shared/bureau"
	"beian/shared/bureau/result"
	"beian/shared/bureau/schema"
	"beian/shared/rules/fault"
	"beian/shared/rules/pattern"
)

// download downloads files until the bureau has no more (MIIT-IF30 8.2).
//
// A file that does not verify, or is not encrypted although a key is agreed, must not be acknowledged, and the bureau offers no other file
// until it is. download stores such a file, raises an alarm and stops. A file that verifies but is unusable is stored and acknowledged, so that it does not block the files after
// it, and raises an alarm (ADR 6).
func (r *run) download(ctx context.Context) error {
	empty := 0
	for range maxDownloads {
		if err := r.renewLease(ctx); err != nil {
			return err
		}
		delivery, outcome, err := r.Client.Download(ctx)
		switch {
		case ctx.Err() != nil:
			return fault.Wrap(fault.Unavailable, ctx.Err())
		case errors.Is(err, bureau.ErrDamaged), errors.Is(err, bureau.ErrPlain):
			if _, err := r.storeFile(ctx, delivery, err); err != nil {
				return err
			}
			r.report.Poisoned++
			what := "the download of a damaged file"
			if errors.Is(err, bureau.ErrPlain) {
				what = "the download of a file without encryption"
			}
			r.recordResponse(ctx, &r.state.Download, what, outcome, err)
			return nil
		case err != nil && !errors.Is(err, bureau.ErrUnreadable), !outcome.OK():
			r.report.DownloadCode = int(outcome.Code)
			r.recordResponse(ctx, &r.state.Download, "the download", outcome, err)
			return nil
		case delivery == nil && outcome.Code == result.MoreToDownload && empty < maxEmpty:
			empty++
		case delivery == nil:
			r.recordResponse(ctx, &r.state.Download, "the download", outcome, nil)
			return nil
		default:
			if more, err := r.receiveFile(ctx, delivery, err); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// receiveFile stores, processes and acknowledges a file. It returns false if the acknowledgement failed. unreadable is the error for a
// file without a document, else nil.
func (r *run) receiveFile(ctx context.Context, d *bureau.Delivery, unreadable error) (bool, error) {
	file, err := r.storeFile(ctx, d, unreadable)
	if err != nil {
		return false, err
	}
	switch {
	case file.State == Accepted:
		if file, err = r.processFile(ctx, file, d); err != nil {
			return false, err
		}
		if file.State == Accepted { // a copy that the next run continues
			return false, nil
		}
	case file.Undecoded != nil && !file.Acked:
		r.reportPoison(ctx, file)
	}
	return r.acknowledgeFile(ctx, file)
}

// storeFile stores a file unless it was stored before. A file without a document gets the state Poison.
func (r *run) storeFile(ctx context.Context, d *bureau.Delivery, unreadable error) (Received, error) {
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
		encoding := encodingOf(d.Parcel)
		file.State, file.Cause, file.Undecoded = Poison, unreadable.Error(), &encoding
	}
	if err := r.storeContent(ctx, &file, d.Document, content); err != nil {
		return file, err
	}
	return file, r.Store.PutReceived(ctx, r.Link, file)
}

// reportPoison raises an alarm for an unusable file.
func (r *run) reportPoison(ctx context.Context, file Received) {
	r.report.Poisoned++
	r.raiseAlarm(ctx, "a file from the bureau, or a part of it, is unusable", "link", r.Link, "file", file.ID, "cause", file.Cause)
}

// processFile applies a file and returns it with its new state, which it stores if the file is unusable. A full copy that is not compared to its end stays [Accepted].
func (r *run) processFile(ctx context.Context, file Received, d *bureau.Delivery) (Received, error) {
	if copied := filingsOfCopy(d.Document); len(copied) > 0 {
		if done, err := r.applyCopy(ctx, file, copied); err != nil || !done {
			return file, err
		}
	}
	cause, err := r.applyFile(ctx, file, d)
	if err != nil {
		return file, err
	}
	file.State = Processed
	if cause != "" {
		file.State, file.Cause = Poison, cause
		r.reportPoison(ctx, file)
	}
	unreadable := 0
	for _, p := range d.Problems {
		if p.Rule == schema.Character {
			unreadable++
		}
		r.Log.WarnContext(ctx, "a file from the bureau violates the schema", "link", r.Link, "file", file.ID, "problem", p.String())
	}
	if unreadable > 0 {
		if err := r.putIssue(ctx, file, UnreadableTexts, unreadable); err != nil {
			return file, err
		}
	}
	if file.State != Poison {
		return file, nil
	}
	return file, r.Store.PutReceived(ctx, r.Link, file)
}

// acknowledgeFile acknowledges a file and stores it. If the process ends before, the bureau offers the file again, and processing it has no further effect. It returns
// false if the acknowledgement failed.
func (r *run) acknowledgeFile(ctx context.Context, file Received) (bool, error) {
	outcome, err := r.Client.Ack(ctx, file.Name)
	if err != nil || !outcome.OK() {
		r.report.DownloadCode = int(outcome.Code)
		r.recordResponse(ctx, &r.state.Download, "the acknowledgement", outcome, err)
		return false, r.Store.PutReceived(ctx, r.Link, file)
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

var plainName = pattern.New(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// fileID returns the id of a file for its name at the bureau and its content. Files with the same name and other content have other ids.
func fileID(name string, content []byte) string {
	if len(name) > 128 || !plainName().MatchString(name) {
		sum := sha256.Sum256([]byte(name))
		name = "name-" + hex.EncodeToString(sum[:8])
	}
	sum := sha256.Sum256(content)
	return name + "-" + hex.EncodeToString(sum[:8])
}
