package cloud_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestMain makes this test's own program the function that is deployed: its processes are told apart by a variable.
func TestMain(m *testing.M) {
	if os.Getenv("FUNCTION") == "" {
		os.Exit(m.Run())
	}
	lambda.Start(obey)
}

// obey writes what it gets, and fails at the records of a stream whose key begins with "bad".
func obey(_ context.Context, event json.RawMessage) (any, error) {
	var stream events.DynamoDBEvent
	if json.Unmarshal(event, &stream) == nil && len(stream.Records) > 0 {
		var out events.DynamoDBEventResponse
		for _, r := range stream.Records {
			key := r.Change.Keys["pk"].String()
			fmt.Println(r.EventName, key)
			if strings.HasPrefix(key, "bad") {
				out.BatchItemFailures = append(out.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: r.Change.SequenceNumber})
				return out, nil
			}
		}
		return out, nil
	}
	fmt.Println(string(event))
	return map[string]any{"environment": os.Environ()}, nil
}

// lines keep what functions write.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// program uploads this test's program as the code of functions: code/obey.zip.
func (w *world) program() {
	w.t.Helper()
	w.upload()
	self, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	code, err := os.Open(self)
	if err != nil {
		w.t.Fatal(err)
	}
	defer code.Close()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	file, err := z.CreateHeader(&zip.FileHeader{Name: "bootstrap", Method: zip.Store})
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := io.Copy(file, code); err != nil {
		w.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		w.t.Fatal(err)
	}
	_, err = w.objects(as(root, secret, "")).PutObject(w.t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("code"), Key: aws.String("obey.zip"), Body: bytes.NewReader(b.Bytes()),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// obeying is a function that runs this test's program.
var obeying = strings.NewReplacer(`"f.zip"`, `"obey.zip"`, `"A": "b"`, `"FUNCTION": "obey", "A": "b"`).Replace(function)

// awaited waits until something is so.
func (w *world) awaited(what string, so func() bool) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s did not come; functions said:\n%s", what, w.said)
		}
	}
}

// with is a template's resources and some more.
func with(all map[string]any, more map[string]any) map[string]any {
	all = maps.Clone(all)
	maps.Copy(all, more)
	return all
}

func granted(action, on string) map[string]any {
	return resource("AWS::IAM::Policy", `{"PolicyName": "p", "Roles": [{"Ref": "R"}], "PolicyDocument": {"Version": "2012-10-17",
		"Statement": [{"Effect": "Allow", "Action": `+action+`, "Resource": `+on+`}]}}`)
}

const functionARN = "arn:aws:lambda:" + region + ":" + accountID + ":function:f"
