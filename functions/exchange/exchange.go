// Package exchange is the scheduled function that exchanges files with the bureau (S19). Package exchange in shared/process does the
// work.
package exchange

import (
	"context"

	"beian/shared/process/exchange"
)

// MemoryLimit is the soft memory limit of the process. While a file of 50 MB is read or written, up to five copies of it exist: as
// records, as text, compressed, encrypted, and in base64.
const MemoryLimit = 300 << 20

// A Handler is the function.
type Handler struct{ Exchange *exchange.Exchange }

// Handle uploads, downloads and acknowledges once.
func (h Handler) Handle(ctx context.Context, _ struct{}) (exchange.Report, error) {
	return h.Exchange.Run(ctx)
}
