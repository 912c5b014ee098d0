package simulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"beian/shared/bureau/wire"
)

// An event is one line of the journal: a result, not its input, so that replaying it gives the same state even if the rules have
// changed. Exactly one field besides At is set.
type event struct {
	At       time.Time        `json:"at"`
	Accepted *acceptedUpload  `json:"accepted,omitempty"`
	Decided  *decision        `json:"decided,omitempty"`
	Issued   *issuedFiles     `json:"issued,omitempty"`
	Acked    *acknowledgement `json:"acked,omitempty"`
	Checked  *passwordCheck   `json:"checked,omitempty"`
	Steered  *Scenario        `json:"steered,omitempty"`
	Seeded   *seededFiling    `json:"seeded,omitempty"`
}

// acknowledgement is an acknowledged file.
type acknowledgement struct {
	Provider int64  `json:"provider"`
	Name     string `json:"name"`
}

// passwordCheck is a check of a filing password.
type passwordCheck struct {
	Number string `json:"number"`
	Day    string `json:"day"`
}

// issuedFiles are new files for a provider, in one event so that each decision is in one file only.
type issuedFiles struct {
	Provider int64   `json:"provider"`
	Files    []*file `json:"files"`
	// Records are the records whose decisions are in the files.
	Records []int `json:"records,omitempty"`
	// Unfiled are the domains of the unfiled sites in the files.
	Unfiled []string `json:"unfiled,omitempty"`
	// Verify are the bureau's ids of the subjects to verify in the files.
	Verify []int64 `json:"verify,omitempty"`
}

// file is a file to download.
type file struct {
	Name    string `json:"name"`
	Content []byte `json:"content"` // the document in GBK
}

type journal struct {
	folder string
	file   *os.File
}

const journalName = "journal.jsonl"

// openJournal applies every event in the folder's journal to the state. It truncates an incomplete last line: the process was
// killed before the call was answered.
func openJournal(folder string, s *state) (*journal, error) {
	if folder == "" {
		return &journal{}, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(folder, journalName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &journal{folder: folder, file: file}
	whole, err := replay(file, s)
	if err == nil {
		err = file.Truncate(whole)
	}
	if err == nil {
		_, err = file.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return j, nil
}

func replay(file io.Reader, s *state) (whole int64, err error) {
	lines := bufio.NewReaderSize(file, 1<<20)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return 0, err
		}
		var e event
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			return 0, fmt.Errorf("%s, line %d: not an event", journalName, n)
		}
		if err := s.apply(e); err != nil {
			return 0, fmt.Errorf("%s, line %d: %w", journalName, n, err)
		}
		whole += int64(len(line))
	}
}

func (j *journal) append(e event) error {
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// storeUpload stores the packed bytes of an upload before the journal records that it was accepted. Only a provider's last upload is
// needed; deleteUpload deletes the one before.
func (j *journal) storeUpload(provider, sequence int64, parcel wire.Parcel) error {
	if j.file == nil {
		return nil
	}
	return os.WriteFile(j.uploadPath(provider, sequence), parcel.Data, 0o600)
}

func (j *journal) deleteUpload(provider, sequence int64) error {
	if j.file == nil {
		return nil
	}
	if err := os.Remove(j.uploadPath(provider, sequence)); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (j *journal) readUpload(provider, sequence int64) ([]byte, error) {
	if j.file == nil {
		return nil, nil
	}
	return os.ReadFile(j.uploadPath(provider, sequence))
}

func (j *journal) uploadPath(provider, sequence int64) string {
	return filepath.Join(j.folder, fmt.Sprintf("upload-%d-%d.bin", provider, sequence))
}
