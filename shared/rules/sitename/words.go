package sitename

import (
	_ "embed"
	"strings"

	"beian/shared/rules/division"
)

// wordsFile has words that are no places, one in a line: common words, ordinary words that are also the name of a division (朝阳), words
// that contain such a name (大理石), and words that end with the beginning of one (大海). They are sorted by their bytes. SOURCE.md says where they come from.
//
//go:embed words.txt
var wordsFile string

// isWord reports whether the file has a word. It searches in the file itself: a map of the words takes longer to build than a process needs for the names that it checks.
func isWord(word string) bool {
	rest := wordsFile
	for rest != "" {
		middle := len(rest) / 2
		start := strings.LastIndexByte(rest[:middle], '\n') + 1
		line, after, _ := strings.Cut(rest[start:], "\n")
		switch {
		case line == word:
			return true
		case line < word:
			rest = after
		default:
			rest = rest[:start]
		}
	}
	return false
}

// wordLimit is the length of the longest word or name of a division, in characters.
const wordLimit = 15

// A span is a word of a name, in characters.
type span struct {
	start, end int
	place      bool // it is the name of a division
}

// split returns the words of a name. It reads from left to right, and the longest word wins; a character that begins no word is a word by itself.
func split(runes []rune) []span {
	var spans []span
	for i := 0; i < len(runes); {
		s := span{start: i, end: i + 1}
		for n := min(wordLimit, len(runes)-i); n > 1; n-- {
			text := string(runes[i : i+n])
			if known := isWord(text); known || division.IsName(text) {
				s.end, s.place = i+n, !known
				break
			}
		}
		spans = append(spans, s)
		i = s.end
	}
	return spans
}

// findPlace returns the first division that a name contains, "" if none: a province, city or county by its full name, a province or city
// by its short name (杭州). The short names of counties do not count, because too many are common words. Nor does a name inside a longer
// word: 大理石 does not contain 大理, and 大海南边 does not contain 海南.
func findPlace(name string) string {
	runes := []rune(name)
	for _, s := range split(runes) {
		if s.place {
			return string(runes[s.start:s.end])
		}
	}
	return ""
}

// contains reports whether a name contains a word that does not begin within another: 个人大事记 (个人, 大事) does not contain 人大.
func contains(name, word string) bool {
	if !strings.Contains(name, word) {
		return false
	}
	runes, length := []rune(name), len([]rune(word))
	for _, s := range split(runes) {
		for i := s.start; i < s.end && i+length <= len(runes); i++ {
			if string(runes[i:i+length]) == word && (i == s.start || i+length <= s.end) {
				return true
			}
		}
	}
	return false
}
