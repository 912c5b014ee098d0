package subscription

import (
	"time"

	"beian/shared/filing"
)

// A ChangeKind is what was done to an endpoint.
type ChangeKind string

const (
	Added     ChangeKind = "added"
	Edited    ChangeKind = "edited" // its address, types or description
	Paused    ChangeKind = "paused"
	Resumed   ChangeKind = "resumed"
	NewSecret ChangeKind = "new-secret"
	Leaked    ChangeKind = "leaked" // a new secret, and the one before ended at once
	GoneFrom  ChangeKind = "gone"   // it answered 410, and was disabled
	Deleted   ChangeKind = "deleted"
)

// ChangeKinds lists every kind.
var ChangeKinds = []ChangeKind{Added, Edited, Paused, Resumed, NewSecret, Leaked, GoneFrom, Deleted}

// A Change is an entry of the record of who changed which endpoint when. It is stored in the transaction that makes the change, and stays after the
// endpoint is deleted.
type Change struct {
	At       time.Time      `json:"at"`
	What     ChangeKind     `json:"what"`
	Endpoint string         `json:"endpoint"`
	URL      string         `json:"url"`          // of the endpoint, after the change
	By       filing.Account `json:"by,omitempty"` // the operator; "" for GoneFrom
	// Verified reports, of a change that was read, whether it is as it was stored.
	Verified bool `json:"-"`
}

// kindOf returns what an edit does to an endpoint: an edit that also pauses or resumes it is named by that.
func kindOf(e Edit, before Endpoint) ChangeKind {
	switch {
	case e.Disabled && !before.Disabled:
		return Paused
	case !e.Disabled && before.Disabled:
		return Resumed
	}
	return Edited
}
