package exchange

import (
	"context"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
)

// A Status is how a link stands, for the operator. It holds nothing personal.
type Status struct {
	Link string `json:"link" doc:"the provider's id at the bureau"`
	// Waiting counts records in the outbox, to 1,000.
	Waiting      int          `json:"waiting" doc:"records that wait for their upload; counted to 1000"`
	LastSequence int64        `json:"lastSequence" doc:"number of the last upload that the bureau took; 0 if none"`
	Flight       *Flight      `json:"flight,omitempty" doc:"the file that is on its way"`
	OneByOne     int          `json:"oneByOne,omitempty" doc:"records that go in a file of their own, to find the one that the bureau does not accept"`
	Missing      []int64      `json:"missing,omitempty" doc:"numbers of uploads that the bureau says it lacks"`
	Upload       LinkResponse `json:"upload" doc:"the bureau's last word on uploads"`
	Download     LinkResponse `json:"download" doc:"the bureau's last word on downloads"`
	Stopped      bool         `json:"stopped" doc:"nothing goes through until somebody acts"`
	Poison       []Received   `json:"poison,omitempty" doc:"downloads of which nothing could be made"`
	Dead         []DeadEntry  `json:"dead,omitempty" doc:"what could never be delivered, to anybody"`
	Issues       []Issue      `json:"issues,omitempty" doc:"what the bureau wants looked at"`
}

// A Flight is a file on its way.
type Flight struct {
	Sequence int64     `json:"sequence"`
	Records  int       `json:"records"`
	BuiltAt  time.Time `json:"builtAt"`
}

// A DeadEntry is an entry of the outbox that was set aside.
type DeadEntry struct {
	Kind  decide.EntryKind `json:"kind" doc:"what was to be done: start, resume, notice or upload"`
	Order filing.ID        `json:"order"`
	Round int              `json:"round"`
	At    time.Time        `json:"at"`
}

const listed = 100 // of anything that is counted only so far

// Status tells how the link stands. It asks only our own table.
func (o *Operator) Status(ctx context.Context) (Status, error) {
	store, link := o.Store, o.Link
	state, err := store.Link(ctx, link)
	if err != nil {
		return Status{}, err
	}
	s := Status{
		Link: link, Missing: state.Missing, LastSequence: max(0, state.Next-1), OneByOne: state.Single, Upload: state.Upload, Download: state.Download,
		Stopped: !state.Upload.Since.IsZero() || !state.Download.Since.IsZero(),
	}
	if f := state.Flight; f != nil {
		s.Flight = &Flight{Sequence: f.Sequence, Records: len(f.Records), BuiltAt: f.BuiltAt}
	}
	if s.Waiting, err = store.OutboxLength(ctx, decide.UploadRecord, 1000); err != nil {
		return Status{}, err
	}
	dead, err := store.Outbox(ctx, decide.DeadLetter, listed)
	if err != nil {
		return Status{}, err
	}
	for _, entry := range dead {
		s.Dead = append(s.Dead, DeadEntry{Kind: entry.Kind, Order: entry.Order, Round: entry.Round, At: entry.At})
	}
	if s.Poison, err = store.PoisonedFiles(ctx, link, listed); err != nil {
		return Status{}, err
	}
	s.Issues, err = store.Issues(ctx, link, listed)
	return s, err
}
