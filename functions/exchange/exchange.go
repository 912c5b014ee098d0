// Package exchange is the function that a schedule calls to exchange files with the bureau (S19): see the package of the
// same name in shared.
package exchange

import (
	"context"

	"beian/shared/process/exchange"
)

// MemoryLimit is what the garbage collector is asked to keep a process under that only exchanges. A file of 50 MB is there
// up to five times while it is read or written: as records, as text, packed, sealed, and in base64.
const MemoryLimit = 300 << 20

// A Handler is the function.
type Handler struct{ Exchange *exchange.Exchange }

// Handle makes one round.
func (h Handler) Handle(ctx context.Context, _ struct{}) (exchange.Report, error) {
	return h.Exchange.Run(ctx)
}
