// Package exchange carries filings to a bureau and brings back what it says, over the ministry's interface V3.0
// (MIIT-IF30). [Exchange.Run] is called by a schedule and does three things:
//
// It settles the file in flight, if there is one. Whether an upload arrived is never guessed: the bureau is asked
// (isp_querypreviousupload), and the same bytes are sent again under the same number if it did not.
//
// It uploads what waits in the outbox, oldest first, as files of records. Each file is built, its bytes are stored, and
// it is written down as in flight, in this order, before it is sent. Numbers are used up without gaps, whatever dies when:
//
//	outbox ─ build ─ store bytes ─ in flight ─ send ─ taken ─ orders told, entries out ─ done
//
// An order whose data the interface cannot carry is refused with findings and does not hold the others up. A file that
// the bureau refuses as it is does not use its number up; its records go again one by one, which finds the culprit.
//
// It fetches what the bureau hands out. Each file is verified, stored, acted upon, and only then acknowledged. Acting is
// idempotent, so the same file twice, answers in the wrong order or late answers have no effect that the first had not.
//
// Errors in the log with "alarm" = "operator" are for the operator: nothing more goes through until somebody acts.
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

// An Exchange works one link: one account of the provider at one bureau.
type Exchange struct {
	Decisions *decide.Service
	Store     Store
	Objects   envelope.Objects // evidence, and the files
	Client    *bureau.Client
	// Link is the provider's id at the bureau (ispId). Rows and objects of the link are named by it.
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
	maxBytes       = 40 << 20 // of one document; the interface takes 50 MB (MIIT-IF30, 9)
	maxFiles       = 20
	maxDownloads   = 200
	maxEmpty       = 3 // answers "more to download" without a file
	maxSettles     = 2 // unknown outcomes in a row
)

// A Report is what a run did.
type Report struct {
	Busy         bool `json:"busy,omitempty"`         // another run was at work; this one did nothing
	Files        int  `json:"files,omitempty"`        // uploaded
	Records      int  `json:"records,omitempty"`      // in them
	Unsendable   int  `json:"unsendable,omitempty"`   // orders that the interface cannot carry
	Downloads    int  `json:"downloads,omitempty"`    // files acted upon and acknowledged
	Approved     int  `json:"approved,omitempty"`     // orders filed
	Refused      int  `json:"refused,omitempty"`      // orders refused by the bureau
	Unmatched    int  `json:"unmatched,omitempty"`    // answers about nothing that waits for one
	Poisoned     int  `json:"poisoned,omitempty"`     // downloads out of which nothing could be made
	UploadCode   int  `json:"uploadCode,omitempty"`   // the bureau's last word, if it was not success
	DownloadCode int  `json:"downloadCode,omitempty"` // likewise
}

// run is one call of Run, which holds the link.
type run struct {
	*Exchange
	provider int64
	holder   string
	state    LinkState
	records  map[int64]Record // that were looked up
	report   Report
}

// Run makes one round. A bureau that is closed, full or silent is no error: the report says so, and the next run goes
// on. An error is about our own table or bucket; nothing is lost by it either.
func (e *Exchange) Run(ctx context.Context) (Report, error) {
	provider, err := strconv.ParseInt(e.Link, 10, 64)
	if err != nil {
		return Report{}, fault.Wrap(fault.Internal, fmt.Errorf("exchange: link %q is not a provider's id", e.Link))
	}
	r := &run{Exchange: e, provider: provider, holder: ulid.Make().String()}
	r.state, err = e.Store.AcquireLink(ctx, e.Link, r.holder)
	if errors.Is(err, ErrLinkBusy) {
		return Report{Busy: true}, nil
	}
	if err != nil {
		return Report{}, err
	}
	failed := r.uploads(ctx)
	if !errors.Is(failed, ErrLinkBusy) {
		failed = errors.Join(failed, r.downloads(ctx))
	}
	r.release(ctx)
	return r.report, failed
}

// release gives the link back.
func (r *run) release(ctx context.Context) {
	if err := r.Store.ReleaseLink(context.WithoutCancel(ctx), r.Link, r.holder); err != nil {
		r.Log.WarnContext(ctx, "the link was not given back; it is free in a while", "link", r.Link, "cause", err.Error())
	}
}

// save writes where the uploads stand, and holds on to the link.
func (r *run) save(ctx context.Context) error {
	return r.Store.SaveLink(ctx, r.Link, r.holder, r.state)
}

// note keeps the bureau's word for the operator, and raises the alarm when only the operator can help.
func (r *run) note(ctx context.Context, word *LinkResponse, what string, o bureau.Outcome, err error) error {
	since := word.Since
	if o.Disposition != result.Stop {
		since = time.Time{}
	} else if since.IsZero() {
		since = r.Now()
	}
	*word = LinkResponse{Code: int(o.Code), Disposition: string(o.Disposition), Text: o.Text, At: r.Now(), Since: since}
	attrs := []any{"link", r.Link, "code", int(o.Code), "meaning", o.Code.Words().English}
	if err != nil {
		attrs = append(attrs, "cause", err.Error())
	}
	switch o.Disposition {
	case result.Done:
	case result.Stop:
		r.alarm(ctx, what+" has come to a stop", attrs...)
	default:
		r.Log.WarnContext(ctx, what+" has to wait", attrs...)
	}
	return r.save(ctx)
}

// alarm tells the operator.
func (r *run) alarm(ctx context.Context, what string, attrs ...any) {
	r.Log.ErrorContext(ctx, what, append([]any{"alarm", "operator"}, attrs...)...)
}
