package filing_test

import (
	"slices"
	"testing"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/evidence"
	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
)

// TestCheckedVerdict: from the opening to the duties, the stored verdict is what the rules said on the day of the check. No decision that leaves it
// as it was changes what the rules say.
func TestCheckedVerdict(t *testing.T) {
	for name, app := range map[string]filingtest.Application{"enterprise": filingtest.EnterpriseBeijing(), "individual": filingtest.IndividualZhejiang()} {
		w := filingtest.Open(t, app, filingtest.December2019)
		for _, step := range filing.Steps {
			if at := slices.Index(filing.Steps, w.Order.Step); slices.Index(filing.Steps, step) > at && step != filing.MailDocuments && step != filing.Done {
				if step == filing.VerifySMS && !w.Order.RuleVerdict(w.At).SMS {
					continue
				}
				w.AdvanceTo(step)
			}
			checked := w.Order.Checked
			if checked == nil || checked.Pack != pack.Version() || checked.On != workday.DateOf(w.At) {
				t.Fatalf("%s at %s: %+v", name, w.Order.Step, checked)
			}
			if changes := w.Order.ChangesSinceCheck(checked.On); len(changes) > 0 {
				t.Errorf("%s at %s: the rules of the check say something else than was stored: %v", name, w.Order.Step, changes)
			}
		}
	}
}

// otherPack is the version of a pack that no program has.
const otherPack = "00000000000000ff"

// The documents that ours requires and the other does not, and the other way round.
var (
	requiredNow  = filing.VerdictChange{Part: filing.PartDocument, Name: string(evidence.SiteSlot(0, evidence.VerificationForm)), After: "required"}
	requiredThen = filing.VerdictChange{Part: filing.PartDocument, Name: string(evidence.CommitmentLetter), After: "required"}
)

// checkedByOther returns an order that another pack checked last.
func checkedByOther(t *testing.T) *filingtest.Walk {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.AwaitConfirmation)
	parts := slices.Clone(w.Order.Checked.Parts)
	certificate := slices.IndexFunc(parts, func(c filing.VerdictChange) bool { return c == requiredNow })
	if certificate < 0 {
		t.Fatalf("%v is missing in %v", requiredNow, parts)
	}
	parts[certificate] = requiredThen
	w.Order.Checked = &filing.CheckedVerdict{Pack: otherPack, On: "2019-12-20", Parts: parts}
	return w
}

// TestChangesSinceCheck: a verdict that another pack left is compared part by part.
func TestChangesSinceCheck(t *testing.T) {
	w := checkedByOther(t)
	want := []filing.VerdictChange{{Part: filing.PartDocument, Name: requiredThen.Name, Before: "required"}, requiredNow}
	if got := w.Order.ChangesSinceCheck(workday.DateOf(w.At)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if w.Order.Checked = nil; w.Order.ChangesSinceCheck("2026-01-01") != nil {
		t.Error("an order without a stored verdict has changes")
	}
}

// TestAnnouncePack: the applicant is notified once of the same two packs; not if this program checked the order, and not after another check.
func TestAnnouncePack(t *testing.T) {
	w := checkedByOther(t)
	operator := filing.Actor{Account: "operator", Role: filing.Admin}
	announce := filing.AnnounceRules{Pack: otherPack}
	wantError(t, w.Order, operator, filing.AnnounceRules{Pack: "0000000000000001"}, filing.ErrNothingToDo)
	checked := *w.Order.Checked
	c := w.Decide(operator, announce)
	want := filing.Notice{Kind: filing.NoticeRulesChanged, RulesFrom: "2019-12-20", RulesTo: workday.DateOf(w.At), RulesPack: otherPack}
	if !slices.Equal(c.Notices, []filing.Notice{want}) || !slices.Equal(c.Order.Checked.Parts, checked.Parts) {
		t.Errorf("notices %v, want %v; checked %v", c.Notices, want, c.Order.Checked)
	}
	if c.Entry.Facts["pack"] != otherPack || c.Entry.Facts["newPack"] != pack.Version() {
		t.Errorf("facts %v", c.Entry.Facts)
	}
	if len(w.Order.NoticedRuleChanges(want)) == 0 {
		t.Error("the notice is outdated at once")
	}
	wantError(t, w.Order, operator, announce, filing.ErrNothingToDo)
	w.Decide(filingtest.Applicant, filing.Confirm{Digest: w.Order.Summary().Digest})
	if w.Order.Checked.Pack != pack.Version() || len(w.Order.NoticedRuleChanges(want)) > 0 {
		t.Error("the confirmation did not check the order, or the notice is not outdated after it")
	}
	wantError(t, w.Order, operator, announce, filing.ErrNothingToDo)
	wantError(t, w.Order, operator, filing.AnnounceRules{Pack: pack.Version()}, filing.ErrNothingToDo)
}
