package operator

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/aws/apigateway"
	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/process/bureautask"
	"beian/shared/process/exchange"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
	"beian/shared/web"
)

// A BureauTask is something that the bureau wants done. It has no personal data.
type BureauTask struct {
	ID         string             `json:"id"`
	Kind       bureautask.Kind    `json:"kind" enum:"HSRW,WBAWZLB,XGTZ,HCJG,FFJRHMD,ZXSJ,HMDLB" doc:"element of the interface. HSRW: verify a filing; WBAWZLB: close an unfiled site; XGTZ: correct a filing; HCJG: act on an audit; FFJRHMD: close a site with a forbidden access; ZXSJ: end the access of what the bureau cancelled; HMDLB: close what is on the ministry's blacklist"`
	State      bureautask.State   `json:"state" enum:"open,answered,sent,accepted,closed" doc:"open: somebody has to act, also after a refused answer; answered: the answer waits for its upload, or for its entry by hand; sent: it is in the file in flight; accepted: the bureau has it, and may still refuse it; closed: done"`
	Finding    bureautask.Finding `json:"finding,omitempty" enum:"subject-false,access-not-found,access-unreported,shell-alive,shell-dead,site-dead" doc:"what an audit found"`
	Owner      filing.Role        `json:"owner" enum:"reviewer,admin" doc:"who does tasks of the kind"`
	Assignee   filing.Account     `json:"assignee,omitempty"`
	ReceivedAt time.Time          `json:"receivedAt"`
	Deadline   time.Time          `json:"deadline" doc:"the end of the last day. The interface states none: it follows from the provider's setting, or is that of the console"`
	Overdue    bool               `json:"overdue"`
	DoneAt     time.Time          `json:"doneAt,omitzero"`
	Filing     register.ID        `json:"filing,omitempty" doc:"of the register; absent if it has none"`
	Number     string             `json:"number,omitempty" doc:"of the subject or the site"`
	MinistryID string             `json:"ministryId,omitempty" doc:"of the subject, site or access"`
	Host       string             `json:"host,omitempty"`
	IP         string             `json:"ip,omitempty"`
	File       string             `json:"file,omitempty" doc:"id of the received file; absent if an operator entered the task"`
	ByHand     bool               `json:"byHand" doc:"the answer is entered into the bureau's console"`
	Sequence   int64              `json:"sequence,omitempty" doc:"dataSequence of the upload with the answer"`
	Answerable bool               `json:"answerable" doc:"whether the interface has an answer; other tasks are closed with a note"`
	Refused    finding.List       `json:"refused,omitempty" doc:"why the last answer was refused, or could not be sent"`
}

// A BureauTaskDetail is a task with what the bureau wrote, and what was answered. It has personal data.
type BureauTaskDetail struct {
	BureauTask
	Rows      []BureauTaskRow    `json:"rows" nullable:"false" doc:"what the bureau wrote; empty if its file is deleted"`
	Text      string             `json:"text,omitempty" doc:"what the bureau's console says, of a task that an operator entered"`
	Answer    *BureauTaskAnswer  `json:"answer,omitempty" doc:"the last one"`
	Note      string             `json:"note,omitempty" doc:"with which the task was closed"`
	Handlings []BureauTaskCode   `json:"handlings,omitempty" doc:"what can be done about an unfiled site, from the bureau's table; absent until the bureau has sent it"`
	Events    []bureautask.Event `json:"events" nullable:"false"`
}

// A BureauTaskRow is one value of what the bureau wrote.
type BureauTaskRow struct {
	Label    finding.Words `json:"label"`
	Bureau   string        `json:"bureau"`
	Register string        `json:"register,omitempty" doc:"of the register, to compare"`
	Differs  bool          `json:"differs"`
}

// A BureauTaskCode is an entry of a table of the bureau.
type BureauTaskCode struct {
	ID    int64         `json:"id"`
	Label finding.Words `json:"label"`
}

// A BureauTaskAnswer answers a verification task or an unfiled site.
type BureauTaskAnswer struct {
	Failed   bool   `json:"failed,omitempty" doc:"of a verification task: the filing's data are wrong"`
	Verifier string `json:"verifier,omitempty" maxLength:"1024" doc:"of a verification task: who verified the filing; at most 128 characters"`
	Errors   string `json:"errors,omitempty" maxLength:"16000" doc:"of a failed verification: what is wrong; at most 4000 characters"`
	Handling int64  `json:"handling,omitempty" minimum:"0" maximum:"999" doc:"of an unfiled site: what was done, from the bureau's table"`
	Province int64  `json:"province,omitempty" minimum:"0" maximum:"999999" doc:"of an unfiled site whose record has none: division code of the province" example:"330000"`
	Opinion  string `json:"opinion" maxLength:"8192" doc:"at most 1024 characters, 255 about an unfiled site"`
}

