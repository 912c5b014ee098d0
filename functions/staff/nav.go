package staff

import "strings"

// A section is a part of the pages that every page links to. Key is pressed after g.
type section struct {
	path, words string
	key         string
	may         func(*visit) bool
}

// sections are all of them, in their order.
var sections = []section{
	{"/queue", "nav-queue", "q", (*visit).IsReviewer},
	{"/appeals", "nav-appeals", "w", (*visit).IsReviewer},
	{"/appointments", "nav-appointments", "m", (*visit).IsReviewer},
	{"/bureau-tasks", "nav-tasks", "t", (*visit).IsStaff},
	{"/duties", "nav-duties", "u", (*visit).IsOperator},
	{"/late", "nav-late", "l", (*visit).IsOperator},
	{"/bureau", "nav-bureau", "b", (*visit).IsOperator},
	{"/servers", "nav-servers", "s", (*visit).IsOperator},
	{"/rules", "nav-rules", "r", (*visit).IsOperator},
	{"/webhooks", "nav-webhooks", "e", (*visit).IsOperator},
	{"/figures", "nav-figures", "d", (*visit).IsOperator},
	{"/coaching", "nav-coaching", "f", (*visit).IsStaff},
	{"/agreement", "nav-agreement", "k", (*visit).IsOperator},
	{"/people", "nav-people", "p", (*visit).IsOperator},
	{"/audit", "nav-audit", "a", (*visit).IsOperator},
}

// A NavLink leads to a section.
type NavLink struct {
	Href, Label, Key string
	Here             bool
}

// Nav are the links to the sections that the person may see.
func (v *visit) Nav() ([]NavLink, error) {
	var links []NavLink
	for _, s := range sections {
		if !s.may(v) {
			continue
		}
		label, err := v.T("layout." + s.words)
		if err != nil {
			return nil, err
		}
		links = append(links, NavLink{Href: Prefix + s.path, Label: label, Key: "g " + s.key, Here: v.R.URL.Path == Prefix+s.path || strings.HasPrefix(v.R.URL.Path, Prefix+s.path+"/")})
	}
	return links, nil
}
