package filing

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/person"
	"beian/shared/rules/province"
	"beian/shared/rules/text"
)

// checkSubjectName returns the findings about the name of a subject with a certificate; their pointer is "".
//
// An organisation's name may have digits, letters, brackets and dots, and as few characters as a person's name. Only a sole trader's
// licence can have no name; the province says what to enter then.
func checkSubjectName(e certificate.EntityKind, c OpeningCertificate, n person.Name, p province.Province, at time.Time) finding.List {
	if e == certificate.Individual {
		return n.Check()
	}
	if !isNoName(n.Reveal()) {
		return checkText(n.Reveal(), nameLimit, CodeSubjectNameMissing, "")
	}
	category := certificate.Category(c.Number)
	mayBeTrader := category == certificate.SoleTrader || category == "" && n != "" // older licences have numbers of another form
	if e == certificate.Enterprise && c.Kind == certificate.BusinessLicence && mayBeTrader {
		return p.CheckUnnamedTrader(at)
	}
	return finding.List{finding.New(CodeSubjectNameMissing, "")}
}

// noNames are what people enter for a subject without a name, without signs.
var noNames = []string{"无", "没有", "暂无", "空", "空白", "无名", "无名称", "没有名称", "没有字号", "未取字号", "无字号名称", "无字号工商户", "无字号个体户",
	"无字号个体工商户", "工商户", "个体", "个体户", "个体工商户", "none", "na", "null"}

// isNoName reports whether a text is none or stands for a missing name, as "*****", "无" and "示例人（无字号名称）" do.
func isNoName(name string) bool {
	letters := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || r == '〇' {
			return r
		}
		return -1
	}, text.NormalizeASCII(name)))
	return strings.Trim(letters, "x") == "" || slices.Contains(noNames, letters) ||
		strings.HasSuffix(letters, "无字号") || strings.HasSuffix(letters, "无字号名称")
}
