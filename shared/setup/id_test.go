package setup_test

import (
	"strings"
	"testing"
	"unicode"

	"beian/shared/setup"
)

// TestNewID: an id has no part of the one before it but the time, so that who has one does not find others. The library's own source continues an id of the same
// millisecond, and follows from the time at which the process began.
func TestNewID(t *testing.T) {
	const time, compared = 10, 18 // characters: of the time, and before those that differ in each case
	before := setup.NewID()
	pairs := 0
	for range 10_000 {
		id := setup.NewID()
		if len(id) != 26 {
			t.Fatalf("%q", id)
		}
		if id[:time] == before[:time] {
			pairs++
			if id[time:compared] == before[time:compared] {
				t.Fatalf("%s follows %s", id, before)
			}
		}
		before = id
	}
	if pairs == 0 {
		t.Error("no two ids have the same time")
	}
}

// TestIDIsNoCode: the end of an id, by which SMS name an order, is not taken for the code beside it.
func TestIDIsNoCode(t *testing.T) {
	for range 10_000 {
		if id := setup.NewID(); !strings.ContainsFunc(id[len(id)-6:], unicode.IsLetter) {
			t.Fatalf("%s ends like a code", id)
		}
	}
}
