package lambdaerror_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/shared/aws/lambdaerror"
	"beian/shared/rules/fault"
)

var errDown = errors.New("the service is down")

// TestWrap: in Lambda's encoding, the error name is the kind, which Retry and Catch match.
func TestWrap(t *testing.T) {
	handle := lambdaerror.Wrap(func(_ context.Context, in string) (string, error) {
		switch in {
		case "fine":
			return "done", nil
		case "busy":
			return "", fmt.Errorf("verify: %w", fault.Wrap(fault.Unavailable, errDown))
		}
		return "", errDown
	})
	handler := lambda.NewHandler(handle)
	for in, want := range map[string]string{"busy": "Unavailable", "other": "Internal"} {
		input, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		_, err = handler.Invoke(t.Context(), input)
		doc, merr := json.Marshal(err)
		if merr != nil {
			t.Fatal(merr)
		}
		var answer struct {
			ErrorType    string `json:"errorType"`
			ErrorMessage string `json:"errorMessage"`
		}
		if json.Unmarshal(doc, &answer) != nil || answer.ErrorType != want || !strings.Contains(answer.ErrorMessage, "down") {
			t.Errorf("%s: %s", in, doc)
		}
	}
	if out, err := handler.Invoke(t.Context(), []byte(`"fine"`)); err != nil || string(out) != `"done"` {
		t.Errorf("%s, %v", out, err)
	}
}
