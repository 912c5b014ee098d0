package number

import (
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
)

// What [Service.Fit] replaces, and what it keeps: quoted words, and websites that are not the one that is filed.
var (
	inChinese = pattern.New(`“[^”]*”|网站建设方案书|(?:备案|管局|管理局|注册商的|政府)网站|网站(?:备案信息真实性核验单)?`)
	inEnglish = pattern.New(`“[^”]*”|\b([Aa] )?(?:(W)eb|web)?([Ss])ite(s?)\b`)
)

// Fit returns a text about a website that is filed, in the words of the kind: 网站负责人 of a mini program is 小程序负责人, "a site's name" of an app is
// "an app's name". Call it with texts that are about the service alone: it keeps the usual names of other websites in Chinese, not in English, and
// words in “quotation marks”.
func (s Service) Fit(w finding.Words) finding.Words {
	if s == Site {
		return w
	}
	name := s.Words()
	w.Chinese = inChinese().ReplaceAllStringFunc(w.Chinese, func(found string) string {
		rest, is := strings.CutPrefix(found, "网站")
		switch {
		case !is:
			return found
		case rest != "":
			return rest // the form has no other name
		}
		return name.Chinese
	})
	w.English = inEnglish().ReplaceAllStringFunc(w.English, func(found string) string {
		part := inEnglish().FindStringSubmatch(found)
		if part[3] == "" {
			return found
		}
		article, word := part[1], name.English+part[4]
		if article != "" && strings.ContainsRune("aeiou", rune(word[0])) {
			article = article[:1] + "n "
		}
		if article == "" && (part[2] != "" || part[3] == "S") {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		return article + word
	})
	return w
}
