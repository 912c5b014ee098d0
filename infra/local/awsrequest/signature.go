package awsrequest

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// maxSkew is how far the time of a signature may be from the present ("Signature Version 4 signing process").
const maxSkew = 15 * time.Minute

// A Refusal says why a signature is not accepted. AWS answers it with status 403.
type Refusal struct {
	Code    string // of AWS, such as "SignatureDoesNotMatch"
	Message string
}

func (r *Refusal) Error() string { return r.Code + ": " + r.Message }

var signedRequest = regexp.MustCompile(
	`^AWS4-HMAC-SHA256 Credential=([^/\s,]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`)

// Verify verifies the signature (Signature Version 4) of a request with its body to a service other than S3, whose gateway verifies its own.
// secret returns the secret of an access key, "" if it is unknown. now is real time. The error is a *[Refusal].
func Verify(r *http.Request, body []byte, secret func(accessKey string) string, now time.Time) error {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return &Refusal{"MissingAuthenticationToken", "The request is not signed."}
	}
	m := signedRequest.FindStringSubmatch(headers[0])
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if len(headers) > 1 || m == nil || err != nil || at.Format("20060102") != m[2] {
		return &Refusal{"IncompleteSignature", "Authorization or X-Amz-Date does not have the form of Signature Version 4."}
	}
	key, region, service, signed, signature := m[1], m[3], m[4], strings.Split(m[5], ";"), m[6]
	if name, _, _ := strings.Cut(Operation(r), ":"); name != service {
		return &Refusal{"SignatureDoesNotMatch", "The signature is for another service."}
	}
	if skew := now.Sub(at).Abs(); skew > maxSkew {
		return &Refusal{"RequestExpired", "The time of the signature is more than 15 minutes from that of this machine."}
	}
	known := secret(key)
	if known == "" {
		return &Refusal{"InvalidClientTokenId", "The access key does not exist."}
	}
	for _, name := range []string{"host", "x-amz-date", "x-amz-target"} {
		if (name != "x-amz-target" || r.Header.Get(name) != "") && !slices.Contains(signed, name) {
			return &Refusal{"SignatureDoesNotMatch", "The header " + name + " is not signed."}
		}
	}
	again, err := signAgain(r, body, signed, aws.Credentials{AccessKeyID: key, SecretAccessKey: known}, service, region, at)
	if err != nil || subtle.ConstantTimeCompare([]byte(again), []byte(signature)) != 1 {
		return &Refusal{"SignatureDoesNotMatch", "The signature is not that of the request."}
	}
	return nil
}

// signAgain returns the signature that a request with the signed headers should have.
func signAgain(r *http.Request, body []byte, signed []string, keys aws.Credentials, service, region string, at time.Time) (string, error) {
	target := *r.URL
	own := &http.Request{Method: r.Method, URL: &target, Host: r.Host, Header: http.Header{}}
	for _, name := range signed {
		switch name {
		case "host":
		case "content-length":
			own.ContentLength = int64(len(body))
		default:
			own.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(context.Background(), keys, own, hex.EncodeToString(sum[:]), service, region, at); err != nil {
		return "", err
	}
	if m := signedRequest.FindStringSubmatch(own.Header.Get("Authorization")); m != nil && m[5] == strings.Join(signed, ";") {
		return m[6], nil
	}
	return "", nil // the signer does not sign a header that the request has
}
