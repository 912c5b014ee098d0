package document

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
