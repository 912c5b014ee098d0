package retention_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"beian/functions/retention"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

const day = 24 * time.Hour

// A job is the function with its log, on the fixture's table.
type job struct {
	*steptest.Fixture
	handler retention.Handler
	log     bytes.Buffer
	deleted map[string]int // objects, by how often they were deleted
	fail    error          // of the next deletion
}

func newJob(t *testing.T) *job {
	j := &job{Fixture: steptest.New(t), deleted: map[string]int{}}
	j.handler = retention.Handler{Decisions: j.Service, Orders: j.Store, Filings: j.Store, Files: j.Store, Differences: j.Store, Tasks: j.Store, Objects: j, Retention: filing.DefaultRetention, Now: j.Clock.Now,
		Log: slog.New(slog.NewTextHandler(&j.log, nil))}
	return j
}

// Delete implements retention.Objects.
func (j *job) Delete(_ context.Context, key string) error {
	if err := j.fail; err != nil {
		j.fail = nil
		return err
	}
	j.deleted[key]++
	return nil
}

// run runs the job and checks its report.
func (j *job) run(want retention.Report) {
	j.T.Helper()
	got, err := j.handler.Handle(j.T.Context(), struct{}{})
	if got != want || (err != nil) != (want.Failed > 0) {
		j.T.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// abandoned closes n drafts.
func (j *job) abandoned(n int) []filing.ID {
	j.T.Helper()
	var ids []filing.ID
	for i := range n {
		app := filingtest.NumberedEnterprise(i + 1)
		id := filing.ID(fmt.Sprintf("01DRAFT%d", i))
		change, err := filing.Open(app.OpenInput(id), filingtest.Applicant, j.Clock.Now())
		for _, d := range []filing.Decision{filing.AskToClose{As: filing.ClosingAbandon}, filing.Close{}} {
			if err == nil {
				_, err = j.Store.Commit(j.T.Context(), change, decide.Request{})
			}
			if err == nil {
				change, err = change.Order.Apply(d, filingtest.Applicant, j.Clock.Now())
			}
		}
		if err == nil {
			_, err = j.Store.Commit(j.T.Context(), change, decide.Request{})
		}
		if err != nil {
			j.T.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// erasures returns the number of outbox entries by which the sweeper erases orders.
func (j *job) erasures() int {
	j.T.Helper()
	entries, err := j.Store.Outbox(j.T.Context(), decide.EraseOrder, 0)
	if err != nil {
		j.T.Fatal(err)
	}
	return len(entries)
}

// TestPeriods: a draft and a rejected order are erased on their days, once each, however often the job runs. A held order is erased
// after the hold.
func TestPeriods(t *testing.T) {
	j := newJob(t)
	keep := filing.DefaultRetention
	ids := j.abandoned(2)
	j.At(filing.InitialReview)
	j.Do(filingtest.Reviewer, filing.ClaimOrder{})
	j.Do(filingtest.Reviewer, filing.Reject{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	j.Do(filing.Beian, filing.Close{})
	hold := func(d filing.Decision) {
		t.Helper()
		if _, err := j.Service.Decide(t.Context(), ids[0], filing.Actor{Account: "operator", Role: filing.Admin}, d); err != nil {
			t.Fatal(err)
		}
	}
	hold(filing.HoldData{Reason: "示例"})
	j.Clock.Advance(time.Duration(keep.Draft-1) * day)
	j.run(retention.Report{})
	j.Clock.Advance(day)
	j.run(retention.Report{Orders: 1})
	for range 2 { // the second call of a schedule
		j.run(retention.Report{})
	}
	j.Clock.Advance(time.Duration(keep.Rejected-keep.Draft) * day)
	j.run(retention.Report{Orders: 1})
	if o := j.Order(); o.Erasure == nil || j.Decisions()["erase"] != 1 || j.erasures() != 2 {
		t.Errorf("the rejected order is erased %d times, and %d erasures wait for the sweeper", j.Decisions()["erase"], j.erasures())
	}
	hold(filing.LiftHold{Reason: "示例"})
	j.run(retention.Report{Orders: 1})
	if strings.Contains(j.log.String(), "overdue") {
		t.Error("a held order raised the alarm")
	}
}

// TestBounded: a run that ends half-way is continued by the next one, and says how far behind it is. An order that fails does not delay
// the others.
func TestBounded(t *testing.T) {
	j := newJob(t)
	const n = 5
	j.abandoned(n)
	j.Clock.Advance(time.Duration(filing.DefaultRetention.Draft+5) * day)
	broken := &breakingStore{Store: j.Service.Store, order: "01DRAFT1"}
	service := *j.Service
	service.Store = broken
	j.handler.Decisions = &service
	j.run(retention.Report{Orders: n - 1, Failed: 1, Behind: 5})
	if log := j.log.String(); !strings.Contains(log, `level=ERROR msg="personal data are overdue for erasure" days=5`) {
		t.Errorf("the log has\n%s", log)
	}
	broken.order = ""
	j.run(retention.Report{Orders: 1})
	if j.erasures() != n {
		t.Errorf("%d erasures, want %d", j.erasures(), n)
	}
}

// TestManyDue: one run erases at most MaxOrders orders; the next continues.
func TestManyDue(t *testing.T) {
	j := newJob(t)
	listed := make(endlessList, retention.MaxOrders+3)
	for i := range listed {
		listed[i].MovedAt = j.Clock.Now().AddDate(0, 0, -filing.DefaultRetention.Draft-1)
	}
	j.handler.Orders = &listed
	service := *j.Service
	service.Store = unknownOrders{j.Service.Store}
	j.handler.Decisions = &service
	report, err := j.handler.Handle(t.Context(), struct{}{})
	if err == nil || report.Failed != retention.MaxOrders || report.Behind != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestFiles: the bytes of the bureau's files are deleted after their period, once more if the job died after the deletion.
func TestFiles(t *testing.T) {
	j := newJob(t)
	received := exchange.Received{ID: "file", Object: "bureau/99001/received/file", State: exchange.Acknowledged, At: j.Clock.Now()}
	if err := errors.Join(j.Store.PutReceived(t.Context(), "99001", received),
		j.Store.PutSent(t.Context(), "99001", exchange.Sent{Sequence: 1, Object: "bureau/99001/sent/1", AcceptedAt: j.Clock.Now()})); err != nil {
		t.Fatal(err)
	}
	j.Clock.Advance(time.Duration(filing.DefaultRetention.BureauFiles-1) * day)
	j.run(retention.Report{})
	j.Clock.Advance(day)
	j.fail = fault.Wrap(fault.Unavailable, errors.New("S3 is down"))
	j.run(retention.Report{Files: 1, Failed: 1})
	j.run(retention.Report{Files: 1})
	j.run(retention.Report{})
	if j.deleted[received.Object] != 1 || j.deleted["bureau/99001/sent/1"] != 1 {
		t.Errorf("deleted %v", j.deleted)
	}
	stored, known, err := j.Store.Received(t.Context(), "99001", "file")
	if err != nil || !known || stored.Object != "" || stored.State != exchange.Acknowledged {
		t.Errorf("the row is %v, %v", stored, err)
	}
}

// TestDifferences: what the bureau has and the operator did not import is deleted after its period, once, also if the job died half-way.
func TestDifferences(t *testing.T) {
	j := newJob(t)
	const link, copied, number = "99001", "copy", "京ICP备30000001号"
	unsettled := exchange.Difference{Number: number, Kind: exchange.MissingHere, File: "file", SeenAt: j.Clock.Now(), Filed: &register.Filing{MinistryID: "4001"}}
	if err := j.Store.PutDifference(t.Context(), link, copied, unsettled); err != nil {
		t.Fatal(err)
	}
	settled := exchange.Difference{Number: "京ICP备30000002号", Kind: exchange.MissingHere, File: "file", SeenAt: j.Clock.Now(), SettledAt: j.Clock.Now()}
	if err := j.Store.PutDifference(t.Context(), link, copied, settled); err != nil {
		t.Fatal(err)
	}
	j.Clock.Advance((exchange.DifferenceDays - 1) * day)
	j.run(retention.Report{})
	if _, known, err := j.Store.OpenDifference(t.Context(), link, copied, number); err != nil || !known {
		t.Errorf("before the end of the period: known %t, %v", known, err)
	}
	j.Clock.Advance(day)
	j.run(retention.Report{Differences: 1})
	j.run(retention.Report{})
	if _, known, err := j.Store.OpenDifference(t.Context(), link, copied, number); err != nil || known {
		t.Errorf("after the period: known %t, %v", known, err)
	}
}

// TestTasksOfTheBureau: a task that is done is deleted after its period, once. One that is open stays.
func TestTasksOfTheBureau(t *testing.T) {
	j := newJob(t)
	for _, id := range []string{"open", "done"} {
		task := bureautask.NewTask(bureautask.Audit, bureautask.About{}, j.Clock.Now(), nil)
		if task.ID = id; id == "done" {
			var err error
			if task, err = task.Close("已处理", "operator-1", j.Clock.Now()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := j.Store.PutBureauTask(t.Context(), task); err != nil {
			t.Fatal(err)
		}
	}
	j.Clock.Advance(time.Duration(filing.DefaultRetention.BureauFiles-1) * day)
	j.run(retention.Report{})
	j.Clock.Advance(day)
	j.run(retention.Report{Tasks: 1})
	j.run(retention.Report{})
	if _, err := j.Store.BureauTask(t.Context(), "open"); err != nil {
		t.Error("an open task is deleted:", err)
	}
}

// breakingStore fails for one order.
type breakingStore struct {
	decide.Store
	order filing.ID
}

func (s *breakingStore) Order(ctx context.Context, id filing.ID) (filing.Order, error) {
	if id == s.order {
		return filing.Order{}, fault.Wrap(fault.Internal, errors.New("the order cannot be read"))
	}
	return s.Store.Order(ctx, id)
}

// endlessList is a list of drafts that does not shrink.
type endlessList []filing.Order

func (l *endlessList) ListRetained(_ context.Context, c filing.RetentionCategory, _ string, _ int) (decide.Page, error) {
	if c != filing.DraftCategory {
		return decide.Page{}, nil
	}
	return decide.Page{Orders: *l}, nil
}

// unknownOrders has no orders.
type unknownOrders struct{ decide.Store }

func (unknownOrders) Order(context.Context, filing.ID) (filing.Order, error) {
	return filing.Order{}, fault.Wrap(fault.Internal, errors.New("no order"))
}
