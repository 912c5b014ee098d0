package collectevidence_test

import (
	"testing"

	"beian/functions/collectevidence"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.CollectEvidence, func(d *decide.Service) steptest.Handle { return collectevidence.Handler{Decisions: d}.Handle })
}
