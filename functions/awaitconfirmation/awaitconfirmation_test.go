package awaitconfirmation_test

import (
	"testing"

	"beian/functions/awaitconfirmation"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.AwaitConfirmation, func(d *decide.Service) steptest.Handle { return awaitconfirmation.Handler{Decisions: d}.Handle })
}
