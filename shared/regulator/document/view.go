package document

import (
	"maps"
	"regexp"

	"beian/shared/regulator/schema"
)

// What a shown text looks like. One that does not is redacted like all others.
var (
	moments  = regexp.MustCompile(`^\d{4}-\d\d-\d\d([ T][\d:.]{1,12})?$`)
	names    = regexp.MustCompile(`^[\pL\pN-]{1,63}(\.[\pL\pN-]{1,63})+$`)
	licences = regexp.MustCompile(`^\p{Han}{1,3}ICP[备证]\d{1,12}号(-\d{1,5})?$`)
	digits   = regexp.MustCompile(`^\d{1,18}$`)
	anything = regexp.MustCompile(`^`)
)

// shown are the elements whose text an operator may see: filing numbers, domain names, times, and our ids. All others are
// redacted, those of which nobody has thought included.
var shown = map[string]*regexp.Regexp{
	"Baxh": licences, "Wz_Baxh": licences, "Wzbah": licences, "Ztbah": licences,
	"Ym": names, "Wzym_mc": names,
	"Bs":     digits, // of a new filing our id; of others the record as it was named
	"Dqjcsj": moments, "Hcsj": moments, "Hssj": moments, "Rbsj": moments, "Clsx": moments, "Scbbsj": moments,
	"Scjcsj": moments, "Shsj": moments, "Zjxgsj": moments,
}

// tables are shown besides in the bureau's code lists, which are about nobody.
var tables = map[string]*regexp.Regexp{
	"Bm": anything, "Fl1": anything, "Fl2": anything, "Mc": anything, "Nr": anything, "Shengjc": anything, "Ztmc": anything,
}

// View shows what the operator may see of an upload: its structure, codes and ids. Personal data, free text and
// attachments are redacted.
func (u *Upload) View() schema.View { return schema.ViewOf(u, shown) }

// View shows what the operator may see of a download: its structure, codes and ids. Personal data, free text and
// attachments are redacted.
func (d *Download) View() schema.View {
	if d.Codes == nil {
		return schema.ViewOf(d, shown)
	}
	both := maps.Clone(shown)
	maps.Copy(both, tables)
	return schema.ViewOf(d, both)
}
