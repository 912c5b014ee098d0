package web

import (
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// An Upkeep is what a filing owes after approval, and what is recorded about its sites.
type Upkeep struct {
	Duties  []UpkeepDuty   `json:"duties" nullable:"false" doc:"what is to be done now, the nearest deadline first; what expires is listed from its first reminder on"`
	Sites   []UpkeepSite   `json:"sites" nullable:"false" doc:"the sites that we host"`
	Letters []UpkeepLetter `json:"letters" nullable:"false" doc:"letters whose last day is recorded"`
	Muted   []upkeep.Key   `json:"muted" nullable:"false" doc:"kinds of duties without reminders"`
	Watched []WatchedSite  `json:"watched,omitempty" doc:"the visits to its sites, by host; only where the upkeep is read"`
	Diary   []DiaryLine    `json:"diary" nullable:"false" doc:"what happened, newest first"`
}

// An UpkeepDuty is something that a filing owes.
type UpkeepDuty struct {
	Kind     upkeep.Key    `json:"kind" doc:"the kind of the duty"`
	Site     string        `json:"site,omitempty" doc:"number of the site; absent if the subject owes it"`
	Part     string        `json:"part,omitempty" doc:"a domain, a server, a document, a finding with its host, or the id of a task"`
	Code     finding.Code  `json:"code" doc:"stable code of the words"`
	What     finding.Words `json:"what"`
	How      finding.Words `json:"how"`
	OpenedAt time.Time     `json:"openedAt,omitzero" doc:"when it began; absent of what expires"`
	Deadline workday.Date  `json:"deadline" format:"date" doc:"last day"`
	Over     bool          `json:"over,omitempty" doc:"the last day has passed"`
	Next     time.Time     `json:"nextReminder,omitzero" doc:"when the next reminder is sent; absent after the last"`
	Act      upkeep.Act    `json:"act,omitempty" enum:"change,cancel-access" doc:"the application that corrects it: POST /filings/{id}/changes, or a cancellation"`
	Pointer  string        `json:"pointer,omitempty" doc:"what of the change corrects it: a JSON pointer into the details of the order, or /access/ with the index of a site whose server or addresses are entered again; absent if it is not known" example:"/subject/leader/mobile"`
	Mutable  bool          `json:"mutable,omitempty" doc:"the reminders can be turned off"`
}

// An UpkeepSite is what is recorded about a site after approval.
type UpkeepSite struct {
	Number         string       `json:"number" example:"浙ICP备12345678号-1"`
	OpenedOn       workday.Date `json:"openedOn,omitempty" format:"date" doc:"when it got its number here; the public-security filing counts from that day"`
	PublicSecurity string       `json:"publicSecurity,omitempty" doc:"number of the public-security filing" example:"浙公网安备33010602001234号"`
	Commercial     *bool        `json:"commercial,omitempty" doc:"whether it charges its users; absent until that is known"`
	Licence        string       `json:"licence,omitempty" doc:"number of the commercial licence" example:"浙B2-20260001"`
	LicenceUntil   workday.Date `json:"licenceUntil,omitempty" format:"date"`
}

// An UpkeepLetter is a letter of commitment or authorisation that ends.
type UpkeepLetter struct {
	Letter     string       `json:"letter" doc:"its slot among the papers of the filing"`
	Site       string       `json:"site,omitempty" doc:"number of its site; absent for a letter of the subject" example:"浙ICP备12345678号-1"`
	ValidUntil workday.Date `json:"validUntil" format:"date"`
}

// A DiaryLine says what happened, without people.
type DiaryLine struct {
	At   time.Time  `json:"at"`
	What string     `json:"what" doc:"reminded, over, or the name of what was recorded" example:"reminded"`
	Kind upkeep.Key `json:"kind,omitempty" doc:"of the duty"`
}

// UpkeepOf returns the JSON of a filing's upkeep at a time.
func UpkeepOf(u upkeep.Upkeep, f register.Filing, now time.Time) Upkeep {
	out := Upkeep{Duties: []UpkeepDuty{}, Sites: []UpkeepSite{}, Letters: []UpkeepLetter{}, Muted: append([]upkeep.Key{}, u.Muted...), Diary: []DiaryLine{}}
	for _, d := range u.Duties(f, now) {
		if d.Begun(now) {
			one := UpkeepDutyOf(d, now)
			one.Pointer = upkeep.PointerOf(d, f, now)
			out.Duties = append(out.Duties, one)
		}
	}
	for _, s := range f.Sites {
		if _, ours := s.OurAccess(); !ours {
			continue
		}
		number := s.Number.String()
		known := u.Sites[number]
		one := UpkeepSite{Number: number, OpenedOn: known.OpenedOn, PublicSecurity: known.PublicSecurity, Commercial: known.Commercial}
		if known.Licence != nil {
			one.Licence, one.LicenceUntil = known.Licence.Number, known.Licence.ValidUntil
		}
		out.Sites = append(out.Sites, one)
	}
	for _, l := range u.Letters {
		out.Letters = append(out.Letters, UpkeepLetter{Letter: l.Name, Site: l.Site, ValidUntil: l.ValidUntil})
	}
	for _, line := range slices.Backward(u.Diary) {
		out.Diary = append(out.Diary, DiaryLine{At: line.At, What: line.What, Kind: line.Kind()})
	}
	return out
}

// UpkeepDutyOf returns the JSON of a duty at a time.
func UpkeepDutyOf(d upkeep.Duty, now time.Time) UpkeepDuty {
	words := d.Words()
	out := UpkeepDuty{Kind: d.Key, Site: d.Site, Part: d.Part, Code: words.Code, What: words.Message, How: words.Remedy, OpenedAt: d.OpenedAt, Deadline: d.Deadline,
		Over: workday.DateOf(now) > d.Deadline, Mutable: d.Key.Mutable(), Act: upkeep.ActOf(d.Found.Code)}
	if i := slices.IndexFunc(d.Reminders, now.Before); i >= 0 {
		out.Next = d.Reminders[i]
	}
	return out
}

// LeaderLeft is the request to record that a leader has left, or has not.
type LeaderLeft struct {
	Site string `json:"site,omitempty" maxLength:"64" doc:"number of the site whose leader it is; absent: the subject's leader" example:"浙ICP备12345678号-1"`
	Left bool   `json:"left" doc:"true: the leader has left; false: that was a mistake"`
}

// Decision returns the decision about the upkeep.
func (l LeaderLeft) Decision() upkeep.Decision {
	return upkeep.ReportLeaderLeft{Site: l.Site, Left: l.Left}
}
