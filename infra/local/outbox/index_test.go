package outbox

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// TestOlderMessagesAreDeleted: the outbox keeps the later half of the messages when it has the most, also in the file, and across a restart.
func TestOlderMessagesAreDeleted(t *testing.T) {
	before := mostMessages
	mostMessages = 10
	t.Cleanup(func() { mostMessages = before })
	c := Config{Folder: t.TempDir()}
	o, err := Open(c)
	if err != nil {
		t.Fatal(err)
	}
	send := func(n int) {
		t.Helper()
		to := []string{fmt.Sprintf("Person-%d@example.com", n%2), "all@example.com", "ALL@example.com"}
		if _, err := o.store(Message{Kind: Email, To: to, Text: fmt.Sprintf("<%d>", n)}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(first, last int) {
		t.Helper()
		for to, step := range map[string]int{"": 1, "All@example.com": 1, fmt.Sprintf("person-%d@example.com", first%2): 2} {
			var want, got []string
			for n := first; n <= last; n += step {
				want = append(want, fmt.Sprintf("<%d>", n))
			}
			for _, m := range o.Sent(to) {
				got = append(got, m.Text)
			}
			if fmt.Sprint(want) != fmt.Sprint(got) {
				t.Errorf("to %q: %v, want %v", to, got, want)
			}
		}
	}
	for n := range 9 {
		send(n)
	}
	check(0, 8)
	oldest := o.Sent("")[0].ID
	send(9)
	check(5, 9)
	if _, has := o.Message(oldest); has || o.Count() != 5 {
		t.Errorf("%d messages are left; the oldest is there: %t", o.Count(), has)
	}
	send(10)
	check(5, 10)
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.path())
	if err != nil || bytes.Contains(text, []byte(`<4>`)) || bytes.Contains(text, []byte(`\u003c4`)) {
		t.Errorf("the file has deleted messages: %s, %v", text, err)
	}
	if o, err = Open(c); err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	check(5, 10)
}
