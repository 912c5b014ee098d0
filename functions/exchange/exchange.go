// Package exchange is the function that a schedule calls to exchange files with the bureau (S19): see the package of the
// same name in shared.
package exchange

import (
	"context"

	"beian/shared/exchange"
)

// A Handler is the function.
type Handler struct{ Exchange *exchange.Exchange }

// Handle makes one round.
func (h Handler) Handle(ctx context.Context, _ struct{}) (exchange.Report, error) {
	return h.Exchange.Run(ctx)
}
