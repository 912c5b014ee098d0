package operator

import (
	"context"
	"net/http"

	"beian/shared/bureau/schema"
	"beian/shared/filing"
	"beian/shared/process/exchange"
	"beian/shared/web"
)

// A SentFile is a file that was uploaded to the bureau or is being uploaded.
type SentFile struct {
	File     ExchangeSent `json:"file"`
	Document schema.View  `json:"document" doc:"elements by their names in the interface; personal data is shown as [redacted]"`
}

// A ResendPreview is what a resend would send.
type ResendPreview struct {
	File     ExchangeSent `json:"file"`
	Allowed  bool         `json:"allowed" doc:"whether the bureau would accept the file again: it is in flight, or reported as missing"`
	Bytes    int          `json:"bytes"`
	SHA256   string       `json:"sha256" doc:"of the bytes that would be sent, in hex"`
	Document schema.View  `json:"document" doc:"elements by their names in the interface; personal data is shown as [redacted]"`
}

// A ReceivedFile is a file that was downloaded from the bureau.
type ReceivedFile struct {
	File     ExchangeReceived `json:"file"`
	Document schema.View      `json:"document,omitempty" doc:"elements by their names in the interface; personal data is shown as [redacted]. Absent if the file contains no document"`
	Problems []schema.Problem `json:"problems,omitempty" doc:"violations of the ministry's schema"`
}

// A Replayed is the result of processing a file again.
type Replayed struct {
	File   ExchangeReceived `json:"file"`
	Report exchange.Report  `json:"report" doc:"effects of this run; what had been done before is not repeated"`
}

// A SentPath names a file that was sent.
type SentPath struct {
	Sequence int64 `path:"sequence" minimum:"1" maximum:"4294967295" doc:"dataSequence of the upload"`
}

// A ReceivedPath names a file that was received.
type ReceivedPath struct {
	Name string `path:"name" maxLength:"192" pattern:"^[A-Za-z0-9._-]+$" doc:"the bureau's name of the file (selects the newest with that name), or the id under which it is stored"`
}

type (
	bureauOutput   struct{ Body ExchangeStatus }
	sentOutput     struct{ Body SentFile }
	receivedOutput struct{ Body ReceivedFile }
	replayOutput   struct{ Body Replayed }
	resendOutput   struct{ Body ResendPreview }
)

// maxIssues limits the list of issues.
const maxIssues = 100

