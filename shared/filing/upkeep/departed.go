package upkeep

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"beian/shared/filing/register"
	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// CodeLeaderLeft is the finding that a leader on file has left the subject: another person has to be filed (icp-filing 8.4).
const CodeLeaderLeft finding.Code = "changed-leader-left"

// CodeOwnLeader is the finding that the leader of an individual's filing is the individual, who cannot leave.
const CodeOwnLeader finding.Code = "upkeep-own-leader"

// A Departure is a person who left the subject, and whom the filing still names as a leader.
type Departure struct {
	// Leader is a hash of the name and the certificate number, so that the departure ends when another person is filed.
	Leader string    `json:"leader"`
	At     time.Time `json:"at"` // when it was reported
}

// leaderMark returns the hash by which a [Departure] names a leader.
func leaderMark(l register.Leader) string {
	sum := sha256.Sum256([]byte(l.Name.Reveal() + "\n" + l.Certificate.Number.Reveal()))
	return hex.EncodeToString(sum[:])
}

// ReportLeaderLeft records that the leader of a site, or with Site "" the leader of the subject, has left; without Left, that this was a mistake. What else the same person
// leads in the filing has to be changed too. It ends when other persons are filed.
type ReportLeaderLeft struct {
	Site string
	Left bool
}

func (ReportLeaderLeft) Name() string { return "report-leader-left" }

func (d ReportLeaderLeft) apply(u *Upkeep, f register.Filing, at time.Time) error {
	if f.Entity == certificate.Individual && d.Left {
		return invalid(CodeOwnLeader, "/left")
	}
	leader := f.Private.Subject.Leader
	if d.Site != "" {
		if _, _, err := u.site(f, d.Site); err != nil {
			return err
		}
		leader = leaderOf(f, d.Site)
	}
	mark := leaderMark(leader)
	same := func(one Departure) bool { return one.Leader == mark }
	if slices.ContainsFunc(u.Departed, same) == d.Left {
		return ErrNothingToDo
	}
	u.Departed = slices.DeleteFunc(u.Departed, same)
	if d.Left {
		u.Departed = append(u.Departed, Departure{Leader: mark, At: at.UTC().Truncate(time.Second)})
	}
	return nil
}

// leaderOf returns the leader of a site; the zero Leader if the filing has none.
func leaderOf(f register.Filing, site string) register.Leader {
	for i, s := range f.Sites {
		if s.Number.String() == site && i < len(f.Private.Sites) {
			return f.Private.Sites[i].Leader
		}
	}
	return register.Leader{}
}

// forgetDeparted removes those who lead nothing in a filing any more.
func (u *Upkeep) forgetDeparted(f register.Filing) {
	u.Departed = slices.DeleteFunc(u.Departed, func(d Departure) bool {
		return d.Leader != leaderMark(f.Private.Subject.Leader) && !slices.ContainsFunc(f.Private.Sites, func(s register.Site) bool { return leaderMark(s.Leader) == d.Leader })
	})
}

// departedDuty adds the duty to file another leader, of a site or with site "" of the subject, if the one on file has left.
func (u Upkeep) departedDuty(site string, l register.Leader, add func(Duty)) {
	chinese, english := "主体", "subject"
	if site != "" {
		chinese, english = "网站", "site"
	}
	for _, d := range u.Departed {
		if d.Leader == leaderMark(l) {
			add(Duty{Key: Changed, Site: site, Part: string(CodeLeaderLeft), Found: finding.New(CodeLeaderLeft, "", "of-zh", chinese, "of-en", english), OpenedAt: d.At, Deadline: workday.DateOf(d.At).AddDays(FindingDays)})
		}
	}
}
