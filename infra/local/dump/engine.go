package dump

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// call sends a request of the DynamoDB API to an engine. Items stay in the JSON of the API.
func call(ctx context.Context, endpoint, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	// The engine reads the region from the header and verifies nothing.
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=dump/20200101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	request.Header.Set("X-Amz-Date", "20200101T000000Z")
	response, err := engineClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: status %d: %s", operation, response.StatusCode, text)
	}
	return json.Unmarshal(text, out)
}

// scan returns the items of a table.
func scan(ctx context.Context, endpoint, table string) ([]json.RawMessage, error) {
	var items []json.RawMessage
	for from := json.RawMessage(nil); ; {
		in := map[string]any{"TableName": table, "ConsistentRead": true}
		if from != nil {
			in["ExclusiveStartKey"] = from
		}
		var page struct {
			Items            []json.RawMessage
			LastEvaluatedKey json.RawMessage
		}
		if err := call(ctx, endpoint, "Scan", in, &page); err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if from = page.LastEvaluatedKey; from == nil {
			return items, nil
		}
	}
}

// put stores items in a table, at most 25 in a request.
func put(ctx context.Context, endpoint, table string, items []json.RawMessage) error {
	type put struct {
		PutRequest struct{ Item json.RawMessage }
	}
	for len(items) > 0 {
		var batch []put
		for _, item := range items[:min(25, len(items))] {
			var p put
			p.PutRequest.Item = item
			batch = append(batch, p)
		}
		var out struct{ UnprocessedItems map[string]json.RawMessage }
		if err := call(ctx, endpoint, "BatchWriteItem", map[string]any{"RequestItems": map[string]any{table: batch}}, &out); err != nil {
			return err
		}
		if len(out.UnprocessedItems) > 0 {
			return fmt.Errorf("the engine left items of %s out", table)
		}
		items = items[len(batch):]
	}
	return nil
}
