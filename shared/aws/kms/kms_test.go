package kms_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
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
	"beian/shared/aws/kms"
	"beian/shared/process/envelope"
	"beian/shared/process/envelope/envelopetest"
	"beian/shared/rules/fault"
)

// server simulates KMS with one symmetric key, "data", and one HMAC key, "mac". Like KMS, it decrypts a wrapped key only with the
// encryption context that the key was generated with.
type server struct {
	keys   *keyfile.Service
	refuse string // an error code for every request
	asked  []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		KeyID             string `json:"KeyId"`
		KeySpec           string
		CiphertextBlob    []byte
		Message           []byte
		MacAlgorithm      string
		EncryptionContext map[string]string
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		s.fail(w, "ValidationException")
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.asked = append(s.asked, operation)
	if s.refuse != "" {
		s.fail(w, s.refuse)
		return
	}
	order := in.EncryptionContext["order"]
	out := map[string]any{"KeyId": in.KeyID}
	switch {
	case operation == "GenerateDataKey" && in.KeyID == "data" && in.KeySpec == "AES_256":
		plain, wrapped, err := s.keys.Generate(r.Context(), order)
		if err != nil {
			s.fail(w, "KMSInternalException")
			return
		}
		out["Plaintext"], out["CiphertextBlob"] = plain, wrapped
	case operation == "Decrypt" && in.KeyID == "data":
		plain, err := s.keys.Unwrap(r.Context(), order, in.CiphertextBlob)
		if err != nil {
			s.fail(w, "InvalidCiphertextException")
			return
		}
		out["Plaintext"] = plain
	case operation == "GenerateMac" && in.KeyID == "mac" && in.MacAlgorithm == "HMAC_SHA_256":
		mac := hmac.New(sha256.New, []byte("a key that stays in KMS"))
		mac.Write(in.Message)
		out["Mac"] = mac.Sum(nil)
	default:
		s.fail(w, "NotFoundException")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	json.NewEncoder(w).Encode(out)
}

func (s *server) fail(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	status := http.StatusBadRequest
	if code == "KMSInternalException" {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": "said so"})
}

func startServer(t *testing.T) (*server, kms.Service) {
	t.Helper()
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys.json"), time.Date(2019, 12, 25, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{keys: keys}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, kms.Service{KeyID: "data", MACKeyID: "mac", Client: kms.ClientOf(kmssdk.New(kmssdk.Options{
		Region: "cn-north-1", BaseEndpoint: aws.String(h.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local-secret", ""),
	}))}
}

func TestEncrypterWithKMS(t *testing.T) {
	server, service := startServer(t)
	now := func() time.Time { return time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC) }
	keys := &envelopetest.Keys{}
	s := envelope.New(service, keys, now)
	if err := s.NewKey(t.Context(), "BA1"); err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Encrypt(t.Context(), "BA1", "private", []byte("样例"))
	if err != nil {
		t.Fatal(err)
	}
	other := envelope.New(service, keys, now)
	for range 3 {
		text, err := other.Decrypt(t.Context(), "BA1", "private", sealed)
		if err != nil || string(text) != "样例" {
			t.Errorf("%q, %v", text, err)
		}
	}
	if got := strings.Join(server.asked, " "); got != "GenerateDataKey Decrypt" {
		t.Errorf("asked for %s", got)
	}
	keys.Wrapped["BA2"] = keys.Wrapped["BA1"]
	if _, err := other.Decrypt(t.Context(), "BA2", "private", sealed); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("for another order: %v", err)
	}
	one, err := s.Index(t.Context(), "certificate", "A1")
	two, err2 := other.Index(t.Context(), "certificate", "A1")
	if err != nil || err2 != nil || one != two {
		t.Errorf("%v, %v", err, err2)
	}
}

func TestRefusalsAreClassified(t *testing.T) {
	for code, want := range map[string]fault.Kind{
		"ThrottlingException":     fault.Unavailable,
		"KMSInternalException":    fault.Unavailable,
		"DisabledException":       fault.Unavailable,
		"KeyUnavailableException": fault.Unavailable,
		"AccessDeniedException":   fault.Internal,
		"NotFoundException":       fault.Internal,
	} {
		server, service := startServer(t)
		server.refuse = code
		_, _, err := service.Generate(t.Context(), "BA1")
		_, err2 := service.Unwrap(t.Context(), "BA1", []byte{1})
		_, err3 := service.Secret(t.Context(), "index")
		for _, err := range []error{err, err2, err3} {
			if fault.KindOf(err) != want {
				t.Errorf("%s: %v, want %s", code, err, want)
			}
		}
	}
}

func TestSecretDependsOnTheLabel(t *testing.T) {
	_, service := startServer(t)
	one, err := service.Secret(t.Context(), "one")
	two, err2 := service.Secret(t.Context(), "two")
	if err != nil || err2 != nil || len(one) != 32 || bytes.Equal(one, two) {
		t.Errorf("%v, %v", err, err2)
	}
}