// A NewBureauTask is a task that an operator copies from the bureau's console.
type NewBureauTask struct {
	Kind     bureautask.Kind `json:"kind" enum:"HSRW,WBAWZLB,XGTZ,HCJG,FFJRHMD,ZXSJ,HMDLB"`
	Number   string          `json:"number,omitempty" maxLength:"128" doc:"of the subject or the site"`
	Host     string          `json:"host,omitempty" maxLength:"253"`
	IP       string          `json:"ip,omitempty" maxLength:"64"`
	Text     string          `json:"text" maxLength:"16000" doc:"what the console says; at most 2000 characters"`
	Deadline workday.Date    `json:"deadline,omitempty" format:"date" doc:"the last day; without it, that of the kind"`
}

// A BureauTaskPath names a task.
type BureauTaskPath struct {
	Task string `path:"task" maxLength:"200" pattern:"^[A-Za-z0-9._-]+$"`
}

type (
	bureauTasksInput struct {
		Done bool            `query:"done" doc:"list the tasks that are accepted or closed, the last one first, instead of the others, by their deadline"`
		Kind bureautask.Kind `query:"kind" enum:"HSRW,WBAWZLB,XGTZ,HCJG,FFJRHMD,ZXSJ,HMDLB"`
		Mine bool            `query:"mine" doc:"only those assigned to the caller"`
		web.PageQuery
	}
	newBureauTaskInput struct {
		Key  string `header:"Idempotency-Key" maxLength:"255" pattern:"^[!-+\\--~]+$" doc:"identifies the request, in ASCII without spaces and commas: repeating it stores only one task"`
		Body NewBureauTask
	}
	answerBureauTaskInput struct {
		BureauTaskPath
		Body BureauTaskAnswer
	}
	assignBureauTaskInput struct {
		BureauTaskPath
		Body struct {
			Account filing.Account `json:"account" maxLength:"128" doc:"a member of staff with the task's role; empty takes the task from its assignee"`
		}
	}
	closeBureauTaskInput struct {
		BureauTaskPath
		Body struct {
			Note string `json:"note" maxLength:"4096" doc:"what was done: 1 to 500 characters; only staff see it"`
		}
	}
	bureauTaskOutput struct{ Body BureauTaskDetail }
)

