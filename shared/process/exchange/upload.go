package exchange

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path"
	"slices"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
)

// upload settles the file in flight and sends files with the waiting records, until no record waits or the bureau accepts no more files.
func (r *run) upload(ctx context.Context) error {
	if r.state.Next == 0 {
		if known, err := r.fetchSequence(ctx); err != nil || !known {
			return err
		}
	}
	settles := 0
	for range maxFiles {
		step := r.settleFlight
		if r.state.Flight == nil {
			built, err := r.buildFile(ctx)
			if err != nil || !built {
				return err
			}
			step = r.sendFlight
		}
		disposition, err := step(ctx)
		switch {
		case err != nil:
			return err
		case disposition == result.Done, disposition == result.FixAndResend:
			settles = 0
		case disposition == result.Settle && settles < maxSettles:
			settles++
		default:
			return nil
		}
	}
	return nil
}

// fetchSequence asks the bureau for the number of the last upload, for a link without a state. It returns false if the bureau does not
// answer.
func (r *run) fetchSequence(ctx context.Context) (bool, error) {
	if err := r.renewLease(ctx); err != nil {
		return false, err
	}
	previous, outcome, err := r.Client.QueryPrevious(ctx)
	if err != nil || !outcome.OK() {
		return false, r.endUploads(ctx, outcome, err)
	}
	r.state.Next = previous.Sequence + 1
	return true, r.saveLink(ctx)
}

// endUploads records the response that ends the uploads of this run.
func (r *run) endUploads(ctx context.Context, o bureau.Outcome, err error) error {
	if ctx.Err() != nil {
		return fault.Wrap(fault.Unavailable, ctx.Err())
	}
	r.report.UploadCode = int(o.Code)
	r.recordResponse(ctx, &r.state.Upload, "the upload", o, err)
	return nil
}

// settleFlight asks the bureau whether the file in flight arrived, and resends it if not.
func (r *run) settleFlight(ctx context.Context) (result.Disposition, error) {
	flight := r.state.Flight
	if !flight.AcceptedAt.IsZero() {
		return result.Done, r.finishFlight(ctx)
	}
	if err := r.renewLease(ctx); err != nil {
		return result.Stop, err
	}
	previous, outcome, err := r.Client.QueryPrevious(ctx)
	if err != nil || !outcome.OK() {
		return result.RetryLater, r.endUploads(ctx, outcome, err)
	}
	switch last := previous.Sequence; {
	case last == flight.Sequence && isSameFile(previous, flight):
		return result.Done, r.acceptFlight(ctx)
	case last == flight.Sequence-1:
	case last < flight.Sequence-1:
		r.state.Missing = missingNumbers(last+1, flight.Sequence)
		if complete, err := r.resendLost(ctx, last+1); err != nil || !complete {
			return result.Stop, err
		}
	case last == flight.Sequence && isOtherFile(previous, flight):
		// The table was restored from a backup and lacks an upload. The bureau's number is authoritative (MIIT-IF30 5.4).
		flight.Sequence = last + 1
		r.state.Next = flight.Sequence
		if err := r.saveLink(ctx); err != nil {
			return result.Stop, err
		}
	default:
		return result.Stop, r.stopOutOfStep(ctx, "the bureau's last upload is not the file in flight", last)
	}
	return r.sendFlight(ctx)
}

// isSameFile reports whether the bureau's last file is the file in flight: by its hash, or by our ids if the bureau packed it again.
func isSameFile(previous bureau.Previous, flight *Sent) bool {
	if previous.Hash == flight.Hash {
		return true
	}
	common, total, readable := commonRecords(previous, flight)
	return readable && common == total && common == len(flight.Records)
}

// isOtherFile reports whether the bureau's last file has none of the records of the file in flight.
func isOtherFile(previous bureau.Previous, flight *Sent) bool {
	common, _, readable := commonRecords(previous, flight)
	return readable && common == 0
}

// commonRecords counts the records of the bureau's last file, and those that are also in the file in flight.
func commonRecords(previous bureau.Previous, flight *Sent) (common, total int, readable bool) {
	upload, _, err := document.ParseUpload(previous.Content)
	if err != nil {
		return 0, 0, false
	}
	if upload.ICP == nil { // the provider's IP or domain filings have the same sequence
		return 0, 0, true
	}
	records := upload.ICP.Records()
	for _, f := range records {
		if slices.ContainsFunc(flight.Records, func(s SentRecord) bool { return s.Name == f.Names()[0] }) {
			common++
		}
	}
	return common, len(records), true
}

// stopOutOfStep stops the uploads because the sequence numbers do not match. To continue could file an order twice.
func (r *run) stopOutOfStep(ctx context.Context, message string, last int64) error {
	r.raiseAlarm(ctx, message, "link", r.Link, "flight", r.state.Flight.Sequence, "bureau", last)
	return r.endUploads(ctx, bureau.Outcome{Code: result.SequenceGap, Disposition: result.Stop}, nil)
}

// resendLost resends the files that the bureau has lost, oldest first. It returns false if one is no longer stored, or was not
// accepted.
func (r *run) resendLost(ctx context.Context, from int64) (bool, error) {
	for sequence := from; sequence < r.state.Flight.Sequence; sequence++ {
		sent, known, err := r.Store.Sent(ctx, r.Link, sequence)
		if err != nil {
			return false, err
		}
		if !known {
			return false, r.stopOutOfStep(ctx, "the bureau misses a file that is no longer stored", sequence-1)
		}
		data, err := r.readSent(ctx, &sent)
		if errors.Is(err, envelope.ErrErased) {
			return false, r.stopOutOfStep(ctx, "the bureau misses a file whose content is erased", sequence-1)
		}
		if err != nil {
			return false, err
		}
		if outcome, err := r.Client.Send(ctx, sent.Sequence, sent.parcel(data)); err != nil || !outcome.OK() {
			return false, r.endUploads(ctx, outcome, err)
		}
	}
	return true, nil
}

