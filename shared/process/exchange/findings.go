package exchange

import (
	"slices"
	"strconv"
	"strings"

	"beian/shared/bureau/schema"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
)

// Findings about a record that cannot be sent to the bureau.
const (
	CodeLength    finding.Code = "record-length"       // longer or shorter than the interface allows
	CodeField     finding.Code = "record-field"        // a value that the interface does not allow
	CodePaper     finding.Code = "record-paper"        // a copy that is too large, or empty
	CodePaperLost finding.Code = "record-paper-lost"   // a copy that the bucket has lost, or that was exchanged there
	CodeServer    finding.Code = "record-server"       // the interface cannot carry place or addresses of the server
	CodeRejected  finding.Code = "record-not-accepted" // the bureau rejects a file with this record alone
)

// pointersByElement maps the elements of a record to the fields of the application from which they are built. {site} and {n} stand for
// positions.
var pointersByElement = map[string]string{
	"Zt_xx/Dwmc":                 "/subject/name",
	"Zt_xx/Tzr":                  "/subject/investor",
	"Zt_xx/Txdz/Shengid":         "/subject/division",
	"Zt_xx/Txdz/Shiid":           "/subject/division",
	"Zt_xx/Txdz/Xianid":          "/subject/division",
	"Zt_xx/Txdz/Xxdz":            "/subject/address",
	"Zt_xx/Zj/Zjlx":              "/subject/certificate/kind",
	"Zt_xx/Zj/Zjhm":              "/subject/certificate/number",
	"Zt_xx/Zj/Zjzs":              "/subject/certificateAddress",
	"Zt_xx/Bz":                   "/subject/remark",
	"Wz_xx/Wzmc":                 "/sites/{site}/name",
	"Wz_xx/Nrlx/Nrlx_xx/Nrlx_id": "/sites/{site}/preApprovals/{n}/trade",
	"Wz_xx/Nrlx/Nrlx_xx/Qzsph":   "/sites/{site}/preApprovals/{n}/number",
	"Wz_xx/Fwnr/Fwnr_id":         "/sites/{site}/serviceContent",
	"Wz_xx/Yylb/Yylb_id":         "/sites/{site}/languages",
	"Wz_xx/Ym_xx/Ym":             "/sites/{site}/domains/{n}",
	"Wz_xx/Syurl":                "/sites/{site}/homeUrl",
	"Wz_xx/Wz_Bz":                "/sites/{site}/remark",
	"Zt_xx/Fzr/Fzr_xm":           "/subject/leader/name",
	"Zt_xx/Fzr/Fzr_dhhm":         "/subject/leader/officePhone",
	"Zt_xx/Fzr/Fzr_sjhm":         "/subject/leader/mobile",
	"Zt_xx/Fzr/Fzr_dzyj":         "/subject/leader/email",
	"Zt_xx/Fzr/Fzr_zjlx":         "/subject/leader/certificate/kind",
	"Zt_xx/Fzr/Fzr_zjhm":         "/subject/leader/certificate/number",
	"Wz_xx/Wz_Fzr/Fzr_xm":        "/sites/{site}/leader/name",
	"Wz_xx/Wz_Fzr/Fzr_dhhm":      "/sites/{site}/leader/officePhone",
	"Wz_xx/Wz_Fzr/Fzr_sjhm":      "/sites/{site}/leader/mobile",
	"Wz_xx/Wz_Fzr/Fzr_dzyj":      "/sites/{site}/leader/email",
	"Wz_xx/Wz_Fzr/Fzr_zjlx":      "/sites/{site}/leader/certificate/kind",
	"Wz_xx/Wz_Fzr/Fzr_zjhm":      "/sites/{site}/leader/certificate/number",
}

var positionForm = pattern.New(`\[(\d+)\]`)

// findingsOf converts the schema problems of a record into findings about its application. slots are the slots of the attachments, in
// their order.
func findingsOf(problems schema.Problems, slots []evidence.Slot) finding.List {
	var found finding.List
	for _, p := range problems {
		path, inside := pathInRecord(p.Path)
		if !inside {
			found = append(found, finding.New(CodeField, ""))
			continue
		}
		pointer := pointerOf(path, slots)
		if code, isCharacter := strings.CutPrefix(p.Detail, "U+"); isCharacter && codeOf(path, p.Rule) == filing.CodeCharacter {
			character, _ := strconv.ParseUint(code, 16, 32) // of Problem.Detail, which the schema wrote
			found = append(found, filing.UnreadableCharacter(rune(character), pointer))
			continue
		}
		found = append(found, finding.New(codeOf(path, p.Rule), pointer))
	}
	return found
}

var recordForm = pattern.New(`/(?:Baxx|Xzxx|Bgxx|Zx_xx)\[1\]/`)

// pathInRecord returns the path within the only record of a document.
func pathInRecord(path string) (string, bool) {
	at := recordForm().FindStringIndex(path)
	if at == nil {
		return "", false
	}
	return path[at[1]:], true
}

// withoutRepeats removes findings with the code and pointer of an earlier one.
func withoutRepeats(found finding.List) finding.List {
	type key struct {
		code    finding.Code
		pointer string
	}
	seen := map[key]bool{}
	return slices.DeleteFunc(found, func(f finding.Finding) bool {
		repeated := seen[key{f.Code, f.Pointer}]
		seen[key{f.Code, f.Pointer}] = true
		return repeated
	})
}

func codeOf(path string, rule schema.Rule) finding.Code {
	switch {
	case strings.Contains(path, "/Jr_xx"):
		return CodeServer
	case strings.HasPrefix(path, "Fj["), strings.Contains(path, "/Spwj"):
		return CodePaper
	case rule == schema.Character:
		return filing.CodeCharacter
	case rule == schema.Length:
		return CodeLength
	}
	return CodeField
}

// pointerOf returns the pointer to the field from which an element was built; "" if there is none.
func pointerOf(path string, slots []evidence.Slot) string {
	var positions []int // from 0
	for _, m := range positionForm().FindAllStringSubmatch(path, -1) {
		n, _ := strconv.Atoi(m[1])
		positions = append(positions, n-1)
	}
	bare := positionForm().ReplaceAllString(path, "")
	switch {
	case strings.HasPrefix(bare, "Fj/") && len(positions) > 0 && positions[0] < len(slots):
		return evidence.Pointer(slots[positions[0]])
	case strings.Contains(bare, "/Jr_xx"):
		return "/product"
	case strings.HasSuffix(bare, "/Spwj") && len(positions) > 1:
		return evidence.Pointer(evidence.PreApprovalSlot(positions[0], positions[1], 1))
	}
	pointer := pointersByElement[bare]
	for i, name := range []string{"{site}", "{n}"} {
		if i < len(positions) {
			pointer = strings.Replace(pointer, name, strconv.Itoa(positions[i]), 1)
		}
	}
	return pointer
}
