package notify

import (
	"strings"

	"beian/shared/filing"
)

// segmentLimits returns how many segments an SMS should have, and how many it may have if no text is that short: one for a code, two for others. A code that leaders
// cannot answer by a reply needs the link to the page, which leaves little room: 16 Chinese characters beside a short signature and address.
func segmentLimits(kind filing.NoticeKind, replies bool) []int {
	switch {
	case kind == filing.NoticeSMSCode && !replies:
		return []int{1, 2}
	case kind == filing.NoticeContactCode || kind == filing.NoticeSMSCode:
		return []int{1}
	}
	return []int{2}
}

// renderSMS returns the fullest text of an SMS that keeps the first limit, or else the next. To be shorter, a text leaves out what happened in detail, which email and
// page say too, and then names the order by its number instead of the domain. A code with a link leaves to the page what it does not have room for: its time limit in English, and all but what it is for in Chinese, unless it agrees to a cancellation. No sentence is cut.
func renderSMS(words templateSet, l templateData, limits []int, language string) (string, error) {
	brief := l
	brief.First, brief.FirstDuty, brief.Brief = "", "", true
	briefest := brief
	briefest.Domain, briefest.Briefest = "", true
	bare := briefest
	bare.Bare = !l.Replies && !l.Cancels
	return shortestSMS(words, []templateData{l, brief, briefest, bare}, limits, l.Provider, language)
}

// shortestSMS returns the first text of an SMS that keeps the first limit of segments, or else the next. If none does, it returns the last text, which is the shortest.
func shortestSMS[T any](words templateSet, fullestFirst []T, limits []int, provider, language string) (text string, err error) {
	var texts []string
	for _, data := range fullestFirst {
		short, err := executeText(words, "sms", data)
		if err != nil {
			return "", err
		}
		texts = append(texts, addSignature(short, provider, language))
	}
	for _, most := range limits {
		for _, text = range texts {
			if LengthOf(text).Segments <= most {
				return text, nil
			}
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
