package stepfunctions

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"beian/infra/local/asl"
)

// Buckets; the package comment says what they contain.
var (
	definitionsBucket = []byte("definitions")
	openBucket        = []byte("open")
	endedBucket       = []byte("ended")
	historyBucket     = []byte("history")
	startedBucket     = []byte("started")
	journalBucket     = []byte("journal")
)

// lastJournal is the key of the number of the last journal whose changes the file has.
var lastJournal = []byte("last")

// journalFull is the size of a journal, in bytes, at which its changes are moved to the file in the background. At four times the size,
// changes wait. Tests change it.
var journalFull int64 = 16 << 20

// A store is the data file and its journals.
type store struct {
	dir, path string
	db        *bolt.DB
	damaged   atomic.Bool
	full      chan struct{} // receives when the journal is full

	groups, stored atomic.Int64 // groups in journals, and their bytes

	moving  sync.Mutex // held while changes are moved to the file
	writing sync.Mutex // guards journal; taken after moving
	journal *journal

	mu     sync.RWMutex // guards the maps
	recent unsaved      // of the journal
	moved  unsaved      // of the journal before, while they are moved to the file
}

// openStore opens the data file of a folder and moves the changes of journals that a killed process left to it.
func openStore(dir string) (*store, error) {
	path := filepath.Join(dir, "executions.db")
	s := &store{dir: dir, path: path, full: make(chan struct{}, 1), recent: unsaved{}}
	err := s.recoverDamage(func() error {
		if err := checkSize(path); err != nil {
			return err
		}
		db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType})
		if errors.Is(err, bolterrors.ErrTimeout) {
			return fmt.Errorf("%s is in use by another process", path)
		}
		if err != nil {
			return fmt.Errorf("%s cannot be read: %w", path, err)
		}
		s.db = db
		return db.Update(func(tx *bolt.Tx) error {
			for _, name := range [][]byte{definitionsBucket, openBucket, endedBucket, historyBucket, startedBucket, journalBucket} {
				if _, err := tx.CreateBucketIfNotExists(name); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err == nil {
		err = s.recoverJournals()
	}
	if err != nil && s.db != nil {
		err = errors.Join(err, s.closeFile())
	}
	return s, err
}

// recoverJournals moves the changes of all journals to the file, and creates a new journal.
func (s *store) recoverJournals() error {
	numbers, err := journals(s.dir)
	if err != nil {
		return err
	}
	last := uint64(0)
	err = s.readTx(func(tx *bolt.Tx) error {
		if number := tx.Bucket(journalBucket).Get(lastJournal); len(number) == 8 {
			last = binary.BigEndian.Uint64(number)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, number := range numbers {
		path := journalPath(s.dir, number)
		if number > last {
			changes := unsaved{}
			if err := readJournal(path, changes.add); err != nil {
				return err
			}
			if err := s.apply(changes, number); err != nil {
				return err
			}
			last = number
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	s.journal, err = createJournal(s.dir, last+1)
	return err
}

// checkSize returns an error for a file that is shorter than bbolt's two meta pages.
func checkSize(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Size() > 0 && info.Size() < int64(2*os.Getpagesize()) {
		return fmt.Errorf("%s is damaged: it has only %d bytes; move it away to start empty", path, info.Size())
	}
	return nil
}

// recoverDamage calls do and converts a panic to an error: bbolt panics on a damaged file, and reading the memory map of a truncated
// file faults.
func (s *store) recoverDamage(do func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			s.damaged.Store(true)
			err = fmt.Errorf("%s is damaged (%v); move it away to start empty", s.path, p)
		}
	}()
	return do()
}

func (s *store) readTx(do func(*bolt.Tx) error) error {
	return s.recoverDamage(func() error { return s.db.View(do) })
}

// closeFile closes the file. It does not close a damaged file, because bbolt may still hold its locks after a panic.
func (s *store) closeFile() error {
	if s.damaged.Load() {
		return nil
	}
	return s.recoverDamage(s.db.Close)
}

// close moves the last changes to the file and closes it. After an error, the next start moves them.
func (s *store) close() error {
	err := s.flush()
	if err == nil {
		err = s.journal.remove()
	} else {
		err = errors.Join(err, s.journal.file.Close())
	}
	return errors.Join(err, s.closeFile())
}

// save stores changes. They are durable when it returns.
func (s *store) save(changes []change) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	before := s.journal.size
	if err := s.journal.append(changes); err != nil {
		return err
	}
	s.groups.Add(1)
	s.stored.Add(s.journal.size - before)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		s.recent.add(c)
	}
	if s.journal.size > journalFull {
		select {
		case s.full <- struct{}{}:
		default:
		}
	}
	return nil
}

// awaitSpace moves changes to the file if the journal has become much too large.
func (s *store) awaitSpace() error {
	s.writing.Lock()
	size := s.journal.size
	s.writing.Unlock()
	if size < 4*journalFull {
		return nil
	}
	return s.flush()
}

// flush moves the changes of the journal to the file. Changes that are saved meanwhile go to a new journal.
func (s *store) flush() error {
	s.moving.Lock()
	defer s.moving.Unlock()
	full, err := s.rotate()
	if err != nil || full == nil {
		return err
	}
	if err := s.apply(s.moved, full.number); err != nil {
		return err
	}
	s.mu.Lock()
	s.moved = nil
	s.mu.Unlock()
	return full.remove()
}

// rotate begins a new journal. It returns the one before, whose changes are in moved; nil if that is empty.
func (s *store) rotate() (*journal, error) {
	if s.moved != nil {
		return nil, fmt.Errorf("%s: earlier changes could not be stored", s.path)
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.journal.size == 0 {
		return nil, nil
	}
	next, err := createJournal(s.dir, s.journal.number+1)
	if err != nil {
		return nil, err
	}
	full := s.journal
	s.journal = next
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved, s.recent = s.recent, unsaved{}
	return full, nil
}

// apply stores the changes of a journal in the file, in one transaction.
func (s *store) apply(changes unsaved, number uint64) error {
	return s.recoverDamage(func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			var started []indexEntry
			for _, key := range slices.Sorted(maps.Keys(changes)) {
				if err := applyOne(tx, key, changes[key]); err != nil {
					return err
				}
				started = changes[key].appendIndex(started)
			}
			if err := applyIndex(tx.Bucket(startedBucket), started); err != nil {
				return err
			}
			return tx.Bucket(journalBucket).Put(lastJournal, binary.BigEndian.AppendUint64(nil, number))
		})
	})
}

func applyOne(tx *bolt.Tx, key string, c *change) error {
	if len(c.events) > 0 {
		if err := tx.Bucket(historyBucket).Put(eventKey(key, c.first), c.events); err != nil {
			return err
		}
	}
	if c.status == asl.Running {
		return tx.Bucket(openBucket).Put([]byte(key), c.record)
	}
	if !c.fresh {
		if err := tx.Bucket(openBucket).Delete([]byte(key)); err != nil {
			return err
		}
	}
	return tx.Bucket(endedBucket).Put([]byte(key), c.record)
}

// An indexEntry is a key of the bucket started, to add or to remove.
type indexEntry struct {
	key    []byte
	remove bool
}

// appendIndex appends what a change does to the bucket started.
func (c *change) appendIndex(entries []indexEntry) []indexEntry {
	ended := c.status != asl.Running
	if c.fresh {
		entries = append(entries, indexEntry{key: startedKey(c.machine, "", c.started, c.name)})
	}
	if !c.fresh && ended {
		entries = append(entries, indexEntry{key: startedKey(c.machine, asl.Running, c.started, c.name), remove: true})
	}
	if c.fresh || ended {
		entries = append(entries, indexEntry{key: startedKey(c.machine, c.status, c.started, c.name)})
	}
	return entries
}

// applyIndex adds and removes keys in their order: within a transaction, bbolt keeps new neighbours in one array, and each key before
// them moves all of them.
func applyIndex(b *bolt.Bucket, entries []indexEntry) error {
	slices.SortFunc(entries, func(x, y indexEntry) int { return bytes.Compare(x.key, y.key) })
	for _, e := range entries {
		var err error
		if e.remove {
			err = b.Delete(e.key)
		} else {
			err = b.Put(e.key, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func executionKey(machine, name string) string { return machine + ":" + name }

func eventKey(key string, first int64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(key), 0), uint64(first))
}

// startedKey sorts the latest start first.
func startedKey(machine string, status asl.Status, started int64, name string) []byte {
	key := binary.BigEndian.AppendUint64(startedPrefix(machine, status), ^uint64(started))
	return append(key, name...)
}

func startedPrefix(machine string, status asl.Status) []byte {
	return []byte(machine + "\x00" + string(status) + "\x00")
}

// revisionOf returns the SHA-256 of a definition.
func revisionOf(definition string) string {
	sum := sha256.Sum256([]byte(definition))
	return hex.EncodeToString(sum[:])
}

// encodeJSON encodes a value as JSON without escaping <, > and &.
func encodeJSON(r any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		panic("stepfunctions: a value does not encode: " + err.Error())
	}
	return b.Bytes()
}

// eachOpen calls do with every execution that runs.
func (s *store) eachOpen(do func(key string, r *executionRecord) error) error {
	return s.readTx(func(tx *bolt.Tx) error {
		return tx.Bucket(openBucket).ForEach(func(k, v []byte) error {
			r, err := s.decodeExecution(string(k), v)
			if err != nil {
				return err
			}
			return do(string(k), r)
		})
	})
}

func (s *store) decodeExecution(key string, record []byte) (*executionRecord, error) {
	r, err := decodeRecord(record)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: the execution %q cannot be read (%w)", s.path, key, err)
	}
	return r, nil
}

// unsavedChanges returns the records of an execution and of its events that only the journals have.
func (s *store) unsavedChanges(key string) (record []byte, events [][]byte) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, changes := range []unsaved{s.moved, s.recent} {
		if c := changes[key]; c != nil {
			record, events = c.record, append(events, c.events)
		}
	}
	return record, events
}

// record calls do with the record of an execution, nil if there is none.
func (s *store) record(key string, do func([]byte) error) error {
	if record, _ := s.unsavedChanges(key); record != nil {
		return do(record)
	}
	return s.readTx(func(tx *bolt.Tx) error {
		record := tx.Bucket(endedBucket).Get([]byte(key))
		if record == nil {
			record = tx.Bucket(openBucket).Get([]byte(key))
		}
		return do(record)
	})
}

// has reports whether an execution is stored.
func (s *store) has(key string) (found bool, err error) {
	err = s.record(key, func(record []byte) error {
		found = record != nil
		return nil
	})
	return found, err
}

// execution returns a stored execution, or nil.
func (s *store) execution(key string) (r *executionRecord, err error) {
	err = s.record(key, func(record []byte) error {
		if record != nil {
			r, err = s.decodeExecution(key, record)
		}
		return err
	})
	return r, err
}

func (s *store) definition(revision string) (text string, err error) {
	err = s.readTx(func(tx *bolt.Tx) error {
		text = string(tx.Bucket(definitionsBucket).Get([]byte(revision)))
		if revisionOf(text) != revision {
			return fmt.Errorf("%s is damaged: the hash of a stored definition is wrong; move the file away to start empty", s.path)
		}
		return nil
	})
	return text, err
}

func (s *store) saveDefinition(revision, text string) error {
	return s.recoverDamage(func() error {
		return s.db.Update(func(tx *bolt.Tx) error { return tx.Bucket(definitionsBucket).Put([]byte(revision), []byte(text)) })
	})
}
