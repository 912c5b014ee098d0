package exchange

import (
	"context"
	"errors"
	"slices"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
)

// uploads settles the file in flight and sends what waits, until nothing waits or the bureau takes no more.
func (r *run) uploads(ctx context.Context) error {
	if r.state.Next == 0 {
		if known, err := r.begin(ctx); err != nil || !known {
			return err
		}
	}
	settles := 0
	for range maxFiles {
		step := r.settle
		if r.state.Flight == nil {
			built, err := r.build(ctx)
			if err != nil || !built {
				return err
			}
			step = r.send
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

// begin asks the bureau for the number of the last upload when nothing is known of a link yet, or no more.
func (r *run) begin(ctx context.Context) (bool, error) {
	previous, outcome, err := r.Client.QueryPrevious(ctx)
	if err != nil || !outcome.OK() {
		return false, r.waits(ctx, outcome, err)
	}
	r.state.Next = previous.Sequence + 1
	return true, r.save(ctx)
}

// waits keeps the word that ends the uploads of this run.
func (r *run) waits(ctx context.Context, o bureau.Outcome, err error) error {
	if ctx.Err() != nil {
		return fault.Wrap(fault.Unavailable, ctx.Err())
	}
	r.report.UploadCode = int(o.Code)
	return r.note(ctx, &r.state.Upload, "the upload", o, err)
}

// settle asks whether the file in flight has arrived, and sends it again if not.
func (r *run) settle(ctx context.Context) (result.Disposition, error) {
	flight := r.state.Flight
	if !flight.TakenAt.IsZero() {
		return result.Done, r.finish(ctx)
	}
	previous, outcome, err := r.Client.QueryPrevious(ctx)
	if err != nil || !outcome.OK() {
		return result.RetryLater, r.waits(ctx, outcome, err)
	}
	switch last := previous.Sequence; {
	case last == flight.Sequence && arrived(previous, flight):
		return result.Done, r.taken(ctx)
	case last == flight.Sequence-1:
	case last < flight.Sequence-1:
		r.state.Missing = between(last+1, flight.Sequence)
		if complete, err := r.refill(ctx, last+1); err != nil || !complete {
			return result.Stop, err
		}
	case last == flight.Sequence && another(previous, flight):
		// The table was restored from a copy and does not know of an upload. The bureau's count leads (MIIT-IF30, 5.4).
		flight.Sequence = last + 1
		r.state.Next = flight.Sequence
		if err := r.save(ctx); err != nil {
			return result.Stop, err
		}
	default:
		return result.Stop, r.outOfStep(ctx, "the bureau counts uploads that are not known here", last)
	}
	return r.send(ctx)
}

// arrived tells our file by its hash, or by our numbers in it should the bureau have packed it anew.
func arrived(previous bureau.Previous, flight *Sent) bool {
	if previous.Hash == flight.Hash {
		return true
	}
	ours, all, read := inCommon(previous, flight)
	return read && ours == all && ours == len(flight.Records)
}

// another tells a file that has nothing of ours in it.
func another(previous bureau.Previous, flight *Sent) bool {
	ours, _, read := inCommon(previous, flight)
	return read && ours == 0
}

// inCommon counts the records of the bureau's last file, and those of them that are in ours too.
func inCommon(previous bureau.Previous, flight *Sent) (ours, all int, read bool) {
	upload, _, err := document.ParseUpload(previous.Content)
	if err != nil {
		return 0, 0, false
	}
	for _, f := range upload.ICP.New {
		if slices.ContainsFunc(flight.Records, func(s SentRecord) bool { return s.Subject == f.Subject.ID }) {
			ours++
		}
	}
	return ours, len(upload.ICP.New), true
}

// outOfStep stops the uploads: their numbers are not where they should be, and guessing could file twice.
func (r *run) outOfStep(ctx context.Context, why string, last int64) error {
	r.alarm(ctx, why, "link", r.Link, "flight", r.state.Flight.Sequence, "bureau", last)
	return r.waits(ctx, bureau.Outcome{Code: result.SequenceGap, Disposition: result.Stop}, nil)
}

// refill sends files again that the bureau has lost, from the oldest on. It reports false when one is not there any more
// or was not taken.
func (r *run) refill(ctx context.Context, from int64) (bool, error) {
	for sequence := from; sequence < r.state.Flight.Sequence; sequence++ {
		sent, known, err := r.Store.Sent(ctx, r.Link, sequence)
		if err != nil {
			return false, err
		}
		if !known {
			return false, r.outOfStep(ctx, "the bureau misses a file that is not kept here", sequence-1)
		}
		data, err := r.ready(ctx, &sent)
		if errors.Is(err, envelope.ErrErased) {
			return false, r.outOfStep(ctx, "the bureau misses a file with an order that is erased", sequence-1)
		}
		if err != nil {
			return false, err
		}
		if outcome, err := r.Client.Send(ctx, sent.Sequence, sent.parcel(data)); err != nil || !outcome.OK() {
			return false, r.waits(ctx, outcome, err)
		}
	}
	return true, nil
}

// between are the numbers from one on up to another that is not among them; of a long row only the first.
func between(from, to int64) []int64 {
	var all []int64
	for n := from; n < min(to, from+listed); n++ {
		all = append(all, n)
	}
	return all
}

// send sends the file in flight.
func (r *run) send(ctx context.Context) (result.Disposition, error) {
	flight := r.state.Flight
	data, err := r.ready(ctx, flight)
	if err != nil {
		return result.Stop, err
	}
	outcome, err := r.Client.Send(ctx, flight.Sequence, flight.parcel(data))
	r.state.Missing = outcome.Missing
	switch outcome.Disposition {
	case result.Done:
		return result.Done, r.taken(ctx)
	case result.FixAndResend:
		return result.FixAndResend, r.withdraw(ctx, outcome)
	}
	return outcome.Disposition, r.waits(ctx, outcome, err)
}

// ready holds on to the link and fetches the stored bytes of a file.
func (r *run) ready(ctx context.Context, sent *Sent) ([]byte, error) {
	if err := r.save(ctx); err != nil {
		return nil, err
	}
	return r.Objects.ReadShared(ctx, sent.Object, wire.MaxDocument)
}

// taken writes down that the bureau has the file: its number is used up.
func (r *run) taken(ctx context.Context) error {
	r.state.Flight.TakenAt = r.Now()
	r.state.Next = r.state.Flight.Sequence + 1
	r.state.Upload = LinkResponse{Disposition: string(result.Done), At: r.Now()}
	if err := r.save(ctx); err != nil {
		return err
	}
	return r.finish(ctx)
}

// landedBy settles the flight when an answer is about a record in it: then the file has arrived, whatever became of the
// answer to its upload. So an order never hears its result before it heard that it was taken.
func (r *run) landedBy(ctx context.Context, record Record) error {
	if f := r.state.Flight; f == nil || !slices.ContainsFunc(f.Records, func(s SentRecord) bool {
		return s.Order == record.Order && s.Round == record.Round
	}) {
		return nil
	}
	return r.taken(ctx)
}

// finish tells the orders in a taken file, takes their entries out of the outbox, and forgets the flight.
func (r *run) finish(ctx context.Context) error {
	flight := r.state.Flight
	if err := r.Store.PutSent(ctx, r.Link, *flight); err != nil {
		return err
	}
	for _, s := range flight.Records {
		_, err := r.Decisions.Decide(ctx, s.Order, filing.TheBureau, filing.Receive{Sequence: int(flight.Sequence)})
		switch kind := fault.KindOf(err); {
		case err == nil:
		case kind == fault.NotFound, kind == fault.Conflict, errors.Is(err, envelope.ErrTampered): // the bureau has the record all the same
			r.alarm(ctx, "an uploaded order does not take note", "order", s.Order, "cause", err.Error())
		default:
			return err
		}
		if err := r.Store.DeleteEntry(ctx, s.Entry); err != nil {
			return err
		}
	}
	r.report.Files++
	r.report.Records += len(flight.Records)
	r.landed(len(flight.Records))
	return r.save(ctx)
}

// landed ends the flight.
func (r *run) landed(records int) {
	r.state.Flight = nil
	r.state.Single = max(0, r.state.Single-records)
}

// withdraw takes back a file that can never go as it is. Its number was not used. Records that were together go again
// one by one; one that was alone is refused.
func (r *run) withdraw(ctx context.Context, o bureau.Outcome) error {
	flight := r.state.Flight
	r.alarm(ctx, "the bureau does not accept a file", "link", r.Link, "sequence", flight.Sequence, "records", len(flight.Records),
		"code", int(o.Code), "meaning", o.Code.Words().English)
	if len(flight.Records) > 1 {
		r.state.Flight, r.state.Single = nil, len(flight.Records)
		return r.save(ctx)
	}
	r.landed(1)
	if err := r.save(ctx); err != nil {
		return err
	}
	for _, s := range flight.Records {
		if err := r.unsendable(ctx, s.Order, s.Entry, notTaken()); err != nil {
			return err
		}
	}
	return nil
}
