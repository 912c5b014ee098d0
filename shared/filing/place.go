package filing

import (
	"fmt"
	"strings"

	"beian/shared/rules/finding"
)

// PlaceOf names the part of the application, or the paper, that the pointer of a finding is in, such as "第 1 个网站的负责人", for a message that lists findings without their fields. It is
// the zero Words for the application as a whole, and for what the applicant enters to open it.
func (o Order) PlaceOf(pointer string) finding.Words {
	leader := strings.Contains(pointer+"/", "/leader/")
	i, ofSite := siteIn(pointer)
	var place finding.Words
	switch token, paper := strings.CutPrefix(pointer, pointerEvidence); {
	case paper:
		place = unescapeSlot(token).Words()
	case ofSite && leader:
		place = finding.Words{Chinese: fmt.Sprintf("第 %d 个网站的负责人", i+1), English: fmt.Sprintf("leader of site %d", i+1)}
	case ofSite:
		place = finding.Words{Chinese: fmt.Sprintf("第 %d 个网站", i+1), English: fmt.Sprintf("site %d", i+1)}
	case leader:
		place = finding.Words{Chinese: "主体负责人", English: "subject leader"}
	case strings.HasPrefix(pointer, "/subject"):
		place = finding.Words{Chinese: "主体信息", English: "subject"}
	}
	place = o.ServiceAt(pointer).Fit(place)
	if place.English != "" {
		place.English = strings.ToUpper(place.English[:1]) + place.English[1:] // it begins a line
	}
	return place
}
