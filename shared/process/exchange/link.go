package exchange

import (
	"slices"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
)

// An Encoding describes how the bytes of a file are encoded for the bureau; see wire.Parcel.
type Encoding struct {
	Hash        string `json:"hash"`
	Encryption  int    `json:"encryption"`
	HashKind    int    `json:"hashKind"`
	Compression int    `json:"compression"`
}

func encodingOf(p wire.Parcel) Encoding {
	return Encoding{p.Hash, p.Encryption, p.HashKind, p.Compression}
}

func (e Encoding) parcel(data []byte) wire.Parcel {
	return wire.Parcel{Data: data, Hash: e.Hash, Encryption: e.Encryption, HashKind: e.HashKind, Compression: e.Compression}
}

// A Sent is a file for the bureau, in flight or accepted.
type Sent struct {
	Sequence int64  `json:"sequence"`
	Object   string `json:"object"` // key of its bytes in the bucket; "" once their period is over
	Encoding
	Records    []SentRecord `json:"records"`
	BuiltAt    time.Time    `json:"builtAt"`
	AcceptedAt time.Time    `json:"takenAt,omitzero"` // the bureau accepted it; its sequence number is consumed
}

// Orders returns the orders in the file, each once.
func (s Sent) Orders() []filing.ID {
	var orders []filing.ID
	for _, r := range s.Records {
		if r.Order != "" && !slices.Contains(orders, r.Order) {
			orders = append(orders, r.Order)
		}
	}
	return orders
}

// A StoredFile names the stored bytes of a file that was sent or received.
type StoredFile struct {
	Row    [2]string // the row of the store with the file's data
	Object string    // key of its bytes in the bucket
	At     time.Time // when it was sent or received
}

// A RecordName is an operation, and the text by which the bureau names a record of it.
type RecordName = document.RecordName

// A SentRecord is the record of one order in a file, or the answer to one task of the bureau.
type SentRecord struct {
	Order filing.ID           `json:"order"`
	Round int                 `json:"round"`
	Task  string              `json:"task,omitempty"` // "" for an order
	Name  document.RecordName `json:"name"`
	Entry string              `json:"entry"` // id of its outbox entry
}

// A LinkState is the state of the uploads of a link.
type LinkState struct {
	// Next is the sequence number of the next file; 0 until the bureau has reported the last one.
	Next int64 `json:"next"`
	// Flight is the file in flight: built, but not known to be accepted or rejected.
	Flight *Sent `json:"flight,omitempty"`
	// OneByOne is the number of records that are sent one per file next, because a file with all of them was rejected.
	OneByOne int `json:"single,omitempty"`
	// Missing are the numbers of files that the bureau reports as missing.
	Missing []int64 `json:"missing,omitempty"`
	// Upload and Download are the bureau's last responses.
	Upload   LinkResponse `json:"upload,omitzero"`
	Download LinkResponse `json:"download,omitzero"`
}

// A LinkResponse is a response of the bureau, for the operator.
type LinkResponse struct {
	Code        int       `json:"code"` // msg_code; -1 if there was no answer
	Disposition string    `json:"disposition"`
	Text        string    `json:"text,omitempty"`
	At          time.Time `json:"at,omitzero"`
	// Since is the time since which uploads or downloads are stopped until the operator acts; zero if they are not stopped.
	Since time.Time `json:"since,omitzero"`
}

// A Record is the order and round that one of our ids stands for, or the task of the bureau that a record answers.
type Record struct {
	Order filing.ID `json:"order"`
	Round int       `json:"round"`
	Task  string    `json:"task,omitempty"` // "" for an order
}

// An Issue is a part of a downloaded file that staff of the provider have to read: results of the provider's IP or domain filings, differences from a
// full copy of what the bureau has. The file has the text. What the bureau wants done is a task; see package bureautask.
type Issue struct {
	Kind  string    `json:"kind"` // element name of the interface: IP, YM, SJTB …; FFJRHMD for sites that other providers serve
	File  string    `json:"file"` // id of the Received
	Count int       `json:"count"`
	At    time.Time `json:"at"`
}

// IssueFilingChanged is the kind of an issue about a filing of which the bureau had other data than the register. The register took them over.
const IssueFilingChanged = "filing-changed"

// IssueFilingConflict is the kind of an issue about what the bureau filed and the register cannot store, because another filing has the number, a
// domain or an id. The operator corrects the other filing, and replays the file.
const IssueFilingConflict = "filing-conflict"

// IssueReconciliation is the kind of an issue about a full copy that differs from the register, and after which somebody has to act; Count is the
// number of such differences. [Operator.Reconciliation] lists them. The issue ends when the operator has imported the last one, and with the next copy.
const IssueReconciliation = "reconciliation"

// UnreadableTexts is the kind of an issue about texts in a file with characters that could not be decoded; Count is the number of
// texts. They are U+FFFD in what was applied. [Operator.Received] lists the elements, and the stored file has the bytes.
const UnreadableTexts = "unreadable-texts"

// A ReceivedState is the progress of processing a downloaded file.
type ReceivedState string

const (
	Accepted     ReceivedState = "taken"        // stored
	Processed    ReceivedState = "acted"        // its effects are stored
	Acknowledged ReceivedState = "acknowledged" // its effects are stored and the bureau has the acknowledgement
	Poison       ReceivedState = "poison"       // stored, but all or part of it is unusable
)

// A Received is a downloaded file.
type Received struct {
	ID     string        `json:"id"`     // derived from name and content: the same file has the same id
	Name   string        `json:"name"`   // at the bureau
	Object string        `json:"object"` // key of its bytes in the bucket; "" if an order in it is erased, or once their period is over
	State  ReceivedState `json:"state"`
	Cause  string        `json:"cause,omitempty"` // for Poison: the reason, without personal data
	Acked  bool          `json:"acked,omitempty"` // for Poison: the file was acknowledged
	// Undecoded is set if the bytes could not be decoded. The object then has the bytes as the bureau sent them.
	Undecoded *Encoding `json:"sealed,omitempty"`
	At        time.Time `json:"at"`
	// Orders are those that the content names. [Operator.Received] sets them.
	Orders []filing.ID `json:"-"`
}
