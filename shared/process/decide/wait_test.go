package decide_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
)

// TestTaskIsReadMeanwhile: the task of the step that a decision leaves is read once, while the decision is stored. If another task of the step takes its place
// until then, that one is completed. The sweeper is not needed.
func TestTaskIsReadMeanwhile(t *testing.T) {
	for name, replaced := range map[string]bool{"the same task": false, "another attempt of the task": true} {
		t.Run(name, func(t *testing.T) {
			o := newSystem(t)
			w := o.openOrder()
			o.waitForState(filing.VerifyProduct)
			o.decide(w, filingtest.Applicant, filing.ChooseProduct{Product: filingtest.Product()})
			o.waitForState(filing.CollectDetails)
			waiting, err := o.store.WaitingTask(t.Context(), w.Order.ID)
			if err != nil {
				t.Fatal(err)
			}
			if replaced {
				ended := waiting
				ended.Token = "of an attempt that has failed"
				if err := o.store.SaveTaskToken(t.Context(), w.Order.ID, ended); err != nil {
					t.Fatal(err)
				}
			}
			var reads atomic.Int64
			var once sync.Once
			read := make(chan struct{})
			o.table.setHooks(func(action, _ string) error {
				if !strings.HasSuffix(action, ".TransactWriteItems") {
					return nil
				}
				<-read
				return o.store.SaveTaskToken(t.Context(), w.Order.ID, waiting)
			}, func(action, body string) error {
				if strings.HasSuffix(action, ".GetItem") && strings.Contains(body, `"WAIT"`) {
					reads.Add(1)
					once.Do(func() { close(read) })
				}
				return nil
			})
			o.decide(w, filingtest.Applicant, filing.EnterDetails{Subject: w.App.Subject, Sites: w.App.Sites})
			o.table.removeHooks()
			if want := map[bool]int64{false: 1, true: 2}[replaced]; reads.Load() != want {
				t.Errorf("the task was read %d times, want %d", reads.Load(), want)
			}
			o.waitForState(filing.CollectEvidence)
			if left := o.entries(decide.ResumeExecution); len(left) != 0 {
				t.Errorf("%d entries are left", len(left))
			}
		})
	}
}
