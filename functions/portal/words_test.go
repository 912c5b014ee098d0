package portal

import (
	"testing"

	"beian/shared/web/pages/pagestest"
)

func TestWordsAndTemplates(t *testing.T) { pagestest.Check(t, newFixture(t).portal.Site) }
