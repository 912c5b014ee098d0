package operator

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/process/people"
	"beian/shared/rules/certificate"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/text"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A Person is a member of the provider's staff.
type Person struct {
	Account  filing.Account   `json:"account"`
	Name     string           `json:"name" doc:"how colleagues recognise the person, from the last token"`
	Roles    []filing.Role    `json:"roles" nullable:"false" enum:"reviewer,admin" doc:"of the last token; the identity provider changes them"`
	SeenAt   time.Time        `json:"seenAt,omitzero" doc:"about when the person sent the last request, to 15 minutes; absent for a person who never sent one"`
	Version  int              `json:"version" doc:"number of changes by operators; the ETag contains it"`
	Accounts []filing.Account `json:"accounts" nullable:"false" doc:"of the organisations that the person belongs to"`
	Subjects []PersonSubject  `json:"subjects" nullable:"false" doc:"of the organisations that the person belongs to, without their certificate numbers"`
	Absences []Absence        `json:"absences" nullable:"false"`
	Absent   bool             `json:"absent" doc:"whether the person is away today, Shanghai time"`
	Disabled bool             `json:"disabled" doc:"whether the person is locked out"`
	Changes  []PersonChange   `json:"changes" nullable:"false" doc:"the last 20 by operators, oldest first"`
}

// A PersonSubject is a subject of an organisation.
type PersonSubject struct {
	ID    string    `json:"id"`
	Label string    `json:"label,omitempty" doc:"by which operators recognise it"`
	Added time.Time `json:"added"`
}

// An Absence is a period in which a person is away.
type Absence struct {
	From workday.Date `json:"from" format:"date" doc:"the first day, Shanghai time"`
	To   workday.Date `json:"to" format:"date" doc:"the last day, Shanghai time"`
}

// A PersonChange says who changed what of a person's entry.
type PersonChange struct {
	At   time.Time      `json:"at"`
	By   filing.Account `json:"by"`
	What []string       `json:"what" nullable:"false" enum:"accounts,subjects,absences,disabled,sessions"`
}

// A PersonEntry is what operators enter about a person. It replaces what was entered before.
type PersonEntry struct {
	Accounts []filing.Account `json:"accounts" maxItems:"50" nullable:"false" doc:"of the organisations that the person belongs to; the person neither sees nor reviews their orders"`
	Absences []Absence        `json:"absences" maxItems:"20" nullable:"false"`
	Disabled bool             `json:"disabled" doc:"locks the person out at once, and ends their sessions"`
}

// A NewSubject is a subject that a person belongs to. Only a keyed hash of the certificate number is stored.
type NewSubject struct {
	Label       string                    `json:"label,omitempty" maxLength:"400" doc:"by which operators recognise it, at most 100 characters, without names of people"`
	Certificate filing.OpeningCertificate `json:"certificate"`
}

// A PersonPath names a member of staff.
type PersonPath struct {
	Account string `path:"account" maxLength:"128" pattern:"^[!-~]+$" doc:"the subject of the person's token"`
}

// A PersonRequest is the input of a change of a member of staff, besides its body.
type PersonRequest struct {
	PersonPath
	IfMatch string `header:"If-Match" doc:"the ETag of the entry that the caller read; a newer version is refused (412)" example:"\"7\""`
}

type personEntryInput struct {
	PersonRequest
	Body PersonEntry
}

type newSubjectInput struct {
	PersonRequest
	Body NewSubject
}

type subjectInput struct {
	PersonRequest
	Subject string `path:"subject" maxLength:"64" doc:"the subject's id"`
}

type personReadsInput struct {
	PersonPath
	From workday.Date `query:"from" format:"date" required:"true" doc:"the first day, Shanghai time"`
	To   workday.Date `query:"to" format:"date" required:"true" doc:"the last day, Shanghai time; at most 30 days after the first"`
	web.PageQuery
}

type personOutput struct {
	ETag string `header:"ETag"`
	Body Person
}

type peopleOutput struct {
	Body struct {
		Items []Person `json:"items" nullable:"false" doc:"by account"`
	}
}

