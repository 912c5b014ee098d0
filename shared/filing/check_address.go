package filing

import (
	"slices"
	"strings"
	"unicode"

	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// Findings about addresses.
const (
	CodeAddressMissing       finding.Code = "address-missing"
	CodeAddressPrefixed      finding.Code = "address-with-province"
	CodeAddressIncomplete    finding.Code = "address-incomplete"
	CodeAddressOtherProvince finding.Code = "address-other-province"
)

// placeholders are what people enter in a field for which they have no value.
var placeholders = []string{"无", "没有", "暂无", "不详", "未知", "同上", "略", "-", "/", "none", "n/a"}

// checkAddress returns the findings about an address: the one printed on the certificate, or the mailing address. It must go on after
// the names of divisions, as "东城区示例胡同1号" does. The mailing address must be Chinese; a foreign certificate may have another.
func checkAddress(address string, p province.Province, mailing bool, pointer string) finding.List {
	if slices.Contains(placeholders, strings.ToLower(address)) {
		return finding.List{finding.New(CodeAddressMissing, pointer)}
	}
	found := checkText(address, addressLimit, CodeAddressMissing, pointer)
	if found.Blocking() {
		return found
	}
	if rest := division.TrimNames(address); rest == "" || mailing && !strings.ContainsFunc(rest, isHan) {
		found = append(found, finding.New(CodeAddressIncomplete, pointer))
	}
	if code, ok := division.ProvinceOf(address); ok && code[:2] != string(p.Code) {
		if other, hasBureau := province.ParseCode(code[:2]); hasBureau {
			name := other.Province().Name
			found = append(found, finding.New(CodeAddressOtherProvince, pointer, "other", name.Chinese, "other-en", name.English,
				"province", p.Name.Chinese, "province-en", p.Name.English))
		}
	}
	return found
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
