package operator

import (
	"time"

	"beian/shared/bureau/document"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
)

// The types below are the representations of what package exchange stores. Their JSON is the API's, not the table's.

// An ExchangeStatus is the state of the exchange with the bureau. It has no personal data.
type ExchangeStatus struct {
	Link         string               `json:"link" doc:"the provider's id at the bureau"`
	ByHand       bool                 `json:"byHand,omitempty" doc:"the provider has no link to the bureau: operators enter applications into its console, and nothing is exchanged"`
	Waiting      int                  `json:"waiting" doc:"records that wait for their upload; counted up to 1000"`
	LastSequence int64                `json:"lastSequence" doc:"number of the last upload that the bureau accepted; 0 if none"`
	Flight       *ExchangeFlight      `json:"flight,omitempty" doc:"the file in flight"`
	OneByOne     int                  `json:"oneByOne,omitempty" doc:"records that are sent one per file, to isolate the one that the bureau rejects"`
	Missing      []int64              `json:"missing,omitempty" doc:"numbers of uploads that the bureau reports as missing"`
	Upload       ExchangeLinkResponse `json:"upload" doc:"the bureau's last response to an upload"`
	Download     ExchangeLinkResponse `json:"download" doc:"the bureau's last response to a download"`
	Stopped      bool                 `json:"stopped" doc:"the exchange has stopped until the operator acts"`
	Poison       []ExchangeReceived   `json:"poison,omitempty" doc:"downloads that are unusable, or of which a part is"`
	Dead         []ExchangeDeadEntry  `json:"dead,omitempty" doc:"outbox entries that can never be delivered"`
	Issues       []ExchangeIssue      `json:"issues,omitempty" doc:"what the bureau wants the staff to look at"`
}

// An ExchangeFlight is the file in flight.
type ExchangeFlight struct {
	Sequence int64     `json:"sequence"`
	Records  int       `json:"records"`
	BuiltAt  time.Time `json:"builtAt"`
}

// An ExchangeDeadEntry is an outbox entry that can never be delivered.
type ExchangeDeadEntry struct {
	Kind  decide.EntryKind `json:"kind" doc:"what was to be done"`
	Order filing.ID        `json:"order"`
	Round int              `json:"round"`
	At    time.Time        `json:"at"`
}

// An ExchangeLinkResponse is a response of the bureau.
type ExchangeLinkResponse struct {
	Code        int       `json:"code" doc:"msg_code of the interface; -1 if there was no answer"`
	Disposition string    `json:"disposition" doc:"what the exchange does about it"`
	Text        string    `json:"text,omitempty"`
	At          time.Time `json:"at,omitzero"`
	Since       time.Time `json:"since,omitzero" doc:"when uploads or downloads stopped until the operator acts; absent if they run"`
}

// An ExchangeSent is a file for the bureau, in flight or accepted.
type ExchangeSent struct {
	Sequence int64  `json:"sequence"`
	Object   string `json:"object" doc:"key of its bytes in the bucket"`
	ExchangeEncoding
	Records    []ExchangeSentRecord `json:"records"`
	BuiltAt    time.Time            `json:"builtAt"`
	AcceptedAt time.Time            `json:"takenAt,omitzero" doc:"when the bureau accepted it"`
}

// An ExchangeEncoding describes how the bytes of a file are encoded for the bureau.
type ExchangeEncoding struct {
	Hash        string `json:"hash"`
	Encryption  int    `json:"encryption"`
	HashKind    int    `json:"hashKind"`
	Compression int    `json:"compression"`
}

// An ExchangeSentRecord is the record of one order in a file, or the answer to one task of the bureau.
type ExchangeSentRecord struct {
	Order filing.ID           `json:"order,omitempty"`
	Round int                 `json:"round,omitempty"`
	Task  string              `json:"task,omitempty" doc:"id of the bureau's task that the record answers"`
	Name  document.RecordName `json:"name" doc:"operation and id by which the bureau names the record" example:"1 10001"`
	Entry string              `json:"entry" doc:"id of its outbox entry"`
}

// An ExchangeReceived is a file that was downloaded from the bureau.
type ExchangeReceived struct {
	ID        string                 `json:"id" doc:"derived from name and content: the same file has the same id"`
	Name      string                 `json:"name" doc:"at the bureau"`
	Object    string                 `json:"object" doc:"key of its bytes in the bucket; empty if an order in it is erased"`
	State     exchange.ReceivedState `json:"state"`
	Cause     string                 `json:"cause,omitempty" doc:"why it is poison"`
	Acked     bool                   `json:"acked,omitempty" doc:"poison that was acknowledged"`
	Undecoded *ExchangeEncoding      `json:"sealed,omitempty" doc:"set if the bytes could not be decoded"`
	At        time.Time              `json:"at"`
}

// An ExchangeIssue is something in a file that needs attention.
type ExchangeIssue struct {
	Kind  string    `json:"kind" doc:"element name of the interface: JCDM (changed code tables), JCDM-held (code tables that are not in force), filing-changed (the bureau has other data of a filing than the register had; the register took them over), reconciliation (differences from a full copy on which somebody has to act, see /reconciliation; it ends with the last of them, and with the next copy) …; IP, YM and SJTB are about the provider's IP and domain filings and full copies of them, on which Beian does not act; FFJRHMD lists sites that other providers serve. What the bureau wants done is under /bureau/tasks"`
	File  string    `json:"file" doc:"id of the received file"`
	Count int       `json:"count"`
	At    time.Time `json:"at"`
}

func statusOf(s exchange.Status) ExchangeStatus {
	out := ExchangeStatus{
		Link: s.Link, ByHand: s.ByHand, Waiting: s.Waiting, LastSequence: s.LastSequence, Flight: (*ExchangeFlight)(s.Flight), OneByOne: s.OneByOne, Missing: s.Missing,
		Upload: ExchangeLinkResponse(s.Upload), Download: ExchangeLinkResponse(s.Download), Stopped: s.Stopped, Issues: issuesOf(s.Issues),
	}
	for _, file := range s.Poison {
		out.Poison = append(out.Poison, receivedOf(file))
	}
	for _, entry := range s.Dead {
		out.Dead = append(out.Dead, ExchangeDeadEntry(entry))
	}
	return out
}

func issuesOf(stored []exchange.Issue) []ExchangeIssue {
	var issues []ExchangeIssue
	for _, issue := range stored {
		issues = append(issues, ExchangeIssue(issue))
	}
	return issues
}

func sentOf(s exchange.Sent) ExchangeSent {
	out := ExchangeSent{Sequence: s.Sequence, Object: s.Object, ExchangeEncoding: ExchangeEncoding(s.Encoding), BuiltAt: s.BuiltAt, AcceptedAt: s.AcceptedAt}
	for _, record := range s.Records {
		out.Records = append(out.Records, ExchangeSentRecord(record))
	}
	return out
}

func receivedOf(r exchange.Received) ExchangeReceived {
	return ExchangeReceived{ID: r.ID, Name: r.Name, Object: r.Object, State: r.State, Cause: r.Cause, Acked: r.Acked,
		Undecoded: (*ExchangeEncoding)(r.Undecoded), At: r.At}
}
