// Package exchange is the scheduled function that exchanges files with the bureau (S19). It calls package exchange in shared/process.
package exchange

import (
	"context"

	"beian/shared/process/exchange"
)

// MemoryLimit is the soft memory limit of the process in bytes. While a file of 50 MB is read or written, up to five copies of it are in
// memory: as records, as text, compressed, encrypted, and in base64.
const MemoryLimit = 300 << 20

// A Handler is the function. Start with Handle.
type Handler struct{ Exchange *exchange.Exchange }

// Handle runs the exchange once. It ignores its input.
func (h Handler) Handle(ctx context.Context, _ struct{}) (exchange.Report, error) {
	return h.Exchange.Run(ctx)
}
