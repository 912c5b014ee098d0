package sitewatch

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/finding"
	"beian/shared/rules/observation"
	"beian/shared/rules/strictjson"
)

// A Statement says what was found about a host at a time. There is one for each change of the result.
type Statement struct {
	Filing   register.ID `json:"filing"`
	Host     string      `json:"host"`
	Number   string      `json:"number"`   // of the site
	Sequence int         `json:"sequence"` // of the host's statements; the first is 1
	At       time.Time   `json:"at"`
	// Previous is the SHA-256 of the text of the statement before, in hexadecimal; "" for the first.
	Previous    string                  `json:"previous"`
	Findings    []Stated                `json:"findings"` // that are open
	Observation observation.Observation `json:"observation"`
	// Digest is the SHA-256 of the observation's JSON, in hexadecimal.
	Digest string `json:"observationSHA256"`
}

// A Stated finding is one without its words.
type Stated struct {
	Code     finding.Code     `json:"code"`
	Severity finding.Severity `json:"severity"`
	Host     string           `json:"host"` // the name that was visited
}

// An Entry is a statement with its signature. The text is what was signed, byte for byte, whatever later versions of Beian make of it.
type Entry struct {
	Text      string `json:"statement"` // JSON of a Statement
	Signature string `json:"signature"` // Ed25519, in base64
}

// signed returns the bytes that are signed for a text, which no other use of the key has.
func signed(text string) []byte { return []byte("beian site watch 1\n" + text) }

// Hash is the SHA-256 of the entry's text, in hexadecimal.
func (e Entry) Hash() string {
	sum := sha256.Sum256([]byte(e.Text))
	return hex.EncodeToString(sum[:])
}

// sign makes the entry of a statement.
func sign(s Statement, key ed25519.PrivateKey) (Entry, error) {
	s.Digest = s.Observation.Digest()
	text, err := json.Marshal(s)
	if err != nil {
		return Entry{}, err
	}
	return Entry{string(text), base64.StdEncoding.EncodeToString(ed25519.Sign(key, signed(string(text))))}, nil
}

// A History is what is exported of a host: its statements, in their order. It names no person.
type History struct {
	Format  string  `json:"format" doc:"beian-site-watch-1"`
	Entries []Entry `json:"entries"`
}

// historyFormat is the format of a History.
const historyFormat = "beian-site-watch-1"

// NewHistory returns the history with some entries.
func NewHistory(entries []Entry) History { return History{historyFormat, entries} }

// ErrNotProved is returned by [Verify], with the reason.
var ErrNotProved = errors.New("the history is not proved")

// Verify checks a history against a public key, and returns its statements: each was signed with the key, follows the one before, and is about the
// same host. It needs nothing but the file and the key. What a history cannot show by itself is that no statement follows its last one.
func Verify(file []byte, key ed25519.PublicKey) ([]Statement, error) {
	var h History
	if err := strictjson.Unmarshal(file, &h); err != nil {
		return nil, fmt.Errorf("%w: the file is not JSON of a history: %w", ErrNotProved, err)
	}
	if h.Format != historyFormat || len(h.Entries) == 0 {
		return nil, fmt.Errorf("%w: the file has the format %q and %d entries; want %q and at least one", ErrNotProved, h.Format, len(h.Entries), historyFormat)
	}
	if len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: the public key has %d bytes, want %d", ErrNotProved, len(key), ed25519.PublicKeySize)
	}
	var all []Statement
	for i, e := range h.Entries {
		signature, err := base64.StdEncoding.DecodeString(e.Signature)
		if err != nil || !ed25519.Verify(key, signed(e.Text), signature) {
			return nil, fmt.Errorf("%w: entry %d was changed after it was signed, or is signed with another key", ErrNotProved, i+1)
		}
		var s Statement
		if err := json.Unmarshal([]byte(e.Text), &s); err != nil {
			return nil, fmt.Errorf("%w: the statement of entry %d is not JSON", ErrNotProved, i+1)
		}
		previous := ""
		if i > 0 {
			previous = h.Entries[i-1].Hash()
		}
		switch {
		case s.Sequence != i+1 || s.Previous != previous:
			return nil, fmt.Errorf("%w: entry %d does not follow the one before", ErrNotProved, i+1)
		case i > 0 && (s.Host != all[0].Host || s.Filing != all[0].Filing):
			return nil, fmt.Errorf("%w: entry %d is about another host", ErrNotProved, i+1)
		}
		all = append(all, s)
	}
	return all, nil
}
