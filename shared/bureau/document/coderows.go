package document

import "fmt"

// A CodeRow is an entry of any code list, with the fields that say what its Id means.
type CodeRow struct {
	ID   int64
	Name string
	// Detail is the nature of a certificate kind, the owner of an attachment purpose, the province of a bureau, and whether a pre-approval is
	// required. Other lists have none.
	Detail int64
	Valid  int64
}

// Rows returns the lists that a document has, by their elements in the interface (MIIT-IF30 11.8).
func (t Tables) Rows() map[string][]CodeRow {
	lists := map[string][]CodeRow{}
	for name, rows := range map[string][]CodeRow{
		"Dwfl_dms": rowsOf(t.UnitClasses, Code.row), "Dwxz_dms": rowsOf(t.Natures, Code.row), "Xzjb_dms": rowsOf(t.Ranks, Code.row),
		"Hsyj_dms": rowsOf(t.VerificationOpinions, Code.row), "Ymlx_dms": rowsOf(t.DomainKinds, Code.row),
		"Fjwjgs_dms": rowsOf(t.AttachmentFormats, Code.row), "Yylb_dms": rowsOf(t.Languages, Code.row),
		"Wzfwlx_dms": rowsOf(t.Services, MaskedCode.row), "Wzjrfs_dms": rowsOf(t.AccessModes, MaskedCode.row),
		"Qy_dms":     rowsOf(t.Areas, func(c AreaCode) CodeRow { return CodeRow{c.ID, c.Name, 0, c.Valid} }),
		"Yjfk_Wtfls": rowsOf(t.FeedbackKinds, func(c FeedbackCode) CodeRow { return CodeRow{c.ID, c.First + " " + c.Second, 0, c.Valid} }),
		"Gj_dms":     rowsOf(t.Bureaus, func(c BureauCode) CodeRow { return CodeRow{c.ID, c.Name, c.Province, c.Valid} }),
		"Hyfl_dms":   rowsOf(t.Industries, func(c IndustryCode) CodeRow { return CodeRow{c.ID, c.Name, 0, c.Valid} }),
		"Zjlx_dms":   rowsOf(t.CertificateKinds, func(c CertificateCode) CodeRow { return CodeRow{c.ID, c.Name, c.Nature, c.Valid} }),
		"Wzjylx_dms": rowsOf(t.PreApprovals, func(c PreApprovalCode) CodeRow { return CodeRow{c.ID, c.Name, c.Required, c.Valid} }),
		"Zxly_dms":   rowsOf(t.CancellationReasons, func(c ReasonCode) CodeRow { return CodeRow{c.ID, c.Text, 0, c.Valid} }),
		"Wbacl_dms":  rowsOf(t.UnfiledHandlings, HandlingCode.row),
		"Fjytlx_dms": rowsOf(t.AttachmentPurposes, func(c AttachmentCode) CodeRow { return CodeRow{c.ID, c.Name, c.Owner, c.Valid} }),
	} {
		if rows != nil {
			lists[name] = rows
		}
	}
	return lists
}

func rowsOf[T any](list []T, row func(T) CodeRow) []CodeRow {
	var rows []CodeRow
	for _, c := range list {
		rows = append(rows, row(c))
	}
	return rows
}

func (c Code) row() CodeRow       { return CodeRow{c.ID, c.Name, 0, c.Valid} }
func (c MaskedCode) row() CodeRow { return CodeRow{c.ID, c.Name, 0, c.Valid} }

// row returns a handling without the optional validity as valid.
func (c HandlingCode) row() CodeRow {
	if c.Valid == nil {
		return CodeRow{c.ID, c.Name, 0, 1}
	}
	return CodeRow{c.ID, c.Name, 0, *c.Valid}
}

