package duties

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestSilence: after some lookups without an answer none is made for a while, and then again; an answer counts from the beginning.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s silence
		for range maxSilent - 1 {
			s.note(true)
		}
		s.note(false)
		for range maxSilent - 1 {
			s.note(true)
		}
		if s.lasts() {
			t.Error("an answer in between does not count")
		}
		s.note(true)
		if !s.lasts() {
			t.Error("registrars that do not answer are asked on")
		}
		time.Sleep(silenceLasts)
		if s.lasts() {
			t.Error("registrars are not asked again")
		}
	})
}
