package outbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"beian/shared/process/notify"
)

// mostMessages is the number of messages at which the older half is deleted. Tests change it.
var mostMessages = 40_000

// An index says where in the file each message is. The texts stay in the file: a laptop that files for hours sends more than fits into
// memory.
type index struct {
	entries []*entry // in the order of the file
	to      map[string][]*entry
	keys    map[string]bool // of the SMS that came to the carrier
	end     int64           // of the file
}

// An entry is the place of a message.
type entry struct {
	id            string
	time          time.Time
	to            []string // in lower case
	key           string
	start, length int64
}

func newIndex() *index { return &index{to: map[string][]*entry{}, keys: map[string]bool{}} }

// add adds a message whose line is at the end of the file.
func (x *index) add(m Message, length int) {
	e := &entry{id: strings.Clone(m.ID), time: m.Time, start: x.end, length: int64(length)}
	for _, one := range m.To {
		e.to = append(e.to, strings.ToLower(one))
	}
	if m.Kind == SMS {
		e.key = strings.Clone(m.Attributes[notify.KeyName])
	}
	x.addEntry(e)
}

func (x *index) addEntry(e *entry) {
	x.entries, x.end = append(x.entries, e), e.start+e.length
	for i, one := range e.to {
		if !slices.Contains(e.to[:i], one) {
			x.to[one] = append(x.to[one], e)
		}
	}
	if e.key != "" {
		x.keys[e.key] = true
	}
}

// find returns the entries of a recipient, or all for "".
func (x *index) find(to string) []*entry {
	if to == "" {
		return x.entries
	}
	return x.to[strings.ToLower(to)]
}

// readMessage reads a message from the file.
func readMessage(file io.ReaderAt, e *entry) (m Message, err error) {
	line := make([]byte, e.length)
	if _, err := file.ReadAt(line, e.start); err != nil {
		return m, err
	}
	return m, json.Unmarshal(line, &m)
}

// keep deletes the messages that are not kept. The file is replaced as a whole, so a crash leaves the old or the new one. The caller
// holds the lock.
func (o *Outbox) keep(kept func(int, *entry) bool) error {
	left := newIndex()
	f, err := os.OpenFile(o.path()+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	for i, e := range o.index.entries {
		if err != nil || !kept(i, e) {
			continue
		}
		if _, err = io.Copy(w, io.NewSectionReader(o.file, e.start, e.length)); err == nil {
			moved := *e
			moved.start = left.end
			left.addEntry(&moved)
		}
	}
	if err = errors.Join(err, w.Flush()); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(f.Name(), o.path())
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	old := o.file
	o.file, o.index = f, left
	return old.Close()
}
