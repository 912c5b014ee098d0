package abandon_test

import (
	"testing"

	"beian/functions/abandon"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	ask := filing.AskToClose{As: filing.ClosingAbandon}
	steptest.TestClosingStep(t, filing.CollectEvidence, filingtest.Applicant, ask, filing.Abandoned,
		func(d *decide.Service) steptest.Handle { return abandon.Handler{Decisions: d}.Handle })
}