// registerBureauTasks registers the operations on what the bureau wants done. Reviewers have those on verification tasks.
func (a operations) registerBureauTasks() {
	const tag, route = "Bureau", "/bureau/tasks/{task}"
	changes := []int{http.StatusConflict, http.StatusPreconditionFailed}
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET /bureau/tasks", Tag: tag,
		Summary:     "List what the bureau wants done, the next deadline first",
		Description: "Verification tasks, unfiled sites, notices, audits, forbidden accesses, cancellations and blacklists. Reviewers see verification tasks only. A page can have fewer tasks than the limit although more follow."}, a.listBureauTasks)
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "GET " + route, Tag: tag, Errors: []int{http.StatusConflict},
		Summary:     "Read a task of the bureau, with what it wrote beside the register",
		Description: "It has personal data, so the read is recorded for the filing. A task about a filing of the caller or their organisations is refused."},
		func(ctx context.Context, c *web.Call, in *BureauTaskPath) (*bureauTaskOutput, error) {
			return a.bureauTask(ctx, c, in.Task, func() (exchange.TaskView, error) { return a.config.Bureau.Task(ctx, in.Task) })
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /bureau/tasks", Status: http.StatusCreated, Tag: tag,
		Summary:     "Enter a task that the bureau's console shows",
		Description: "For a provider without a link, and for what a bureau asks on paper or by phone. Its answer is entered into the console, and recorded with POST /bureau/tasks/{task}/entry."}, a.addBureauTask)
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "PUT " + route + "/assignee", Tag: tag, Errors: changes,
		Summary:     "Assign a task of the bureau to a colleague",
		Description: "The account must belong to a reviewer or an administrator, as the task's owner says. An empty account takes the task from its assignee."}, a.assignBureauTask)
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "POST " + route + "/answer", Status: http.StatusOK, Tag: tag, Errors: changes,
		Summary:     "Answer a verification task (HSJG) or an unfiled site (WBACLJG)",
		Description: "The answer leaves with the next upload, in the sequence of all uploads; by hand, enter it into the bureau's console. The same answer again changes nothing. The bureau reports wrong answers later; the task is then open again."},
		func(ctx context.Context, c *web.Call, in *answerBureauTaskInput) (*bureauTaskOutput, error) {
			b := in.Body
			answer := bureautask.Answer{Failed: b.Failed, Verifier: b.Verifier, Errors: b.Errors, Handling: b.Handling, Province: b.Province, Opinion: b.Opinion}
			return a.changeBureauTask(ctx, c, in.Task, "answer a task of the bureau", func(by filing.Account) (exchange.TaskView, error) {
				return a.config.Bureau.AnswerTask(ctx, in.Task, answer, by)
			})
		})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "POST " + route + "/entry", Status: http.StatusOK, Tag: tag, Errors: changes,
		Summary:     "Record that the answer was entered into the bureau's console",
		Description: "Only for tasks by hand: other answers leave with an upload. Recording it again changes nothing."},
		func(ctx context.Context, c *web.Call, in *BureauTaskPath) (*bureauTaskOutput, error) {
			return a.changeBureauTask(ctx, c, in.Task, "record the entry of an answer", func(by filing.Account) (exchange.TaskView, error) {
				return a.config.Bureau.EnterAnswer(ctx, in.Task, by)
			})
		})
	web.Register(a.API, web.Operation{Roles: web.Staff, Route: "POST " + route + "/closing", Status: http.StatusOK, Tag: tag, Errors: changes,
		Summary:     "Close a task of the bureau with a note on what was done",
		Description: "For tasks without an answer over the interface, and for those that were settled in another way. An answer that waits for its upload must arrive first."},
		func(ctx context.Context, c *web.Call, in *closeBureauTaskInput) (*bureauTaskOutput, error) {
			return a.changeBureauTask(ctx, c, in.Task, "close a task of the bureau", func(by filing.Account) (exchange.TaskView, error) {
				return a.config.Bureau.CloseTask(ctx, in.Task, in.Body.Note, by)
			})
		})
}

