// Package upkeep is what a filing owes after approval (icp-filing 8): an [Upkeep] beside each filing of the register.
//
// [Upkeep.Duties] computes the duties of a filing from what is filed and from what the upkeep knows of it: opened sites, public-security numbers, licences,
// findings of the site watch, tasks of the bureau. A duty has a deadline and the times of its reminders. It ends by itself when its reason is gone, because it is
// computed anew each time; what is stored is only how many of its reminders were sent.
//
//	change := u.Remind(f, now) // what to send now, and when the filing is due next
//	u, err := u.Apply(upkeep.RecordPublicSecurity{Site: number, Number: text}, filing.Actor, now)
//
// Package duties carries it out; package dynamo stores it with the filing's key.
package upkeep

import (
	"maps"
	"slices"
	"strings"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/annualreview"
	"beian/shared/rules/domainname"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// An Upkeep is what is known of a filing beside the register. The store encrypts its JSON with the filing's key.
type Upkeep struct {
	Filing register.ID `json:"-"`
	// Version counts the stored changes; 0 if none was stored.
	Version int `json:"-"`
	// Followed is the version of the filing that the upkeep was brought up to.
	Followed int `json:"followed,omitempty"`
	// Sites are by the site's number: 京ICP备12345678号-1.
	Sites map[string]Site `json:"sites,omitempty"`
	// Domains has when each domain expires, as far as that is known, and Servers the same of our servers. AskedAt is when both were asked.
	Domains map[domainname.Domain]workday.Date `json:"domains,omitempty"`
	Servers map[string]workday.Date            `json:"servers,omitempty"`
	AskedAt time.Time                          `json:"askedAt,omitzero"`
	// Registrars are those of the domains, as they were last named.
	Registrars map[domainname.Domain]string `json:"registrars,omitempty"`
	Letters    []Letter                     `json:"letters,omitempty"`
	Tasks      []Task                       `json:"tasks,omitempty"`
	// Reminded has how many reminders of a duty were sent, or missed, by [Duty.ID]. Over has the duties whose deadline has passed.
	Reminded map[string]int `json:"reminded,omitempty"`
	Over     []string       `json:"over,omitempty"`
	// Muted are the duties of which the account wants no reminders.
	Muted []Key `json:"muted,omitempty"`
	// Undelivered is the version of the filing whose contact did not get a message; 0 if none. A new version may have another contact.
	Undelivered int `json:"undelivered,omitempty"`
	// Departed are leaders who have left, until others are filed.
	Departed []Departure `json:"departed,omitempty"`
	// Reviews are the annual reviews that operators entered. They are stored apart from it.
	Reviews annualreview.Calendar `json:"-"`
	// Diary has what happened, newest last, at most maxDiary lines.
	Diary []Line `json:"diary,omitempty"`
}

// A Site is what is known of a filed site.
type Site struct {
	// OpenedOn is the day on which the site got its number with our access. The public-security filing counts from it.
	OpenedOn workday.Date `json:"openedOn,omitempty"`
	// PublicSecurity is the number of the public-security filing (公安联网备案), "" until it is recorded.
	PublicSecurity string `json:"publicSecurity,omitempty"`
	// Commercial says whether the site is run for profit and needs the commercial licence (S23): nil until the account has said so.
	Commercial *bool `json:"commercial,omitempty"`
	// CommercialOn is the day on which the account said so.
	CommercialOn workday.Date `json:"commercialOn,omitempty"`
	Licence      *Licence     `json:"licence,omitempty"`
	// Findings are the open findings of the site watch and of the change detection.
	Findings []Finding `json:"findings,omitempty"`
	// Reviewed has the answers to annual reviews, by the first day of the review.
	Reviewed map[workday.Date]Answer `json:"reviewed,omitempty"`
}

// A Licence is the commercial ICP licence (经营性ICP许可证) of a site's subject.
type Licence struct {
	Number     string       `json:"number"`
	ValidUntil workday.Date `json:"validUntil"`
	// Reported is the year for which the annual report was last made.
	Reported int `json:"reported,omitempty"`
}

// A Finding is something wrong about a site that its owner has to correct.
type Finding struct {
	finding.Finding
	Host  string    `json:"host,omitempty"`
	Since time.Time `json:"since"`
	// Until is the last day for the correction.
	Until workday.Date `json:"until"`
}

// A Letter is a letter of commitment or authorisation that is valid until a day.
type Letter struct {
	Name       string       `json:"name"`           // its slot, as in register.Paper
	Site       string       `json:"site,omitempty"` // the number of its site; "" if it is the subject's
	ValidUntil workday.Date `json:"validUntil"`
}

// A Task is something that the bureau asks about the filing. Package exchange has the task itself.
type Task struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind"` // of the bureau's file: HSRW, XGTZ
	Site     string       `json:"site,omitempty"`
	OpenedAt time.Time    `json:"openedAt"`
	Until    workday.Date `json:"until"`
}

// An Answer to an annual review.
type Answer struct {
	Status string    `json:"status"`
	At     time.Time `json:"at"`
	By     string    `json:"by"` // sms, page
}

// A Line of the diary. It names no person.
type Line struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // a decision's name, or reminded, over, ended
	Duty string    `json:"duty,omitempty"`
}

const maxDiary = 300

// clone returns a copy whose parts can be changed.
func (u Upkeep) clone() Upkeep {
	u.Sites, u.Domains, u.Servers, u.Reminded = maps.Clone(u.Sites), maps.Clone(u.Domains), maps.Clone(u.Servers), maps.Clone(u.Reminded)
	u.Letters, u.Tasks, u.Over, u.Muted, u.Diary = slices.Clone(u.Letters), slices.Clone(u.Tasks), slices.Clone(u.Over), slices.Clone(u.Muted), slices.Clone(u.Diary)
	u.Departed = slices.Clone(u.Departed)
	if u.Sites == nil {
		u.Sites = map[string]Site{}
	}
	if u.Reminded == nil {
		u.Reminded = map[string]int{}
	}
	return u
}

// note adds a line to the diary.
func (u *Upkeep) note(at time.Time, what, duty string) {
	u.Diary = append(u.Diary, Line{at.UTC().Truncate(time.Second), what, duty})
	u.Diary = u.Diary[max(0, len(u.Diary)-maxDiary):]
}

// Kind returns the kind of the duty that the line is about; "" if it is about none.
func (l Line) Kind() Key {
	kind, _, _ := strings.Cut(l.Duty, "|")
	return Key(kind)
}
