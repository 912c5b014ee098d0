package filing

import (
	"slices"
	"strings"
	"unicode"

	"beian/shared/rules/finding"
	"beian/shared/rules/pattern"
)

// placeholders are what people enter in a field for which they have no value or no patience, in small letters, without signs.
var placeholders = []string{"无", "無", "没有", "沒有", "暂无", "不详", "未知", "不知道", "同上", "如上", "同前", "略", "待定", "待填", "保密", "请选择", "请填写",
	"无地址", "测试", "地址", "详细地址", "通信地址", "家里", "公司",
	"none", "na", "null", "nil", "no", "test", "undefined", "xxx"}

// reference matches a text that says where the value is, such as 同证件地址 or 与营业执照一致, in small letters, without signs.
var reference = pattern.New(`^(?:详?见|同|[与和]|按|如)(?:本人|公司|单位|上述|以上|上面)?的?(?:证件|居民身份证|身份证|证|营业执照|执照|附件|住所|户籍|户口本|注册|证件住所|通信|通讯)?(?:上|中)?的?(?:地址|住址|住所)?(?:一致|相同|一样|同)?$`)

// checkValue is checkText for a text that must not be a placeholder or signs only.
func checkValue(text string, limit int, missing finding.Code, pointer string) finding.List {
	bare := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text))
	if bare == "" || slices.Contains(placeholders, bare) || reference().MatchString(bare) {
		return finding.List{finding.New(missing, pointer)}
	}
	return checkText(text, limit, missing, pointer)
}
