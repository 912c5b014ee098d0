package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A script is a writing system whose letters look like those of another one.
type script struct {
	name, chinese string
	table         *unicode.RangeTable
	// twins are letters that cannot be told from a Latin letter, each with that letter (confusables.txt of UTS 39).
	twins map[rune]rune
	// similar are letters that resemble a Latin letter.
	similar string
	// alike says that most letters look like letters of other scripts.
	alike bool
}

var (
	latin = script{name: "Latin", chinese: "拉丁字母（英文）", table: unicode.Latin,
		twins: twins("ɑaɡgıi")} // of phonetic and Turkish alphabets; GBK has the first two
	cyrillic = script{name: "Cyrillic", chinese: "西里尔字母（俄文等）", table: unicode.Cyrillic, alike: true,
		twins: twins("АAВBЕEЅSІIЈJКKМMНHОOРPСCТTУYХXԚQԜWҮYаaсcеeѕsіiјjоoрpуyхxԁdһhԛqԝwѵvӏl")}
	greek = script{name: "Greek", chinese: "希腊字母", table: unicode.Greek, similar: "αγικνρστυωχ",
		twins: twins("ΑAΒBΕEΖZΗHΙIΚKΜMΝNΟOΡPΤTΥYΧXοo")}
	scripts = []script{latin, cyrillic, greek,
		{name: "Armenian", chinese: "亚美尼亚字母", table: unicode.Armenian, alike: true},
		{name: "Cherokee", chinese: "切罗基字母", table: unicode.Cherokee, alike: true},
		{name: "Coptic", chinese: "科普特字母", table: unicode.Coptic, alike: true},
		{name: "Lisu", chinese: "傈僳字母", table: unicode.Lisu, alike: true},
		{name: "Georgian", chinese: "格鲁吉亚字母", table: unicode.Georgian},
		{name: "Hebrew", chinese: "希伯来字母", table: unicode.Hebrew},
		{name: "Arabic", chinese: "阿拉伯字母", table: unicode.Arabic},
	}
)

func twins(pairs string) map[rune]rune {
	m := map[rune]rune{}
	runes := []rune(pairs)
	for i := 0; i < len(runes); i += 2 {
		m[runes[i]] = runes[i+1]
	}
	return m
}

// scriptOf returns the index of a letter's script in scripts; -1 for others, such as Chinese characters, digits and signs.
func scriptOf(r rune) int {
	if r < 0x80 {
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			return 0
		}
		return -1
	}
	if r < 0xaa || r >= 0x2e80 && r < 0xa4d0 { // Chinese characters and kana, which are the usual case
		return -1
	}
	return slices.IndexFunc(scripts, func(s script) bool { return unicode.Is(s.table, r) })
}

// wordsOf returns the positions of the words in a text: runs of letters of scripts, with their marks.
func wordsOf(runes []rune) [][2]int {
	var words [][2]int
	for i := 0; i < len(runes); i++ {
		start := i
		for i < len(runes) && (scriptOf(runes[i]) >= 0 || i > start && unicode.Is(unicode.M, runes[i])) {
			i++
		}
		if i > start {
			words = append(words, [2]int{start, i})
		}
	}
	return words
}

// replaceLookAlikes replaces letters by the letter of another script that cannot be told from it where it is sure which one was meant:
//
//   - Cyrillic and Greek letters in a word with Latin letters, if all of them have a Latin twin; Latin letters in a word with others;
//   - words of only such letters in a Chinese or Latin text: the А of А公司;
//   - the ɑ and ɡ of pinyin;
//   - one katakana that looks like a Chinese character, in a Chinese text without other kana: the ロ of 出ロ.
func replaceLookAlikes(text string) string {
	runes := []rune(text)
	changed := replaceKana(runes, text)
	for i, r := range runes {
		if r == 'ɑ' || r == 'ɡ' {
			runes[i], changed = latin.twins[r], true
		}
	}
	for _, s := range []script{cyrillic, greek} {
		has := func(r rune) bool { return unicode.Is(s.table, r) }
		if slices.ContainsFunc(runes, has) {
			changed = replaceLetters(runes, s) || changed
		}
	}
	if !changed {
		return text
	}
	return string(runes)
}

// replaceLetters replaces the look-alikes of a script in place, and reports whether there were any.
func replaceLetters(runes []rune, s script) (changed bool) {
	own := func(r rune) bool { return unicode.Is(s.table, r) && s.twins[r] == 0 }
	other := func(r rune) bool { return unicode.Is(unicode.Latin, r) || unicode.Is(unicode.Han, r) }
	foreign := !slices.ContainsFunc(runes, own) && slices.ContainsFunc(runes, other) // no word is of the script for sure
	toScript := map[rune]rune{}
	for letter, twin := range s.twins {
		if letter <= 'я' && (toScript[twin] == 0 || letter < toScript[twin]) { // letters of Russian and Greek
			toScript[twin] = letter
		}
	}
	for _, w := range wordsOf(runes) {
		word := runes[w[0]:w[1]]
		hasLatin := slices.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		replacement := s.twins
		switch {
		case !slices.ContainsFunc(word, func(r rune) bool { return unicode.Is(s.table, r) }):
			continue
		case slices.ContainsFunc(word, own):
			if replacement = toScript; slices.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) && toScript[r] == 0 }) {
				continue
			}
		case !hasLatin && !foreign:
			continue
		}
		for i, r := range word {
			if to := replacement[r]; to != 0 {
				word[i], changed = to, true
			}
		}
	}
	return changed
}

// kana are katakana that look like a Chinese character, each with that character.
var kana = twins("ト卜ロ口エ工カ力タ夕ハ八ニ二オ才チ千ー一")

