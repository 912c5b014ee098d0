package dynamo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/process/exchange"
	"beian/shared/rules/fault"
)

// bureauFiles is the partition of the index "open" for the files exchanged with the bureau whose bytes are stored.
const bureauFiles = "bureau-file"

// putFile writes the document of a file. If its bytes are stored, the row is in the index, and its brief is the key of the object.
func (s *Store) putFile(ctx context.Context, pk, sk string, v any, stored exchange.StoredFile) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	row := itemKey(pk, sk)
	row[attrDoc] = binaryValue(doc)
	if stored.Object != "" {
		row[attrOpen], row[attrAt] = stringValue(bureauFiles), stringValue(sortableTime(stored.At)+"#"+sk)
		row[attrBrief] = binaryValue([]byte(stored.Object))
	}
	return s.putItem(ctx, s.newPut(row, ""))
}

// OldFiles lists the files exchanged with the bureau before a time whose bytes are stored, oldest first, at most limit.
func (s *Store) OldFiles(ctx context.Context, before time.Time, limit int) ([]exchange.StoredFile, error) {
	rows, err := s.listBefore(ctx, bureauFiles, before, limit)
	if err != nil {
		return nil, err
	}
	var files []exchange.StoredFile
	for _, row := range rows {
		at, err := timeOfRow(row)
		if err != nil {
			return nil, err
		}
		files = append(files, exchange.StoredFile{Row: [2]string{stringAttr(row, attrPK), stringAttr(row, attrSK)}, Object: string(binaryAttr(row, attrBrief)), At: at})
	}
	return files, nil
}

// listBefore returns the rows of a partition of the index "open" before a time, oldest first, at most limit.
func (s *Store) listBefore(ctx context.Context, partition string, before time.Time, limit int) ([]item, error) {
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.Table), IndexName: aws.String(indexOpen), Limit: aws.Int32(int32(limit)),
		KeyConditionExpression:    aws.String("#open = :partition AND #at < :before"),
		ExpressionAttributeNames:  map[string]string{"#open": attrOpen, "#at": attrAt},
		ExpressionAttributeValues: item{":partition": stringValue(partition), ":before": stringValue(sortableTime(before))},
	})
	if err != nil {
		return nil, classify(err)
	}
	return out.Items, nil
}

// timeOfRow returns the time by which a row of [Store.listBefore] is sorted.
func timeOfRow(row item) (time.Time, error) {
	text, _, _ := strings.Cut(stringAttr(row, attrAt), "#")
	at, err := time.Parse(timeLayout, text)
	if err != nil {
		return at, fault.Wrap(fault.Internal, fmt.Errorf("dynamo: the time of a row: %w", err))
	}
	return at, nil
}

// ForgetFile records that the bytes of a file are deleted. If the row was changed since it was read, it changes nothing, and the file stays
// in the list of [Store.OldFiles].
func (s *Store) ForgetFile(ctx context.Context, f exchange.StoredFile) error {
	rows := [][2]string{f.Row}
	if id, received := strings.CutPrefix(f.Row[1], receivedSK("")); received {
		rows = append([][2]string{{f.Row[0], poisonSK(id)}}, f.Row) // the copy in the list of poisoned files goes first
	}
	for _, key := range rows {
		if err := s.forgetObject(ctx, key[0], key[1]); err != nil {
			return err
		}
	}
	return nil
}

// forgetObject removes the key of an object from the document of a row, and the row from the index.
func (s *Store) forgetObject(ctx context.Context, pk, sk string) error {
	row, err := s.getItem(ctx, pk, sk)
	if err != nil || row == nil {
		return err
	}
	before := binaryAttr(row, attrDoc)
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(before, &doc); err != nil {
		return fault.Wrap(fault.Internal, err)
	}
	doc["object"] = json.RawMessage(`""`)
	after, err := json.Marshal(doc)
	if err != nil || bytes.Equal(after, before) && stringAttr(row, attrOpen) == "" {
		return fault.Wrap(fault.Internal, err)
	}
	changed := itemKey(pk, sk)
	changed[attrDoc] = binaryValue(after)
	put := s.newPut(changed, "#doc = :before")
	put.ExpressionAttributeNames, put.ExpressionAttributeValues = map[string]string{"#doc": attrDoc}, item{":before": binaryValue(before)}
	err = s.putItem(ctx, put)
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return nil
	}
	return err
}