// missingNumbers returns the numbers from from to to-1, at most maxListed.
func missingNumbers(from, to int64) []int64 {
	var numbers []int64
	for n := from; n < min(to, from+maxListed); n++ {
		numbers = append(numbers, n)
	}
	return numbers
}

// sendFlight sends the file in flight.
func (r *run) sendFlight(ctx context.Context) (result.Disposition, error) {
	flight := r.state.Flight
	data, err := r.readSent(ctx, flight)
	if err != nil {
		return result.Stop, err
	}
	outcome, err := r.Client.Send(ctx, flight.Sequence, flight.parcel(data))
	r.state.Missing = outcome.Missing
	switch outcome.Disposition {
	case result.Done:
		return result.Done, r.acceptFlight(ctx)
	case result.FixAndResend:
		return result.FixAndResend, r.discardRejected(ctx, outcome)
	}
	return outcome.Disposition, r.endUploads(ctx, outcome, err)
}

// readSent renews the lease of the link for a call, and reads the stored bytes of a file.
func (r *run) readSent(ctx context.Context, sent *Sent) ([]byte, error) {
	if err := r.renewLease(ctx); err != nil {
		return nil, err
	}
	return readSentFile(ctx, r.Objects, *sent)
}

// readSentFile returns the stored bytes of a sent file. The error is [envelope.ErrTampered] if they are not those that were built, whose hash
// is in the object's key.
func readSentFile(ctx context.Context, objects envelope.Objects, sent Sent) ([]byte, error) {
	if sent.Object == "" {
		return nil, envelope.ErrErased
	}
	data, err := objects.ReadShared(ctx, sent.Object, wire.MaxDocument)
	if err == nil && path.Base(sent.Object) != fmt.Sprintf("%x", sha256.Sum256(data)) {
		return nil, envelope.ErrTampered
	}
	return data, err
}

// acceptFlight stores that the bureau accepted the file in flight, which consumes its number, and finishes it.
func (r *run) acceptFlight(ctx context.Context) error {
	r.state.Flight.AcceptedAt = r.Now()
	r.state.Next = r.state.Flight.Sequence + 1
	r.state.Upload = LinkResponse{Disposition: string(result.Done), At: r.Now()}
	if err := r.saveLink(ctx); err != nil {
		return err
	}
	return r.finishFlight(ctx)
}

// acceptIfInFlight accepts the file in flight if the bureau answered one of its records, because then the file arrived, even if its upload
// failed. So an order gets its result only after it was marked as received.
func (r *run) acceptIfInFlight(ctx context.Context, record Record) error {
	if f := r.state.Flight; f == nil || !slices.ContainsFunc(f.Records, func(s SentRecord) bool {
		return s.Order == record.Order && s.Round == record.Round && s.Task == record.Task
	}) {
		return nil
	}
	return r.acceptFlight(ctx)
}

// finishFlight marks the orders of an accepted file as received, and the tasks that it answers as accepted, deletes their outbox entries, and clears the flight. The
// state is stored with the next flight, or when the link is released; if the process ends before, the next run repeats this without effect.
func (r *run) finishFlight(ctx context.Context) error {
	flight := r.state.Flight
	if err := r.Store.PutSent(ctx, r.Link, *flight); err != nil {
		return err
	}
	for _, s := range flight.Records {
		if s.Task != "" {
			if err := errors.Join(r.acceptAnswer(ctx, s.Task, flight.Sequence), r.Store.DeleteEntry(ctx, s.Entry)); err != nil {
				return err
			}
			continue
		}
		_, err := r.Decisions.Decide(ctx, s.Order, filing.TheBureau, filing.Receive{Sequence: int(flight.Sequence), Round: s.Round})
		switch kind := fault.KindOf(err); {
		case err == nil:
		case kind == fault.NotFound, kind == fault.Conflict, errors.Is(err, envelope.ErrTampered): // the bureau has the record although the order was not changed
			r.raiseAlarm(ctx, "an uploaded order was not marked as received", "order", s.Order, "cause", err.Error())
		default:
			return err
		}
		if err := r.Store.DeleteEntry(ctx, s.Entry); err != nil {
			return err
		}
	}
	r.report.Files++
	r.report.Records += len(flight.Records)
	r.clearFlight(len(flight.Records))
	return nil
}

func (r *run) clearFlight(records int) {
	r.state.Flight = nil
	r.state.OneByOne = max(0, r.state.OneByOne-records)
}

// discardRejected discards a file that the bureau rejected; its number is not consumed. Several records are resent one per file; a
// single record is refused.
func (r *run) discardRejected(ctx context.Context, o bureau.Outcome) error {
	flight := r.state.Flight
	r.raiseAlarm(ctx, "the bureau does not accept a file", "link", r.Link, "sequence", flight.Sequence, "records", len(flight.Records),
		"code", int(o.Code), "meaning", o.Code.Words().English)
	if len(flight.Records) > 1 {
		r.state.Flight, r.state.OneByOne = nil, len(flight.Records)
		return r.saveLink(ctx)
	}
	r.clearFlight(1)
	if err := r.saveLink(ctx); err != nil {
		return err
	}
	for _, s := range flight.Records {
		if err := r.refuseSent(ctx, s, rejectedFinding()); err != nil {
			return err
		}
	}
	return nil
}
