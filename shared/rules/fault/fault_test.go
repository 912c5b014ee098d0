package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

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
		t.Error("an unclassified error has a message for callers")
	}
}

func TestErrorText(t *testing.T) {
	f := fault.WithFindings(fault.Invalid, finding.List{finding.New("text-too-long", "/remark", "max", "3")})
	f.Cause = errDown
	for _, part := range []string{"Invalid", "text-too-long", "/remark", "it is down"} {
		if !strings.Contains(f.Error(), part) {
			t.Errorf("%q lacks %q", f.Error(), part)
		}
	}
}
