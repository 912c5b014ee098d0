package bureautask

import (
	"strconv"
	"strings"
	"time"

	"beian/shared/bureau/document"
	"beian/shared/filing/register"
	"beian/shared/rules/domainname"
	"beian/shared/rules/text"
)

// A Source is the file that brings tasks.
type Source struct {
	Link, File string
	ReceivedAt time.Time
}

// CancellationTask returns the task about a part of a filing that the bureau cancelled, in the nth record of a file.
func CancellationTask(from Source, deadlines Deadlines, p register.Part, ministryID string, record int) Task {
	return from.task(Cancellation, record, About{Part: p, MinistryID: ministryID}, deadlines)
}

func (from Source) task(k Kind, record int, about About, deadlines Deadlines) Task {
	t := NewTask(k, about, from.ReceivedAt, deadlines)
	t.ID, t.Link, t.File, t.Record = taskID(from.File, k, record), from.Link, from.File, record
	return t
}

// In returns the tasks of a document, without what the register knows about them, and without cancellations; see [CancellationTask]. All blacklisted
// records are among them; the caller drops those that are not about a filing of the register.
func In(d *document.ICPDownload, from Source, deadlines Deadlines) []Task {
	var tasks []Task
	add := func(k Kind, record int, about About) {
		tasks = append(tasks, from.task(k, record, about, deadlines))
	}
	for i, t := range d.Tasks {
		about := About{Part: register.SubjectPart, MinistryID: id(t.Subject.ID)}
		if len(t.Sites) > 0 && len(t.Sites[0].Domains) > 0 {
			about.Host = host(t.Sites[0].Domains[0].Name)
		}
		add(Verify, i+1, about)
	}
	for i, s := range d.Unfiled {
		add(Unfiled, i+1, About{Host: host(s.Domain), IP: s.IP.String()})
	}
	for i, n := range d.Notices {
		about := About{Number: strings.TrimSpace(n.Number), MinistryID: id(n.ID), Part: register.SubjectPart}
		if n.About == document.SiteNotice {
			about.Part = register.SitePart
		}
		add(Correct, i+1, about)
	}
	for i, s := range d.IllegalAccess {
		add(Illegal, i+1, About{Host: host(s.Domain), IP: s.IP.String()})
	}
	for i, about := range audited(d.Audit) {
		add(Audit, i+1, about)
	}
	if b := d.Blacklist; b != nil {
		for i, s := range b.Sites {
			if s.Entry != document.DeleteEntry && len(s.Site.Domains) > 0 {
				add(Blacklisted, i+1, About{Part: register.SitePart, Host: host(s.Site.Domains[0].Name)})
			}
		}
		for i, s := range b.Subjects {
			if s.Entry != document.DeleteEntry && s.Subject != nil {
				add(Blacklisted, len(b.Sites)+i+1, About{Part: register.SubjectPart})
			}
		}
	}
	return tasks
}

// CancelledParts are the parts of a filing by the interface's kinds of cancellation (Zxlb).
var CancelledParts = map[int64]register.Part{
	document.CancelSubject: register.SubjectPart, document.CancelSite: register.SitePart, document.CancelAccess: register.AccessPart,
}

// audited returns what the records of an audit are about: subjects, accesses, shells, sites.
func audited(a *document.Audit) []About {
	if a == nil {
		return nil
	}
	var all []About
	for _, s := range a.Subjects {
		all = append(all, About{Part: register.SubjectPart, MinistryID: id(s.ID), Finding: SubjectFalse})
	}
	site := func(siteID int64, number, domain string, f Finding) About {
		return About{Part: register.SitePart, MinistryID: id(siteID), Number: strings.TrimSpace(number), Host: host(domain), Finding: f}
	}
	for _, s := range a.Accesses {
		about := site(s.SiteID, s.Number, s.Domain, AccessNotFound)
		if s.Finding == document.FoundNotReported {
			about.Finding = AccessUnreported
		}
		if s.Resolved != nil && *s.Resolved != 0 {
			about.IP = s.Resolved.String()
		}
		all = append(all, about)
	}
	for _, s := range a.Shells {
		about := site(s.SiteID, s.Number, s.HomeURL, ShellAlive)
		if s.Finding == document.Dead {
			about.Finding = ShellDead
		}
		all = append(all, about)
	}
	for _, s := range a.Sites {
		all = append(all, site(s.SiteID, s.Number, s.HomeURL, SiteDead))
	}
	return all
}

// NewAbout returns what a task is about that an operator enters: a filing number, a host and an IP address, each may be "".
func NewAbout(number, hostName, ip string) About {
	about := About{Number: text.Normalize(number), IP: text.NormalizeASCII(strings.TrimSpace(ip))}
	if strings.TrimSpace(hostName) != "" {
		about.Host = host(hostName)
	}
	return about
}

// id returns an id of the bureau as text; "" for 0.
func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// host returns the host of a domain or an address, in ASCII; the text in lower case if it is none, at most 128 bytes.
func host(name string) string {
	if d, ok := domainname.Normalize(name); ok {
		return string(d)
	}
	name = strings.ToLower(strings.TrimSpace(name))
	return strings.ToValidUTF8(name[:min(len(name), 128)], "")
}
