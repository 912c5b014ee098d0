package guard_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"beian/infra/stack/guard"
)

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		status  int
		answers []string
		refused bool // because of filings
		failed  bool // for another reason
	}{
		"empty":        {status: 200, answers: []string{`{"Count":0}`}},
		"one filing":   {status: 200, answers: []string{`{"Count":1}`}, refused: true},
		"on page two":  {status: 200, answers: []string{`{"Count":0,"LastEvaluatedKey":{"pk":{"S":"a"}}}`, `{"Count":3}`}, refused: true},
		"no table":     {status: 400, answers: []string{`{"__type":"ResourceNotFoundException"}`}},
		"not our role": {status: 400, answers: []string{`{"__type":"AccessDeniedException"}`}, failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				w.Write([]byte(c.answers[min(asked, len(c.answers)-1)]))
				asked++
			}))
			defer server.Close()
			client := dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(server.URL), Region: "ap-southeast-1", RetryMaxAttempts: 1,
				Credentials: credentials.NewStaticCredentialsProvider("local", "local-secret", "")})
			err := guard.Check(t.Context(), client, "beian-default")
			if errors.Is(err, guard.ErrFilings) != c.refused || (err != nil) != (c.refused || c.failed) {
				t.Errorf("%v", err)
			}
		})
	}
}
