package portal

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// sureReading is the confidence from which a text that was read counts as certain; see assets/recognition.js.
const sureReading = 0.9

// A readDifference is what the device read on the photo of a certificate where the applicant entered something else.
type readDifference struct {
	Label   string
	Read    string
	Entered []string
	Unsure  bool   // the reader may be wrong
	Href    string // of the page that asks for the field; "" if it cannot be changed
}

// differs returns the readings that differ from what was entered: for the field of a pointer, or those below it. A number whose check digit is wrong was misread.
func differs(readings []filing.Reading, d pages.Document, pointer string) []filing.Reading {
	return slices.DeleteFunc(slices.Clone(readings), func(r filing.Reading) bool {
		entered := d.Text(r.Pointer)
		return r.Pointer != pointer && !strings.HasPrefix(r.Pointer, pointer+"/") || r.Check == "failed" || entered == "" || plain(entered) == plain(r.Text)
	})
}

// plain returns a text without what does not matter: spaces, wide and small letters, the kind of the middle dot.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case strings.ContainsRune("•・‧∙⋅", r):
			return '·'
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(text))
}

func unsure(r filing.Reading) bool { return r.Check == "" && r.Confidence < sureReading }

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
	names := valueNames{visit: v}
	// A resident ID card has its validity on the back and all else on the front.
	card, back := shapeOf(o, slot) == "card", strings.HasSuffix(string(slot.Kind()), "-back")
	var all []readDifference
	for _, part := range summaryParts(0) {
		if part.prefix != prefix {
			continue
		}
		for _, row := range part.rows {
			if card && back != (row.pointer == "/certificate/validity") {
				continue
			}
			for _, r := range differs(o.Readings, d, prefix+row.pointer) {
				one := readDifference{Read: r.Text, Unsure: unsure(r)}
				if editable(o) && !v.HandedOver() {
					one.Href = v.pageOf(r.Pointer)
				}
				if one.Label, err = v.T("check." + row.words); err != nil {
					return nil, err
				}
				if one.Entered, err = names.of(prefix+row.pointer, d.At(prefix+row.pointer)); err != nil {
					return nil, err
				}
				all = append(all, one)
			}
		}
	}
	return all, nil
}
