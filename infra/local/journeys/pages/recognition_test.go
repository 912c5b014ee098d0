package pages_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/cards"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/certificate"
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

// patience is how long the reader may take on a busy machine, with its start.
const patience = 2 * time.Minute

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
	o := orderAt(t, 9660, onPhone, filing.CollectDetails)
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
	o.must(o.page.AwaitFor(patience, "读出 3 项"))
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
	o.must(o.page.AwaitFor(patience, "读出 2 项"))
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

	o.press("保存并继续") // other answers are missing: the page comes back
	kept, err := browser.Evaluate[[]string](o.page, `[...document.querySelectorAll("input[name=reading]")].map(i => JSON.parse(i.value)).map(r => r.pointer + " " + r.text)`)
	o.must(err)
	slices.Sort(kept)
	if want := []string{"/subject/certificate/number " + number, "/subject/certificate/validity/from 2015-05-01", "/subject/certificate/validity/to 2035-05-01",
		"/subject/certificateAddress 北京市东城区示例胡同1号", "/subject/name 示例人"}; !slices.Equal(kept, want) {
		t.Errorf("the readings kept for the reviewer: %q", kept)
	}
}

// TestRecogniseFirm: the pages of an organisation are filled in from a business licence, with its rare characters, and those of its leader from a passport.
func TestRecogniseFirm(t *testing.T) {
	licence, passport := cards.Invented(7), cards.Invented(6)
	licence.Photo.Quarters = 0
	app := scenario.Invented(9961)
	app.Open["entityKind"], app.Open["name"] = 4, licence.Want["name"]
	app.Open["certificate"] = map[string]any{"kind": int(certificate.BusinessLicence), "number": licence.Want["number"]}
	a := advance(t, app, filing.CollectDetails)
	v := newVisitor(t, browser.Phone)
	v.logIn(a.mobile)
	v.at(a, "/subject")
	v.readPhoto(licence)
	v.must(v.page.AwaitFor(patience, "请逐项与证件核对"))
	v.sees("校验通过", "与已填写的一致", licence.Want["address"])
	v.shoot("licence")
	v.must(v.page.Act("填入"))
	if got := v.value("/subject/certificateAddress"); got != licence.Want["address"] {
		t.Errorf("address %q", got)
	}

	v.at(a, "/subject/leader")
	v.must(v.page.Fill("证件类型", fmt.Sprint(int(certificate.Passport))))
	buttons, err := browser.Evaluate[[]string](v.page, `[...document.querySelectorAll("[data-paper]")].filter(b => !b.hidden).map(b => b.dataset.paper)`)
	if v.must(err); !slices.Equal(buttons, []string{"passport"}) {
		t.Errorf("the page offers %q", buttons)
	}
	v.readPhoto(passport)
	v.must(v.page.AwaitFor(patience, "请逐项与证件核对"))
	v.sees("校验通过", passport.Want["number"], passport.Want["name-latin"])
	v.shoot("passport")
	v.must(v.page.Act("填入所有空白项"))
	if name, number := v.value("/subject/leader/name"), v.value("/subject/leader/certificate/number"); name != passport.Want["name-latin"] || number != passport.Want["number"] {
		t.Errorf("name %q, number %q", name, number)
	}
	v.accessible()
}

// value returns what the field with a name contains.
func (v visitor) value(name string) string {
	v.Helper()
	text, err := browser.Evaluate[string](v.page, `document.querySelector("[name='`+name+`']").value`)
	v.must(err)
	return strings.TrimSpace(text)
}
