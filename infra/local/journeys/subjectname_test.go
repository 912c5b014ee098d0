package journeys_test

import (
	"net/http"
	"slices"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

// correctName corrects the subject's name as a page does: it reads the order's details, changes the name and enters them again.
func (j *journey) correctName(name string) scenario.Order {
	j.t.Helper()
	var entered scenario.Details
	j.must(j.applicant.Call(j.t.Context(), http.MethodGet, "/orders/"+string(j.id), nil, &entered))
	if len(entered.Sites) == 0 { // no details were entered yet
		entered = j.details(nil, nil, nil)
	}
	entered.Subject["name"] = name
	var o scenario.Order
	j.must(j.applicant.Call(j.t.Context(), http.MethodPut, "/orders/"+string(j.id)+"/details", entered, &o))
	return o
}

// onName configures the simulator's decision about the application's next record, if the subject has a name in it.
func (j *journey) onName(name string, then simulator.Action) {
	j.t.Helper()
	match := simulator.Match{Domain: j.domain(), Subject: name}
	j.must(sys.Bureau.Apply(simulator.Scenario{Rules: []simulator.Rule{{Match: match, Times: 1, Then: then}}}))
}

// submitWithName completes the application, submits it, and checks that it reaches the bureau with a name. The bureau approves it.
func (j *journey) submitWithName(name string) {
	j.t.Helper()
	ctx := j.t.Context()
	j.correctAll(j.order().Step)
	j.onName(name, simulator.Action{Silent: true}) // the bureau would answer about any other name
	codes := len(j.sentCodes())                    // of a round before
	j.must(j.applicant.Confirm(ctx, j.id))
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.must(scenario.Poll(ctx, func() (bool, error) { return len(j.sentCodes()) > codes, nil }))
	j.replySMS()
	j.awaitStep(filing.AwaitBureau, filing.BureauReview)
	j.releaseBureau()
	j.awaitApproved()
}

// TestNameIsCorrectedInsideTheOrder: a name with a wrong character is corrected at each step at which details can be entered, and reaches
// the bureau. The verification form and the liveness check, which were in the name before, are done again.
func TestNameIsCorrectedInsideTheOrder(t *testing.T) {
	for i, step := range []filing.Step{filing.CollectDetails, filing.CollectEvidence, filing.VerifyAuthenticity, filing.AwaitConfirmation} {
		t.Run(string(step), func(t *testing.T) {
			j := journeyAt(t, 900+i, step)
			o := j.correctName("示例秉")
			if o.Step != filing.CollectEvidence || o.Type != filing.First {
				t.Errorf("after the correction: %s at %s", o.Type, o.Step)
			}
			if missing, err := j.applicant.MissingPapers(t.Context(), j.id); err != nil || !slices.Contains(missing, "sites/0/verification-form") ||
				filing.CollectEvidence.Before(step) && len(missing) != 1 {
				t.Errorf("missing %q: %v", missing, err)
			}
			j.submitWithName("示例秉")
			l := j.wantTimeline("您更正了主体名称")
			if n := countOf(l.Decisions(), "determine-type"); n != 1 {
				t.Errorf("the type was determined %d times; it does not depend on the name", n)
			}
		})
	}
}

// wantTimeline checks that a title is in the applicant's timeline, and returns the ledger.
func (j *journey) wantTimeline(title string) scenario.Ledger {
	j.t.Helper()
	var timeline struct{ Items []struct{ Title string } }
	j.must(j.applicant.Call(j.t.Context(), http.MethodGet, "/orders/"+string(j.id)+"/timeline", nil, &timeline))
	if !slices.ContainsFunc(timeline.Items, func(l struct{ Title string }) bool { return l.Title == title }) {
		j.t.Errorf("the timeline has no %q: %v", title, timeline.Items)
	}
	l, err := reviewer.Ledger(j.t.Context(), j.id)
	j.must(err)
	return l
}

func countOf(all []string, one string) int {
	n := 0
	for _, a := range all {
		if a == one {
			n++
		}
	}
	return n
}

// TestNameIsCorrectedAfterReturnAndRefusal: the reviewer returns the order because of the name, then the bureau refuses it because of the
// name; each time the name is corrected inside the order.
func TestNameIsCorrectedAfterReturnAndRefusal(t *testing.T) {
	j := journeyAt(t, 905, filing.InitialReview)
	ctx := t.Context()
	j.must(reviewer.Claim(ctx, j.id))
	j.must(reviewer.Review(ctx, j.id, "return", scenario.Remark{Pointer: "/subject/name", Message: map[string]string{"zh-CN": "姓名与身份证不一致，请更正。"}}))
	j.awaitStep(filing.CollectDetails, filing.Returned)
	j.correctName("示例秉")
	j.correctAll(j.order().Step)
	j.awaitStep(filing.AwaitConfirmation, filing.Returned)
	j.onName("示例秉", simulator.Action{Decision: simulator.Refuse, Opinion: "主办者名称与证件不一致"})
	j.must(j.applicant.Confirm(ctx, j.id))
	j.must(reviewer.Approve(ctx, j.id))
	j.awaitStep(filing.VerifySMS, filing.SMSPending)
	j.replySMS()
	j.awaitStep(filing.Done, filing.BureauRejected)
	j.must(j.applicant.Resubmit(ctx, j.id))
	j.correctName("示例炳")
	j.submitWithName("示例炳")
}
