package sitename

import (
	_ "embed"
	"strings"
	"sync"

	"beian/shared/rules/division"
)

// wordsFile has the words that are no places, one in a line: ordinary words that are also the name of a division (朝阳), words that
// contain such a name (大理石), and words that end with the beginning of one (大海). SOURCE.md says where they come from.
//
//go:embed words.txt
var wordsFile string

var words = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for word := range strings.Lines(wordsFile) {
		all[strings.TrimSpace(word)] = true
	}
	return all
})

// wordLimit is the length of the longest word or name of a division, in characters.
const wordLimit = 15

// findPlace returns the first division that a name contains, "" if none: a province, city or county by its full name, a province or city
// by its short name (杭州). The short names of counties do not count, because too many are common words. The name is read from left to right,
// and the longest word wins: 大理石 does not contain 大理, and 大海南边 does not contain 海南.
func findPlace(name string) string {
	runes := []rune(name)
	for i := 0; i < len(runes); {
		n := min(wordLimit, len(runes)-i)
		for ; n > 1; n-- {
			text := string(runes[i : i+n])
			if words()[text] {
				break
			}
			if division.IsName(text) {
				return text
			}
		}
		i += max(n, 1)
	}
	return ""
}
