// Package kms generates and unwraps data keys with AWS KMS. A [Service] implements envelope.KeyService.
//
//	keys := kms.Service{Client: client, KeyID: keyID, MACKeyID: macKeyID}
//	plain, wrapped, err := keys.Generate(ctx, order)
//
// A symmetric KMS key wraps the data keys. The encryption context is the order, so CloudTrail shows which filing was decrypted, and
// a wrapped key cannot be used for another filing. Rotating the symmetric key in KMS requires no change here. A second KMS key of
// type HMAC_256, which KMS never rotates, derives the secrets of look-up keys and ledger.
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

// A Service uses two keys of an account. It needs kms:GenerateDataKey and kms:Decrypt on the first, kms:GenerateMac on the second.
type Service struct {
	Client   *Client
	KeyID    string // id, ARN or alias of the symmetric key
	MACKeyID string // of the HMAC_256 key
}

var _ envelope.KeyService = Service{}

func encryptionContext(order string) map[string]string { return map[string]string{"order": order} }

// Generate returns a new data key, in plain text and wrapped.
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

// Secret returns the HMAC of the label.
func (s Service) Secret(ctx context.Context, label string) ([]byte, error) {
	mac, err := s.Client.GenerateMac(ctx, &kms.GenerateMacInput{
		KeyId: &s.MACKeyID, MacAlgorithm: types.MacAlgorithmSpecHmacSha256, Message: []byte(label),
	})
	if err != nil {
		return nil, classify("GenerateMac", err)
	}
	return mac.Mac, nil
}

// classify returns envelope.ErrTampered for bytes that KMS cannot decrypt, Unavailable if a retry may help, and Internal otherwise.
func classify(what string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	cause := fmt.Errorf("kms: %s: %w", what, err)
	unavailable := &fault.Fault{Kind: fault.Unavailable, Cause: cause, Message: finding.Words{
		Chinese: "系统暂时不可用，请稍等一分钟再试；您的资料没有丢失。", English: "The system is temporarily unavailable; try again in a minute. Your data is not lost."}}
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
