package division

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"beian/shared/rules/workday"
)

// TrimNames removes the names of divisions, old and new, at the beginning of an address: "示例路1号" of "浙江省杭州市西湖区示例路1号". A
// name may be short if another one follows or nothing does: "新疆岑岭县", but not "北京路1号".
func TrimNames(address string) string {
	for {
		name := leadingName(address)
		if name == "" {
			return address
		}
		address = strings.TrimLeft(address[len(name):], " ")
	}
}

// ProvinceOf returns the code of the province in which an address lies, by the name at its beginning: 330000 for "杭州市示例路1号". It returns
// false if there is no name, or several provinces have it (鼓楼区).
func ProvinceOf(address string) (code string, ok bool) {
	name := leadingName(address)
	provinces := names().full[name]
	if len(provinces) == 0 {
		provinces = names().short[name]
	}
	if len(provinces) != 1 {
		return "", false
	}
	return provinces[0], true
}

// IsName reports whether a text is the name of a division: the full name of three characters or more, or the short name of a province or city.
func IsName(text string) bool {
	return len(names().short[text]) > 0 || len(names().full[text]) > 0 && utf8.RuneCountInString(text) > 2
}

// leadingName returns the longest name with which an address begins; "" if there is none.
func leadingName(address string) string {
	if name := longestPrefix(address, names().full); name != "" {
		return name
	}
	name := longestPrefix(address, names().short)
	if rest := strings.TrimLeft(address[len(name):], " "); name != "" && rest != "" && leadingName(rest) == "" {
		return "" // 北京 of 北京路
	}
	return name
}

// longestPrefix returns the longest key with which a text begins; "" if there is none.
func longestPrefix(text string, keys map[string][]string) string {
	longest := ""
	end := 0
	for range nameLimit {
		_, size := utf8.DecodeRuneInString(text[end:])
		if size == 0 {
			break
		}
		end += size
		if _, is := keys[text[:end]]; is {
			longest = text[:end]
		}
	}
	return longest
}

// nameLimit is the length of the longest name, in characters (双江拉祜族佤族布朗族傣族自治县).
const nameLimit = 15

// nameIndex has the codes of the provinces in which a name lies today.
type nameIndex struct {
	full  map[string][]string
	short map[string][]string // provinces and cities without 省, 市, 自治区 …
}

var names = sync.OnceValue(func() nameIndex {
	index := nameIndex{make(map[string][]string, len(divisions())), map[string][]string{}}
	add := func(names map[string][]string, name, code string) {
		if province := code[:2] + "0000"; !slices.Contains(names[name], province) {
			names[name] = append(names[name], province)
		}
	}
	const end workday.Date = "9999-01-01"
	for _, d := range divisions() {
		if d.IsPlaceholder() {
			continue
		}
		now := []Division{d}
		if d.Until != "" {
			if became := inForce(d.Code, end, map[string]bool{}); len(became) > 0 {
				now = became
			}
		}
		for _, n := range now {
			add(index.full, d.Name, n.Code)
			if d.Level() != County {
				add(index.short, Short(d.Name), n.Code)
			}
		}
	}
	return index
})

// nationalities are those in the names of autonomous divisions, longest first.
var nationalities = []string{"柯尔克孜", "土家族", "维吾尔", "哈萨克", "哈尼族", "朝鲜族", "傈僳族", "布依族", "景颇族", "蒙古族", "蒙古", "壮族", "回族", "藏族", "彝族",
	"白族", "傣族", "苗族", "侗族", "羌族", "黎族"}

// Short returns the short name of a province or city: 广西 of 广西壮族自治区, 杭州 of 杭州市, 延边 of 延边朝鲜族自治州.
func Short(name string) string {
	for _, tail := range []string{"特别行政区", "自治区", "自治州", "地区", "省", "市", "盟"} {
		if short, ok := strings.CutSuffix(name, tail); ok && utf8.RuneCountInString(short) > 1 {
			name = short
			break
		}
	}
	for trimmed := true; trimmed; {
		trimmed = false
		for _, n := range nationalities {
			if short, ok := strings.CutSuffix(name, n); ok && utf8.RuneCountInString(short) > 1 {
				name, trimmed = short, true
			}
		}
	}
	return name
}
