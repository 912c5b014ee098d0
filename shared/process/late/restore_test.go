package late_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/late"
)

type row = map[string]types.AttributeValue

// rows returns the rows of a partition.
func (s *system) rows(partition string) []row {
	s.T.Helper()
	out, err := s.Store.Client.Query(s.T.Context(), &dynamodb.QueryInput{TableName: aws.String(s.Store.Table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: row{":pk": &types.AttributeValueMemberS{Value: partition}}})
	if err != nil {
		s.T.Fatal(err)
	}
	return out.Items
}

// replace replaces the rows of a partition, but keeps the task that waits.
func (s *system) replace(partition string, with []row) {
	s.T.Helper()
	waits := func(r row) bool { return r["sk"].(*types.AttributeValueMemberS).Value == "WAIT" }
	for _, r := range s.rows(partition) {
		if !waits(r) {
			s.do(s.Store.Client.DeleteItem(s.T.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(s.Store.Table), Key: row{"pk": r["pk"], "sk": r["sk"]}}))
		}
	}
	for _, r := range with {
		if !waits(r) {
			s.do(s.Store.Client.PutItem(s.T.Context(), &dynamodb.PutItemInput{TableName: aws.String(s.Store.Table), Item: r}))
		}
	}
}

func (s *system) do(_ any, err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}

// backUp returns a function that restores the order as the table has it now, by the procedure in deploy.md, and requires that nothing is late at once.
func (s *system) backUp() (restore func()) {
	s.T.Helper()
	order := "ORDER#" + string(s.Walk.Order.ID)
	backup, walk := s.rows(order), *s.Walk
	return func() {
		s.T.Helper()
		s.replace(order, backup)
		s.replace("LATE", nil)
		*s.Walk = walk
		if items := s.list(); len(items) != 0 {
			s.T.Errorf("late: %+v", items)
		}
	}
}

// TestRestored: the table is restored to a time before decisions that its executions have followed. If the tasks that wait are kept and what was checked is not, each
// execution returns to its order's step in one run of the watch.
func TestRestored(t *testing.T) {
	s := newSystem(t)
	s.waitForDetails()
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list()
	restore := s.backUp()

	s.At(filing.CollectEvidence)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitTask()
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list()

	restore()
	s.AwaitState("CollectDetails")
	s.AwaitTask()
	s.At(filing.CollectEvidence)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitState("CollectEvidence")
	s.AwaitTask()
}

// TestRestoredAfterTheEnd: an order is restored to a time before it was withdrawn. Its execution has ended, so it is late once the order moves, and restarted there.
func TestRestoredAfterTheEnd(t *testing.T) {
	s := newSystem(t)
	s.waitForDetails()
	restore := s.backUp()
	s.wantAbandoned()

	restore()
	s.At(filing.CollectEvidence)
	s.Lose(decide.ResumeExecution)
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("execution")
	if item.Execution.Status != late.Succeeded || item.Action != late.Restart {
		t.Errorf("%+v", item)
	}
	s.restart(item)
}