func (a operations) listBureauTasks(ctx context.Context, c *web.Call, in *bureauTasksInput) (*web.PageResult[BureauTask], error) {
	found, next, err := a.config.Bureau.Tasks(ctx, in.Done, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	var tasks []BureauTask
	for _, t := range found {
		if c.Caller.Is(filing.Admin, t.Owner) && (in.Kind == "" || t.Kind == in.Kind) && (!in.Mine || t.Assignee == c.Caller.Account) {
			tasks = append(tasks, a.bureauTaskOf(t))
		}
	}
	query := url.Values{}
	for name, value := range map[string]string{"kind": string(in.Kind), "done": trueOr(in.Done), "mine": trueOr(in.Mine)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return web.NewPage(tasks, next, "/bureau/tasks", in.Limit, query), nil
}

func trueOr(set bool) string {
	if set {
		return "true"
	}
	return ""
}

func (a operations) addBureauTask(ctx context.Context, c *web.Call, in *newBureauTaskInput) (*bureauTaskOutput, error) {
	id := strings.ToLower(ulid.Make().String())
	if in.Key != "" {
		sum := sha256.Sum256([]byte(string(c.Caller.Account) + " " + in.Key))
		id = hex.EncodeToString(sum[:16])
	}
	id = "hand-" + id
	about := bureautask.NewAbout(in.Body.Number, in.Body.Host, in.Body.IP)
	var deadline time.Time
	if in.Body.Deadline != "" {
		if !in.Body.Deadline.Valid() {
			return nil, web.FaultFor(finding.List{finding.New(bureautask.CodeDeadline, "/deadline")})
		}
		deadline = in.Body.Deadline.AddDays(1).Time()
	}
	a.logAccess(ctx, c, "enter a task of the bureau", "task", id, "kind", string(in.Body.Kind))
	return a.bureauTask(ctx, c, id, func() (exchange.TaskView, error) {
		return a.config.Bureau.AddTask(ctx, id, in.Body.Kind, about, in.Body.Text, deadline)
	})
}

func (a operations) assignBureauTask(ctx context.Context, c *web.Call, in *assignBureauTaskInput) (*bureauTaskOutput, error) {
	to := in.Body.Account
	return a.changeBureauTask(ctx, c, in.Task, "assign a task of the bureau", func(by filing.Account) (exchange.TaskView, error) {
		if to != "" {
			view, err := a.config.Bureau.Task(ctx, in.Task)
			if err != nil {
				return view, err
			}
			person, err := a.People.Store.Person(ctx, to)
			if err != nil {
				return view, err
			}
			if !apigateway.IsAccount(string(to)) || !person.Disabled.IsZero() || !slices.Contains(person.Roles, view.Owner) && !slices.Contains(person.Roles, filing.Admin) {
				return view, web.FaultFor(finding.List{finding.New(bureautask.CodeAssignee, "/account")})
			}
		}
		return a.config.Bureau.AssignTask(ctx, in.Task, to, by)
	})
}

// changeBureauTask carries a change of a task out, if the caller may do the task.
func (a operations) changeBureauTask(ctx context.Context, c *web.Call, id, what string, change func(by filing.Account) (exchange.TaskView, error)) (*bureauTaskOutput, error) {
	view, err := a.config.Bureau.Task(ctx, id)
	if err == nil {
		err = mayDoTask(c, view)
	}
	if err != nil {
		return nil, err
	}
	a.logAccess(ctx, c, what, "task", id)
	return a.bureauTask(ctx, c, id, func() (exchange.TaskView, error) { return change(c.Caller.Account) })
}

// bureauTask returns the response with a task, if the caller may do it, and notes that the filing was read.
func (a operations) bureauTask(ctx context.Context, c *web.Call, id string, read func() (exchange.TaskView, error)) (*bureauTaskOutput, error) {
	view, err := read()
	if err == nil {
		err = mayDoTask(c, view)
	}
	if err != nil {
		return nil, err
	}
	if len(view.Rows) > 0 && view.Filing.ID != "" {
		a.AddFilingReads(c, filing.ReadFiling, view.Filing)
	}
	out := &bureauTaskOutput{Body: BureauTaskDetail{BureauTask: a.bureauTaskOf(view.Task), Rows: []BureauTaskRow{}, Text: view.Private.Text, Note: view.Private.Note, Events: view.Events}}
	for _, r := range view.Rows {
		out.Body.Rows = append(out.Body.Rows, BureauTaskRow{r.Label, r.Bureau, r.Register, r.Differs()})
	}
	if last := view.Private.Answer; last != nil {
		out.Body.Answer = &BureauTaskAnswer{last.Failed, last.Verifier, last.Errors, last.Handling, last.Province, last.Opinion}
	}
	if view.Kind == bureautask.Unfiled {
		tables, err := a.config.Bureau.Store.CodeTables(ctx)
		if err != nil {
			return nil, err
		}
		for _, code := range tables.InForce(codes.Handlings) {
			out.Body.Handlings = append(out.Body.Handlings, BureauTaskCode{int64(code.Number), code.Words})
		}
	}
	return out, nil
}

// mayDoTask returns a fault of kind NotFound for a task that the caller's roles do not do, and Conflict for one about a filing of the caller or their
// organisations.
func mayDoTask(c *web.Call, t exchange.TaskView) error {
	if !c.Caller.Is(filing.Admin, t.Owner) {
		return &fault.Fault{Kind: fault.NotFound}
	}
	if t.Filing.ID != "" && c.Actor(filing.Reviewer).IsAffiliated(filing.Account(t.Filing.Account), t.Filing.SubjectKey) {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(bureautask.CodeOwn, "")})
	}
	return nil
}

// bureauTaskOf returns the representation of a task without personal data.
func (a operations) bureauTaskOf(t bureautask.Task) BureauTask {
	out := BureauTask{
		ID: t.ID, Kind: t.Kind, State: t.State, Finding: t.About.Finding, Owner: t.Owner, Assignee: t.Assignee, ReceivedAt: t.ReceivedAt, Deadline: t.Deadline,
		Overdue: t.Overdue(a.Decisions.Now()), DoneAt: t.DoneAt, Filing: t.About.Filing, Number: t.About.Number, MinistryID: t.About.MinistryID, Host: t.About.Host, IP: t.About.IP,
		File: t.File, ByHand: t.ByHand() || a.config.Bureau.ByHand, Sequence: t.Sequence, Answerable: t.Kind.Answered(),
	}
	for _, code := range t.Refused {
		out.Refused = append(out.Refused, finding.New(cmp.Or(code, bureautask.CodeData), "", "max", "", "element", ""))
	}
	return out
}
