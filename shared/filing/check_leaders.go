package filing

import (
	"fmt"
	"strings"

	"beian/shared/rules/contact"
	"beian/shared/rules/finding"
)

// A placedLeader is a leader with its JSON pointer in the details.
type placedLeader struct {
	pointer string
	Leader
}

// placedLeaders returns the subject leader and the site leaders.
func placedLeaders(subject Subject, sites []Site) []placedLeader {
	all := []placedLeader{{"/subject/leader", subject.Leader}}
	for i, s := range sites {
		all = append(all, placedLeader{fmt.Sprintf("/sites/%d/leader", i), s.Leader})
	}
	return all
}

// checkLeaders compares the leaders of an application with each other (icp-filing 4.2). One person may be the leader of the subject and
// of all sites. Different persons should have different mobiles and email addresses, and no emergency phone should be the mobile of a
// leader. A finding about two leaders is at the later one, a finding about an emergency phone at that phone.
func (o Order) checkLeaders(subject Subject, sites []Site) finding.List {
	leaders := placedLeaders(subject, sites)
	var found finding.List
	for i, l := range leaders {
		var ofLeader finding.List
		add := func(code finding.Code, field string) {
			if !ofLeader.Has(code) {
				ofLeader = append(ofLeader, finding.New(code, l.pointer+field))
			}
		}
		for k, other := range leaders {
			if k == i || l.Certificate.Number == "" || other.Certificate.Number == "" {
				continue
			}
			sameNumber := l.Certificate.Number == other.Certificate.Number
			if k < i && !o.Individual() && l.Name != "" && other.Name != "" { // an individual's leaders are compared with the subject
				switch sameName := strings.EqualFold(l.Name.Reveal(), other.Name.Reveal()); {
				case sameNumber && !sameName:
					add(CodeNumberOfTwoNames, "/certificate/number")
				case !sameNumber && sameName:
					add(CodeNameOfTwoNumbers, "/certificate/number")
				}
			}
			if k < i && !sameNumber && l.Mobile != "" && l.Mobile == other.Mobile {
				add(CodeSameMobile, "/mobile")
			}
			if k < i && !sameNumber && l.Email != "" && strings.EqualFold(l.Email.Reveal(), other.Email.Reveal()) {
				add(CodeSameEmail, "/email")
			}
			if m, ok := l.EmergencyPhone.Mobile(); ok && m == other.Mobile && m != l.Mobile { // checkLeader reports one's own mobile
				if sameNumber {
					add(contact.EmergencySame, "/emergencyPhone")
				} else {
					add(CodeEmergencyIsLeader, "/emergencyPhone")
				}
			}
		}
		found = append(found, ofLeader...)
	}
	return found
}
