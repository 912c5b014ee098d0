package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"

	"beian/shared/dynamo"
	"beian/shared/fault"
	"beian/shared/regulator"
	"beian/shared/regulator/result"
)

// downloads fetches files until the bureau has no more (MIIT-IF30, 8.2).
//
// A file that cannot be verified must not be acknowledged, and until it is the bureau hands out no other: the loop stops
// and the operator is told. A file that verifies, but out of which nothing can be made, is kept, told to the operator,
// and acknowledged, so that it does not block those behind it.
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
		case errors.Is(err, regulator.ErrDamaged):
			r.report.Poisoned++
			return r.note(ctx, &r.state.Download, "the download of a damaged file", outcome, err)
		case err != nil || !outcome.OK():
			r.report.DownloadCode = int(outcome.Code)
			return r.note(ctx, &r.state.Download, "the download", outcome, err)
		case delivery == nil && outcome.Code == result.MoreToDownload && empty < maxEmpty:
			empty++
		case delivery == nil:
			return r.note(ctx, &r.state.Download, "the download", outcome, nil)
		default:
			if more, err := r.take(ctx, delivery); err != nil || !more {
				return err
			}
		}
	}
	return nil
}

// take stores a file, acts on it, and acknowledges it. It reports false when the bureau did not hear of that.
func (r *run) take(ctx context.Context, d *regulator.Delivery) (bool, error) {
	id := fileID(d)
	file, known, err := r.Store.Received(ctx, r.Link, id)
	if err != nil {
		return false, err
	}
	if !known {
		file = dynamo.Received{
			ID: id, Name: d.Name, Object: fmt.Sprintf("bureau/%s/received/%s", r.Link, id), State: dynamo.Taken, At: r.Now(),
		}
		if err := r.store(ctx, file.Object, "application/xml", d.Content); err != nil {
			return false, err
		}
		if err := r.Store.PutReceived(ctx, r.Link, file); err != nil {
			return false, err
		}
	}
	if file.State == dynamo.Taken {
		if file, err = r.digest(ctx, file, d); err != nil {
			return false, err
		}
	}
	return r.acknowledge(ctx, file)
}

// digest acts on a file and writes down that it did.
func (r *run) digest(ctx context.Context, file dynamo.Received, d *regulator.Delivery) (dynamo.Received, error) {
	cause, err := r.act(ctx, file, d)
	if err != nil {
		return file, err
	}
	file.State = dynamo.Acted
	if cause != "" {
		file.State, file.Cause = dynamo.Poison, cause
		r.report.Poisoned++
		r.alarm(ctx, "nothing can be made of a file from the bureau, or of part of it", "link", r.Link, "file", file.ID, "cause", cause)
	}
	for _, p := range d.Problems {
		r.Log.WarnContext(ctx, "a file from the bureau departs from the schema", "link", r.Link, "file", file.ID, "problem", p.String())
	}
	return file, r.Store.PutReceived(ctx, r.Link, file)
}

func (r *run) acknowledge(ctx context.Context, file dynamo.Received) (bool, error) {
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
	if file.State == dynamo.Acted {
		file.State = dynamo.Acknowledged
	}
	return true, r.Store.PutReceived(ctx, r.Link, file)
}

var plainName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// fileID names a file by what the bureau calls it and by its content: should a name ever come back with another content,
// it is another file.
func fileID(d *regulator.Delivery) string {
	name := d.Name
	if len(name) > 128 || !plainName.MatchString(name) {
		sum := sha256.Sum256([]byte(name))
		name = "name-" + hex.EncodeToString(sum[:8])
	}
	sum := sha256.Sum256(d.Content)
	return name + "-" + hex.EncodeToString(sum[:8])
}
