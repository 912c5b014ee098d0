package pages_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/cards"
)

func TestTry(t *testing.T) {
	v := newVisitor(t, browser.Phone)
	v.visit("/")
	began := time.Now()
	r, err := cards.Open(v.page)
	v.must(err)
	t.Log("loaded", time.Since(began))
	var all cards.Score
	n := 8
	if os.Getenv("ALL") != "" {
		n = cards.Set
	}
	for i := range n {
		if o := os.Getenv("ONLY"); o != "" && cards.Invented(i).Paper != o {
			continue
		}
		c := cards.Invented(i)
		read, err := r.Read(c)
		if err != nil {
			t.Error(i, err)
			continue
		}
		r.Save(fmt.Sprintf("/tmp/recognition/shots/%02d.jpg", i))
		s := c.Score(read)
		all.Add(s)
		t.Logf("%d %s %d/%d in %s, %d bytes %+v", i, c.Paper, s.Right, s.Fields, s.Took, read.Bytes, c.Photo)
		if len(s.Wrong) > 0 {
			t.Logf("   wrong %q\n  lines %q", s.Wrong, read.Lines)
		}
	}
	t.Logf("%d of %d, checked %d wrongly %d, %s", all.Right, all.Fields, all.Checked, all.WronglyPassed, all.Took)
}
