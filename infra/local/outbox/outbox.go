// Package outbox receives SMS and email on the laptop. It serves the operations of SNS, SES v2 and an SMS carrier that Beian calls,
// and stores every message. Package console shows them.
//
// Call [Open], serve the Outbox where the clients send, and [Outbox.JSON] where programs read:
//
//	sent, err := outbox.Open(outbox.Config{Folder: "messages"})
//	http.Handle("/", sent)
//	http.Handle("/local/outbox.json", sent.JSON())
//
// The outbox writes a message to disk before it responds to the sender. It keeps the latest 20,000 messages at least, and deletes older
// ones. As SNS and SES, it stores every message in order, without
// deduplication; as a carrier, it stores one message for each key. The file contains the messages in clear text: it stays in the data
// folder, and no message is logged.
package outbox

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"beian/shared/partners/mailrelay"
	"beian/shared/partners/webhook"
)

// A Kind is a medium: SMS or email.
type Kind string

const (
	SMS   Kind = "sms"
	Email Kind = "email"
)

// A Message is one message that was sent.
type Message struct {
	ID         string            `json:"id"`
	Time       time.Time         `json:"time"`
	Kind       Kind              `json:"kind"`
	To         []string          `json:"to"` // phone numbers in E.164, or addresses
	From       string            `json:"from,omitempty"`
	Subject    string            `json:"subject,omitempty"`
	Text       string            `json:"text,omitempty"`
	HTML       string            `json:"html,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"` // SNS message attributes, SES tags
	Headers    map[string]string `json:"headers,omitempty"`    // further ones of an email
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// Code returns the one-time code in the text of a message, "" if there is none.
func (m Message) Code() string { return sixDigits.FindString(m.Text) }

// A Config configures an outbox. Only Folder is required.
type Config struct {
	Folder string
	Now    func() time.Time     // nil is time.Now
	Secret webhook.Secret       // signs requests to the carrier; zero refuses them
	SMTP   string               // URL of a mail relay with its password, to which emails are forwarded; "" forwards none
	Fails  func(Kind) Failure   // asked at each request; nil never fails
	Logf   func(string, ...any) // logs emails that could not be forwarded; nil logs nothing
}

// An Outbox receives messages. It is an [http.Handler].
type Outbox struct {
	config     Config
	relay      *mailrelay.Client // nil forwards nothing
	forwarding sync.WaitGroup
	carrier    sync.Mutex // held during a carrier's request, so that each key is stored once

	mu     sync.Mutex
	file   *os.File
	index  *index
	faults []fault
}

// A Failure is how a request fails. Without a status it does not.
type Failure struct {
	Status int  // HTTP; 429 and 503 mean throttling
	Stored bool // the message is stored; only the response is lost
}

// A fault makes one request fail.
type fault struct {
	status int
	stored bool // the message is stored; only the response is lost
	kind   Kind // "" is any
}

// Open opens the outbox with the messages of earlier runs. It removes a line that a crash left incomplete: its sender got no
// response.
func Open(c Config) (*Outbox, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logf == nil {
		c.Logf = func(string, ...any) {}
	}
	o := &Outbox{config: c, index: newIndex()}
	var err error
	if o.relay, err = newRelay(c.SMTP); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, err
	}
	if err := os.Remove(o.path() + ".new"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if o.file, err = os.OpenFile(o.path(), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if err := o.load(); err != nil {
		o.file.Close()
		return nil, fmt.Errorf("%s: %w", o.file.Name(), err)
	}
	return o, nil
}

// path returns the path of the file with the messages.
func (o *Outbox) path() string { return filepath.Join(o.config.Folder, "messages.jsonl") }

func (o *Outbox) load() error {
	for r := bufio.NewReader(o.file); ; {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var m Message
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("line %d is damaged: %w", len(o.index.entries)+1, err)
		}
		o.index.add(m, len(line))
	}
	if err := o.file.Truncate(o.index.end); err != nil {
		return err
	}
	_, err := o.file.Seek(o.index.end, io.SeekStart)
	return err
}

// Sent returns the messages to a recipient, oldest first, or all messages for "". It reads them from the file.
func (o *Outbox) Sent(to string) []Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	var found []Message
	for _, e := range o.index.find(to) {
		m, err := readMessage(o.file, e)
		if err != nil {
			o.config.Logf("outbox: message %s cannot be read: %v", e.id, err)
			continue
		}
		found = append(found, m)
	}
	return found
}

// Count returns the number of messages.
func (o *Outbox) Count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.index.entries)
}

// accepted reports whether the carrier accepted an SMS with a key.
func (o *Outbox) accepted(key string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.index.keys[key]
}

// FailNext makes the next n requests of a kind, "" for any, fail with an HTTP status. Nothing is stored. 429 and 503 mean
// throttling. SDK clients retry, so one call may cause several requests.
func (o *Outbox) FailNext(kind Kind, n, status int) {
	o.addFaults(n, fault{status: status, kind: kind})
}

// LoseNext makes the next n requests store their message but respond with 500, as if the response had been lost.
func (o *Outbox) LoseNext(n int) { o.addFaults(n, fault{status: 500, stored: true}) }

func (o *Outbox) addFaults(n int, f fault) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.faults = append(o.faults, slices.Repeat([]fault{f}, n)...)
}

func (o *Outbox) nextFault(kind Kind) fault {
	o.mu.Lock()
	defer o.mu.Unlock()
	i := slices.IndexFunc(o.faults, func(f fault) bool { return f.kind == "" || f.kind == kind })
	if i < 0 && o.config.Fails != nil {
		f := o.config.Fails(kind)
		return fault{status: f.Status, stored: f.Stored}
	}
	if i < 0 {
		return fault{}
	}
	f := o.faults[i]
	o.faults = slices.Delete(o.faults, i, i+1)
	return f
}

// store writes a message to the file and returns its id.
func (o *Outbox) store(m Message) (string, error) {
	m.ID = strings.ToLower(rand.Text())
	m.Time = o.config.Now().UTC()
	if len(m.Attributes) == 0 {
		m.Attributes = nil // like a message that was read from the file
	}
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(m); err != nil {
		return "", err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, err := o.file.Write(line.Bytes()); err != nil {
		return "", err
	}
	if err := o.file.Sync(); err != nil {
		return "", err
	}
	o.index.add(m, line.Len())
	if len(o.index.entries) >= mostMessages {
		first := len(o.index.entries) / 2
		if err := o.keep(func(i int, _ *entry) bool { return i >= first }); err != nil {
			o.config.Logf("outbox: older messages are not deleted: %v", err)
		}
	}
	if m.Kind == Email && o.relay != nil {
		o.forwarding.Go(func() {
			if err := o.forward(m); err != nil {
				o.config.Logf("outbox: email %s was not forwarded: %v", m.ID, err)
			}
		})
	}
	return m.ID, nil
}

// DeleteBefore deletes the messages that were sent before a time. The file is replaced as a whole, so a crash leaves the old or the new one.
func (o *Outbox) DeleteBefore(before time.Time) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !slices.ContainsFunc(o.index.entries, func(e *entry) bool { return e.time.Before(before) }) {
		return nil
	}
	return o.keep(func(_ int, e *entry) bool { return !e.time.Before(before) })
}

// Close waits for emails that are being forwarded and closes the file.
func (o *Outbox) Close() error {
	o.forwarding.Wait()
	if o.relay != nil {
		o.relay.Close()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.file.Close()
}
