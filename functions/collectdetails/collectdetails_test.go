package collectdetails_test

import (
	"testing"

	"beian/functions/collectdetails"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.CollectDetails, func(d *decide.Service) steptest.Handle { return collectdetails.Handler{Decisions: d}.Handle })
}
