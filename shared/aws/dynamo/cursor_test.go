package dynamo

import (
	"strings"
	"testing"

	"beian/shared/rules/fault"
)

// FuzzCursor: every cursor is rejected or names an order.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "!", "e30", "bnVsbA", cursorOf(item{attrPK: stringValue("ORDER#1"), attrAt: stringValue("2019-12-26T01:00:00.000Z#1")})} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		start, err := parseCursor(given)
		switch {
		case err != nil && !fault.Of(err).Findings.Has(CodeCursor):
			t.Errorf("%v", err)
		case err == nil && (!strings.HasPrefix(stringAttr(start, attrPK), "ORDER#") || stringAttr(start, attrAt) == ""):
			t.Error("the cursor names something other than an order")
		}
	})
}
