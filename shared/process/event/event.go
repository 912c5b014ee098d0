// Package event has the events that are sent to the programs of portals and providers: CloudEvents 1.0 in JSON.
//
//	for _, e := range event.OfChange(change) {
//		body := e.CloudEvent("https://portal.example")
//	}
//
// [OfChange] returns the events of a decision on an order, [OfRegister] that of a new version of a filing; package dynamo stores them in the
// transaction that causes them. [Finding] and [Duty] make the events of what is watched after the approval. An event has ids, kinds, numbers,
// statuses, codes, and the hosts of filed sites, which are public: nothing personal, and no host before its approval. [Schema] is the JSON
// Schema of the data of each type.
//
// An event that is stored or sent twice has the same id. Events may arrive in another order than they happened; the attribute sequence counts
// those of one order, and the versions of one filing.
package event

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A Type is the type of an event.
type Type string

// Types of events.
const (
	OrderOpened      Type = "beian.order.opened"
	OrderReturned    Type = "beian.order.returned" // to the applicant, for corrections
	OrderTransmitted Type = "beian.order.transmitted"
	OrderApproved    Type = "beian.order.approved"
	OrderRefused     Type = "beian.order.refused" // by a reviewer or the bureau
	FindingOpened    Type = "beian.finding.opened"
	FindingClosed    Type = "beian.finding.closed"
	DutyNear         Type = "beian.duty.near"
	DutyOver         Type = "beian.duty.over" // the deadline has passed
	RegisterChanged  Type = "beian.register.changed"
)

// Types lists every type.
var Types = []Type{OrderOpened, OrderReturned, OrderTransmitted, OrderApproved, OrderRefused, FindingOpened, FindingClosed, DutyNear, DutyOver, RegisterChanged}

// An Event is one event as it is stored. Its size is at most some kilobytes.
type Event struct {
	ID   string `json:"id"` // unique; letters, digits, "-" and "_"
	Type Type   `json:"type"`
	// Subject is the path in the API of what the event is about: /orders/<id> or /filings/<id>.
	Subject  string          `json:"subject"`
	Time     time.Time       `json:"time"`
	Sequence int             `json:"sequence,omitempty"` // number of the order's decision or the filing's version; 0 for other events
	Data     json.RawMessage `json:"data"`
}

// ContentType is the media type of [Event.CloudEvent].
const ContentType = "application/cloudevents+json"

// SchemaPath is the path below the portal's address of the schemas.
const SchemaPath = "/api/v1/events/schemas/"

// CloudEvent returns the event in the JSON format of CloudEvents. origin is the portal's address, without a slash at its end. The sequence has the form of
// the extension of that name: texts sort like numbers.
func (e Event) CloudEvent(origin string) []byte {
	sequence := ""
	if e.Sequence > 0 {
		sequence = fmt.Sprintf("%06d", e.Sequence)
	}
	return mustMarshal(struct {
		SpecVersion     string          `json:"specversion"`
		ID              string          `json:"id"`
		Source          string          `json:"source"`
		Type            Type            `json:"type"`
		Subject         string          `json:"subject"`
		Time            time.Time       `json:"time"`
		DataContentType string          `json:"datacontenttype"`
		DataSchema      string          `json:"dataschema"`
		Sequence        string          `json:"sequence,omitempty"`
		Data            json.RawMessage `json:"data"`
	}{"1.0", e.ID, origin + "/api/v1", e.Type, e.Subject, e.Time, "application/json", origin + SchemaPath + string(e.Type), sequence, e.Data})
}

// newID returns an id of parts that name the event. Characters that the id of a webhook cannot have become "_"; a long id becomes a hash.
func newID(parts ...string) string {
	id := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' {
			return r
		}
		return '_'
	}, strings.Join(parts, "-"))
	if plain := strings.Join(parts, "-"); len(id) > maxID || id != plain {
		sum := sha256.Sum256([]byte(plain))
		return id[:min(len(id), maxID-33)] + "-" + hex.EncodeToString(sum[:16])
	}
	return id
}

const maxID = 100 // bytes

// mustMarshal marshals a value whose types always marshal.
func mustMarshal(value any) []byte {
	doc, err := json.Marshal(value)
	if err != nil {
		panic(err) // see above
	}
	return doc
}
