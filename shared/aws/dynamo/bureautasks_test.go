package dynamo_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
)

// bureauTasks: a task is stored once, its versions follow each other, and its answer is queued in the same transaction. It moves from the open tasks to those
// that are done, and its private part ends with its key.
func bureauTasks(t *testing.T, d *fixture) {
	now := d.now()
	var stored []bureautask.Task
	for i, kind := range []bureautask.Kind{bureautask.Audit, bureautask.Unfiled, bureautask.Illegal} {
		task := bureautask.NewTask(kind, bureautask.About{Host: "example.com"}, now, nil)
		task.ID = "task-" + string(rune('a'+i))
		for _, want := range []bool{true, false} {
			if created, err := d.PutBureauTask(t.Context(), task); err != nil || created != want {
				t.Fatalf("created %t, %v", created, err)
			}
		}
		stored = append(stored, task)
	}
	list := func(done bool) (ids []string) {
		for cursor := ""; ; {
			tasks, next, err := d.BureauTasks(t.Context(), done, cursor, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, task := range tasks {
				ids = append(ids, task.ID)
			}
			if cursor = next; cursor == "" {
				return ids
			}
		}
	}
	if got := list(false); !slices.Equal(got, []string{"task-c", "task-b", "task-a"}) {
		t.Errorf("open: %v", got)
	}
	if _, _, err := d.BureauTasks(t.Context(), false, "no cursor", 1); fault.KindOf(err) != fault.Invalid {
		t.Error("an unknown cursor:", err)
	}
	answered := stored[1]
	answered.Version, answered.State, answered.Private.Answer = 2, bureautask.Answered, &bureautask.Answer{Opinion: "已关闭示例人的网站"}
	if err := d.SaveBureauTask(t.Context(), answered, true); err != nil {
		t.Fatal(err)
	}
	if err := d.SaveBureauTask(t.Context(), answered, true); fault.KindOf(err) != fault.Stale {
		t.Error("the same version again:", err)
	}
	if entries := d.entries(decide.UploadRecord); len(entries) != 1 || entries[0].Task != "task-b" || entries[0].Order != "" {
		t.Errorf("entries %+v", entries)
	}
	if read, err := d.BureauTask(t.Context(), "task-b"); err != nil || read.Private.Answer == nil || read.Private.Answer.Opinion != "已关闭示例人的网站" {
		t.Errorf("%+v, %v", read, err)
	}
	for _, row := range d.rows() {
		for _, value := range row {
			if b, ok := value.(*types.AttributeValueMemberB); ok && bytes.Contains(b.Value, []byte("示例人")) {
				t.Error("the answer is stored in clear")
			}
		}
	}
	if ids, _, err := d.DueBureauTasks(t.Context(), stored[2].Deadline, "", 10); err != nil || !slices.Equal(ids, []string{"task-c"}) {
		t.Errorf("due: %v, %v", ids, err)
	}
	if first, err := d.FirstDue(t.Context()); err != nil || !first.Equal(stored[2].NextAlert(now)) {
		t.Errorf("first due: %v, %v", first, err)
	}
	if overdue, err := d.OverdueBureauTasks(t.Context(), stored[2].Deadline.Add(time.Second), 10); err != nil || len(overdue) != 1 {
		t.Errorf("overdue: %+v, %v", overdue, err)
	}
	closed, err := stored[2].Close("已处理", "operator", now)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.SaveBureauTask(t.Context(), closed, false); err != nil {
		t.Fatal(err)
	}
	if got := list(true); !slices.Equal(got, []string{"task-c"}) {
		t.Errorf("done: %v", got)
	}
	if err := d.PostponeBureauTask(t.Context(), stored[0], time.Time{}); err != nil {
		t.Fatal(err)
	}
	if ids, _, err := d.DueBureauTasks(t.Context(), stored[0].Deadline, "", 10); err != nil || !slices.Equal(ids, []string{"task-b"}) {
		t.Errorf("due: %v, %v", ids, err)
	}
	old, err := d.OldBureauTasks(t.Context(), now.Add(time.Second), 10)
	if err != nil || len(old) != 1 {
		t.Fatalf("old: %+v, %v", old, err)
	}
	if err := d.Encrypter.DeleteKey(t.Context(), "bureau-task/task-c"); err != nil { // the job died after that
		t.Fatal(err)
	}
	if read, err := d.BureauTask(t.Context(), "task-c"); err != nil || read.Private.Note != "" {
		t.Errorf("without its key: %+v, %v", read.Private.Note, err)
	}
	for range 2 {
		if err := d.EraseBureauTask(t.Context(), old[0]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.BureauTask(t.Context(), "task-c"); fault.KindOf(err) != fault.NotFound {
		t.Error("erased:", err)
	}
}
