package filing

import (
	"slices"
	"strings"
	"unicode"

	"beian/shared/rules/finding"
)

// placeholders are what people enter in a field for which they have no value or no patience, in small letters, without signs.
var placeholders = []string{"无", "無", "没有", "沒有", "暂无", "不详", "未知", "不知道", "同上", "如上", "同前", "略", "待定", "待填", "保密", "请选择", "请填写",
	"测试", "地址", "详细地址", "通信地址", "同证件", "同身份证", "同营业执照", "同证件地址", "同住所", "见证件", "见附件", "见身份证", "见营业执照", "家里", "公司",
	"none", "na", "null", "nil", "no", "test", "undefined", "xxx"}

// checkValue is checkText for a text that must not be a placeholder or signs only.
func checkValue(text string, limit int, missing finding.Code, pointer string) finding.List {
	bare := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, text))
	if bare == "" || slices.Contains(placeholders, bare) {
		return finding.List{finding.New(missing, pointer)}
	}
	return checkText(text, limit, missing, pointer)
}
