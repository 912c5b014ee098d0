package late_test

import (
	"maps"
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

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// rows returns the rows of a partition.
func (s *system) rows(partition string) []row {
	s.T.Helper()
	out, err := s.Store.Client.Query(s.T.Context(), &dynamodb.QueryInput{TableName: aws.String(s.Store.Table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: row{":pk": text(partition)}})
	if err != nil {
		s.T.Fatal(err)
	}
	return out.Items
}

// replace replaces the rows of a partition, except those with a sort key that is kept.
func (s *system) replace(partition string, with []row, kept string) {
	s.T.Helper()
	is := func(r row) bool { return r["sk"].(*types.AttributeValueMemberS).Value == kept }
	for _, r := range s.rows(partition) {
		if !is(r) {
			s.do(s.Store.Client.DeleteItem(s.T.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(s.Store.Table), Key: row{"pk": r["pk"], "sk": r["sk"]}}))
		}
	}
	for _, r := range with {
		if !is(r) {
			s.do(s.Store.Client.PutItem(s.T.Context(), &dynamodb.PutItemInput{TableName: aws.String(s.Store.Table), Item: maps.Clone(r)}))
		}
	}
}

func (s *system) do(_ any, err error) {
	s.T.Helper()
	if err != nil {
		s.T.Fatal(err)
	}
}

// TestRestored: the table is restored to a time before decisions that its executions have followed. If the tasks that wait are kept and what was checked is not, each
// execution returns to its order's step in one run of the watch.
func TestRestored(t *testing.T) {
	s := newSystem(t)
	order := "ORDER#" + string(s.At(filing.CollectDetails).ID)
	s.DeliverAll(decide.StartExecution)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitTask()
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list()
	backup, walk := s.rows(order), *s.Walk

	s.At(filing.CollectEvidence)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitTask()
	s.Clock.Advance(late.WatchPatience + time.Second)
	s.list()

	s.replace(order, backup, "WAIT")
	s.replace("LATE", nil, "")
	*s.Walk = walk
	if items := s.list(); len(items) != 0 {
		t.Errorf("late: %+v", items)
	}
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
	order := "ORDER#" + string(s.At(filing.CollectDetails).ID)
	s.DeliverAll(decide.StartExecution)
	s.DeliverAll(decide.ResumeExecution)
	s.AwaitTask()
	backup, walk := s.rows(order), *s.Walk
	s.wantAbandoned()

	s.replace(order, backup, "WAIT")
	s.replace("LATE", nil, "")
	*s.Walk = walk
	if items := s.list(); len(items) != 0 {
		t.Errorf("late: %+v", items)
	}
	s.At(filing.CollectEvidence)
	s.LoseResumes()
	s.Clock.Advance(late.Grace + time.Minute)
	item := s.wantItem("execution")
	if item.Execution.Status != late.Succeeded || item.Action != late.Restart {
		t.Errorf("%+v", item)
	}
	s.repair(item.ID, true)
	s.AwaitTask()
	if e := s.AwaitState("CollectEvidence"); e.Attempt != 2 {
		t.Errorf("%+v", e)
	}
}
