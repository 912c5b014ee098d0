package kms

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// A Client has the operations of KMS that a [Service] uses. A *kms.Client would have all of them: the linker keeps each method of a type that a program with
// html/template can reach (ADR 68).
type Client struct {
	Decrypt         operation[kms.DecryptInput, kms.DecryptOutput]
	GenerateDataKey operation[kms.GenerateDataKeyInput, kms.GenerateDataKeyOutput]
	GenerateMac     operation[kms.GenerateMacInput, kms.GenerateMacOutput]
}

type operation[In, Out any] = func(context.Context, *In, ...func(*kms.Options)) (*Out, error)

// ClientOf returns the operations of a client of the SDK.
func ClientOf(c *kms.Client) *Client {
	return &Client{Decrypt: c.Decrypt, GenerateDataKey: c.GenerateDataKey, GenerateMac: c.GenerateMac}
}