// Findings about people.
const (
	CodePersonLabel finding.Code = "person-label"
	CodeAuditPeriod finding.Code = "audit-period"
)

// Limits.
const (
	labelLimit  = 100 // characters
	auditPeriod = 31  // days of one search
)

var errNoPerson = fault.New(fault.NotFound, "没有这位同事。", "There is no such person.")

// registerPeople registers the register of staff, and the search for what a person has read.
func (a operations) registerPeople() {
	const tag, route = "People", "/people/{account}"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /people", Tag: tag, Summary: "List the provider's staff",
		Description: "Everybody who has sent a request as a reviewer or administrator, and whom an operator entered before. Roles come from the identity provider."}, a.listPeople)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET " + route, Tag: tag, Summary: "Read a member of staff",
		Description: "Shows organisations, absences and the last changes. An account that never sent a request as staff and was not entered is answered with 404."},
		func(ctx context.Context, _ *web.Call, in *PersonPath) (*personOutput, error) {
			return a.person(a.People.Store.Person(ctx, filing.Account(in.Account)))
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "PUT " + route, Errors: []int{http.StatusPreconditionFailed}, Tag: tag, Summary: "Replace accounts and absences of a member of staff, or lock the person out",
		Description: "Enter the accounts of the person's organisations, so that the person never reviews for them. Of your own entry you can change only the absences. Another function notices the change within 2 seconds."},
		func(ctx context.Context, c *web.Call, in *personEntryInput) (*personOutput, error) {
			for i, account := range in.Body.Accounts {
				if !apigateway.IsAccount(string(account)) {
					return nil, web.FaultFor(finding.List{finding.New(web.CodeFieldValue, "/accounts/"+strconv.Itoa(i))})
				}
			}
			absences := []people.Absence{}
			for _, one := range in.Body.Absences {
				absences = append(absences, people.Absence(one))
			}
			return a.changePerson(ctx, c, in.PersonRequest, people.Edit{Accounts: &in.Body.Accounts, Absences: &absences, Disabled: &in.Body.Disabled})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST " + route + "/subjects", Errors: []int{http.StatusPreconditionFailed}, Tag: tag, Status: http.StatusOK,
		Summary:     "Add a subject that a member of staff belongs to, such as a family's company",
		Description: "The person neither sees nor reviews orders of the subject. The certificate number is stored as a keyed hash only. A subject that is there already is not added again."}, a.addSubject)
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "DELETE " + route + "/subjects/{subject}", Errors: []int{http.StatusPreconditionFailed}, Tag: tag, Summary: "Remove a subject of a member of staff",
		Description: "The person can review orders of the subject from then on. You cannot remove one of your own."},
		func(ctx context.Context, c *web.Call, in *subjectInput) (*personOutput, error) {
			return a.changePerson(ctx, c, in.PersonRequest, people.Edit{RemoveSubject: in.Subject})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "DELETE " + route + "/sessions", Errors: []int{http.StatusPreconditionFailed}, Tag: tag, Summary: "End all sessions of a member of staff",
		Description: "For a lost device. Pages end at once; tokens that were issued until now are refused by every function within 2 seconds. The person can log in again."},
		func(ctx context.Context, c *web.Call, in *PersonRequest) (*personOutput, error) {
			return a.changePerson(ctx, c, *in, people.Edit{EndSessions: true})
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET " + route + "/reads", Tag: tag, Summary: "List what a member of staff has read in a period, newest first",
		Description: "At most 31 days in one search. The search itself is recorded, and listed for you. For what was read of an order, use GET /orders/{id}/staff-reads."}, a.listReadsBy)
}

func (a operations) listPeople(ctx context.Context, _ *web.Call, _ *struct{}) (*peopleOutput, error) {
	found, err := a.People.Store.People(ctx)
	if err != nil {
		return nil, err
	}
	out := &peopleOutput{}
	out.Body.Items = []Person{}
	for _, p := range found {
		out.Body.Items = append(out.Body.Items, a.personOf(p))
	}
	return out, nil
}

