package cloudtest_test

import (
	"strings"
	"testing"
)

func TestStockCDKDeploys(t *testing.T) {
	w := newWorld(t)
	w.cdk(t, "bootstrap", "aws://"+account+"/"+region)
	w.cdk(t, "deploy", "--all", "--app", w.assembly, "--require-approval", "never")
	if said := w.cdk(t, "deploy", "--all", "--app", w.assembly, "--require-approval", "never"); strings.Count(said, "(no changes)") != 2 {
		t.Errorf("a second deployment changes something:\n%s", said)
	}
	w.cdk(t, "diff", "--app", w.assembly)
	w.cdk(t, "destroy", "beian-default-system", "--exclusively", "--force", "--app", w.assembly)
}
