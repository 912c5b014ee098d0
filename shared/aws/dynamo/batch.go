package dynamo

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"
)

// batchKeys is the maximum number of keys in one BatchGetItem, and batchesAtOnce that of the requests in parallel.
const batchKeys, batchesAtOnce = 100, 8

// A batchReader reads rows, many in one request, and keeps them by their keys. A row that does not exist is nil.
type batchReader struct {
	store   *Store
	rows    map[[2]string]item
	missing []item // keys of rows that were asked for, and are to be read
}

func newBatchReader(s *Store) *batchReader { return &batchReader{store: s, rows: map[[2]string]item{}} }

func keyOf(i item) [2]string { return [2]string{stringAttr(i, attrPK), stringAttr(i, attrSK)} }

// row returns the row with a key; nil if it is still missing.
func (r *batchReader) row(key item) item {
	found, known := r.rows[keyOf(key)]
	if !known {
		r.missing = append(r.missing, key)
	}
	return found
}

// read reads the rows of keys that were not read before.
func (r *batchReader) read(ctx context.Context, keys []item) error {
	keys = slices.DeleteFunc(keys, func(k item) bool {
		_, known := r.rows[keyOf(k)]
		r.rows[keyOf(k)] = r.rows[keyOf(k)]
		return known
	})
	found := make([][]item, (len(keys)+batchKeys-1)/batchKeys)
	batches, ctx := errgroup.WithContext(ctx)
	batches.SetLimit(batchesAtOnce)
	for i := range found {
		batches.Go(func() (err error) {
			found[i], err = r.store.batchGet(ctx, keys[i*batchKeys:min(len(keys), (i+1)*batchKeys)])
			return err
		})
	}
	err := batches.Wait()
	for _, rows := range found {
		for _, row := range rows {
			r.rows[keyOf(row)] = row
		}
	}
	return err
}

// batchGet reads at most [batchKeys] rows with strong consistency, without what is encrypted in them.
func (s *Store) batchGet(ctx context.Context, keys []item) (rows []item, err error) {
	ask := map[string]types.KeysAndAttributes{s.Table: {Keys: keys, ConsistentRead: aws.Bool(true),
		ProjectionExpression:     aws.String("pk, sk, brief, doc, #filing, #subject, #access, #account, #number"),
		ExpressionAttributeNames: map[string]string{"#filing": attrFiling, "#subject": attrSubject, "#access": attrAccess, "#account": "account", "#number": "number"}}}
	for pause := firstPause; len(ask) > 0; pause *= 2 {
		out, err := s.Client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
		if err != nil {
			return nil, classify(err)
		}
		rows = append(rows, out.Responses[s.Table]...)
		if ask = out.UnprocessedKeys; len(ask) > 0 { // more than 16 MB, or throttled
			select {
			case <-ctx.Done():
				return nil, classify(ctx.Err())
			case <-time.After(pause):
			}
		}
	}
	return rows, nil
}
