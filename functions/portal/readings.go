package portal

import (
	"strings"

	"beian/shared/rules/evidence"
	"beian/shared/web"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// A readDifference is what the device read on the photo of a certificate where the applicant entered something else.
type readDifference struct {
	Label   string
	Read    string
	Entered []string
	Unsure  bool   // the reader may be wrong
	Href    string // of the page that asks for the field; "" if it cannot be changed
}

// readDifferences returns what differs for the certificate in a slot.
func (v *visit) readDifferences(o web.Order, slot evidence.Slot) ([]readDifference, error) {
	var prefix string
	switch slot.Kind() {
	case evidence.SubjectCertificateFront, evidence.SubjectCertificateBack:
		prefix = "/subject"
	case evidence.SubjectLeaderCertificateFront, evidence.SubjectLeaderCertificateBack:
		prefix = "/subject/leader"
	default: // the leaders of sites are not read: they are the subject's, or enter their own
		return nil, nil
	}
	d, err := pages.DocumentOf(map[string]any{"subject": o.Subject})
	if err != nil {
		return nil, err
	}
	names := application.Names{Visit: v.Visit, Today: v.today()}
	// A resident ID card has its validity on the back and all else on the front.
	card, back := shapeOf(o, slot) == "card", strings.HasSuffix(string(slot.Kind()), "-back")
	var all []readDifference
	for _, part := range application.Parts(0) {
		if part.Prefix != prefix {
			continue
		}
		for _, row := range part.Rows {
			if card && back != (row.Pointer == "/certificate/validity") {
				continue
			}
			for _, r := range application.Differs(o.Readings, d, prefix+row.Pointer) {
				one := readDifference{Read: r.Text, Unsure: application.Unsure(r)}
				if editable(o) && !v.HandedOver() {
					one.Href = v.pageOf(r.Pointer)
				}
				if one.Label, err = v.T("application." + row.Words); err != nil {
					return nil, err
				}
				if one.Entered, err = names.Of(prefix+row.Pointer, d.At(prefix+row.Pointer)); err != nil {
					return nil, err
				}
				all = append(all, one)
			}
		}
	}
	return all, nil
}