// replaceKana replaces a katakana that stands alone in a Chinese text. Names of Japanese companies keep theirs.
func replaceKana(runes []rune, text string) bool {
	i := loneKana(runes)
	if i < 0 || strings.Contains(text, "会社") {
		return false
	}
	runes[i] = kana[runes[i]]
	return true
}

// loneKana returns the index of the only kana of a text, if it looks like a Chinese character and stands beside one, else -1.
func loneKana(runes []rune) int {
	isKana := func(r rune) bool { return unicode.In(r, unicode.Katakana, unicode.Hiragana) || r == 'ー' }
	i := slices.IndexFunc(runes, isKana)
	if i < 0 || kana[runes[i]] == 0 || slices.ContainsFunc(runes[i+1:], isKana) {
		return -1
	}
	han := func(i int) bool { return i >= 0 && i < len(runes) && unicode.Is(unicode.Han, runes[i]) }
	counts := i > 0 && strings.ContainsRune("一二三四五六七八九十0123456789", runes[i-1]) // 三カ月 is Japanese
	if !han(i-1) && !han(i+1) || runes[i] == 'カ' && counts {
		return -1
	}
	return i
}

// A LookAlike is a letter that may stand for one of another script, so that a reader takes the text for another one.
type LookAlike struct {
	Character rune
	Position  int      // of the character in the text, from 1
	Scripts   []string // of the word, in English: "Latin", "Cyrillic"
	Chinese   []string // the same in Chinese
	// Certain says that nobody can see the difference. Otherwise the scripts are only mixed, or the whole text has only such letters, so that
	// it may be right.
	Certain bool
}

// FindLookAlike returns the most serious look-alike of a normalised text, and whether there is one. Words of different scripts beside each
// other are none, nor are Chinese characters beside letters.
func FindLookAlike(text string) (LookAlike, bool) {
	if strings.IndexFunc(text, func(r rune) bool { return r >= 0x80 }) < 0 {
		return LookAlike{}, false
	}
	runes := []rune(text)
	var found LookAlike
	for _, w := range wordsOf(runes) {
		if l, is := mixedIn(runes, w); is && (found.Position == 0 || l.Certain && !found.Certain) {
			found = l
		}
	}
	if found.Position == 0 {
		return wholeIn(runes)
	}
	return found, true
}

// mixedIn returns the first look-alike of a word with letters of several scripts.
func mixedIn(runes []rune, w [2]int) (found LookAlike, is bool) {
	var mixed []script
	for k, s := range scripts {
		if slices.ContainsFunc(runes[w[0]:w[1]], func(r rune) bool { return scriptOf(r) == k }) {
			mixed = append(mixed, s)
		}
	}
	if len(mixed) < 2 {
		return found, false
	}
	for i := w[0]; i < w[1]; i++ {
		k := scriptOf(runes[i])
		if k <= 0 {
			continue
		}
		s := scripts[k]
		certain := s.twins[runes[i]] != 0 || s.alike && s.twins == nil
		if (certain || s.alike || strings.ContainsRune(s.similar, runes[i])) && (!is || certain && !found.Certain) {
			found, is = newLookAlike(runes[i], i, certain, mixed...), true
		}
	}
	return found, is
}

// wholeIn returns the first letter of words in a script, if all letters of that script in the text look like Latin ones.
func wholeIn(runes []rune) (LookAlike, bool) {
	for _, s := range scripts[1:] {
		if !s.alike && s.twins == nil {
			continue
		}
		letter := func(r rune) bool { return unicode.IsLetter(r) && unicode.Is(s.table, r) }
		own := func(r rune) bool { return letter(r) && s.twins != nil && s.twins[r] == 0 }
		if first := slices.IndexFunc(runes, letter); first >= 0 && !slices.ContainsFunc(runes, own) {
			return newLookAlike(runes[first], first, false, s), true
		}
	}
	return oddIn(runes)
}

// Signs that look like Chinese characters (ㄧ and ─ like 一, ロ like 口), as the scripts of a look-alike.
var (
	lonelyKana = script{name: "kana", chinese: "日文假名"}
	bopomofo   = script{name: "Bopomofo", chinese: "注音符号", table: unicode.Bopomofo}
	boxes      = script{name: "box-drawing characters", chinese: "制表符", table: &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x2500, Hi: 0x257f, Stride: 1}}}}
)

// oddIn returns the first Latin letter that looks like a usual one, or sign between Chinese characters that looks like one of them.
func oddIn(runes []rune) (LookAlike, bool) {
	han := func(i int) bool { return i >= 0 && i < len(runes) && unicode.Is(unicode.Han, runes[i]) }
	if i := loneKana(runes); i >= 0 {
		return newLookAlike(runes[i], i, false, lonelyKana), true
	}
	for i, r := range runes {
		if latin.twins[r] != 0 {
			return newLookAlike(r, i, false, latin), true
		}
		for _, s := range []script{bopomofo, boxes} {
			if unicode.Is(s.table, r) && (han(i-1) || han(i+1)) {
				return newLookAlike(r, i, false, s), true
			}
		}
	}
	return LookAlike{}, false
}

func newLookAlike(r rune, index int, certain bool, of ...script) LookAlike {
	l := LookAlike{Character: r, Position: index + 1, Certain: certain}
	for _, s := range of {
		l.Scripts, l.Chinese = append(l.Scripts, s.name), append(l.Chinese, s.chinese)
	}
	return l
}

// Placeholders returns the look-alike as arguments of a finding: character, code, position, scripts and scripts-zh.
func (l LookAlike) Placeholders() []string {
	return []string{"character", string(l.Character), "code", fmt.Sprintf("%U", l.Character), "position", fmt.Sprint(l.Position),
		"scripts", strings.Join(l.Scripts, " and "), "scripts-zh", strings.Join(l.Chinese, "、")}
}
