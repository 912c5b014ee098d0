package withdraw_test

import (
	"testing"

	"beian/functions/withdraw"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	ask := filing.AskToClose{As: filing.ClosingWithdraw}
	steptest.TestClosingStep(t, filing.InitialReview, filingtest.Applicant, ask, filing.Withdrawn,
		func(d *decide.Service) steptest.Handle { return withdraw.Handler{Decisions: d}.Handle })
}
