package dynamo

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"beian/shared/filing"
	"beian/shared/rules/fault"
)

// Attributes of a row of the index of leaders.
const (
	attrSubject    = "subject"
	attrLeaderName = "name"
)

func (s *Store) leaderPK(ctx context.Context, v filing.LeaderValue) (string, error) {
	key, err := s.Encrypter.Index(ctx, "leader "+string(v.Kind), v.Value)
	return "LEADER#" + key, err
}

// leaderNameKey returns the keyed hash of the name of a certificate's leader; "" for other values.
func (s *Store) leaderNameKey(ctx context.Context, v filing.LeaderValue) (string, error) {
	if v.Kind != filing.MatchCertificate {
		return "", nil
	}
	return s.Encrypter.Index(ctx, "leader name", v.Name)
}

// leaderOps replaces the order's rows in the index of leaders. The row LEADERS of the order lists their partition keys, so that they
// can be deleted without the personal data. The condition on the order's version excludes a concurrent change of the list.
//
// An order has at most 11 leaders (its domains are limited, and each site has one), so that a transaction replaces at most 44 rows.
func (s *Store) leaderOps(ctx context.Context, c filing.Change) ([]writeOp, error) {
	if !c.IndexLeaders {
		return nil, nil
	}
	var before, after []string
	if !c.FirstLeaders {
		if _, err := s.getDoc(ctx, orderPK(c.Order.ID), skLeaders, &before); err != nil {
			return nil, err
		}
	}
	var ops []writeOp
	put := func(row item) { ops = append(ops, writeOp{write: types.TransactWriteItem{Put: s.newPut(row, "")}}) }
	remove := func(pk, sk string) {
		ops = append(ops, writeOp{write: types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(s.Table), Key: itemKey(pk, sk)}}})
	}
	for _, v := range c.Order.LeaderValues() {
		row, err := s.leaderRow(ctx, c.Order, v)
		if err != nil {
			return nil, err
		}
		put(row)
		after = append(after, stringAttr(row, attrPK))
	}
	for _, pk := range before {
		if !slices.Contains(after, pk) {
			remove(pk, string(c.Order.ID))
		}
	}
	switch {
	case len(after) == 0 && len(before) > 0:
		remove(orderPK(c.Order.ID), skLeaders)
	case len(after) > 0:
		doc, err := json.Marshal(after)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err)
		}
		row := itemKey(orderPK(c.Order.ID), skLeaders)
		row[attrDoc] = binaryValue(doc)
		put(row)
	}
	return ops, nil
}

func (s *Store) leaderRow(ctx context.Context, o filing.Order, v filing.LeaderValue) (item, error) {
	pk, err := s.leaderPK(ctx, v)
	if err != nil {
		return nil, err
	}
	row := itemKey(pk, string(o.ID))
	row[attrSubject] = stringValue(o.SubjectKey)
	name, err := s.leaderNameKey(ctx, v)
	if name != "" {
		row[attrLeaderName] = stringValue(name)
	}
	return row, err
}

// leaderQueries is the number of concurrent queries of [Store.LeaderMatches].
const leaderQueries = 8

// LeaderMatches returns the open and the filed orders of other subjects that have a value of the order's leaders, at most limit for each
// value. The order need not be stored. A decision of the last second may be missing.
func (s *Store) LeaderMatches(ctx context.Context, o filing.Order, limit int) ([]filing.LeaderMatch, error) {
	values := o.LeaderValues()
	found := make([][]filing.LeaderMatch, len(values))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(leaderQueries)
	for i, v := range values {
		group.Go(func() (err error) {
			found[i], err = s.matchesOf(ctx, o, v, limit)
			return err
		})
	}
	err := group.Wait()
	return slices.Concat(found...), err
}

// matchesOf returns the matches of one value. For a certificate number it separates the orders with the same name from the others.
func (s *Store) matchesOf(ctx context.Context, o filing.Order, v filing.LeaderValue, limit int) ([]filing.LeaderMatch, error) {
	pk, err := s.leaderPK(ctx, v)
	if err != nil {
		return nil, err
	}
	name, err := s.leaderNameKey(ctx, v)
	if err != nil {
		return nil, err
	}
	pages := dynamodb.NewQueryPaginator(s.Client.Query, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), KeyConditionExpression: aws.String("pk = :pk"), FilterExpression: aws.String("#subject <> :subject"),
		ExpressionAttributeNames:  map[string]string{"#subject": attrSubject},
		ExpressionAttributeValues: item{":pk": stringValue(pk), ":subject": stringValue(o.SubjectKey)},
		ScanIndexForward:          aws.Bool(false),
	})
	same := filing.LeaderMatch{Kind: v.Kind, Pointers: v.Pointers}
	other := filing.LeaderMatch{Kind: filing.MatchOtherName, Pointers: v.Pointers}
	for read := 0; pages.HasMorePages() && read < limit; {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, classify(err)
		}
		for _, row := range page.Items[:min(len(page.Items), limit-read)] {
			m := &same
			if stringAttr(row, attrLeaderName) != name {
				m = &other
			}
			m.Orders = append(m.Orders, filing.ID(stringAttr(row, attrSK)))
			read++
		}
	}
	return slices.DeleteFunc([]filing.LeaderMatch{same, other}, func(m filing.LeaderMatch) bool { return len(m.Orders) == 0 }), nil
}
