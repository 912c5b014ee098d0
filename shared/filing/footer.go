package filing

import (
	"fmt"
	"html"
	"slices"

	"beian/shared/rules/finding"
	"beian/shared/rules/number"
)

// A Footer is what one site shows at the foot of its home page.
type Footer struct {
	Site   int    // index in the order's sites
	Number string // of the site, or of the subject where the bureau wants that one
	HTML   string
}

// FooterLink is the HTML of a filing number with a link to the ministry (ORDER33, article 13).
func FooterLink(number string) string {
	return fmt.Sprintf(`<a href="https://beian.miit.gov.cn/" target="_blank" rel="noopener">%s</a>`, html.EscapeString(number))
}

// Footers returns the footers that the duties of an approved order ask for: with the number of the site or of the subject, and with the copyright line
// where the bureau wants one (S22). Apps have none.
func (o Order) Footers() []Footer {
	has := func(code finding.Code) bool {
		return slices.ContainsFunc(o.Duties, func(d Duty) bool { return d.Code == code })
	}
	ofSubject := has(DutyFooterSubject)
	if o.Bureau == nil || !ofSubject && !has(DutyFooterNumber) {
		return nil
	}
	var footers []Footer
	for _, s := range o.Bureau.Sites {
		if s.Number.Service != number.Site {
			continue
		}
		f := Footer{Site: s.Site, Number: s.Number.String()}
		if ofSubject {
			f.Number = o.Bureau.SubjectNumber.String()
		}
		f.HTML = FooterLink(f.Number)
		if has(DutyCopyrightLine) {
			f.HTML = "版权所有 " + html.EscapeString(o.Private.Subject.Name.Reveal()) + " " + f.HTML
		}
		footers = append(footers, f)
	}
	return footers
}