// person returns the response with a person; errNoPerson for one who is neither entered nor was ever seen.
func (a operations) person(p people.Person, err error) (*personOutput, error) {
	if err == nil && p.Version == 0 && p.SeenAt.IsZero() {
		err = errNoPerson
	}
	if err != nil {
		return nil, err
	}
	out := &personOutput{Body: a.personOf(p)}
	if p.Version > 0 { // nothing is entered yet that a change could overwrite
		out.ETag = `"` + strconv.Itoa(p.Version) + `"`
	}
	return out, nil
}

func (a operations) personOf(p people.Person) Person {
	out := Person{Account: p.Account, Name: p.Name, Roles: append([]filing.Role{}, p.Roles...), SeenAt: p.SeenAt, Version: p.Version,
		Accounts: append([]filing.Account{}, p.Accounts...), Subjects: []PersonSubject{}, Absences: []Absence{}, Changes: []PersonChange{},
		Absent: p.IsAbsent(workday.DateOf(a.Wall())), Disabled: !p.Disabled.IsZero()}
	for _, s := range p.Subjects {
		out.Subjects = append(out.Subjects, PersonSubject{s.ID, s.Label, s.Added})
	}
	for _, one := range p.Absences {
		out.Absences = append(out.Absences, Absence(one))
	}
	for _, c := range p.Changes {
		out.Changes = append(out.Changes, PersonChange(c))
	}
	return out
}

func (a operations) changePerson(ctx context.Context, c *web.Call, in PersonRequest, e people.Edit) (*personOutput, error) {
	version, err := web.ParseVersion(in.IfMatch)
	if err != nil {
		return nil, err
	}
	if err := c.Count(ctx); err != nil {
		return nil, err
	}
	return a.person(a.People.Change(ctx, c.Caller.Account, filing.Account(in.Account), version, e))
}

func (a operations) addSubject(ctx context.Context, c *web.Call, in *newSubjectInput) (*personOutput, error) {
	given, label := in.Body.Certificate, text.Normalize(in.Body.Label)
	var found finding.List
	if utf8.RuneCountInString(label) > labelLimit {
		found = append(found, finding.New(CodePersonLabel, "/label"))
	}
	if !slices.Contains(certificate.Kinds(), given.Kind) {
		found = append(found, finding.New(certificate.KindUnknown, "/certificate/kind"))
	} else {
		found = append(found, blocking(certificate.Check(given.Kind, certificate.Normalize(given.Kind, given.Number.Reveal()), a.Wall()).Under("/certificate/number"))...)
	}
	if err := web.FaultFor(found); err != nil {
		return nil, err
	}
	key, err := a.config.Store.SubjectKey(ctx, given.Kind, given.Number.Reveal())
	if err != nil {
		return nil, err
	}
	return a.changePerson(ctx, c, in.PersonRequest, people.Edit{AddSubject: &people.Subject{ID: ulid.Make().String(), Key: key, Label: label, Added: a.Wall().UTC()}})
}

// blocking returns the findings that block.
func blocking(found finding.List) finding.List {
	return slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Severity != finding.Block })
}

func (a operations) listReadsBy(ctx context.Context, c *web.Call, in *personReadsInput) (*web.PageResult[web.StaffRead], error) {
	if in.From > in.To || in.From.AddDays(auditPeriod) <= in.To {
		return nil, web.FaultFor(finding.List{finding.New(CodeAuditPeriod, "")})
	}
	if !apigateway.IsAccount(in.Account) {
		return nil, errNoPerson
	}
	found, next, err := a.config.Store.ReadsBy(ctx, filing.Account(in.Account), in.From, in.To, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	a.AddPersonRead(c, filing.Account(in.Account))
	var shown []web.StaffRead
	for _, r := range found {
		shown = append(shown, web.StaffReadOf(r, true))
	}
	query := url.Values{"from": {string(in.From)}, "to": {string(in.To)}}
	return web.NewPage(shown, next, strings.Replace("/people/{account}/reads", "{account}", url.PathEscape(in.Account), 1), in.Limit, query), nil
}
