package notify

import (
	"strings"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
)

// addDuties adds what reminders are about.
func (l *registerData) addDuties(m RegisterMessage, language string) {
	for _, d := range m.Duties {
		words, place := d.Words(), placeOfDuty(d, m.Filing, language)
		if place != "" && strings.Contains(words.Message.In(language), place) {
			place = "" // the sentence names it
		}
		l.Duties = append(l.Duties, point{Place: place, What: singleLine(words.Message.In(language)), Remedy: singleLine(words.Remedy.In(language)),
			Until: formatDay(d.Deadline.Time(), language)})
		l.Needed = l.Needed || !d.Key.Mutable()
	}
	if len(l.Duties) > 0 {
		l.DutyCount, l.First = amountOf(len(l.Duties)), l.Duties[0]
	}
}

// placeOfDuty names the site that a duty is about by its first domain, and else by its number; "" if the duty is about the subject.
func placeOfDuty(d upkeep.Duty, f register.Filing, language string) string {
	for _, s := range f.Sites {
		if s.Number.String() != d.Site {
			continue
		}
		if len(s.Domains) > 0 {
			return s.Domains[0].Name.Display()
		}
		return d.Site
	}
	return ""
}
