package maildocuments_test

import (
	"testing"

	"beian/functions/maildocuments"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.MailDocuments, func(d *decide.Service) steptest.Handle { return maildocuments.Handler{Decisions: d}.Handle })
}
