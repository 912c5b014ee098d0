package finding_test

import (
	"regexp"
	"strings"
	"testing"

	"beian/shared/rules/finding"
)

// A nervous applicant reads the Chinese texts: they have none of our words in English, and each remedy says what to do. The part of a
// text for developers begins with 开发者.
func TestChineseTextsForApplicants(t *testing.T) {
	// Words that people in China use as they are, and signs of domains and addresses.
	known := regexp.MustCompile(`\{[a-z-]+\}|https?://[a-z.]*|[a-z]*\.?example\.(?:com|cn)|[Ii][Pp]v?[46]?|ICP|APP|iOS|MD5|SHA-1|Base64|Bundle ID|AppID|wx|cn\.example\.notes|MSN|QQ|MB|KB|dpi|(?:JPG|PNG|PDF|GIF|WebP|BMP|TIFF|HEIC|AVIF)|www|zh-CN|\ben\b|\.(?:cn|com|org)|[IOSVZHMX](?:[、或]|$|[^A-Za-z])`)
	word := regexp.MustCompile(`[A-Za-z]{2,}`)
	staff := regexp.MustCompile(`^(?:sms-reply-|bounce-|webhook-|reason-|override-|server-(?:dates|address)|bureau-(?:2|3|file|task)|import-)`) // read by partners and staff
	for _, e := range finding.Catalogue() {
		if staff.MatchString(string(e.Code)) {
			continue
		}
		for _, text := range []string{e.Message.Chinese, e.Remedy.Chinese} {
			text, _, _ = strings.Cut(text, "开发者")
			if found := word.FindString(known.ReplaceAllString(text, "")); found != "" {
				t.Errorf("%s: %q has the word %q", e.Code, text, found)
			}
			for _, ours := range []string{"字段", "参数", "请接入商", "审核专员", "请求头", "枚举", "编码方式"} {
				if strings.Contains(text, ours) {
					t.Errorf("%s: %q has our word %s", e.Code, text, ours)
				}
			}
		}
	}
}
