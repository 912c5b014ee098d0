package pages_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"beian/infra/local/browser"
)

// A manner is how a person uses the portal. Tests name fields, buttons and texts in Chinese; a person who reads English sees them in English.
type manner struct {
	size     browser.Size
	english  bool
	keyboard bool // without a mouse
	noScript bool // without JavaScript
}

// Manners of the tests, so that together they use each.
var (
	onPhone      = manner{size: browser.Phone}
	onTablet     = manner{size: browser.Tablet}
	onPC         = manner{size: browser.Desktop}
	inEnglish    = manner{size: browser.Phone, english: true}
	withoutMouse = manner{size: browser.Desktop, keyboard: true}
)

// come returns a visitor with the manner.
func (m manner) come(t *testing.T) visitor {
	t.Helper()
	v := newVisitor(t, m.size)
	v.manner = m
	if m.english {
		v.visit("/?lang=en")
	}
	if m.noScript {
		v.must(v.page.DisableScript())
	}
	return v
}

// A phrase is a text of the pages in both languages.
type phrase struct {
	text    string         // in Chinese
	chinese *regexp.Regexp // finds the text; its groups are the parameters
	english string
	shown   *regexp.Regexp // finds the English text
}

func newPhrase(chinese, english string) phrase {
	named := func(text, with string) string {
		return parameter.ReplaceAllStringFunc(text, func(found string) string {
			return fmt.Sprintf(with, strings.ReplaceAll(strings.Trim(found, `\{}`), "-", "_"))
		})
	}
	return phrase{chinese, regexp.MustCompile("^" + named(regexp.QuoteMeta(chinese), "(?P<_%s_>.*)") + "$"), named(english, "_%s_"),
		regexp.MustCompile(parameter.ReplaceAllString(regexp.QuoteMeta(english), ".+"))}
}

var parameter = regexp.MustCompile(`\\?\{([a-z_-]+)\\?\}`)

// phrases are the words of the pages, and the words that the pages take from the API.
var phrases = sync.OnceValues(func() ([]phrase, error) {
	var files []string
	var err error
	for _, folder := range []string{"functions/portal", "shared/web/pages"} {
		var some []string
		some, err = filepath.Glob(filepath.Join(string(modules), "../..", folder, "words/*.json"))
		files = append(files, some...)
	}
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no words of the portal: %w", err)
	}
	var all []phrase
	for _, name := range files {
		doc, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var words map[string][2]string
		if err := json.Unmarshal(doc, &words); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, pair := range words {
			all = append(all, newPhrase(pair[0], pair[1]))
		}
	}
	for chinese, english := range fromAPI {
		all = append(all, newPhrase(chinese, english))
	}
	return all, nil
})

// fromAPI are words that the pages take from the API, and those of the issuer's pages.
var fromAPI = map[string]string{
	"手机号码或邮箱": "Mobile number or email", "获取验证码": "Send the code", "6 位验证码": "6-digit code", "登录": "Log in", "登录验证码": "sign-in code",
	"请选择用于备案的服务器": "Choose the server to file on", "请核对全部信息": "Check all information",
	"变更备案": "Change", "还没有选择服务内容": "No service content was chosen", "示例云": "Example Cloud", "网站": "site",
	"企业": "Enterprise", "江苏省": "Jiangsu", "中文": "Simplified Chinese", "单位门户网站": "Website of an organisation",
	"营业执照": "Business licence", "居民身份证": "Resident identity card",
}

// in returns a text, or for a part of a text the whole, as the visitor reads it on the page. What has no English is a name, or what somebody typed.
func (v visitor) in(chinese string) string {
	v.Helper()
	if !v.english {
		return chinese
	}
	shown, err := v.page.Text()
	v.must(err)
	all, err := phrases()
	v.must(err)
	if len(translations(all, chinese)) > 0 {
		return v.translate(chinese, func(english string) bool { return strings.Contains(shown, english) })
	}
	for _, one := range all {
		if found := one.shown.FindString(shown); strings.Contains(one.text, chinese) && found != "" {
			return found
		}
	}
	return chinese
}

// control returns the words of a field, a button or a link as the visitor reads them.
func (v visitor) control(chinese string) string {
	v.Helper()
	return v.labelled("label, button, a[href], summary", chinese)
}

// labelled returns the words of an element of a CSS selector as the visitor reads them.
func (v visitor) labelled(selector, chinese string) string {
	v.Helper()
	if !v.english {
		return chinese
	}
	controls, err := browser.Evaluate[[]string](v.page, `[...document.querySelectorAll("`+selector+`")].map(e => e.textContent.replace(/\s+/g, " ").trim())`)
	v.must(err)
	return v.translate(chinese, func(english string) bool {
		return slices.ContainsFunc(controls, func(words string) bool { return strings.HasPrefix(words, english) })
	})
}

// translate returns the English of a phrase that fits the page, else any English of it.
func (v visitor) translate(chinese string, fits func(english string) bool) string {
	v.Helper()
	all, err := phrases()
	v.must(err)
	found := translations(all, chinese)
	if i := slices.IndexFunc(found, fits); i >= 0 {
		return found[i]
	}
	if len(found) > 0 {
		return found[0] // of a page that is still to come
	}
	return chinese
}

// translations returns each English text of a Chinese one, the longest first, so that a label is not taken for another that begins with it.
func translations(all []phrase, chinese string) (found []string) {
	for _, one := range all {
		values := one.chinese.FindStringSubmatch(chinese)
		if values == nil || slices.Contains(values[1:], chinese) {
			continue
		}
		texts := []string{one.english}
		for i, value := range values[1:] {
			var replaced []string
			for _, text := range texts {
				for _, english := range append(translations(all, value), value) {
					replaced = append(replaced, strings.ReplaceAll(text, one.chinese.SubexpNames()[i+1], english))
				}
			}
			texts = replaced
		}
		found = append(found, texts...)
	}
	slices.SortFunc(found, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return found
}

// byKeys brings the focus to the field, or else the button or link, with these words: by Tab, and by the arrows within a group of radio buttons. A person has
// to see where the focus is.
func (v visitor) byKeys(words string, field bool) {
	v.Helper()
	for range 150 {
		v.must(v.page.Tab())
		focus, err := v.page.Focus()
		v.must(err)
		if !focus.Marked {
			v.Fatalf("nobody sees that %q has the focus", focus.Words)
		}
		if focus.Field == field && strings.HasPrefix(focus.Words, words) {
			return
		}
		for first := focus.Words; field && focus.Radio; {
			v.must(v.page.Key(kb.ArrowDown))
			if focus, err = v.page.Focus(); err != nil || focus.Words == first {
				break
			}
			if strings.HasPrefix(focus.Words, words) {
				return
			}
		}
	}
	v.shoot("failed")
	v.Fatalf("Tab does not lead to %q", words)
}

// typeValue types a value into the field with the focus, or goes through the options of a list with the arrows.
func (v visitor) typeValue(value string) {
	v.Helper()
	focus, err := v.page.Focus()
	v.must(err)
	if !focus.List {
		v.must(v.page.Key(value))
	}
	for before := ""; ; before = focus.Value {
		focus, err = v.page.Focus()
		v.must(err)
		if strings.Contains(focus.Value, value) {
			return
		}
		if !focus.List || focus.Value == before {
			v.Fatalf("%q has the value %q after typing %q", focus.Words, focus.Value, value)
		}
		v.must(v.page.Key(kb.ArrowDown))
	}
}
