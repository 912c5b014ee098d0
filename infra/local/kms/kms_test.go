package kms_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	kmssdk "github.com/aws/aws-sdk-go-v2/service/kms"

	"beian/infra/local/keyfile"
	localkms "beian/infra/local/kms"
	"beian/shared/aws/kms"
	"beian/shared/process/envelope"
	"beian/shared/process/envelope/envelopetest"
)

const arn = "arn:aws:kms:cn-north-1:000000000000:key/"

var began = time.Date(2019, 12, 25, 0, 0, 0, 0, time.UTC)

// startHost starts a host with the keys "filings" and "lookup", whose material is in a file.
func startHost(t *testing.T, file string) string {
	t.Helper()
	material, err := keyfile.Open(file, began)
	if err != nil {
		t.Fatal(err)
	}
	var host localkms.Host
	host.Add("filings", localkms.EncryptDecrypt, material)
	host.Add("lookup", localkms.GenerateVerifyMAC, material)
	server := httptest.NewServer(&host)
	t.Cleanup(server.Close)
	return server.URL
}

func service(endpoint string) kms.Service {
	return kms.Service{KeyID: arn + "filings", MACKeyID: "lookup", Client: kms.ClientOf(kmssdk.New(kmssdk.Options{
		Region: "cn-north-1", BaseEndpoint: aws.String(endpoint), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local-secret", ""),
	}))}
}

// TestWrapping wraps with one host and unwraps with another that has the same file, as after a restart.
func TestWrapping(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	now := func() time.Time { return began }
	keys := &envelopetest.Keys{}
	first, second := envelope.New(service(startHost(t, file)), keys, now), envelope.New(service(startHost(t, file)), keys, now)
	if err := first.NewKey(t.Context(), "BA1"); err != nil {
		t.Fatal(err)
	}
	sealed, err := first.Encrypt(t.Context(), "BA1", "private", []byte("样例"))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := second.Decrypt(t.Context(), "BA1", "private", sealed); err != nil || string(text) != "样例" {
		t.Errorf("%q, %v", text, err)
	}
	keys.Wrapped["BA2"] = keys.Wrapped["BA1"]
	if _, err := second.Decrypt(t.Context(), "BA2", "private", sealed); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("opened for another order: %v", err)
	}
	one, err := first.Index(t.Context(), "certificate", "A1")
	two, err2 := second.Index(t.Context(), "certificate", "A1")
	if err != nil || err2 != nil || one != two {
		t.Errorf("look-up keys %s, %s; %v, %v", one, two, err, err2)
	}
}

// TestRefusals: invalid requests get the errors of KMS.
func TestRefusals(t *testing.T) {
	endpoint := startHost(t, filepath.Join(t.TempDir(), "keys.json"))
	for name, c := range map[string]struct{ operation, body, want string }{
		"no JSON":               {"Decrypt", `{`, "SerializationException"},
		"another operation":     {"ScheduleKeyDeletion", `{}`, "UnknownOperationException"},
		"no such key":           {"Decrypt", `{"KeyId":"nobody"}`, "NotFoundException"},
		"a MAC of the wrapper":  {"GenerateMac", `{"KeyId":"filings","MacAlgorithm":"HMAC_SHA_256","Message":"YQ=="}`, "InvalidKeyUsageException"},
		"wrapping with the MAC": {"GenerateDataKey", `{"KeyId":"lookup","KeySpec":"AES_256"}`, "InvalidKeyUsageException"},
		"no context":            {"GenerateDataKey", `{"KeyId":"filings","KeySpec":"AES_256"}`, "ValidationException"},
		"another context":       {"Decrypt", `{"KeyId":"filings","CiphertextBlob":"YQ==","EncryptionContext":{"order":"a","b":"c"}}`, "ValidationException"},
		"another size":          {"GenerateDataKey", `{"KeyId":"filings","KeySpec":"AES_128","EncryptionContext":{"order":"a"}}`, "ValidationException"},
		"not ours":              {"Decrypt", `{"KeyId":"filings","CiphertextBlob":"YQ==","EncryptionContext":{"order":"a"}}`, "InvalidCiphertextException"},
		"another MAC":           {"GenerateMac", `{"KeyId":"lookup","MacAlgorithm":"HMAC_SHA_512","Message":"YQ=="}`, "ValidationException"},
		"a MAC of nothing":      {"GenerateMac", `{"KeyId":"lookup","MacAlgorithm":"HMAC_SHA_256"}`, "ValidationException"},
		"too much":              {"Decrypt", `{"KeyId":"` + strings.Repeat("k", 1<<17) + `"}`, "ValidationException"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, bytes.NewReader([]byte(c.body)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Amz-Target", "TrentService."+c.operation)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusBadRequest || answer.Header.Get("X-Amzn-ErrorType") != c.want || !strings.Contains(string(body), c.want) {
			t.Errorf("%s: %s %s, want %s", name, answer.Status, body, c.want)
		}
	}
}
