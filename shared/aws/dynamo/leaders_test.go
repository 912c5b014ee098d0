package dynamo_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/workday"
)

// indexedLeaders: an order is found by the values of its leaders from its details on, until it ends without a filing or is erased. The
// applications of filingtest.NumberedEnterprise have the same leaders.
func indexedLeaders(t *testing.T, d *fixture) {
	one, two, three := d.walkTo(1, filing.CollectEvidence), d.walkTo(2, filing.Done), d.walkTo(3, filing.CollectDetails)
	ids := func(o filing.Order, limit int) [][]filing.ID {
		t.Helper()
		matches, err := d.LeaderMatches(t.Context(), o, limit)
		if err != nil {
			t.Fatal(err)
		}
		var found [][]filing.ID
		for _, m := range matches {
			if len(m.Pointers) == 0 || m.Kind == filing.MatchOtherName {
				t.Errorf("a match of kind %s at %v", m.Kind, m.Pointers)
			}
			if !slices.ContainsFunc(found, func(ids []filing.ID) bool { return slices.Equal(ids, m.Orders) }) {
				found = append(found, m.Orders)
			}
		}
		return found
	}
	want := func(when string, got, want [][]filing.ID) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	none := [][]filing.ID(nil)
	want("before its details", ids(three.Order, 9), none)
	entered := d.apply(three.Order, filingtest.Applicant, filing.EnterDetails{Subject: three.App.Subject, Sites: three.App.Sites})
	want("details that are not stored", ids(entered.Order, 9), [][]filing.ID{{two.Order.ID, one.Order.ID}})
	want("limited", ids(entered.Order, 1), [][]filing.ID{{two.Order.ID}})
	want("the others", ids(one.Order, 9), [][]filing.ID{{two.Order.ID}})
	sameSubject := entered.Order
	sameSubject.SubjectKey = two.Order.SubjectKey
	want("another order of the subject", ids(sameSubject, 9), [][]filing.ID{{one.Order.ID}})

	one.Decide(filingtest.Applicant, filing.AskToClose{As: filing.ClosingAbandon})
	one.Decide(filing.Beian, filing.Close{})
	want("after the abandonment", ids(entered.Order, 9), [][]filing.ID{{two.Order.ID}})
	d.advanceClock(1000 * 24 * time.Hour)
	admin := filing.Actor{Account: "operator", Role: filing.Admin}
	d.commit(d.apply(two.Order, admin, filing.Erase{FilingEnded: workday.DateOf(d.now())}))
	want("after the erasure", ids(entered.Order, 9), none)
	for _, row := range d.rows() {
		pk, sk := row["pk"].(*types.AttributeValueMemberS).Value, row["sk"].(*types.AttributeValueMemberS).Value
		if strings.HasPrefix(pk, "LEADER#") || sk == "LEADERS" {
			t.Errorf("a row is left: %s %s", pk, sk)
		}
	}
}
