package portal

import (
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/form"
	"beian/shared/web"
)

// A formPage is a form to print and sign.
type formPage struct {
	filing.Form
	Order filing.ID
	Paper string // address of the page on which the signed form is uploaded
	Open  bool   // whether it can be uploaded now
	// Provider is the provider's name in Chinese, the language of the form.
	Provider string
}

// Model reports whether the form has the provider's text.
func (p formPage) Model() bool { return p.Basis == form.Model }

// Seals reports whether the applicant seals the form, too.
func (p formPage) Seals() bool {
	return slices.ContainsFunc(p.Sign, func(s filing.FormSignature) bool { return s.Seal && !s.Provider })
}

// registerForms registers the forms to print and sign.
func (p *Portal) registerForms() {
	p.private("GET /orders/{id}/forms/{slot...}", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		var forms struct {
			Items []filing.Form `json:"items"`
		}
		if err := v.Get(v.orderPath("/forms"), &forms); err != nil {
			return err
		}
		slot := evidence.Slot(v.R.PathValue("slot"))
		i := slices.IndexFunc(forms.Items, func(f filing.Form) bool { return f.Slot == slot })
		if i < 0 {
			return &web.Problem{Status: http.StatusNotFound}
		}
		return v.Show("form", formPage{Form: forms.Items[i], Order: o.ID, Paper: v.paperHref(slot), Open: takesPapers(o), Provider: p.config.Provider.Chinese})
	})
}

// formHref returns the address of the form for a paper; "" if the paper is not printed, or if the browser does only one step for another.
func (v *visit) formHref(o web.Order, slot evidence.Slot) string {
	if !o.Detailed || v.HandedOver() || !form.IsFormKind(slot.Kind()) {
		return ""
	}
	return (&url.URL{Path: v.OrderHref("/forms/") + string(slot)}).String()
}

// A formRow is a row of a form. A long one has a line for itself; two others share one.
type formRow struct {
	filing.FormRow
	Long bool
}

// longValue is the number of characters from which a value does not fit into half a line.
const longValue = 22

// FormRows returns rows as they are set: a row that would be alone in half a line is long, too.
func (page) FormRows(rows []filing.FormRow) []formRow {
	var set []formRow
	half := false // whether the line before has room for another row
	for i, row := range rows {
		long := utf8.RuneCountInString(row.Value) > longValue
		if !half && !long {
			long = i+1 == len(rows) || utf8.RuneCountInString(rows[i+1].Value) > longValue
		}
		half = !long && !half
		set = append(set, formRow{row, long})
	}
	return set
}

// outdated returns the warnings of a paper that shows a form printed before the details, or the template, changed.
func outdated(given web.Given) []finding.Finding {
	var found []finding.Finding
	for _, f := range given.Warnings {
		if f.Code == filing.CodeFormDetailsChanged || f.Code == filing.CodeFormOlderTemplate {
			found = append(found, f)
		}
	}
	return found
}
