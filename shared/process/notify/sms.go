package notify

import (
	"strings"

	"beian/shared/filing"
)

// maxSegments returns how many segments an SMS may have: one for a code, two for others. A code that leaders cannot answer by a reply needs the link to the page,
// which leaves no room for the rest.
func maxSegments(kind filing.NoticeKind, s Sender) int {
	if kind == filing.NoticeContactCode || kind == filing.NoticeSMSCode && s.Replies {
		return 1
	}
	return 2
}

// renderSMS returns the text of an SMS that has at most a number of segments. If the whole text is longer, it leaves out what happened in detail, which email and page
// say too, and then names the order by its number instead of the domain. It never cuts a sentence.
func renderSMS(words templateSet, l templateData, most int, language string) (string, error) {
	brief := l
	brief.First, brief.FirstDuty = "", ""
	briefest := brief
	briefest.Domain, briefest.Briefest = "", true
	var text string
	for _, data := range []templateData{l, brief, briefest} {
		short, err := executeText(words, "sms", data)
		if err != nil {
			return "", err
		}
		if text = addSignature(short, l.Provider, language); LengthOf(text).Segments <= most {
			break
		}
	}
	return text, nil
}

// gsmReplacer replaces characters outside the GSM alphabet. A single one of them more than halves the capacity of an English SMS.
var gsmReplacer = strings.NewReplacer("“", `"`, "”", `"`, "‘", "'", "’", "'", "–", "-", "—", "-", "…", "...", "·", ".")

// addSignature puts the provider's signature before the text of an SMS, in the form that carriers require.
func addSignature(text, provider, language string) string {
	if language == "en" {
		return gsmReplacer.Replace("[" + provider + "] " + text)
	}
	return "【" + provider + "】" + text
}

// withoutChinese returns the digits and letters of a filing's number: "ICP2026012345-1" of "浙ICP备2026012345号-1".
func withoutChinese(number string) string {
	return strings.Map(func(c rune) rune {
		if c > 127 {
			return -1
		}
		return c
	}, number)
}
