package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
)

const (
	bureauTaskPrefix = "BUREAUTASK#"
	skBureauTask     = "TASK"
	// The partitions of the index "open": tasks on which somebody has to act, by their deadline; and the others, by when they were done.
	openBureauTasks = "bureau tasks"
	doneBureauTasks = "done bureau tasks"
	// bureauTaskPurpose is the purpose of the ciphertext of what people wrote about a task.
	bureauTaskPurpose = "bureau-task"
)

func bureauTaskPK(id string) string { return bureauTaskPrefix + id }

// bureauTaskKey returns the name of a task's data key.
func bureauTaskKey(id string) string { return "bureau-task/" + id }

// bureauTaskRow returns the row of a task, with its private part encrypted.
func (s *Store) bureauTaskRow(ctx context.Context, t bureautask.Task) (item, error) {
	brief, err := json.Marshal(t)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	row := itemKey(bureauTaskPK(t.ID), skBureauTask)
	row[attrBrief], row[attrVersion] = binaryValue(brief), numberValue(int64(t.Version))
	row[attrOpen], row[attrAt] = stringValue(openBureauTasks), stringValue(sortableTime(t.Deadline)+"#"+t.ID)
	if at := t.NextAlert(t.Events[len(t.Events)-1].At); !at.IsZero() {
		dueTasks.setDue(row, at, t.ID)
	}
	if t.State.Done() {
		row[attrOpen], row[attrAt] = stringValue(doneBureauTasks), stringValue(sortableTime(t.DoneAt)+"#"+t.ID)
	}
	if t.Private == (bureautask.Private{}) {
		return row, nil
	}
	private, err := json.Marshal(t.Private)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, err)
	}
	if err := s.Encrypter.NewKey(ctx, bureauTaskKey(t.ID)); err != nil {
		return nil, err
	}
	sealed, err := s.Encrypter.Encrypt(ctx, bureauTaskKey(t.ID), bureauTaskPurpose, private)
	row[attrSealed] = binaryValue(sealed)
	return row, err
}

// PutBureauTask stores a new task. created is false if there is a task with its id, which stays.
func (s *Store) PutBureauTask(ctx context.Context, t bureautask.Task) (created bool, err error) {
	row, err := s.bureauTaskRow(ctx, t)
	if err != nil {
		return false, err
	}
	err = s.putItem(ctx, s.newPut(row, "attribute_not_exists(pk)"))
	if _, exists := errors.AsType[*types.ConditionalCheckFailedException](err); exists {
		return false, nil
	}
	return err == nil, err
}

// SaveBureauTask stores the next version of a task, and with upload an outbox entry that sends its answer. The error is a fault of kind Stale if another
// version was stored first.
func (s *Store) SaveBureauTask(ctx context.Context, t bureautask.Task, upload bool) error {
	row, err := s.bureauTaskRow(ctx, t)
	if err != nil {
		return err
	}
	put := s.newPut(row, "version = :before")
	put.ExpressionAttributeValues = item{":before": numberValue(int64(t.Version - 1))}
	ops := []writeOp{{write: types.TransactWriteItem{Put: put}}}
	if upload {
		entry := entryItem(decide.OutboxEntry{ID: string(decide.UploadRecord) + "#" + ulid.Make().String(), Kind: decide.UploadRecord, Task: t.ID, At: s.Wall().UTC()})
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(entry, "")}})
	}
	return s.writeOps(ctx, ops)
}

// BureauTask returns a task, or a fault of kind NotFound. Its private part is empty once it is erased.
func (s *Store) BureauTask(ctx context.Context, id string) (t bureautask.Task, err error) {
	row, err := s.getItem(ctx, bureauTaskPK(id), skBureauTask)
	if err == nil && row == nil {
		err = &fault.Fault{Kind: fault.NotFound}
	}
	if err != nil {
		return t, err
	}
	if t, err = bureauTaskOf(row); err != nil {
		return t, err
	}
	sealed := binaryAttr(row, attrSealed)
	if sealed == nil {
		return t, nil
	}
	private, err := s.Encrypter.Decrypt(ctx, bureauTaskKey(id), bureauTaskPurpose, sealed)
	if errors.Is(err, envelope.ErrErased) { // the call that deletes the row ended half-way
		return t, nil
	}
	if err != nil {
		return t, err
	}
	return t, fault.Wrap(fault.Internal, json.Unmarshal(private, &t.Private))
}

func bureauTaskOf(row item) (t bureautask.Task, err error) {
	return t, Unpack(binaryAttr(row, attrBrief), &t)
}

// BureauTasks lists the tasks on which somebody has to act, the next deadline first; or those that are done, the last one first. They are without their
// private part.
func (s *Store) BureauTasks(ctx context.Context, done bool, cursor string, limit int) (tasks []bureautask.Task, next string, err error) {
	partition := openBureauTasks
	if done {
		partition = doneBureauTasks
	}
	rows, next, err := s.listIndex(ctx, indexOpen, attrOpen, partition, cursor, limit, !done)
	if err != nil {
		return nil, "", err
	}
	tasks, err = bureauTasksOf(rows)
	return tasks, next, err
}

// OverdueBureauTasks lists the tasks whose deadline is before a time, the oldest first, at most limit, without their private part.
func (s *Store) OverdueBureauTasks(ctx context.Context, before time.Time, limit int) ([]bureautask.Task, error) {
	rows, err := s.listBefore(ctx, openBureauTasks, before, limit)
	if err != nil {
		return nil, err
	}
	return bureauTasksOf(rows)
}

// DueBureauTasks lists the ids of tasks of which operators are alerted at a time, the earliest first, and the cursor of the next page, "" after the last.
func (s *Store) DueBureauTasks(ctx context.Context, until time.Time, cursor string, limit int) ([]string, string, error) {
	return listDue(ctx, s, dueTasks, until, cursor, limit, func(key item) string { return strings.TrimPrefix(stringAttr(key, attrPK), bureauTaskPrefix) })
}

// PostponeBureauTask sets when operators are alerted of a task next; the zero time is never. It has no effect if the task has another version.
func (s *Store) PostponeBureauTask(ctx context.Context, t bureautask.Task, at time.Time) error {
	return s.postpone(ctx, dueTasks, itemKey(bureauTaskPK(t.ID), skBureauTask), t.Version, at, t.ID)
}

// OldBureauTasks lists the tasks that were done before a time, the oldest first, at most limit, without their private part.
func (s *Store) OldBureauTasks(ctx context.Context, before time.Time, limit int) ([]bureautask.Task, error) {
	rows, err := s.listBefore(ctx, doneBureauTasks, before, limit)
	if err != nil {
		return nil, err
	}
	return bureauTasksOf(rows)
}

// EraseBureauTask deletes a task that is done: first its data key, so that an erasure that ends half-way is repeated.
func (s *Store) EraseBureauTask(ctx context.Context, t bureautask.Task) error {
	if err := s.Encrypter.DeleteKey(ctx, bureauTaskKey(t.ID)); err != nil {
		return err
	}
	return s.deleteItem(ctx, itemKey(bureauTaskPK(t.ID), skBureauTask))
}

func bureauTasksOf(rows []item) ([]bureautask.Task, error) {
	var tasks []bureautask.Task
	for _, row := range rows {
		t, err := bureauTaskOf(row)
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, t)
	}
	return tasks, nil
}
