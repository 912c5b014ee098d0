package stepfunctions

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	bolt "go.etcd.io/bbolt"

	"beian/infra/local/asl"
)

// A Snapshot is the executions that run, as text. It does not depend on the format of the data file, so that a later version can read it.
type Snapshot struct {
	// Definitions are the texts with which the executions began, by revision.
	Definitions map[string]string `json:"definitions"`
	// Executions are the executions in the order of their names, each an asl.Execution with the revision of its definition.
	Executions []json.RawMessage `json:"executions"`
}

// Export returns the executions that run, without their histories. No host may run on the folder.
func Export(folder string) (snapshot Snapshot, err error) {
	s, err := openStore(folder)
	if err != nil {
		return Snapshot{}, fmt.Errorf("stepfunctions: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	snapshot.Definitions = map[string]string{}
	err = s.readTx(func(tx *bolt.Tx) error {
		return tx.Bucket(openBucket).ForEach(func(key, text []byte) error {
			r, err := s.decodeExecution(string(key), text)
			if err != nil {
				return err
			}
			snapshot.Definitions[r.Revision] = ""
			snapshot.Executions = append(snapshot.Executions, json.RawMessage(encodeJSON(r)))
			return nil
		})
	})
	for revision := range snapshot.Definitions {
		text, failed := s.definition(revision)
		snapshot.Definitions[revision], err = text, errors.Join(err, failed)
	}
	return snapshot, err
}

// Import stores the executions of a snapshot in the data file of a folder. A host that starts there continues them, each with the definition
// with which it began. No host may run on the folder.
func Import(folder string, snapshot Snapshot) (err error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("stepfunctions: %w", err)
	}
	s, err := openStore(folder)
	if err != nil {
		return fmt.Errorf("stepfunctions: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	for revision, text := range snapshot.Definitions {
		if revisionOf(text) != revision {
			return fmt.Errorf("stepfunctions: the definition %s has another text", revision)
		}
		if err := s.saveDefinition(revision, text); err != nil {
			return fmt.Errorf("stepfunctions: %w", err)
		}
	}
	var changes []change
	for i, text := range snapshot.Executions {
		var r executionRecord
		if err := json.Unmarshal(text, &r); err != nil || r.Execution == nil || r.Status != asl.Running || snapshot.Definitions[r.Revision] == "" {
			return errors.Join(fmt.Errorf("stepfunctions: execution %d of the snapshot is not a running execution with a definition", i), err)
		}
		changes = append(changes, change{
			record: appendExecution(nil, r.Revision, r.Execution), fresh: true,
			machine: r.MachineName, name: r.Name, status: r.Status, started: r.Started.UnixNano(),
		})
	}
	return s.save(changes)
}
