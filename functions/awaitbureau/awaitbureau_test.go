package awaitbureau_test

import (
	"testing"

	"beian/functions/awaitbureau"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.AwaitBureau, func(d *decide.Service) steptest.Handle { return awaitbureau.Handler{Decisions: d}.Handle })
}
