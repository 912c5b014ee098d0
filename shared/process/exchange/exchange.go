// Package exchange carries filings to a bureau and processes its answers, over the ministry's interface V3.0 (MIIT-IF30).
// A schedule calls [Exchange.Run]; [Operator] is for the staff who look after a link. Run does three things:
//
// It settles the file in flight, if there is one. Whether an upload arrived is never guessed: Run asks the bureau
// (isp_querypreviousupload), and sends the same bytes again under the same number if the file did not arrive.
//
// It uploads the records that wait in the outbox, oldest first, in files. Before a file is sent, its bytes are stored and
// the link's state names it as in flight, in this order. So sequence numbers have no gaps, wherever a process dies:
//
//	outbox ─ build ─ store bytes ─ in flight ─ send ─ accepted ─ decisions stored, entries deleted ─ settled
//
// An order whose data the interface cannot carry is refused with findings and does not block other orders. A file that the
// bureau rejects does not consume its sequence number. Its records are resent one per file to isolate the bad one.
//
// It downloads the bureau's files. Each file is verified, stored, processed, and only then acknowledged. Processing is
// idempotent, so that repeated, reordered and late answers have no further effect.
//
// Log lines of level ERROR with "alarm" = "operator" report what only the operator can resolve.
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
	"beian/shared/bureau/result"
	"beian/shared/process/decide"
	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
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
	// MaxRecords is how many records one file holds at most; 0 is DefaultRecords, and the interface allows 1,000.
	MaxRecords int
}

// Limits of one run.
const (
	DefaultRecords = 50
	maxBytes       = 40 << 20 // of one document; the interface takes 50 MB (MIIT-IF30 9)
	maxFiles       = 20
	maxDownloads   = 200
	maxEmpty       = 3 // answers "more to download" without a file
	maxSettles     = 2 // unknown outcomes in a row
)

// A Report is what a run did.
type Report struct {
	Busy         bool `json:"busy,omitempty"`         // another run holds the link; this one did nothing
	Files        int  `json:"files,omitempty"`        // uploaded
	Records      int  `json:"records,omitempty"`      // in them
	Unsendable   int  `json:"unsendable,omitempty"`   // orders that the interface cannot carry
	Downloads    int  `json:"downloads,omitempty"`    // files processed and acknowledged
	Approved     int  `json:"approved,omitempty"`     // orders filed
	Refused      int  `json:"refused,omitempty"`      // orders refused by the bureau
	Unmatched    int  `json:"unmatched,omitempty"`    // answers for which no order waits
	Poisoned     int  `json:"poisoned,omitempty"`     // downloads that are unusable, or of which a part is
	UploadCode   int  `json:"uploadCode,omitempty"`   // the bureau's last code, if it was not success
	DownloadCode int  `json:"downloadCode,omitempty"` // likewise
}

// A run is one call of Run, which holds the link.
type run struct {
	*Exchange
	provider int64
	holder   string
	state    LinkState
	records  map[int64]Record // that were looked up
	report   Report
}

// Run settles, uploads and downloads once. A bureau that is closed, full or silent is no error: the report has its code, and
// the next run continues. An error comes from our own table or bucket; nothing is lost, and the next run continues too.
func (e *Exchange) Run(ctx context.Context) (Report, error) {
	provider, err := strconv.ParseInt(e.Link, 10, 64)
	if err != nil {
		return Report{}, fault.Wrap(fault.Internal, fmt.Errorf("exchange: link %q is not a provider's id", e.Link))
	}
	r, err := e.acquire(ctx)
	if errors.Is(err, ErrLinkBusy) {
		return Report{Busy: true}, nil
	}
	if err != nil {
		return Report{}, err
	}
	r.provider = provider
	failed := r.upload(ctx)
	if !errors.Is(failed, ErrLinkBusy) {
		failed = errors.Join(failed, r.download(ctx))
	}
	r.release(ctx)
	return r.report, failed
}

// acquire begins a run, which holds the link until release.
func (e *Exchange) acquire(ctx context.Context) (*run, error) {
	r := &run{Exchange: e, holder: ulid.Make().String()}
	var err error
	r.state, err = e.Store.AcquireLink(ctx, e.Link, r.holder)
	return r, err
}

func (r *run) release(ctx context.Context) {
	if err := r.Store.ReleaseLink(context.WithoutCancel(ctx), r.Link, r.holder); err != nil {
		r.Log.WarnContext(ctx, "the link was not released; its lease expires by itself", "link", r.Link, "cause", err.Error())
	}
}

// save stores the state of the link and renews the lease.
func (r *run) save(ctx context.Context) error {
	return r.Store.SaveLink(ctx, r.Link, r.holder, r.state)
}

// recordResponse stores the bureau's response for the operator and raises an alarm if manual action is needed.
func (r *run) recordResponse(ctx context.Context, response *LinkResponse, what string, o bureau.Outcome, err error) error {
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
		r.alarm(ctx, what+" has stopped until the operator acts", attrs...)
	default:
		r.Log.WarnContext(ctx, what+" did not succeed", attrs...)
	}
	return r.save(ctx)
}

// alarm notifies the operator.
func (r *run) alarm(ctx context.Context, what string, attrs ...any) {
	r.Log.ErrorContext(ctx, what, append([]any{"alarm", "operator"}, attrs...)...)
}
