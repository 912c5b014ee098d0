// Package kms is AWS KMS on the laptop: it generates and decrypts data keys and computes MACs over the protocol of KMS (AWS JSON
// 1.1), with the key material of a [keyfile.Service].
//
//	host := &kms.Host{}
//	host.Add("filings", kms.EncryptDecrypt, file)
//	http.Handle("/", host)
//
// A [Host] implements the operations that Beian calls: GenerateDataKey, Decrypt and GenerateMac. The encryption context must be
// {"order": …}: a data key can be decrypted only for the order for which it was generated.
package kms

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"beian/infra/local/keyfile"
	"beian/shared/process/envelope"
)

// A Usage is a KeyUsage of KMS.
type Usage string

// Usages.
const (
	EncryptDecrypt    Usage = "ENCRYPT_DECRYPT"
	GenerateVerifyMAC Usage = "GENERATE_VERIFY_MAC"
)

const maxRequest = 64 << 10 // bytes; valid requests are smaller

// A Host serves keys. It is an [http.Handler]. Add all keys before the first request.
type Host struct {
	Log *slog.Logger // logs failures of the key files; nil logs nothing

	keys map[string]key
}

type key struct {
	usage Usage
	file  *keyfile.Service
}

// Add adds a key under an id, with its material in a file.
func (h *Host) Add(id string, usage Usage, file *keyfile.Service) {
	if h.keys == nil {
		h.keys = map[string]key{}
	}
	h.keys[id] = key{usage, file}
}

// A refusal is an error of KMS.
type refusal struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

func (r refusal) Error() string { return r.Type + ": " + r.Message }

type request struct {
	KeyID             string `json:"KeyId"`
	KeySpec           string
	CiphertextBlob    []byte
	Message           []byte
	MacAlgorithm      string
	EncryptionContext map[string]string
}

// ServeHTTP answers one request.
func (h *Host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	out, err := h.handle(w, r)
	if err == nil {
		json.NewEncoder(w).Encode(out)
		return
	}
	refused := refusal{"KMSInternalException", "The key file could not be used; the log of the laptop has the cause."}
	status := http.StatusInternalServerError
	if errors.As(err, &refused) {
		status = http.StatusBadRequest
	} else if h.Log != nil {
		h.Log.Error("kms: the key file could not be used", "cause", err.Error())
	}
	w.Header().Set("X-Amzn-ErrorType", refused.Type)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(refused)
}

func (h *Host) handle(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, refusal{"ValidationException", "The request could not be read."}
	}
	var in request
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, refusal{"SerializationException", "The request is not valid JSON."}
	}
	operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	usage := EncryptDecrypt
	switch operation {
	case "GenerateDataKey", "Decrypt":
	case "GenerateMac":
		usage = GenerateVerifyMAC
	default:
		return nil, refusal{"UnknownOperationException", "The operation " + operation + " is not supported on the laptop."}
	}
	k, ok := h.keys[in.KeyID[strings.LastIndex(in.KeyID, "/")+1:]] // an id or an ARN
	switch {
	case !ok:
		return nil, refusal{"NotFoundException", "Key " + in.KeyID + " does not exist"}
	case k.usage != usage:
		return nil, refusal{"InvalidKeyUsageException", in.KeyID + " key usage is " + string(k.usage) + " which is not valid for " + operation + "."}
	case operation == "GenerateMac":
		return k.mac(r, in)
	}
	order, ok := in.EncryptionContext["order"]
	if !ok || len(in.EncryptionContext) != 1 {
		return nil, refusal{"ValidationException", `The encryption context must be {"order": …}.`}
	}
	if operation == "Decrypt" {
		return k.decrypt(r, in, order)
	}
	return k.generate(r, in, order)
}

func (k key) generate(r *http.Request, in request, order string) (map[string]any, error) {
	if in.KeySpec != "AES_256" {
		return nil, refusal{"ValidationException", "KeySpec must be AES_256."}
	}
	plain, wrapped, err := k.file.Generate(r.Context(), order)
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyId": in.KeyID, "Plaintext": plain, "CiphertextBlob": wrapped}, nil
}

func (k key) decrypt(r *http.Request, in request, order string) (map[string]any, error) {
	plain, err := k.file.Unwrap(r.Context(), order, in.CiphertextBlob)
	if errors.Is(err, envelope.ErrTampered) {
		return nil, refusal{"InvalidCiphertextException", ""}
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyId": in.KeyID, "Plaintext": plain, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}, nil
}

func (k key) mac(r *http.Request, in request) (map[string]any, error) {
	if in.MacAlgorithm != "HMAC_SHA_256" || len(in.Message) == 0 {
		return nil, refusal{"ValidationException", "MacAlgorithm must be HMAC_SHA_256, and Message must not be empty."}
	}
	mac, err := k.file.Secret(r.Context(), string(in.Message))
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyId": in.KeyID, "Mac": mac, "MacAlgorithm": in.MacAlgorithm}, nil
}
