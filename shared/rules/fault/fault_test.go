package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

var errDown = errors.New("it is down")

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind fault.Kind
	}{
		{nil, ""},
		{errDown, fault.Internal},
		{fault.New(fault.NotFound, "没有", "none"), fault.NotFound},
		{fmt.Errorf("around it: %w", fault.New(fault.Stale, "旧", "old")), fault.Stale},
		{fault.Wrap(fault.Unavailable, errDown), fault.Unavailable},
		{fault.Wrap(fault.Unavailable, nil), ""},
		{errors.Join(errDown, fault.New(fault.Conflict, "冲突", "conflict")), fault.Conflict},
		{fault.Wrap(fault.Internal, fault.New(fault.Conflict, "冲突", "conflict")), fault.Internal},
	} {
		if got := fault.KindOf(c.err); got != c.kind {
			t.Errorf("%v: %q, want %q", c.err, got, c.kind)
		}
	}
	if err := fault.Wrap(fault.Unavailable, errDown); !errors.Is(err, errDown) {
		t.Error("the cause is lost")
	}
	if f := fault.Of(errDown); !errors.Is(f, errDown) || f.Message.Chinese != "" {
		t.Error("what nobody classified says something to callers")
	}
}

func TestTheLogKnowsAll(t *testing.T) {
	f := fault.Found(fault.Invalid, finding.List{finding.New("text-too-long", "/remark", "max", "3")})
	f.Cause = errDown
	for _, part := range []string{"Invalid", "text-too-long", "/remark", "it is down"} {
		if !strings.Contains(f.Error(), part) {
			t.Errorf("%q lacks %q", f.Error(), part)
		}
	}
}

// TestNamed goes through Lambda's own encoding: the error name must be the kind, for Retry and Catch match it.
func TestNamed(t *testing.T) {
	handle := fault.Named(func(_ context.Context, in string) (string, error) {
		switch in {
		case "fine":
			return "done", nil
		case "busy":
			return "", fmt.Errorf("around it: %w", fault.Wrap(fault.Unavailable, errDown))
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
