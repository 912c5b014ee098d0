package verifyproduct_test

import (
	"testing"

	"beian/functions/verifyproduct"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.VerifyProduct, func(d *decide.Service) steptest.Handle { return verifyproduct.Handler{Decisions: d}.Handle })
}
