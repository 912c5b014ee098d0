package dynamo_test

import (
	"strings"
	"testing"

	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// contestedOrders: an appeal is listed until it is decided. It is refused while another order of the account has the subject or a domain, and
// to overturn the rejection while another account's submitted order has one. Tasks are listed while they are open, then as closed.
func contestedOrders(t *testing.T, d *fixture) {
	second := filing.Actor{Account: "reviewer-2", Role: filing.Reviewer}
	w := d.walkTo(1, filing.InitialReview)
	w.Decide(filingtest.Reviewer, filing.ClaimOrder{})
	w.Decide(filingtest.Reviewer, filing.Reject{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}})
	w.Decide(filing.Beian, filing.Close{})

	rival := d.opening(2)
	rival.Order.SubjectKey, rival.AcquireLocks[0].Key = w.Order.SubjectKey, w.Order.SubjectKey
	rival.AcquireLocks[1].Key, rival.Order.Domains = string(w.Order.Domains[0]), w.Order.Domains
	d.commit(rival)
	contest := filing.ContestRejection{Reason: "材料齐全"}
	_, err := d.Commit(t.Context(), d.apply(w.Order, filingtest.Applicant, contest), decide.Request{})
	if f := fault.Of(err); err == nil || len(f.Findings) != 1 || f.Findings[0].Code != dynamo.CodeAppealOtherOrder || f.Findings[0].Order != string(rival.Order.ID) {
		t.Errorf("beside another order: %v", err)
	}
	abandoned := d.apply(d.order(rival.Order.ID), filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	d.commit(d.apply(d.commit(abandoned), filing.Beian, filing.Close{}))

	w.Decide(filingtest.Applicant, contest)
	page, err := d.ListAppeals(t.Context(), "", 10)
	if err != nil || len(page.Orders) != 1 || page.Orders[0].ID != w.Order.ID || page.Orders[0].Appeal == nil {
		t.Errorf("appeals %+v, %v", page.Orders, err)
	}
	if waiting, err := d.ListOpen(t.Context(), filing.Done, "", 10); err != nil || len(waiting.Orders) != 0 {
		t.Errorf("waiting for the applicant: %v, %v", waiting.Orders, err)
	}

	w.Decide(second, filing.ClaimOrder{})
	overturn := d.apply(w.Order, second, filing.OverturnRejection{Answer: "材料齐全"})
	other := d.walkTo(3, filing.AwaitConfirmation)
	submitted := d.apply(other.Order, filingtest.Applicant, filing.Confirm{Digest: other.Order.Summary().Digest})
	submitted.AcquireLocks[0].Key, submitted.AcquireLocks[1].Key = w.Order.SubjectKey, string(w.Order.Domains[0])
	submitted.AcquireLocks = submitted.AcquireLocks[:2]
	d.commit(submitted)
	_, err = d.Commit(t.Context(), overturn, decide.Request{})
	d.wantFault(err, fault.Conflict, dynamo.CodeAppealTaken)
	free := filing.Change{Order: d.order(other.Order.ID), ReleaseLocks: submitted.AcquireLocks}
	free.Order.Version++
	free.Entry = filing.Entry{Order: free.Order.ID, Seq: free.Order.LastSeq + 1}
	d.commit(free)

	w.Order = d.commit(overturn)
	d.wantTasks(false, w.Order.ID)
	d.wantTasks(true)
	w.Decide(filing.Actor{Account: "operator-1", Role: filing.Admin}, filing.CloseTask{Note: "已改正"})
	d.wantTasks(false)
	d.wantTasks(true, w.Order.ID)
	if _, _, err := d.Tasks(t.Context(), false, strings.Repeat("A", 3), 10); fault.KindOf(err) != "" && fault.KindOf(err) != fault.Invalid {
		t.Errorf("a foreign cursor: %v", err)
	}
	if page, err := d.ListAppeals(t.Context(), "", 10); err != nil || len(page.Orders) != 0 {
		t.Errorf("appeals %+v, %v", page.Orders, err)
	}
}

// appointedOrders: an order with an open appointment is in the reviewers' list, and not among the operator's tasks.
func appointedOrders(t *testing.T, d *fixture) {
	w := d.walkTo(1, filing.VerifyAuthenticity)
	want := func(orders ...filing.ID) {
		t.Helper()
		tasks, next, err := d.ListAppointments(t.Context(), "", 10)
		if err != nil || next != "" || len(tasks) != len(orders) || len(tasks) > 0 && tasks[0].Order != orders[0] {
			t.Errorf("appointments %v, want %v: %v", tasks, orders, err)
		}
	}
	tomorrow := workday.DateOf(w.At).AddDays(1)
	for range 2 { // asked for again after the withdrawal
		w.Decide(filingtest.Applicant, filing.RequestAppointment{Reason: filing.ReasonNoCamera, Days: []workday.Date{tomorrow}})
		want(w.Order.ID)
		d.wantTasks(false)
		w.Decide(filingtest.Applicant, filing.WithdrawAppointment{})
		want()
	}
	if _, texts, has := d.order(w.Order.ID).AppointmentOf(0); !has || texts.Reason != filing.ReasonNoCamera {
		t.Error("the texts of the appointment are not stored")
	}
}

// wantTasks checks the open or the closed tasks, read one by one.
func (d *fixture) wantTasks(closed bool, orders ...filing.ID) {
	d.t.Helper()
	var got []filing.ID
	for cursor := ""; ; {
		tasks, next, err := d.Tasks(d.t.Context(), closed, cursor, 1)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, task := range tasks {
			got = append(got, task.Order)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if len(got) != len(orders) || len(got) > 0 && got[0] != orders[0] {
		d.t.Errorf("tasks (closed: %t) of %v, want %v", closed, got, orders)
	}
}
