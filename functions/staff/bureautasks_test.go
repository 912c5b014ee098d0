package staff_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"beian/shared/process/bureautask"
)

// TestBureauTasks: an operator enters a task of the bureau's console, answers it, records the entry and closes it; what is refused stays in its form. A reviewer sees
// verification tasks only.
func TestBureauTasks(t *testing.T) {
	r := newRoom(t)
	r.wants(r.send(http.MethodGet, "/staff/bureau-tasks", nil), "There are no tasks", "Enter a task of the bureau", "Unfiled site")
	entered := url.Values{"/kind": {"WBAWZLB"}, "/text": {" "}, "/host": {"unfiled-example.com"}, "once": {"once-1"}}
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, "/staff/bureau-tasks", entered), "This text is missing", `value="unfiled-example.com"`, "<details data-key=\"a\" data-focus open>")
	entered.Set("/text", "请处理未备案网站")
	page := r.send(http.MethodPost, "/staff/bureau-tasks", entered)
	r.wants(page, "请处理未备案网站", "unfiled-example.com", "not in the register", "Write the answer here")
	r.wants(r.send(http.MethodPost, "/staff/bureau-tasks", entered), "请处理未备案网站") // pressed twice
	list := r.send(http.MethodGet, "/staff/bureau-tasks?kind=WBAWZLB", nil)
	if strings.Count(list, `href="/staff/bureau-tasks/hand-`) != 1 {
		t.Errorf("the list has other than one task: %s", list)
	}
	_, rest, _ := strings.Cut(list, `href="/staff/bureau-tasks/`)
	id, _, _ := strings.Cut(rest, `"`)
	at := "/staff/bureau-tasks/" + id
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, at+"/answer", url.Values{"/handling": {"x"}, "/opinion": {"已关闭"}}), "The code of the handling", ">已关闭</textarea>")
	r.wants(r.send(http.MethodPost, at+"/answer", url.Values{"/handling": {"1"}, "/opinion": {"已关闭"}}), "Enter this answer into the bureau", "answered, waits to be sent")
	r.wants(r.send(http.MethodPost, at+"/entry", nil), "the bureau has the answer")
	r.wants(r.send(http.MethodPost, at+"/closing", url.Values{"/note": {"电话确认"}}), "closed", "电话确认")
	r.wants(r.send(http.MethodGet, "/staff/bureau-tasks?done=true", nil), at)
	r.sendFor(http.StatusNotFound, http.MethodGet, "/staff/bureau-tasks/none")

	task := bureautask.NewTask(bureautask.Verify, bureautask.About{Number: "京ICP备12345678号"}, r.Clock.Now(), nil)
	task.ID = "task-1"
	if _, err := r.Store.PutBureauTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	r.wants(r.exchange(http.StatusUnprocessableEntity, http.MethodPost, "/staff/bureau-tasks/task-1/assignee", url.Values{"/account": {"nobody"}}), "This person does not do such tasks")
	r.logIn("reviewer-1", "[reviewer]")
	r.wants(r.send(http.MethodGet, "/staff/bureau-tasks", nil), "京ICP备12345678号", "Verification task")
	r.sendFor(http.StatusNotFound, http.MethodGet, at)
	r.wants(r.send(http.MethodPost, "/staff/bureau-tasks/task-1/assignee", url.Values{"/account": {"reviewer-1"}}), "reviewer-1", "assigned")
	r.wants(r.send(http.MethodGet, "/staff/bureau-tasks?mine=true", nil), "task-1")
}
