package dynamo

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// pkTasks is the partition of the operator's tasks. Its rows have no personal data and stay after the erasure of their orders.
const pkTasks = "TASKS"

// pkAppointments is the partition of the reviewers' tasks about appointments.
const pkAppointments = "APPOINTMENTS"

// taskPrefix returns the prefix of the sort keys of the open or the closed tasks.
func taskPrefix(closed bool) string {
	if closed {
		return "CLOSED#"
	}
	return "OPEN#"
}

func taskKey(t filing.Task, closed bool) item {
	pk := pkTasks
	if t.Kind == filing.TaskAppointment {
		pk = pkAppointments
	}
	return itemKey(pk, taskPrefix(closed)+string(t.Order)+"#"+string(t.Kind))
}

// taskOps stores the tasks that a change opened or closed.
func (s *Store) taskOps(tasks []filing.Task) ([]writeOp, error) {
	var ops []writeOp
	for _, t := range tasks {
		doc, err := json.Marshal(t)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		closed := !t.ClosedAt.IsZero()
		row := taskKey(t, closed)
		row[attrDoc] = binaryValue(doc)
		ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(row, "")}})
		if closed {
			ops = append(ops, writeOp{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: taskKey(t, false)}}})
		}
	}
	return ops, nil
}

// Tasks lists the operator's open or closed tasks, those of the oldest order first.
func (s *Store) Tasks(ctx context.Context, closed bool, cursor string, limit int) (tasks []filing.Task, next string, err error) {
	return s.listTasks(ctx, pkTasks, closed, cursor, limit)
}

// ListAppointments lists the open tasks of the reviewers about appointments, those of the oldest order first.
func (s *Store) ListAppointments(ctx context.Context, cursor string, limit int) (tasks []filing.Task, next string, err error) {
	return s.listTasks(ctx, pkAppointments, false, cursor, limit)
}

func (s *Store) listTasks(ctx context.Context, pk string, closed bool, cursor string, limit int) (tasks []filing.Task, next string, err error) {
	rows, next, err := s.listPage(ctx, pk, taskPrefix(closed), cursor, limit, false)
	if err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		var t filing.Task
		if err := Unpack(binaryAttr(row, attrDoc), &t); err != nil {
			return nil, "", fault.Wrap(fault.Internal, err)
		}
		tasks = append(tasks, t)
	}
	return tasks, next, nil
}
