package dynamo

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// A ReceivedState says how far a downloaded file has come.
type ReceivedState string

const (
	Accepted     ReceivedState = "taken"        // stored
	Processed    ReceivedState = "acted"        // its effects are there
	Acknowledged ReceivedState = "acknowledged" // and the bureau knows
	Poison       ReceivedState = "poison"       // kept, but nothing could be made of it
)

// A Received is a downloaded file.
type Received struct {
	ID     string        `json:"id"`     // name and content: the same file again has the same id
	Name   string        `json:"name"`   // as the bureau calls it
	Object string        `json:"object"` // key of the document in the bucket
	State  ReceivedState `json:"state"`
	Cause  string        `json:"cause,omitempty"` // why poison; never personal
	Acked  bool          `json:"acked,omitempty"` // with Poison: the bureau was told all the same
	// Sealed is set when the object holds what came over the wire, because no document could be made of it.
	Sealed *Sealing  `json:"sealed,omitempty"`
	At     time.Time `json:"at"`
}

// A Sealing is what goes with the bytes of a file on the wire, see wire.Parcel.
type Sealing struct {
	Hash        string `json:"hash"`
	Encryption  int    `json:"encryption"`
	HashKind    int    `json:"hashKind"`
	Compression int    `json:"compression"`
}

// PutReceived writes how far a downloaded file has come.
func (s *Store) PutReceived(ctx context.Context, link string, r Received) error {
	if r.State == Poison {
		if err := s.putDoc(ctx, linkPK(link), poisonSK(r.ID), r); err != nil {
			return err
		}
	}
	return s.putDoc(ctx, linkPK(link), receivedSK(r.ID), r)
}

// Received returns a downloaded file; false if it never came.
func (s *Store) Received(ctx context.Context, link, id string) (Received, bool, error) {
	var r Received
	found, err := s.getDoc(ctx, linkPK(link), receivedSK(id), &r)
	return r, found, err
}

// ReceivedAs returns the newest downloaded file that the bureau calls by a name; false if none ever came.
func (s *Store) ReceivedAs(ctx context.Context, link, name string) (newest Received, found bool, err error) {
	err = s.each(ctx, linkPK(link), receivedSK(name), func(doc []byte) (bool, error) {
		var r Received
		if err := json.Unmarshal(doc, &r); err != nil {
			return false, err
		}
		if r.Name == name && !r.At.Before(newest.At) {
			newest, found = r, true
		}
		return true, nil
	})
	return newest, found, err
}

// ClearPoison takes a downloaded file out of the list of those out of which nothing could be made.
func (s *Store) ClearPoison(ctx context.Context, link, id string) error {
	_, err := s.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(s.Table), Key: key(linkPK(link), poisonSK(id))})
	return classify(err)
}

// PoisonedFiles lists the downloads out of which nothing could be made, at most limit.
func (s *Store) PoisonedFiles(ctx context.Context, link string, limit int) ([]Received, error) {
	var all []Received
	err := s.each(ctx, linkPK(link), poisonSK(""), func(doc []byte) (bool, error) {
		var r Received
		if err := json.Unmarshal(doc, &r); err != nil {
			return false, err
		}
		all = append(all, r)
		return len(all) < limit, nil
	})
	return all, err
}
