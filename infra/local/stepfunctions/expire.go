package stepfunctions

import (
	"bytes"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"

	"beian/infra/local/asl"
)

const (
	// keptDays is how long an execution that has ended is kept with its history, as on AWS.
	keptDays = 90
	// maxExpired is the number of executions that are deleted at one start, so that it stays short. The next start goes on.
	maxExpired = 10_000
)

// endedStatuses are the statuses of executions that have ended.
var endedStatuses = []asl.Status{asl.Succeeded, asl.Failed, asl.Aborted}

// deleteExpired deletes the executions that ended before a time, with their histories, in one transaction, and returns how many. All journals must have been moved to
// the file.
func (s *store) deleteExpired(machines []string, before time.Time) (deleted int, err error) {
	err = s.db.Update(func(tx *bolt.Tx) error {
		var index []indexEntry
		for _, machine := range machines {
			for _, status := range endedStatuses {
				prefix := startedPrefix(machine, status)
				c := tx.Bucket(startedBucket).Cursor()
				// The latest start comes first, so those that began before the time follow its key.
				for k, _ := c.Seek(startedKey(machine, status, before.UnixNano(), "")); bytes.HasPrefix(k, prefix) && deleted < maxExpired; k, _ = c.Next() {
					name := string(k[len(prefix)+8:])
					key := executionKey(machine, name)
					r, err := s.decodeExecution(key, tx.Bucket(endedBucket).Get([]byte(key)))
					if err != nil {
						return err
					}
					if !r.Stopped.Before(before) {
						continue
					}
					if err := deleteExecution(tx, key); err != nil {
						return err
					}
					started := r.Started.UnixNano()
					index = append(index, indexEntry{key: startedKey(machine, status, started, name), remove: true}, indexEntry{key: startedKey(machine, "", started, name), remove: true})
					deleted++
				}
			}
		}
		return applyIndex(tx.Bucket(startedBucket), index)
	})
	if err != nil {
		return 0, fmt.Errorf("deleting executions that ended %d days ago: %w", keptDays, err)
	}
	return deleted, nil
}

func deleteExecution(tx *bolt.Tx, key string) error {
	if err := tx.Bucket(endedBucket).Delete([]byte(key)); err != nil {
		return err
	}
	history, first := tx.Bucket(historyBucket), append([]byte(key), 0)
	var events [][]byte
	c := history.Cursor()
	for k, _ := c.Seek(first); bytes.HasPrefix(k, first); k, _ = c.Next() {
		events = append(events, bytes.Clone(k))
	}
	for _, k := range events {
		if err := history.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
