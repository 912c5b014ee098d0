package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"beian/shared/rules/person"
)

const (
	secretPrefix = "whsec_"
	// The specification's limits on the length of a secret, in bytes.
	minSecret, maxSecret = 24, 64
)

// A Secret is a key that both sides know. The zero value signs nothing that [Verify] accepts. Secrets redact themselves when they are
// formatted, logged or marshalled.
type Secret struct{ key string }

// ParseSecret parses "whsec_" and 24 to 64 bytes in base64. The prefix may be missing, as in secrets that Secrets Manager generated.
// The error does not quote the text.
func ParseSecret(text string) (Secret, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(strings.TrimSpace(text), secretPrefix))
	if err != nil || len(key) < minSecret || len(key) > maxSecret {
		return Secret{}, fmt.Errorf("the secret of a webhook is %q and %d to %d bytes in base64", secretPrefix, minSecret, maxSecret)
	}
	return Secret{string(key)}, nil
}

// ParseSecrets parses one or two secrets, separated by a comma.
func ParseSecrets(text string) ([]Secret, error) {
	var secrets []Secret
	for one := range strings.SplitSeq(text, ",") {
		s, err := ParseSecret(one)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, s)
	}
	if len(secrets) > maxSecrets {
		return nil, errors.New("a webhook has at most two secrets")
	}
	return secrets, nil
}

// NewSecret returns a random secret of 32 bytes.
func NewSecret() Secret {
	key := make([]byte, 32)
	rand.Read(key) // it never fails
	return Secret{string(key)}
}

// Reveal returns the secret as text, with its prefix.
func (s Secret) Reveal() string {
	return secretPrefix + base64.StdEncoding.EncodeToString([]byte(s.key))
}

// Format writes [redacted].
func (Secret) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (Secret) LogValue() slog.Value { return person.RedactedValue() }

func (s Secret) webhook() *standardwebhooks.Webhook {
	w, err := standardwebhooks.NewWebhookRaw([]byte(s.key))
	if err != nil {
		panic(err) // the library returns none
	}
	return w
}