// TablesOf returns the document's lists with rows; it is the reverse of [Tables.Rows]. It fills the fields that rows lack: the bit of an id below 64
// and the letters of a bureau. An error names an element that is no list.
func TablesOf(lists map[string][]CodeRow) (*Tables, error) {
	t := &Tables{}
	for element, rows := range lists {
		switch element {
		case "Dwfl_dms":
			t.UnitClasses = listOf(rows, codeOf)
		case "Dwxz_dms":
			t.Natures = listOf(rows, codeOf)
		case "Xzjb_dms":
			t.Ranks = listOf(rows, codeOf)
		case "Hsyj_dms":
			t.VerificationOpinions = listOf(rows, codeOf)
		case "Ymlx_dms":
			t.DomainKinds = listOf(rows, codeOf)
		case "Fjwjgs_dms":
			t.AttachmentFormats = listOf(rows, codeOf)
		case "Yylb_dms":
			t.Languages = listOf(rows, codeOf)
		case "Wzfwlx_dms":
			t.Services = listOf(rows, maskedOf)
		case "Wzjrfs_dms":
			t.AccessModes = listOf(rows, maskedOf)
		case "Qy_dms":
			t.Areas = listOf(rows, func(r CodeRow) AreaCode { return AreaCode{ID: r.ID, Name: r.Name, Valid: r.Valid} })
		case "Yjfk_Wtfls":
			t.FeedbackKinds = listOf(rows, func(r CodeRow) FeedbackCode {
				return FeedbackCode{ID: r.ID, First: r.Name, Second: r.Name, Valid: r.Valid}
			})
		case "Gj_dms":
			t.Bureaus = listOf(rows, func(r CodeRow) BureauCode {
				return BureauCode{ID: r.ID, Bit: bit(r.ID), Letters: fmt.Sprint(r.ID), Name: r.Name, Province: r.Detail, Valid: r.Valid}
			})
		case "Hyfl_dms":
			t.Industries = listOf(rows, func(r CodeRow) IndustryCode {
				return IndustryCode{ID: r.ID, Key: fmt.Sprint(r.ID), Name: r.Name, Valid: r.Valid}
			})
		case "Zjlx_dms":
			t.CertificateKinds = listOf(rows, func(r CodeRow) CertificateCode {
				return CertificateCode{ID: r.ID, Name: r.Name, Nature: r.Detail, Valid: r.Valid}
			})
		case "Wzjylx_dms":
			t.PreApprovals = listOf(rows, func(r CodeRow) PreApprovalCode {
				return PreApprovalCode{ID: r.ID, Bit: bit(r.ID), Name: r.Name, Required: r.Detail, Valid: r.Valid}
			})
		case "Zxly_dms":
			t.CancellationReasons = listOf(rows, func(r CodeRow) ReasonCode { return ReasonCode{ID: r.ID, Text: r.Name, Valid: r.Valid} })
		case "Wbacl_dms":
			t.UnfiledHandlings = listOf(rows, func(r CodeRow) HandlingCode { return HandlingCode{ID: r.ID, Name: r.Name, Valid: &r.Valid} })
		case "Fjytlx_dms":
			t.AttachmentPurposes = listOf(rows, func(r CodeRow) AttachmentCode {
				return AttachmentCode{ID: r.ID, Name: r.Name, Owner: r.Detail, Valid: r.Valid}
			})
		default:
			return nil, fmt.Errorf("%q is not a code table of the interface", element)
		}
	}
	return t, nil
}

func listOf[T any](rows []CodeRow, entry func(CodeRow) T) []T {
	var list []T
	for _, r := range rows {
		list = append(list, entry(r))
	}
	return list
}

func codeOf(r CodeRow) Code { return Code{ID: r.ID, Name: r.Name, Valid: r.Valid} }
func maskedOf(r CodeRow) MaskedCode {
	return MaskedCode{ID: r.ID, Bit: bit(r.ID), Name: r.Name, Valid: r.Valid}
}

// bit returns the bureau's mask of an id: 2^(id-1); 1 for an id that has no bit (MIIT-IF30 13.3).
func bit(id int64) int64 {
	if id < 1 || id > 63 {
		return 1
	}
	return 1 << (id - 1)
}
