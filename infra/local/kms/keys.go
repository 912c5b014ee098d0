// Package keys is AWS KMS on the laptop: it makes and opens data keys and makes MACs, over KMS's own wire (AWS JSON 1.1),
// with key material that it keeps in files.
//
// Of KMS it knows what Beian calls: GenerateDataKey, Decrypt and GenerateMac. The only encryption context that it takes
// is the one that Beian gives, {"order": …}; a data key opens only under the order that it was made for.
package kms

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"beian/infra/local/keyfile"
	"beian/shared/process/envelope"
)

// A Usage is what a key may be used for, in KMS's words.
type Usage string

// Usages.
const (
	EncryptDecrypt    Usage = "ENCRYPT_DECRYPT"
	GenerateVerifyMAC Usage = "GENERATE_VERIFY_MAC"
)

// largestRequest is the most bytes of a request that are read; KMS's own requests are smaller.
const largestRequest = 64 << 10

// A Host holds keys by id and answers for them. Its zero value has none. It is an [http.Handler].
type Host struct {
	Log *slog.Logger // failures of the key files; nil is silent

	mutex sync.RWMutex
	keys  map[string]key
}

type key struct {
	usage Usage
	file  *keyfile.Service
}

// Add gives the host a key under an id, with its material in a file. An id that is known gets the new key.
func (h *Host) Add(id string, usage Usage, file *keyfile.Service) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.keys == nil {
		h.keys = map[string]key{}
	}
	h.keys[id] = key{usage, file}
}

// find looks a key up by its id or its ARN.
func (h *Host) find(id string) (key, bool) {
	if i := strings.LastIndex(id, ":key/"); i >= 0 {
		id = id[i+len(":key/"):]
	}
	h.mutex.RLock()
	defer h.mutex.RUnlock()
	found, ok := h.keys[id]
	return found, ok
}

// A refusal is an error of KMS by its name.
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
	out, err := h.answer(w, r)
	if err == nil {
		json.NewEncoder(w).Encode(out)
		return
	}
	no := refusal{"KMSInternalException", "The key file could not be used."}
	status := http.StatusInternalServerError
	if errors.As(err, &no) {
		status = http.StatusBadRequest
	} else if h.Log != nil {
		h.Log.Error("keys", "cause", err.Error())
	}
	w.Header().Set("X-Amzn-ErrorType", no.Type)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(no)
}

func (h *Host) answer(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestRequest))
	if err != nil {
		return nil, refusal{"ValidationException", "The request could not be read."}
	}
	var in request
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, refusal{"SerializationException", "The request is not the JSON that was expected."}
	}
	operation, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	usage := EncryptDecrypt
	switch operation {
	case "GenerateDataKey", "Decrypt":
	case "GenerateMac":
		usage = GenerateVerifyMAC
	default:
		return nil, refusal{"UnknownOperationException", "The operation " + operation + " is not known here."}
	}
	k, ok := h.find(in.KeyID)
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
		return nil, refusal{"ValidationException", `The encryption context has to be {"order": …} here.`}
	}
	if operation == "Decrypt" {
		return k.open(r, in, order)
	}
	return k.generate(r, in, order)
}

func (k key) generate(r *http.Request, in request, order string) (map[string]any, error) {
	if in.KeySpec != "AES_256" {
		return nil, refusal{"ValidationException", "KeySpec has to be AES_256 here."}
	}
	plain, wrapped, err := k.file.Generate(r.Context(), order)
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyId": in.KeyID, "Plaintext": plain, "CiphertextBlob": wrapped}, nil
}

func (k key) open(r *http.Request, in request, order string) (map[string]any, error) {
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
		return nil, refusal{"ValidationException", "MacAlgorithm has to be HMAC_SHA_256, and Message something."}
	}
	mac, err := k.file.Secret(r.Context(), string(in.Message))
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyId": in.KeyID, "Mac": mac, "MacAlgorithm": in.MacAlgorithm}, nil
}
