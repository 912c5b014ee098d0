package document

import (
	"maps"
	"regexp"
	"sync"

	"beian/shared/bureau/schema"
)

// visiblePatterns are the patterns of the texts that an operator may see, by element: filing numbers, domains, times, and our ids. All
// other texts are redacted. The patterns take 5 MB and are compiled at their first use.
var visiblePatterns = sync.OnceValue(func() map[string]*regexp.Regexp {
	moments := regexp.MustCompile(`^\d{4}-\d\d-\d\d([ T][\d:.]{1,12})?$`)
	names := regexp.MustCompile(`^[\pL\pN-]{1,63}(\.[\pL\pN-]{1,63})+$`)
	licences := regexp.MustCompile(`^\p{Han}{1,3}ICP[备证]\d{1,12}号(-\d{1,5})?$`)
	digits := regexp.MustCompile(`^\d{1,18}$`)
	return map[string]*regexp.Regexp{
		"Baxh": licences, "Wz_Baxh": licences, "Wzbah": licences, "Ztbah": licences,
		"Ym": names, "Wzym_mc": names,
		"Bs":     digits, // our id in a new filing; otherwise the record as submitted
		"Dqjcsj": moments, "Hcsj": moments, "Hssj": moments, "Rbsj": moments, "Clsx": moments, "Scbbsj": moments,
		"Scjcsj": moments, "Shsj": moments, "Zjxgsj": moments, "Fprq": moments, "Zcsj": moments, "Yxrq": moments,
	}
})

// visiblePatternsInTables are the patterns for the bureau's code lists: visiblePatterns, and any text of an entry, because the lists
// contain no personal data.
var visiblePatternsInTables = sync.OnceValue(func() map[string]*regexp.Regexp {
	all := maps.Clone(visiblePatterns())
	for _, name := range []string{"Bm", "Fl1", "Fl2", "Mc", "Nr", "Shengjc", "Ztmc"} {
		all[name] = regexp.MustCompile(`^`)
	}
	return all
})

// View returns what an operator may see: structure, codes and ids. Personal data, free text and attachments are redacted.
func (u *Upload) View() schema.View { return schema.ViewOf(u, visiblePatterns()) }

// View returns what an operator may see: structure, codes and ids. Personal data, free text and attachments are redacted.
func (d *Download) View() schema.View {
	if d.Codes != nil || d.Sync != nil && d.Sync.Codes != nil {
		return schema.ViewOf(d, visiblePatternsInTables())
	}
	return schema.ViewOf(d, visiblePatterns())
}
