package document

import (
	"maps"
	"regexp"
	"sync"

	"beian/shared/bureau/schema"
)

// shown are the elements whose text an operator may see, and what it looks like there; one that does not is redacted.
// They are filing numbers, domain names, times, and our ids. All other elements are redacted, those of which nobody has
// thought included. The patterns are compiled when first used: they take 5 MB, and only the operator's pages need them.
var shown = sync.OnceValue(func() map[string]*regexp.Regexp {
	moments := regexp.MustCompile(`^\d{4}-\d\d-\d\d([ T][\d:.]{1,12})?$`)
	names := regexp.MustCompile(`^[\pL\pN-]{1,63}(\.[\pL\pN-]{1,63})+$`)
	licences := regexp.MustCompile(`^\p{Han}{1,3}ICP[备证]\d{1,12}号(-\d{1,5})?$`)
	digits := regexp.MustCompile(`^\d{1,18}$`)
	return map[string]*regexp.Regexp{
		"Baxh": licences, "Wz_Baxh": licences, "Wzbah": licences, "Ztbah": licences,
		"Ym": names, "Wzym_mc": names,
		"Bs":     digits, // of a new filing our id; of others the record as it was named
		"Dqjcsj": moments, "Hcsj": moments, "Hssj": moments, "Rbsj": moments, "Clsx": moments, "Scbbsj": moments,
		"Scjcsj": moments, "Shsj": moments, "Zjxgsj": moments,
	}
})

// shownInTables are shown besides in the bureau's code lists, which are about nobody.
var shownInTables = sync.OnceValue(func() map[string]*regexp.Regexp {
	all := maps.Clone(shown())
	for _, name := range []string{"Bm", "Fl1", "Fl2", "Mc", "Nr", "Shengjc", "Ztmc"} {
		all[name] = regexp.MustCompile(`^`)
	}
	return all
})

// View shows what the operator may see of an upload: its structure, codes and ids. Personal data, free text and
// attachments are redacted.
func (u *Upload) View() schema.View { return schema.ViewOf(u, shown()) }

// View shows what the operator may see of a download: its structure, codes and ids. Personal data, free text and
// attachments are redacted.
func (d *Download) View() schema.View {
	if d.Codes == nil {
		return schema.ViewOf(d, shown())
	}
	return schema.ViewOf(d, shownInTables())
}
