package filing

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"beian/shared/rules/division"
	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
	"beian/shared/rules/province"
)

// Findings about addresses.
const (
	CodeAddressMissing       finding.Code = "address-missing"
	CodeAddressPrefixed      finding.Code = "address-with-province"
	CodeAddressIncomplete    finding.Code = "address-incomplete"
	CodeAddressNoNumber      finding.Code = "address-without-number"
	CodeAddressOtherProvince finding.Code = "address-other-province"
)

var (
	onlyTown = pattern.New(`^(?:\p{Han}{0,6}(?:街道|镇|乡|苏木)|市辖区|县)$`)
	onlyRoom = pattern.New(`^[-\dA-Za-z# 号室楼栋幢座层院门单元]+$`)
	anyDigit = pattern.New(`[\p{Nd}一二三四五六七八九十百甲乙丙丁]`)
)

// checkAddress returns the findings about an address: the one printed on the certificate, or the mailing address. It must go on after
// the names of divisions, as "东城区示例胡同1号" does. The mailing address must be Chinese; a foreign certificate may have another.
func checkAddress(address string, p province.Province, mailing bool, pointer string) finding.List {
	found := checkValue(address, addressLimit, CodeAddressMissing, pointer)
	if found.Blocking() {
		return found
	}
	inCountry := strings.TrimPrefix(address, "中国")
	rest := division.TrimNames(inCountry)
	bare := strings.TrimFunc(rest, unicode.IsPunct)
	switch {
	case bare == "", mailing && (!strings.ContainsFunc(rest, isHan) || onlyTown().MatchString(bare) || onlyRoom().MatchString(bare)):
		found = append(found, finding.New(CodeAddressIncomplete, pointer))
	case mailing && !anyDigit().MatchString(bare):
		found = append(found, finding.New(CodeAddressNoNumber, pointer))
	}
	if code, ok := division.ProvinceOf(inCountry); ok && code[:2] != string(p.Code) {
		if other, hasBureau := province.ParseCode(code[:2]); hasBureau {
			name := other.Province().Name
			found = append(found, finding.New(CodeAddressOtherProvince, pointer, "other", name.Chinese, "other-en", name.English,
				"province", p.Name.Chinese, "province-en", p.Name.English))
		}
	}
	return append(found, checkOutside(inCountry, p, pointer)...)
}

// outside are the places without a bureau.
var outside = []finding.Words{{Chinese: "香港", English: "Hong Kong"}, {Chinese: "澳门", English: "Macau"}, {Chinese: "台湾", English: "Taiwan"}}

// checkOutside warns of an address in Hong Kong, Macau or Taiwan. 香港路 is a street elsewhere.
func checkOutside(address string, p province.Province, pointer string) finding.List {
	for _, place := range outside {
		rest, is := strings.CutPrefix(address, place.Chinese)
		if next, _ := utf8.DecodeRuneInString(rest); is && !strings.ContainsRune("路街道大东西南北中", next) {
			return finding.List{finding.New(CodeAddressOtherProvince, pointer, "other", place.Chinese, "other-en", place.English,
				"province", p.Name.Chinese, "province-en", p.Name.English)}
		}
	}
	return nil
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }
