package dynamo_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/local/keyfile"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/process/inventory"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// testStore runs all tests of the store on an engine. Each uses a new table.
func testStore(t *testing.T, client *dynamodb.Client) {
	for _, part := range []struct {
		name string
		test func(*testing.T, *fixture)
	}{
		{"whole filing", wholeFiling}, {"stale", staleChange}, {"locks", orderLocks}, {"concurrent locks", concurrentLocks}, {"submitted locks", submittedLocks}, {"submitted subjects", submittedSubjects}, {"appeals", contestedOrders}, {"appointments", appointedOrders}, {"concurrent decisions", concurrentDecisions},
		{"idempotency keys", idempotencyKeys}, {"quota", serverQuota}, {"last slot", lastSlot}, {"product changes", productChanges}, {"inventory lists", listedInventory}, {"products", chosenProducts},
		{"outbox", outboxEntries}, {"verdicts that wait and are read twice", readVerdicts}, {"leases", entryLeases}, {"reclaimedLeases leases", reclaimedLeases}, {"dead letters", deadLetters}, {"endpoints of events", eventEndpoints}, {"events of changes", eventsOfChanges}, {"deliveries of events", eventDeliveries}, {"late", lateOrders}, {"restored entries", restoredEntries}, {"lists", orderLists}, {"queue", reviewQueue}, {"cursors", foreignCursors}, {"waiting tasks", waitingTasks}, {"tasks of the bureau", bureauTasks},
		{"replies", awaitedReplies}, {"filed", registeredFilings}, {"rows of others", rowsOfOthers}, {"watches", watches}, {"not watched", notWatched}, {"rows of earlier versions", earlierRows}, {"overwritten rows", overwrittenRows}, {"filings of an account", filingsOfAccount}, {"domains of apps", domainsOfApps}, {"large filings", largeFilings}, {"access facts", accessFacts}, {"access changes", accessChanges}, {"allocated ids", allocatedIDs}, {"nothing in clear", nothingInClear}, {"erased", erasedOrder}, {"retained", retainedLists}, {"old files", oldFiles}, {"old differences", oldDifferences}, {"rewritten", rewrittenLedger},
		{"formats", adoptedFormats}, {"missing items", missingItems}, {"key service is down", keysDown}, {"filings that decisions read", readFilings}, {"lost responses", lostResponses}, {"links", linkLeases}, {"code tables", codeTables}, {"leaders", indexedLeaders}, {"limits", countedActions}, {"durations", countedVisits}, {"days", countedDays}, {"bounces at once", bouncesAtOnce}, {"bounces of earlier versions", bouncesOfEarlierVersions}, {"bounces while an email is sent", bouncesWhileSending}, {"staff reads", staffReads}, {"found findings", foundFindings}, {"staff", staff}, {"verdicts", countedVerdicts}, {"reads of a person", readsOfPerson}, {"sessions", sessions}, {"hand-offs", handOffs}, {"consents", agencyConsents}, {"revoked consents", actionsAfterRevocation}, {"forged consents", forgedConsents}, {"consents of a former leader", consentsOfFormerLeader},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, newFixture(t, client)) })
	}
}

// A fixture is a store on a new table.
type fixture struct {
	*dynamo.Store
	sdk   *dynamodb.Client
	t     *testing.T
	keys  dynamo.Keys
	clock atomic.Int64 // nanoseconds since December2019
}

var tables atomic.Int64

func newFixture(t *testing.T, client *dynamodb.Client) *fixture {
	t.Helper()
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys.json"), filingtest.December2019)
	if err != nil {
		t.Fatal(err)
	}
	d := &fixture{sdk: client, t: t}
	number := tables.Add(1)
	d.keys = dynamo.Keys{Client: dynamo.ClientOf(client), Table: fmt.Sprintf("keys-%d", number)}
	d.Store = &dynamo.Store{Client: d.keys.Client, Table: fmt.Sprintf("filings-%d", number), Encrypter: envelope.New(keys, d.keys, d.now), Wall: d.now}
	for range 2 { // creating it again is no error
		if err := errors.Join(dynamo.CreateTable(t.Context(), client, d.Table), dynamo.CreateKeysTable(t.Context(), client, d.keys.Table)); err != nil {
			t.Fatal(err)
		}
	}
	d.putServer("server-1", 5)
	return d
}

