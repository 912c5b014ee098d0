package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/filing/register"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// checkTask fails the test unless the change opens the operator's task about an approval, with one code.
func checkTask(t *testing.T, c filing.Change, code finding.Code) {
	t.Helper()
	if len(c.Tasks) != 1 || c.Tasks[0].Kind != filing.TaskCheckApproval || !slices.Equal(c.Tasks[0].Codes, []finding.Code{code}) {
		t.Errorf("tasks %+v, want one with %s", c.Tasks, code)
	}
}

// TestApprovalKeepsAccount: while a first filing waits for the bureau, the register gets the subject's filing with another account, or with none, by an
// import. The approval does not give that filing to the order's account, and leaves it alone if its number is another one. The operator gets a task.
func TestApprovalKeepsAccount(t *testing.T) {
	for name, tc := range map[string]struct {
		account register.Account
		number  int          // of the imported filing's subject; 0 if it has none. The approval has 1
		want    finding.Code // of the task
		changed bool
	}{
		"another account":                     {"account-2", 1, filing.CodeFilingForeign, true},
		"another account, no number":          {"account-2", 0, filing.CodeFilingForeign, true},
		"no account":                          {"", 1, filing.CodeFilingForeign, true},
		"another account with another number": {"account-2", 2, filing.CodeNumberKnown, false},
		"the same account":                    {filingtest.Applicant.Account, 1, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := filingtest.OpenAt(t, filingtest.IndividualZhejiang(), filingtest.December2019, filing.AwaitBureau)
			w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
			approval := w.Approval()
			imported := register.Filing{ID: "01IMPORTED", Version: 3, Status: register.Filed, SubjectKey: w.Order.SubjectKey, Account: tc.account, Province: w.Order.Province, Entity: w.Order.Entity}
			imported.Number = approval.SubjectNumber
			switch tc.number {
			case 0:
				imported.Number = number.Subject{}
			case 2:
				imported.Number, _ = number.ParseSubject("浙ICP备2019000002号")
			}
			w.Order.Register = imported
			c := w.Decide(filing.TheBureau, approval)
			if c.Order.Status != filing.Approved || (c.Register != nil) != tc.changed {
				t.Fatalf("the order is %s, the change of the register %v", c.Order.Status, c.Register)
			}
			if tc.changed && (c.Register.After.ID != imported.ID || c.Register.After.Account != tc.account || len(c.Register.After.Sites) != 1) {
				t.Errorf("the filing %s belongs to %q and has %d sites", c.Register.After.ID, c.Register.After.Account, len(c.Register.After.Sites))
			}
			if tc.want == "" {
				if len(c.Tasks) > 0 {
					t.Errorf("tasks %+v", c.Tasks)
				}
				return
			}
			checkTask(t, c, tc.want)
			wantFault(t, w, operator, filing.CloseTask{Note: "已处理"}, fault.Conflict, filing.CodeTaskNone) // that of a rejection
			w.Decide(operator, filing.CloseTask{Kind: filing.TaskCheckApproval, Note: "已与管局核对"})
			if w.Order.Private.ApprovalNote == "" || w.Order.Tasks[0].ClosedAt.IsZero() {
				t.Errorf("tasks %+v", w.Order.Tasks)
			}
			if _, err := w.Order.Apply(filing.CloseTask{Kind: filing.TaskCheckApproval, Note: "已与管局核对"}, operator, w.At); err != filing.ErrNothingToDo {
				t.Errorf("again: %v", err)
			}
		})
	}
}

// TestApprovalWithoutItsFiling: the bureau cancelled the filing while an order at it waited, and the subject was perhaps filed anew. The approval changes
// no other filing and makes none; the operator gets a task.
func TestApprovalWithoutItsFiling(t *testing.T) {
	for name, now := range map[string]func(register.Filing) register.Filing{
		"cancelled":  func(register.Filing) register.Filing { return register.Filing{} },
		"filed anew": func(f register.Filing) register.Filing { f.ID, f.Version = "03EXAMPLE", 1; return f },
	} {
		t.Run(name, func(t *testing.T) {
			f := filingtest.Filed(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
			w := filingtest.OpenChange(t, f, filingtest.December2019)
			w.App.Sites[0].Leader = clerk(f)
			w.AdvanceTo(filing.AwaitBureau)
			w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
			approval := w.Approval()
			w.Register, w.Order.Register = register.Filing{}, now(f)
			c := w.Decide(filing.TheBureau, approval)
			if c.Register != nil || c.Order.Status != filing.Approved {
				t.Errorf("the order is %s, the change of the register %v", c.Order.Status, c.Register)
			}
			checkTask(t, c, filing.CodeFilingNotStanding)
		})
	}
}

// TestApprovalOfFormerOwner: a change that is approved after its filing went to another account changes the filing, which stays with that account.
func TestApprovalOfFormerOwner(t *testing.T) {
	f := filingtest.Filed(t, filingtest.EnterpriseJiangsu(), filingtest.December2019)
	w := filingtest.OpenChange(t, f, filingtest.December2019)
	w.App.Sites[0].Leader = clerk(f)
	w.AdvanceTo(filing.AwaitBureau)
	w.Decide(filing.TheBureau, filing.Receive{Sequence: 1})
	w.Register.Account, w.Register.Version = "account-2", f.Version+1
	c := w.Decide(filing.TheBureau, w.Approval())
	if c.Register == nil || c.Register.After.Account != "account-2" || c.Register.After.Private.Sites[0].Leader.Name != clerk(f).Name {
		t.Errorf("the change of the register is %v", c.Register)
	}
	checkTask(t, c, filing.CodeFilingForeign)
}
