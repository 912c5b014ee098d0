package exchange

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Status is the state of a link, for the operator. It has no personal data.
type Status struct {
	Link         string
	ByHand       bool  // there is no link: operators enter applications into the bureau's console
	Waiting      int   // records that wait for their upload; counted up to 1000
	LastSequence int64 // number of the last upload that the bureau accepted; 0 if none
	Flight       *Flight
	OneByOne     int
	Missing      []int64
	Upload       LinkResponse
	Download     LinkResponse
	Stopped      bool // the exchange has stopped until the operator acts
	Poison       []Received
	Dead         []DeadEntry
	Issues       []Issue
}

// A Flight is the file in flight.
type Flight struct {
	Sequence int64
	Records  int
	BuiltAt  time.Time
}

// A DeadEntry is an outbox entry that can never be delivered.
type DeadEntry struct {
	Kind  decide.EntryKind
	Order filing.ID
	Round int
	At    time.Time
}

const maxListed = 100 // maximum length of each list in a Status

// Status returns the state of the link from our own table.
func (o *Operator) Status(ctx context.Context) (Status, error) {
	store, link := o.Store, o.Link
	state, err := store.Link(ctx, link)
	if err != nil {
		return Status{}, err
	}
	s := Status{
		Link: link, ByHand: o.ByHand, Missing: state.Missing[:min(len(state.Missing), maxListed)], LastSequence: max(0, state.Next-1), OneByOne: state.OneByOne, Upload: state.Upload, Download: state.Download,
		Stopped: !state.Upload.Since.IsZero() || !state.Download.Since.IsZero(),
	}
	if f := state.Flight; f != nil {
		s.Flight = &Flight{Sequence: f.Sequence, Records: len(f.Records), BuiltAt: f.BuiltAt}
	}
	if s.Waiting, err = store.OutboxLength(ctx, decide.UploadRecord, 1000); err != nil {
		return Status{}, err
	}
	dead, err := store.Outbox(ctx, decide.DeadLetter, maxListed)
	if err != nil {
		return Status{}, err
	}
	for _, entry := range dead {
		s.Dead = append(s.Dead, DeadEntry{Kind: entry.Kind, Order: entry.Order, Round: entry.Round, At: entry.At})
	}
	if s.Poison, err = store.PoisonedFiles(ctx, link, maxListed); err != nil {
		return Status{}, err
	}
	s.Issues, err = store.Issues(ctx, link, maxListed)
	return s, err
}
