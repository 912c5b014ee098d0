package initialreview_test

import (
	"testing"

	"beian/functions/initialreview"
	"beian/infra/local/steptest"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/domaincheck"
)

func TestHandle(t *testing.T) {
	steptest.TestWaitingStep(t, filing.InitialReview, func(d *decide.Service) steptest.Handle {
		return initialreview.Handler{Decisions: d, Domains: &domaincheck.Finder{Now: d.Now}}.Handle
	})
}
