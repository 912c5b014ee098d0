// Package awskms wraps data keys with AWS KMS.
//
// The symmetric key wraps; the order is the encryption context, so that CloudTrail shows which filing was opened and a
// wrapped key is useless for another one. The look-up secret comes from a second key of type HMAC_256, which KMS never
// rotates by itself. Rotating the symmetric key in KMS needs nothing here.
package kms

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"beian/shared/process/envelope"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// A Service wraps with two keys of one account. The function needs kms:GenerateDataKey and kms:Decrypt on the first,
// kms:GenerateMac on the second.
type Service struct {
	Client   *kms.Client
	KeyID    string // id, ARN or alias of the symmetric key
	MACKeyID string // of the HMAC_256 key
}

var _ envelope.KeyService = Service{}

func encryptionContext(order string) map[string]string { return map[string]string{"order": order} }

// Generate makes a data key.
func (s Service) Generate(ctx context.Context, order string) (plain, wrapped []byte, err error) {
	made, err := s.Client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
		KeyId: &s.KeyID, KeySpec: types.DataKeySpecAes256, EncryptionContext: encryptionContext(order),
	})
	if err != nil {
		return nil, nil, classify("GenerateDataKey", err)
	}
	return made.Plaintext, made.CiphertextBlob, nil
}

// Unwrap decrypts a data key.
func (s Service) Unwrap(ctx context.Context, order string, wrapped []byte) ([]byte, error) {
	opened, err := s.Client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: &s.KeyID, CiphertextBlob: wrapped, EncryptionContext: encryptionContext(order),
	})
	if err != nil {
		return nil, classify("Decrypt", err)
	}
	return opened.Plaintext, nil
}

// Secret is the HMAC of the label.
func (s Service) Secret(ctx context.Context, label string) ([]byte, error) {
	mac, err := s.Client.GenerateMac(ctx, &kms.GenerateMacInput{
		KeyId: &s.MACKeyID, MacAlgorithm: types.MacAlgorithmSpecHmacSha256, Message: []byte(label),
	})
	if err != nil {
		return nil, classify("GenerateMac", err)
	}
	return mac.Mac, nil
}

// classify tells bytes that are not ours from a service that is down, and both from our own mistakes.
func classify(what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	cause := fmt.Errorf("awskms: %s: %w", what, err)
	unavailable := &fault.Fault{Kind: fault.Unavailable, Cause: cause, Message: finding.Words{
		Chinese: "密钥服务暂时不可用，请稍后再试。", English: "The key service is unavailable for the moment; please try again."}}
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		switch refusal.ErrorCode() {
		case "InvalidCiphertextException", "IncorrectKeyException":
			return envelope.ErrTampered
		case "ThrottlingException", "LimitExceededException", "KeyUnavailableException", "DisabledException":
			return unavailable
		}
	}
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && answer.HTTPStatusCode()/100 == 4 {
		return fault.Wrap(fault.Internal, cause)
	}
	return unavailable
}
