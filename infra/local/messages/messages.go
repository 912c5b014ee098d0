// Package messages is where SMS and email end on the laptop: it answers the calls of SNS and SES v2 that Beian makes, and
// those to an SMS carrier, keeps every message, and shows them in an outbox.
//
// The sink is honest: it takes what it is given, twice if it is given twice, in the order given; as a carrier, once for
// each key. A message is on disk
// before its sender hears that it was taken. The file holds what a phone or a mailbox would, in clear; it stays in
// the data folder and nothing of it is logged.
package messages

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
	"slices"
	"strings"
	"sync"
	"time"
)

// A Kind is the way a message went.
type Kind string

const (
	SMS   Kind = "sms"
	Email Kind = "email"
	Topic Kind = "topic" // published to an SNS topic
)

// A Message is one that was sent.
type Message struct {
	ID         string            `json:"id"`
	Time       time.Time         `json:"time"`
	Kind       Kind              `json:"kind"`
	To         []string          `json:"to"` // phone numbers in E.164, addresses, or the topic's ARN
	From       string            `json:"from,omitempty"`
	Subject    string            `json:"subject,omitempty"`
	Text       string            `json:"text,omitempty"`
	HTML       string            `json:"html,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"` // SNS message attributes, SES tags
}

// Config says where messages are kept. Only Folder is needed.
type Config struct {
	Folder string
	Now    func() time.Time     // nil is time.Now
	Secret []byte               // signs what comes as to a carrier; nil refuses all of that
	SMTP   string               // smtp://user:password@host:port, to which emails go on; "" keeps them here
	Logf   func(string, ...any) // told of emails that could not go on; nil is silent
}

// A Sink takes messages. Its ServeHTTP answers SNS (Publish), SES v2 (SendEmail) and, at [CarrierPath], as an SMS carrier
// does; [Sink.Outbox] shows what came.
type Sink struct {
	now     func() time.Time
	secret  []byte
	carrier sync.Mutex // held while an SMS is taken as a carrier, so that a key is taken once
	logf    func(string, ...any)
	relay   *relay
	forward sync.WaitGroup

	mu     sync.Mutex
	file   *os.File
	sent   []Message
	faults []fault
}

// fault is what happens to one coming request.
type fault struct {
	status int
	taken  bool // the message is kept all the same: only the answer is lost
	only   Kind // "" is any
}

// Open opens the sink, with what was sent before. A line that a crash left half-written is dropped: its sender was
// never told that it was taken.
func Open(c Config) (*Sink, error) {
	s := &Sink{now: c.Now, logf: c.Logf, secret: c.Secret}
	if s.now == nil {
		s.now = time.Now
	}
	if s.logf == nil {
		s.logf = func(string, ...any) {}
	}
	if c.SMTP != "" {
		r, err := parseRelay(c.SMTP)
		if err != nil {
			return nil, err
		}
		s.relay = r
	}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(c.Folder, "messages.jsonl"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s.file = file
	if err := s.load(); err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", file.Name(), err)
	}
	return s, nil
}

func (s *Sink) load() error {
	end := int64(0)
	for r := bufio.NewReader(s.file); ; {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		var m Message
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("line %d is damaged: %w", len(s.sent)+1, err)
		}
		s.sent = append(s.sent, m)
		end += int64(len(line))
	}
	if err := s.file.Truncate(end); err != nil {
		return err
	}
	_, err := s.file.Seek(end, io.SeekStart)
	return err
}

// Sent returns what was sent to a recipient, oldest first; "" asks for everything.
func (s *Sink) Sent(to string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to == "" {
		return slices.Clone(s.sent)
	}
	var some []Message
	for _, m := range s.sent {
		if slices.ContainsFunc(m.To, func(one string) bool { return strings.EqualFold(one, to) }) {
			some = append(some, m)
		}
	}
	return some
}

// FailNext answers the next n requests with an HTTP status (429 and 503 as a throttle) and keeps nothing of them.
// SDK clients retry, so one call may use up several.
func (s *Sink) FailNext(n, status int) { s.fail(n, fault{status: status}) }

// FailNextOf is FailNext for the next n requests of a kind, SMS or Email.
func (s *Sink) FailNextOf(kind Kind, n, status int) { s.fail(n, fault{status: status, only: kind}) }

// LoseNext takes the next n messages and answers 500 all the same, as when the answer is lost on the way.
func (s *Sink) LoseNext(n int) { s.fail(n, fault{status: 500, taken: true}) }

func (s *Sink) fail(n int, f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, slices.Repeat([]fault{f}, n)...)
}

func (s *Sink) nextFault(kind Kind) fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(f fault) bool { return f.only == "" || f.only == kind })
	if i < 0 {
		return fault{}
	}
	f := s.faults[i]
	s.faults = slices.Delete(s.faults, i, i+1)
	return f
}

// keep stores a message and returns its id.
func (s *Sink) keep(m Message) (string, error) {
	m.ID = strings.ToLower(rand.Text())
	m.Time = s.now().UTC()
	if len(m.Attributes) == 0 {
		m.Attributes = nil
	}
	var line bytes.Buffer
	if err := json.NewEncoder(&line).Encode(m); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.file.Write(line.Bytes()); err != nil {
		return "", err
	}
	if err := s.file.Sync(); err != nil {
		return "", err
	}
	s.sent = append(s.sent, m)
	if m.Kind == Email && s.relay != nil {
		s.forward.Go(func() {
			if err := s.relay.send(m); err != nil {
				s.logf("messages: email %s did not go on to SMTP: %v", m.ID, err)
			}
		})
	}
	return m.ID, nil
}

// Close waits for emails that are going on to SMTP and closes the file.
func (s *Sink) Close() error {
	s.forward.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.file.Close()
}
