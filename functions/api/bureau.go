package api

import (
	"context"
	"net/http"

	"beian/shared/bureau/schema"
	"beian/shared/process/exchange"
)

// A SentFile is a file that went to the bureau, or is on its way.
type SentFile struct {
	File     exchange.Sent `json:"file"`
	Document schema.View   `json:"document" doc:"its elements by their names in the interface; whatever is personal reads [redacted]"`
}

// A ReceivedFile is a file that the bureau handed out.
type ReceivedFile struct {
	File     exchange.Received `json:"file"`
	Document schema.View       `json:"document,omitempty" doc:"its elements by their names in the interface; whatever is personal reads [redacted]. Absent when there is no document in the file"`
	Problems []schema.Problem  `json:"problems,omitempty" doc:"where it departs from the ministry's schema"`
}

// A Replayed is what came of acting on a file once more.
type Replayed struct {
	File   exchange.Received `json:"file"`
	Report exchange.Report   `json:"report" doc:"what was done that had not been done before"`
}

// A SentPath names a file that was sent.
type SentPath struct {
	Sequence int64 `path:"sequence" minimum:"1" maximum:"4294967295" doc:"dataSequence of the upload"`
}

// A ReceivedPath names a file that was received.
type ReceivedPath struct {
	Name string `path:"name" maxLength:"192" pattern:"^[A-Za-z0-9._-]+$" doc:"the bureau's name of the file, of which the newest is meant, or the id under which it is kept"`
}

type (
	bureauOutput   struct{ Body exchange.Status }
	sentOutput     struct{ Body SentFile }
	receivedOutput struct{ Body ReceivedFile }
	replayOutput   struct{ Body Replayed }
)

// maxIssues is how many of what waits for the operator are listed.
const maxIssues = 100

// bureau declares how the operator looks at the exchange with the bureau and helps it on.
func (a *API) bureau() {
	const tag = "Bureau"
	register(a, operation{who: admins, route: "GET /bureau", tag: tag, does: "Read how the exchange with the bureau stands"},
		func(ctx context.Context, _ *call, _ *struct{}) (*bureauOutput, error) {
			status, err := a.Bureau.Status(ctx)
			return &bureauOutput{Body: status}, err
		})
	register(a, operation{who: admins, route: "GET /bureau/issues", tag: tag,
		does: "List what the bureau wants looked at: tasks, audits, notices, unfiled sites, answers about nothing of ours"},
		func(ctx context.Context, _ *call, _ *struct{}) (*listed[exchange.Issue], error) {
			issues, err := a.Bureau.Issues(ctx, maxIssues)
			return page(issues, "", "/bureau/issues", maxIssues, nil), err
		})
	register(a, operation{who: admins, route: "GET /bureau/sent/{sequence}", tag: tag, does: "Look into a file that was sent"},
		func(ctx context.Context, c *call, in *SentPath) (*sentOutput, error) {
			a.trace(ctx, c, "look into a sent file", "sequence", in.Sequence)
			file, view, err := a.Bureau.Sent(ctx, in.Sequence)
			return &sentOutput{Body: SentFile{File: file, Document: view}}, err
		})
	register(a, operation{who: admins, route: "GET /bureau/received/{name}", tag: tag, does: "Look into a file that was received"},
		func(ctx context.Context, c *call, in *ReceivedPath) (*receivedOutput, error) {
			a.trace(ctx, c, "look into a received file", "file", in.Name)
			file, view, problems, err := a.Bureau.Received(ctx, in.Name)
			return &receivedOutput{Body: ReceivedFile{File: file, Document: view, Problems: problems}}, err
		})
	register(a, operation{who: admins, route: "POST /bureau/received/{name}/replay", tag: tag,
		does: "Act on a received file once more; what was done is not done again"},
		func(ctx context.Context, c *call, in *ReceivedPath) (*replayOutput, error) {
			a.trace(ctx, c, "replay a received file", "file", in.Name)
			file, report, err := a.Bureau.Replay(ctx, in.Name)
			return &replayOutput{Body: Replayed{File: file, Report: report}}, err
		})
	register(a, operation{who: admins, route: "POST /bureau/sent/{sequence}/resend", status: http.StatusAccepted, tag: tag,
		does: "Have a file sent again by the next run, where the bureau takes it: the one in flight, or one that it says it lacks"},
		func(ctx context.Context, c *call, in *SentPath) (*bureauOutput, error) {
			a.trace(ctx, c, "have a file sent again", "sequence", in.Sequence)
			if err := a.Bureau.Resend(ctx, in.Sequence); err != nil {
				return nil, err
			}
			status, err := a.Bureau.Status(ctx)
			return &bureauOutput{Body: status}, err
		})
}

// trace writes down who of the staff does what about the exchange, before it is done. How it ended is in the line about
// the request.
func (a *API) trace(ctx context.Context, c *call, what string, attrs ...any) {
	a.Decisions.Log.InfoContext(ctx, "operator", append([]any{
		"request", c.requestID, "actor", string(c.caller.Account), "does", what, "link", a.Bureau.Link}, attrs...)...)
}
