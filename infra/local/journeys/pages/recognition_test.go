package pages_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/cards"
	"beian/shared/filing"
)

// TestReading: the browser reads photographs of certificates. Package bench reads the whole set.
func TestReading(t *testing.T) {
	v := newVisitor(t, browser.Phone)
	v.visit("/")
	reader, err := cards.Open(v.page)
	v.must(err)
	for _, n := range []int{0, 38} { // a resident ID card and a passport
		c := cards.Invented(n)
		read, err := reader.Read(c)
		v.must(err)
		if s := c.Score(read); s.Right < s.Fields || s.Checked == 0 {
			t.Errorf("%s: %d of %d fields are right, %d checked: %q in %q", c.Paper, s.Right, s.Fields, s.Checked, s.Wrong, read.Lines)
		}
	}
}

// readPhoto chooses a photograph of a card for the reader of the page.
func (v visitor) readPhoto(c cards.Card) {
	v.Helper()
	picture, err := cards.Draw(v.page, c)
	v.must(err)
	path := filepath.Join(v.TempDir(), "photo.jpg")
	v.must(os.WriteFile(path, picture, 0o600))
	_, err = browser.Evaluate[bool](v.page, `(document.querySelector("[data-paper=`+c.Paper+`]").click(), true)`)
	v.must(err)
	v.must(v.page.UploadTo("#recognise [data-file]", path))
}

// TestRecognise (S3): the subject's page is filled in from photographs. Nothing is loaded over a metered connection without asking; what was typed stays; the
// second photograph is read offline, so photographs stay in the browser.
func TestRecognise(t *testing.T) {
	o := orderAt(t, 9660, browser.Phone, filing.CollectDetails)
	number := fmt.Sprint(o.app.Open["certificate"].(map[string]any)["number"])
	front, back := cards.Resident("示例人", number, "北京市东城区示例胡同1号", time.Date(2015, 5, 1, 0, 0, 0, 0, time.UTC), time.Date(2035, 5, 1, 0, 0, 0, 0, time.UTC))
	o.visit(o.href("/subject"))
	o.sees("拍证件，自动填写（选填）", "照片不会传出去")
	o.shoot("offered")
	o.fill("证件有效期：到期日", "2034-05-01") // wrong
	_, err := browser.Evaluate[bool](o.page, `(Object.defineProperty(navigator, "connection", {value: {saveData: true}}), true)`)
	o.must(err)

	o.readPhoto(front)
	o.must(o.page.Await("您可能在使用流量"))
	o.shoot("asked")
	o.must(o.page.Act("下载并识别"))
	o.must(o.page.Await("读出 3 项"))
	o.sees("校验通过", "与已填写的一致", "北京市东城区示例胡同1号")
	o.shoot("front")
	if got := o.value("/subject/certificateAddress"); got != "" {
		t.Errorf("the page was filled in without being asked: %q", got)
	}
	o.must(o.page.Act("填入"))
	if got := o.value("/subject/certificateAddress"); got != "北京市东城区示例胡同1号" {
		t.Errorf("address %q", got)
	}

	o.must(o.page.Connect(false, 0))
	o.readPhoto(back)
	o.must(o.page.Await("读出 2 项"))
	o.sees("您填写的是：2034-05-01", "改用这个")
	o.shoot("back")
	o.must(o.page.Act("填入"))
	if from, to := o.value("/subject/certificate/validity/from"), o.value("/subject/certificate/validity/to"); from != "2015-05-01" || to != "2034-05-01" {
		t.Errorf("from %q to %q: what was typed has to stay", from, to)
	}
	o.must(o.page.Act("改用这个"))
	if to := o.value("/subject/certificate/validity/to"); to != "2035-05-01" {
		t.Errorf("to %q", to)
	}
	found, err := o.page.Violations(string(modules))
	o.must(err)
	if len(found) > 0 {
		t.Error(strings.Join(found, "\n"))
	}
	o.must(o.page.Resize(320, 740))
	o.must(o.page.Overflow())
	o.must(o.page.Connect(true, 0))
}

// value returns what the field with a name contains.
func (v visitor) value(name string) string {
	v.Helper()
	text, err := browser.Evaluate[string](v.page, `document.querySelector("[name='`+name+`']").value`)
	v.must(err)
	return strings.TrimSpace(text)
}
