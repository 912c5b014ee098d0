package verifyauthenticity_test

import (
	"testing"

	"beian/functions/verifyauthenticity"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.VerifyAuthenticity, func(d *decide.Service) steptest.Handle { return verifyauthenticity.Handler{Decisions: d}.Handle })
}