// registerBureau registers the operations on the exchange with the bureau.
func (a operations) registerBureau() {
	const tag = "Bureau"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau", Tag: tag, Summary: "Read the state of the exchange with the bureau",
		Description: "Look here first if results do not arrive: the last answers of the bureau, what waits in the queue, the file in flight, and the entries that could not be delivered."},
		func(ctx context.Context, _ *web.Call, _ *struct{}) (*bureauOutput, error) {
			status, err := a.config.Bureau.Status(ctx)
			return &bureauOutput{Body: statusOf(status)}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau/issues", Tag: tag,
		Summary:     "List what needs attention: changed code tables and filings, results that match no order, and files on which Beian does not act",
		Description: "Check it daily, and what the bureau wants done with GET /bureau/tasks. Each issue names the received file; read it with GET /bureau/received/{name}. The list has the newest 100 issues."},
		func(ctx context.Context, _ *web.Call, _ *struct{}) (*web.PageResult[ExchangeIssue], error) {
			issues, err := a.config.Bureau.Issues(ctx, maxIssues)
			return web.NewPage(issuesOf(issues), "", "/bureau/issues", maxIssues, nil), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau/sent/{sequence}", Tag: tag, Summary: "Read a sent file",
		Description: "Personal data are shown as [redacted], and the read is recorded for the orders of the file. An unknown number is answered with 404."},
		func(ctx context.Context, c *web.Call, in *SentPath) (*sentOutput, error) {
			a.logAccess(ctx, c, "read a sent file", "sequence", in.Sequence)
			file, view, err := a.config.Bureau.Sent(ctx, in.Sequence)
			a.AddReads(c, filing.ReadBureauFile, file.Orders()...)
			return &sentOutput{Body: SentFile{File: sentOf(file), Document: view}}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau/sent", Tag: tag, Summary: "List the files that the bureau accepted, the newest first",
		Description: "The file in flight is in GET /bureau. Read one with GET /bureau/sent/{sequence}."},
		func(ctx context.Context, _ *web.Call, in *web.PageQuery) (*web.PageResult[ExchangeSent], error) {
			files, next, err := a.config.Bureau.ListSent(ctx, in.Cursor, in.Limit)
			var page []ExchangeSent
			for _, f := range files {
				page = append(page, sentOf(f))
			}
			return web.NewPage(page, next, "/bureau/sent", in.Limit, nil), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau/received", Tag: tag, Summary: "List the downloaded files by name, the last name first",
		Description: "The bureau's names begin with the time. Read one with GET /bureau/received/{name}."},
		func(ctx context.Context, _ *web.Call, in *web.PageQuery) (*web.PageResult[ExchangeReceived], error) {
			files, next, err := a.config.Bureau.ListReceived(ctx, in.Cursor, in.Limit)
			var page []ExchangeReceived
			for _, f := range files {
				page = append(page, receivedOf(f))
			}
			return web.NewPage(page, next, "/bureau/received", in.Limit, nil), err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau/sent/{sequence}/resend", Tag: tag, Summary: "Preview exactly what a resend would send",
		Description: "The stored bytes are sent unchanged under the same number: the preview has their size and digest, the names of the records, and the content without personal data. The read is recorded for the orders of the file."},
		func(ctx context.Context, c *web.Call, in *SentPath) (*resendOutput, error) {
			a.logAccess(ctx, c, "preview a resend", "sequence", in.Sequence)
			p, err := a.config.Bureau.PreviewResend(ctx, in.Sequence)
			a.AddReads(c, filing.ReadBureauFile, p.Orders()...)
			return &resendOutput{Body: ResendPreview{File: sentOf(p.Sent), Allowed: p.Allowed, Bytes: p.Bytes, SHA256: p.SHA256, Document: p.View}}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /bureau/received/{name}", Tag: tag, Errors: []int{http.StatusConflict}, Summary: "Read a received file",
		Description: "Personal data are shown as [redacted], and the read is recorded for the orders of the file. A file cannot be read any more once the data of an order in it are erased. 409 means that its content is unusable."},
		func(ctx context.Context, c *web.Call, in *ReceivedPath) (*receivedOutput, error) {
			a.logAccess(ctx, c, "read a received file", "file", in.Name)
			file, view, problems, err := a.config.Bureau.Received(ctx, in.Name)
			a.AddReads(c, filing.ReadBureauFile, file.Orders...)
			return &receivedOutput{Body: ReceivedFile{File: receivedOf(file), Document: view, Problems: problems}}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /bureau/received/{name}/replay", Tag: tag,
		Summary:     "Process a received file again; nothing is done twice",
		Description: "Call it after the cause of a poisoned file is corrected, for example by a newer version of Beian. The report counts what this run did."},
		func(ctx context.Context, c *web.Call, in *ReceivedPath) (*replayOutput, error) {
			a.logAccess(ctx, c, "replay a received file", "file", in.Name)
			file, report, err := a.config.Bureau.Replay(ctx, in.Name)
			return &replayOutput{Body: Replayed{File: receivedOf(file), Report: report}}, err
		})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /bureau/sent/{sequence}/resend", Status: http.StatusAccepted, Tag: tag,
		Summary:     "Resend a file in the next run: the one in flight, or one that the bureau reports as missing",
		Description: "Use it when the bureau says that it misses a file. The file keeps its number, and the bureau accepts each number once. Any other file is refused with 409."},
		func(ctx context.Context, c *web.Call, in *SentPath) (*bureauOutput, error) {
			a.logAccess(ctx, c, "resend a file", "sequence", in.Sequence)
			if err := a.config.Bureau.Resend(ctx, in.Sequence); err != nil {
				return nil, err
			}
			status, err := a.config.Bureau.Status(ctx)
			return &bureauOutput{Body: statusOf(status)}, err
		})
}

// logAccess logs an action of an operator before it is carried out. The log line of the request has the result.
func (a operations) logAccess(ctx context.Context, c *web.Call, what string, attrs ...any) {
	a.Decisions.Log.InfoContext(ctx, "operator", append([]any{
		"request", c.RequestID, "actor", string(c.Caller.Account), "does", what, "link", a.config.Bureau.Link}, attrs...)...)
}