func (d *fixture) now() time.Time { return filingtest.December2019.Add(time.Duration(d.clock.Load())) }

func (d *fixture) advanceClock(by time.Duration) { d.clock.Add(int64(by)) }

// putServer puts a server into the inventory.
func (d *fixture) putServer(id string, quota int) {
	d.t.Helper()
	err := d.PutServer(d.t.Context(), inventory.Server{ID: id, Account: filingtest.Applicant.Account, Placement: "11", Mode: 5,
		IPs: []string{"8.130.1.1"}, RentedAt: d.now(), ExpiresAt: d.now().AddDate(1, 0, 0), Quota: quota})
	if err != nil {
		d.t.Fatal(err)
	}
}

// opening is the change that opens the n-th application.
func (d *fixture) opening(n int) filing.Change {
	d.t.Helper()
	app := filingtest.NumberedEnterprise(n)
	given := app.OpenInput(filing.ID(fmt.Sprintf("01EXAMPLE%04d", n)))
	var err error
	if given.SubjectKey, err = d.SubjectKey(d.t.Context(), app.Opening.Certificate.Kind, app.Opening.Certificate.Number.Reveal()); err != nil {
		d.t.Fatal(err)
	}
	c, err := filing.Open(given, filingtest.Applicant, d.now())
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// commit stores a change, which must succeed, and reads the order.
func (d *fixture) commit(c filing.Change) filing.Order {
	d.t.Helper()
	if _, err := d.Commit(d.t.Context(), c, decide.Request{}); err != nil {
		d.t.Fatalf("%s: %v", c.Entry.Decision, err)
	}
	return d.order(c.Order.ID)
}

func (d *fixture) order(id filing.ID) filing.Order {
	d.t.Helper()
	o, err := d.Order(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return o
}

// walkTo opens the n-th application and advances it to a step. It stores every change.
func (d *fixture) walkTo(n int, step filing.Step) *filingtest.Walk {
	return d.walkWith(d.commit, n, step)
}

// walkAgencyTo is walkTo for an order that is submitted as an agency's: an account may have submitted others.
func (d *fixture) walkAgencyTo(n int, step filing.Step) *filingtest.Walk {
	return d.walkWith(d.commitForAgency, n, step)
}

// commitForAgency stores a change of an order, which is an agency's from its submission on.
func (d *fixture) commitForAgency(c filing.Change) filing.Order {
	if !c.Order.Unsubmitted {
		c.Order.AgentFor = "01FILED0001"
	}
	return d.commit(c)
}

func (d *fixture) walkWith(store func(filing.Change) filing.Order, n int, step filing.Step) *filingtest.Walk {
	d.t.Helper()
	w := &filingtest.Walk{T: d.t, App: filingtest.NumberedEnterprise(n), At: d.now(), Store: store}
	w.ContinueWith(d.opening(n), nil)
	w.AdvanceTo(step)
	return w
}

// apply returns the change of a decision without storing it.
func (d *fixture) apply(o filing.Order, by filing.Actor, decision filing.Decision) filing.Change {
	d.t.Helper()
	c, err := o.Apply(decision, by, d.now())
	if err != nil {
		d.t.Fatalf("%s: %v", decision.Name(), err)
	}
	return c
}

// wantFault checks for an error of a kind with a finding; "" is any.
func (d *fixture) wantFault(err error, kind fault.Kind, code finding.Code) {
	d.t.Helper()
	if f := fault.Of(err); err == nil || f.Kind != kind || code != "" && !f.Findings.Has(code) {
		d.t.Errorf("%v, want %s %s", err, kind, code)
	}
}

// repeatedOrder returns the order of a RepeatedError; false for another error.
func repeatedOrder(err error) (filing.ID, bool) {
	var before *decide.RepeatedError
	if !errors.As(err, &before) {
		return "", false
	}
	return before.Order, true
}
