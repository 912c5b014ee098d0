package finding

import (
	"slices"
	"strconv"
)

// Limits of a list of findings that is stored or sent. People correct the first findings and send the data again; a response of Lambda has
// at most 6 MB, and an item of the table 400 KB.
const (
	MaxListed = 100      // findings, with the one that counts the rest
	maxText   = 96 << 10 // bytes of their texts and pointers
)

// CodeMore is the code of the last finding of a list that was limited. It says how many findings were left out.
const CodeMore Code = "findings-more"

// Limited returns at most [MaxListed] findings with at most 96 KB of text, those that block first if some are left out. Its last finding
// then counts the findings that were left out, and those that were not even created (more).
func (l List) Limited(more int) List {
	fits := more == 0 && len(l) <= MaxListed && l.size() <= maxText
	if fits {
		return l
	}
	sorted := slices.Clone(l)
	slices.SortStableFunc(sorted, func(a, b Finding) int { return rank(a.Severity) - rank(b.Severity) })
	listed, size := 0, 0
	for _, f := range sorted {
		if size += f.size(); listed == MaxListed-1 || size > maxText {
			break
		}
		listed++
	}
	return append(sorted[:listed:listed], New(CodeMore, "", "count", strconv.Itoa(len(l)-listed+more)))
}

func rank(s Severity) int { return slices.Index([]Severity{Block, Warn, Inform}, s) }

func (l List) size() (bytes int) {
	for _, f := range l {
		bytes += f.size()
	}
	return bytes
}

func (f Finding) size() int {
	return len(f.Pointer) + len(f.Code) + len(f.Message.Chinese) + len(f.Message.English) + len(f.Remedy.Chinese) + len(f.Remedy.English)
}
