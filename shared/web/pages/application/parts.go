package application

import (
	"fmt"
	"strconv"
	"strings"

	"beian/shared/web/pages"
)

// A Part is a part of the summary with its rows, in the order in which they are shown.
type Part struct {
	Prefix, Words string
	Number        int // of the site, from 1; 0 for the subject
	Rows          []Row
}

// A Row is a value of a part: its pointer below that of the part, and the key of its label.
type Row struct{ Pointer, Words string }

var (
	SubjectRows = []Row{{"/name", "name"}, {"/certificate/kind", "certificate-kind"}, {"/certificate/number", "certificate-number"},
		{"/certificate/validity", "validity"}, {"/certificateAddress", "certificate-address"}, {"/division", "division"}, {"/address", "address"},
		{"/investor", "investor"}, {"/remark", "remark"}}
	LeaderRows = []Row{{"/name", "leader-name"}, {"/legalRepresentative", "legal-representative"}, {"/certificate/kind", "certificate-kind"},
		{"/certificate/number", "certificate-number"}, {"/certificate/validity", "validity"}, {"/mobile", "mobile"}, {"/emergencyPhone", "emergency-phone"},
		{"/officePhone", "office-phone"}, {"/email", "email"}}
	SiteRows = []Row{{"/name", "site-name"}, {"/domains", "domains"}, {"/homeUrl", "home-url"}, {"/app/platforms", "platforms"}, {"/app/hosts", "hosts"},
		{"/serviceContent", "service-content"}, {"/languages", "languages"}, {"/preApprovals", "pre-approvals"}, {"/remark", "remark"}}
)

// Parts returns the parts of an application, or of a filing, with a number of sites.
func Parts(sites int) []Part {
	all := []Part{{"/subject", "application.subject", 0, SubjectRows}, {"/subject/leader", "application.subject-leader", 0, LeaderRows}}
	for n := range sites {
		prefix := "/sites/" + strconv.Itoa(n)
		all = append(all, Part{prefix, "application.site", n + 1, SiteRows}, Part{prefix + "/leader", "application.site-leader", n + 1, LeaderRows})
	}
	return all
}

func (p Part) Title(v *pages.Visit, sites int) (string, error) {
	title, err := v.T(p.Words)
	if p.Number > 0 && sites > 1 {
		title = fmt.Sprint(title, " ", p.Number)
	}
	return title, err
}

// NameOf returns the words of a pointer in the part: its title, and the label of its row.
func (p Part) NameOf(v *pages.Visit, pointer string, sites int) (string, error) {
	title, err := p.Title(v, sites)
	if err != nil {
		return "", err
	}
	for _, r := range p.Rows {
		if at := p.Prefix + r.Pointer; pointer == at || strings.HasPrefix(pointer, at+"/") {
			words, err := v.T("application." + r.Words)
			return title + " · " + words, err
		}
	}
	return title, nil
}
