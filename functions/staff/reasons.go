package staff

import (
	"strings"

	"beian/functions/reviewer"
)

// A codeOption is a reason of the catalogue in the form of the verdict. Fields are the patterns of the places that it fits, separated by spaces; the page's script
// hides the others.
type codeOption struct {
	Code, Label, Fields string
	Chosen              bool
}

// addCodes adds the reasons of the catalogue, those that are given most often first.
func (v *visit) addCodes(form *verdictForm) error {
	var list struct{ Items []reviewer.BoundReason }
	if err := v.Get("/review/reasons", &list); err != nil {
		return err
	}
	for _, r := range list.Items {
		form.Codes = append(form.Codes, codeOption{Code: string(r.Code), Label: v.In(r.Message), Fields: strings.Join(r.Fields, " ")})
	}
	return nil
}

// CodesOf are the reasons of the catalogue, with the one of a row of the form.
func (f verdictForm) CodesOf(r reasonForm) []codeOption {
	codes := append([]codeOption{}, f.Codes...)
	for i := range codes {
		codes[i].Chosen = codes[i].Code == r.Code
	}
	return codes
}
