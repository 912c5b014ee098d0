package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"beian/shared/rules/fault"
)

// classify converts an error of the SDK into a fault: Unavailable if a retry may succeed, else Internal.
func classify(err error) error {
	if err == nil {
		return nil
	}
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorFault() == smithy.FaultServer {
		if errors.Is(err, context.Canceled) {
			return err
		}
		return fault.Wrap(fault.Unavailable, err)
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded",
		"TransactionInProgressException", "TransactionConflictException":
		return fault.Wrap(fault.Unavailable, err)
	}
	return fault.Wrap(fault.Internal, err)
}

// cancellationCodes returns the cancellation code of each write of a transaction, or nil if err is another error.
func cancellationCodes(err error) []string {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return nil
	}
	codes := make([]string, len(cancelled.CancellationReasons))
	for i, r := range cancelled.CancellationReasons {
		if r.Code != nil {
			codes[i] = *r.Code
		}
	}
	return codes
}

// Codes of cancellation reasons.
const (
	conditionFailed     = "ConditionalCheckFailed"
	transactionConflict = "TransactionConflict"
)
