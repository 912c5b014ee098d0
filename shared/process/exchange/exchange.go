// Package exchange uploads filings to a bureau and processes its answers, over the ministry's interface V3.0 (MIIT-IF30).
// A schedule calls [Exchange.Run]. [Operator] is for the staff who operate a link:
//
//	report, err := e.Run(ctx)
//
// Run does three things. First, it settles the file in flight, if there is one: it asks the bureau whether the file arrived
// (isp_querypreviousupload), and sends the same bytes again under the same number if not.
//
// Second, it uploads the records that wait in the outbox, oldest first, in files. Before it sends a file, it stores the bytes, and then
// the link's state with the file in flight. So sequence numbers have no gaps even if a process ends between two of these actions:
//
//	outbox ─ build ─ store bytes ─ in flight ─ send ─ accepted ─ decisions stored, entries deleted ─ settled
//
// An order whose data the interface cannot carry is refused with findings and does not block other orders. A file that the
// bureau rejects does not consume its sequence number. Its records are resent one per file to isolate the bad one.
//
// Third, it downloads the bureau's files. Each file is verified, stored, processed, and only then acknowledged. Processing is
// idempotent, so that repeated, reordered and late answers have no further effect. A full copy of what the bureau has (SJTB) is compared with the
// register over several runs, and acknowledged after the last; [Operator.Reconciliation] lists the differences.
//
// Log lines of level ERROR with "alarm" = "operator" report problems that only the operator can resolve.
package exchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/result"
	"beian/shared/process/bureautask"
	"beian/shared/process/decide"
	"beian/shared/process/duties"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
	"beian/shared/rules/gbk"
)

// An Exchange works on one link: one account of the provider at one bureau.
type Exchange struct {
	Decisions *decide.Service
	Store     Store
	Objects   envelope.Objects // evidence, and the files
	Client    *bureau.Client
	// Link is the provider's id at the bureau (ispId).
	Link string
	// Now is the clock of decisions.
	Now func() time.Time
	Log *slog.Logger
	// Characters are those that the bureau can read.
	Characters gbk.Repertoire
	// Deadlines are those of the bureau's tasks, and Duties reminds customers of them; nil reminds nobody.
	Deadlines bureautask.Deadlines
	Duties    *duties.Service
	// MaxRecords is the maximum number of records in one file; 0 is DefaultRecords. The interface allows 1,000.
	MaxRecords int
	// CopyPage is the number of filings of a full copy after which the progress is stored; 0 is DefaultCopyPage.
	CopyPage int
}

// Limits of one run.
const (
	DefaultRecords = 50
	maxBytes       = 40 << 20 // of one document; the interface allows 50 MB (MIIT-IF30 9)
	maxFiles       = 20
	maxDownloads   = 200
	maxEmpty       = 3 // answers "more to download" without a file
	maxSettles     = 2 // consecutive uploads with an unknown outcome
)

// A Report counts what a run did.
type Report struct {
	Busy         bool `json:"busy,omitempty"`         // another run holds the link; this one did nothing
	Files        int  `json:"files,omitempty"`        // uploadedRecords
	Records      int  `json:"records,omitempty"`      // in these files
	Unsendable   int  `json:"unsendable,omitempty"`   // orders that the interface cannot carry
	Downloads    int  `json:"downloads,omitempty"`    // files processed and acknowledged
	Approved     int  `json:"approved,omitempty"`     // orders filed
	Refused      int  `json:"refused,omitempty"`      // orders refused by the bureau
	Tasks        int  `json:"tasks,omitempty"`        // new tasks of the bureau
	Unmatched    int  `json:"unmatched,omitempty"`    // answers for which no order waits
	Copied       int  `json:"copied,omitempty"`       // filings of a full copy that were compared with the register
	Poisoned     int  `json:"poisoned,omitempty"`     // downloads of which all or a part is unusable
	UploadCode   int  `json:"uploadCode,omitempty"`   // the bureau's last result code for an upload, if it was not success
	DownloadCode int  `json:"downloadCode,omitempty"` // and for a download
}

// A run is one call of Run. It holds the lease of the link.
type run struct {
	*Exchange
	provider int64
	holder   string
	state    LinkState
	called   bool                           // the bureau was called since the lease was acquired or renewed
	records  map[document.RecordName]Record // cache of lookUp
	report   Report
}

// Run settles, uploads and downloads once. If the bureau is closed, full or does not answer, Run returns no error: the report has the
// bureau's code, and the next run continues. An error is one of our own table or bucket. The next run continues after it too, and no
// record is lost.
func (e *Exchange) Run(ctx context.Context) (Report, error) {
	r, err := e.acquire(ctx)
	if errors.Is(err, ErrLinkBusy) {
		return Report{Busy: true}, nil
	}
	if err != nil {
		return Report{}, err
	}
	failed := r.upload(ctx)
	if !errors.Is(failed, ErrLinkBusy) {
		failed = errors.Join(failed, r.download(ctx))
	}
	r.release(ctx)
	return r.report, failed
}

// acquire starts a run, which holds the lease of the link until release.
func (e *Exchange) acquire(ctx context.Context) (*run, error) {
	provider, err := strconv.ParseInt(e.Link, 10, 64)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, fmt.Errorf("exchange: link %q is not a provider's id (ispId), which is a number", e.Link))
	}
	r := &run{Exchange: e, provider: provider, holder: ulid.Make().String()}
	r.state, err = e.Store.AcquireLink(ctx, e.Link, r.holder)
	return r, err
}

// release stores the state of the link and ends the lease.
func (r *run) release(ctx context.Context) {
	if err := r.Store.ReleaseLink(context.WithoutCancel(ctx), r.Link, r.holder, r.state); err != nil {
		r.Log.WarnContext(ctx, "the link was not released; its lease expires by itself", "link", r.Link, "cause", err.Error())
	}
}

// saveLink stores the state of the link and renews the lease.
func (r *run) saveLink(ctx context.Context) error {
	r.called = false
	return r.Store.SaveLink(ctx, r.Link, r.holder, r.state)
}

// renewLease renews the lease before a call to the bureau, unless no call was made since the last renewal: the lease exceeds the timeout of one.
func (r *run) renewLease(ctx context.Context) error {
	if r.called {
		if err := r.saveLink(ctx); err != nil {
			return err
		}
	}
	r.called = true
	return nil
}

// recordResponse notes the bureau's response for the operator, which release stores, and raises an alarm if manual action is needed.
func (r *run) recordResponse(ctx context.Context, response *LinkResponse, what string, o bureau.Outcome, err error) {
	since := response.Since
	if o.Disposition != result.Stop {
		since = time.Time{}
	} else if since.IsZero() {
		since = r.Now()
	}
	*response = LinkResponse{Code: int(o.Code), Disposition: string(o.Disposition), Text: o.Text, At: r.Now(), Since: since}
	attrs := []any{"link", r.Link, "code", int(o.Code), "meaning", o.Code.Words().English}
	if err != nil {
		attrs = append(attrs, "cause", err.Error())
	}
	switch o.Disposition {
	case result.Done:
	case result.Stop:
		r.raiseAlarm(ctx, what+" has stopped until the operator acts", attrs...)
	default:
		r.Log.WarnContext(ctx, what+" did not succeed", attrs...)
	}
}

// raiseAlarm notifies the operator.
func (r *run) raiseAlarm(ctx context.Context, what string, attrs ...any) {
	r.Log.ErrorContext(ctx, what, append([]any{"alarm", "operator"}, attrs...)...)
}
