package stepfunctions

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
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
)

// An executionRecord is a stored execution.
type executionRecord struct {
	Revision string `json:"revision"`
	*asl.Execution
}

// A store is the data file.
type store struct {
	path    string
	db      *bolt.DB
	damaged atomic.Bool
}

func openStore(path string) (*store, error) {
	s := &store{path: path}
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
			for _, name := range [][]byte{definitionsBucket, openBucket, endedBucket, historyBucket, startedBucket} {
				if _, err := tx.CreateBucketIfNotExists(name); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil && s.db != nil {
		err = errors.Join(err, s.close())
	}
	return s, err
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

// close closes the file. It does not close a damaged file, because bbolt may still hold its locks after a panic.
func (s *store) close() error {
	if s.damaged.Load() {
		return nil
	}
	return s.recoverDamage(s.db.Close)
}

// save stores changes in one transaction.
func (s *store) save(changes []change) error {
	return s.recoverDamage(func() error {
		return s.db.Update(func(tx *bolt.Tx) error {
			for _, c := range changes {
				if err := saveOne(tx, c); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func saveOne(tx *bolt.Tx, c change) error {
	key := []byte(c.live.key)
	started := tx.Bucket(startedBucket)
	if len(c.events) > 0 {
		key := eventKey(c.live.key, c.events[0].ID)
		if err := tx.Bucket(historyBucket).Put(key, encodeRecord(c.events)); err != nil {
			return err
		}
	}
	if c.fresh {
		if err := started.Put(startedKey(c.machine, "", c.started, c.name), nil); err != nil {
			return err
		}
	}
	if c.status == asl.Running {
		if c.fresh {
			if err := started.Put(startedKey(c.machine, c.status, c.started, c.name), nil); err != nil {
				return err
			}
		}
		return tx.Bucket(openBucket).Put(key, c.record)
	}
	return errors.Join(
		started.Delete(startedKey(c.machine, asl.Running, c.started, c.name)),
		started.Put(startedKey(c.machine, c.status, c.started, c.name), nil),
		tx.Bucket(openBucket).Delete(key),
		tx.Bucket(endedBucket).Put(key, c.record),
	)
}

func executionKey(machine, name string) string { return machine + ":" + name }

func cmpKeys(a, b *openExecution) int { return strings.Compare(a.key, b.key) }

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

// encodeRecord encodes a record as JSON without escaping <, > and &.
func encodeRecord(r any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		panic("stepfunctions: a record does not encode: " + err.Error())
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

func (s *store) decodeExecution(key string, text []byte) (*executionRecord, error) {
	var r executionRecord
	if err := json.Unmarshal(text, &r); err != nil || r.Execution == nil {
		return nil, fmt.Errorf("%s is damaged: the execution %q cannot be read (%w)", s.path, key, err)
	}
	return &r, nil
}

// execution returns a stored execution, or nil.
func (s *store) execution(key string) (r *executionRecord, err error) {
	err = s.readTx(func(tx *bolt.Tx) error {
		text := tx.Bucket(endedBucket).Get([]byte(key))
		if text == nil {
			text = tx.Bucket(openBucket).Get([]byte(key))
		}
		if text == nil {
			return nil
		}
		r, err = s.decodeExecution(key, text)
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
