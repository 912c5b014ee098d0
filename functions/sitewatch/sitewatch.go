// Package sitewatch is the function that visits filed websites, each once a day, and records what is wrong with them. Every five minutes it takes
// the hosts that are due from the index "due" (ADR 56, ADR 57); see package process/sitewatch.
//
// It is called at least once, and by one schedule at a time. A host that is checked twice has one result; what a run leaves is due in the next one.
package sitewatch

import (
	"context"
	"log/slog"
	"time"

	"beian/shared/process/sitewatch"
	"beian/shared/rules/fault"
)

// A Handler is the function. Start with Handle.
type Handler struct {
	Service *sitewatch.Service
	Log     *slog.Logger
}

// The last visit begins lastStart before the function's time is over: it takes at most that long. Without a limit, a run takes maxRun.
const (
	lastStart = 90 * time.Second
	maxRun    = 3 * time.Minute
)

// Handle checks the hosts that are due. It does nothing where sites are not visited.
func (h Handler) Handle(ctx context.Context, _ struct{}) (sitewatch.Report, error) {
	if h.Service.Prober == nil {
		return sitewatch.Report{}, nil
	}
	begin := time.Now().Add(maxRun)
	if end, limited := ctx.Deadline(); limited && end.Add(-lastStart).Before(begin) {
		begin = end.Add(-lastStart)
	}
	r, err := h.Service.CheckDue(ctx, begin)
	if r != (sitewatch.Report{}) {
		h.Log.InfoContext(ctx, "checked the sites that were due", "checked", r.Checked, "notModified", r.Unchanged, "changed", r.Changed, "ended", r.Ended, "failed", r.Failed, "left", r.Left)
	}
	return r, fault.Wrap(fault.Unavailable, err)
}
