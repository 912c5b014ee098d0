package reject_test

import (
	"testing"

	"beian/functions/reject"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/rules/finding"
)

func TestHandle(t *testing.T) {
	ask := filing.Reject{Findings: finding.List{finding.New(filing.CodeAddressMissing, "/subject/address")}}
	steptest.TestClosingStep(t, filing.InitialReview, filingtest.Reviewer, ask, filing.InitialRejected,
		func(d *decide.Service) steptest.Handle { return reject.Handler{Decisions: d}.Handle })
}
