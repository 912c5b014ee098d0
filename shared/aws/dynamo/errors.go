package dynamo

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"beian/shared/rules/fault"
)

// transactionConflictException is the code of a write of one item that a concurrent transaction writes.
const transactionConflictException = "TransactionConflictException"

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
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "TransactionInProgressException":
		return fault.Wrap(fault.Unavailable, err)
	case transactionConflictException:
		return fault.Contended(err)
	}
	if hasConflicted(err) {
		return fault.Contended(err)
	}
	return fault.Wrap(fault.Internal, err)
}

// cancellationReasons returns the cancellation reason of each write of a transaction, or nil if err is another error.
func cancellationReasons(err error) []types.CancellationReason {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return nil
	}
	return cancelled.CancellationReasons
}

// hasConflicted reports whether a transaction was cancelled because another one wrote an item at the same time.
func hasConflicted(err error) bool {
	return slices.ContainsFunc(cancellationReasons(err), func(r types.CancellationReason) bool { return aws.ToString(r.Code) == transactionConflict })
}

// Codes of cancellation reasons.
const (
	conditionFailed     = "ConditionalCheckFailed"
	transactionConflict = "TransactionConflict"
)
