package stepfunctions

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"

	"beian/infra/local/asl"
)

// A journal is a file to which groups of changes are appended. A group is durable when append has returned, and is read whole or not at
// all. Its frame:
//
//	4 bytes  frameMark
//	4 bytes  length of the group
//	4 bytes  CRC-32C of the rest of the frame
//	8 bytes  number of the frame in the file, 0 for the first
//	         the group: records of changes
type journal struct {
	number uint64 // of the file; later ones are higher
	file   *os.File
	size   int64
	frames uint64
	buffer []byte // of the last frame
}

const (
	journalPrefix = "executions.journal."
	frameMark     = "\xb7bj1"
	frameHeader   = 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func journalPath(dir string, number uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%s%d", journalPrefix, number))
}

// createJournal creates an empty journal. It is there after a power failure, too.
func createJournal(dir string, number uint64) (*journal, error) {
	file, err := os.OpenFile(journalPath(dir, number), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	folder, err := os.Open(dir)
	if err == nil {
		err = errors.Join(folder.Sync(), folder.Close())
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &journal{number: number, file: file}, nil
}

// append appends changes as one group and waits until the disk has them. After an error, nothing more may be appended.
func (j *journal) append(changes []change) error {
	b := append(j.buffer[:0], make([]byte, frameHeader)...)
	for i := range changes {
		b = changes[i].appendTo(b)
	}
	copy(b, frameMark)
	binary.BigEndian.PutUint32(b[4:], uint32(len(b)-frameHeader))
	binary.BigEndian.PutUint64(b[12:], j.frames)
	binary.BigEndian.PutUint32(b[8:], crc32.Checksum(b[12:], castagnoli))
	if j.buffer = b; cap(b) > 4<<20 {
		j.buffer = nil
	}
	if _, err := j.file.Write(b); err != nil {
		return err
	}
	if err := syncData(j.file); err != nil {
		return fmt.Errorf("%s: %w", j.file.Name(), err)
	}
	j.size += int64(len(b))
	j.frames++
	return nil
}

// remove closes and deletes the file.
func (j *journal) remove() error { return errors.Join(j.file.Close(), os.Remove(j.file.Name())) }

// readJournal reads the changes in the file. It ignores an incomplete group at the end: the write was interrupted, and no caller had a
// response. An unreadable group before a complete one is an error, because callers had a response.
func readJournal(path string, each func(change)) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if at, ok := readGroups(text, each); !ok {
		return fmt.Errorf("%s is damaged at byte %d; move it away to continue without the last changes", path, at)
	}
	return nil
}

// readGroups reads the changes in the content of a journal. ok is false if the content is damaged at a byte.
func readGroups(text []byte, each func(change)) (at int, ok bool) {
	for number := uint64(0); at < len(text); number++ {
		group, ok := readFrame(text[at:], number)
		if !ok {
			return at, !laterFrame(text[at+1:], number)
		}
		for d := (&reader{rest: group}); len(d.rest) > 0; {
			c := readChange(d)
			if d.failed {
				return at, false
			}
			each(c)
		}
		at += frameHeader + len(group)
	}
	return at, true
}

// readFrame returns the group of the frame at the start of b. ok is false if the frame is incomplete or has a lower number.
func readFrame(b []byte, least uint64) (group []byte, ok bool) {
	if len(b) < frameHeader || string(b[:4]) != frameMark {
		return nil, false
	}
	end := frameHeader + uint64(binary.BigEndian.Uint32(b[4:]))
	if end > uint64(len(b)) || binary.BigEndian.Uint64(b[12:]) < least {
		return nil, false
	}
	return b[frameHeader:end], crc32.Checksum(b[12:end], castagnoli) == binary.BigEndian.Uint32(b[8:])
}

// laterFrame reports whether a complete frame after the one with the number is anywhere in b.
func laterFrame(b []byte, number uint64) bool {
	for {
		at := bytes.Index(b, []byte(frameMark))
		if at < 0 {
			return false
		}
		if _, ok := readFrame(b[at:], number+1); ok {
			return true
		}
		b = b[at+1:]
	}
}

// journals returns the numbers of the journals in a folder, the earliest first.
func journals(dir string) ([]uint64, error) {
	paths, err := filepath.Glob(filepath.Join(dir, journalPrefix+"*"))
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for _, path := range paths {
		var number uint64
		if _, err := fmt.Sscanf(filepath.Base(path), journalPrefix+"%d", &number); err != nil {
			return nil, fmt.Errorf("%s is not a journal; move it away", path)
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers, nil
}

// A change is what must be stored of one execution.
type change struct {
	machine, name string
	fresh         bool // the file does not have the execution yet
	status        asl.Status
	started       int64  // nanoseconds since 1970
	record        []byte // of the execution
	first         int64  // id of the first event
	events        []byte // records of lists of events
}

func (c *change) key() string { return executionKey(c.machine, c.name) }

func (c *change) appendTo(b []byte) []byte {
	fresh := byte(0)
	if c.fresh {
		fresh = 1
	}
	b = appendText(appendText(append(b, fresh), c.machine), c.name)
	b = appendText(b, string(c.status))
	b = binary.AppendVarint(binary.AppendVarint(b, c.started), c.first)
	return appendText(appendText(b, c.record), c.events)
}

func readChange(d *reader) change {
	return change{fresh: d.byte() == 1, machine: d.text(), name: d.text(), status: asl.Status(d.text()),
		started: d.varint(), first: d.varint(), record: d.bytes(), events: d.bytes()}
}

// unsaved are the changes of a journal, merged by execution.
type unsaved map[string]*change

func (u unsaved) add(c change) {
	key := c.key()
	before := u[key]
	if before == nil {
		u[key] = &c
		return
	}
	before.status, before.record = c.status, c.record
	if len(before.events) == 0 {
		before.first = c.first
	}
	before.events = append(before.events, c.events...)
}
