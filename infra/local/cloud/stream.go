package cloud

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"beian/infra/local/iam"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// polls is how often a shard of a stream is asked for records, as Lambda does.
const polls = 250 * time.Millisecond

// A record is one of a stream, as DynamoDB gives it: Lambda hands it on as it is, with the stream's ARN beside it.
type record struct {
	fields  map[string]any
	number  string // its sequence number
	happens time.Time
}

// A reader reads the shards of one stream, each from its oldest record on.
type reader struct {
	account   *Account
	stream    string            // the engine's ARN
	iterators map[string]string // by shard
}

// read returns the next records of each shard, oldest first.
func (r *reader) read(ctx context.Context, most int) (batches [][]record, err error) {
	var about struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	if err := r.ask(ctx, "DescribeStream", map[string]any{"StreamArn": r.stream}, &about); err != nil {
		return nil, err
	}
	for _, shard := range about.StreamDescription.Shards {
		iterator, begun := r.iterators[shard.ShardId]
		if !begun {
			var first struct{ ShardIterator string }
			err := r.ask(ctx, "GetShardIterator", map[string]any{"StreamArn": r.stream, "ShardId": shard.ShardId, "ShardIteratorType": "TRIM_HORIZON"}, &first)
			if err != nil {
				return batches, err
			}
			iterator = first.ShardIterator
		}
		if iterator == "" {
			continue // the shard is closed and read
		}
		var got struct {
			Records           []map[string]any
			NextShardIterator string
		}
		if err := r.ask(ctx, "GetRecords", map[string]any{"ShardIterator": iterator, "Limit": most}, &got); err != nil {
			return batches, err
		}
		r.iterators[shard.ShardId] = got.NextShardIterator
		batch, err := recordsOf(got.Records)
		if err != nil {
			return batches, err
		}
		batches = append(batches, batch)
	}
	return batches, nil
}

func recordsOf(all []map[string]any) (batch []record, err error) {
	for _, fields := range all {
		change, _ := fields["dynamodb"].(map[string]any)
		number, _ := change["SequenceNumber"].(string)
		created, _ := change["ApproximateCreationDateTime"].(json.Number)
		seconds, err := created.Float64()
		if err != nil || number == "" {
			return batch, fmt.Errorf("a record has no SequenceNumber, or no ApproximateCreationDateTime")
		}
		batch = append(batch, record{fields, number, time.UnixMilli(int64(seconds * 1000))})
	}
	return batch, nil
}

// ask calls an operation of DynamoDB Streams at the engine. Its answers are read as they are written, for the function
// gets them so.
func (r *reader) ask(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	c := r.account.config
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Tables, bytes.NewReader(body))
	if err != nil {
		return err
	}
	q.Header.Set("X-Amz-Target", "DynamoDBStreams_20120810."+operation)
	q.Header.Set("Content-Type", "application/x-amz-json-1.0")
	sum := sha256.Sum256(body)
	root := aws.Credentials{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey}
	if err := v4.NewSigner().SignHTTP(ctx, root, q, hex.EncodeToString(sum[:]), "dynamodb", c.Region, time.Now()); err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<10))
		return fmt.Errorf("%s: %s %s", operation, answer.Status, why)
	}
	d := json.NewDecoder(answer.Body)
	d.UseNumber()
	return d.Decode(out)
}

// mayRead reports whether a role may read a stream, as Lambda does for its function.
func (a *Account) mayRead(role, stream string) error {
	for _, action := range []string{"dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords", "dynamodb:ListStreams"} {
		if asked := (iam.Request{Action: action, Resource: stream}); !iam.Allowed(a.policiesOf(roleName(role)), asked) {
			return a.deny(role, asked)
		}
	}
	return nil
}
