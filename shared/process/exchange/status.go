package exchange

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Status is the state of a link, for the operator. It has no personal data.
type Status struct {
	Link         string       `json:"link" doc:"the provider's id at the bureau"`
	Waiting      int          `json:"waiting" doc:"records that wait for their upload; counted up to 1000"`
	LastSequence int64        `json:"lastSequence" doc:"number of the last upload that the bureau accepted; 0 if none"`
	Flight       *Flight      `json:"flight,omitempty" doc:"the file in flight"`
	OneByOne     int          `json:"oneByOne,omitempty" doc:"records that are sent one per file, to isolate the one that the bureau rejects"`
	Missing      []int64      `json:"missing,omitempty" doc:"numbers of uploads that the bureau reports as missing"`
	Upload       LinkResponse `json:"upload" doc:"the bureau's last response to an upload"`
	Download     LinkResponse `json:"download" doc:"the bureau's last response to a download"`
	Stopped      bool         `json:"stopped" doc:"the exchange has stopped until the operator acts"`
	Poison       []Received   `json:"poison,omitempty" doc:"downloads that are unusable, or of which a part is"`
	Dead         []DeadEntry  `json:"dead,omitempty" doc:"outbox entries that can never be delivered"`
	Issues       []Issue      `json:"issues,omitempty" doc:"what the bureau wants the staff to look at"`
}

// A Flight is the file in flight.
type Flight struct {
	Sequence int64     `json:"sequence"`
	Records  int       `json:"records"`
	BuiltAt  time.Time `json:"builtAt"`
}

// A DeadEntry is an outbox entry that can never be delivered.
type DeadEntry struct {
	Kind  decide.EntryKind `json:"kind" doc:"what was to be done: start, resume, notice or upload"`
	Order filing.ID        `json:"order"`
	Round int              `json:"round"`
	At    time.Time        `json:"at"`
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
		Link: link, Missing: state.Missing, LastSequence: max(0, state.Next-1), OneByOne: state.OneByOne, Upload: state.Upload, Download: state.Download,
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
