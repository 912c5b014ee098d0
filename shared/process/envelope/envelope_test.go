package envelope_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"beian/infra/local/keyfile"
	"beian/shared/process/envelope"
	"beian/shared/process/envelope/envelopetest"
	"beian/shared/rules/fault"
)

var start = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)

// countingService is a key service that counts its calls and can be down.
type countingService struct {
	envelope.KeyService
	mutex sync.Mutex
	calls int
	down  error
}

func (c *countingService) countCall() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.calls++
	return c.down
}

func (c *countingService) Unwrap(ctx context.Context, order string, wrapped []byte) ([]byte, error) {
	if err := c.countCall(); err != nil {
		return nil, err
	}
	return c.KeyService.Unwrap(ctx, order, wrapped)
}

func (c *countingService) Secret(ctx context.Context, label string) ([]byte, error) {
	if err := c.countCall(); err != nil {
		return nil, err
	}
	return c.KeyService.Secret(ctx, label)
}

func newService(t testing.TB) *countingService {
	t.Helper()
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys.json"), start)
	if err != nil {
		t.Fatal(err)
	}
	return &countingService{KeyService: keys}
}

func fixedTime() time.Time { return start }

// encryptNew makes an order's key and encrypts a text under it.
func encryptNew(t testing.TB, s *envelope.Encrypter, order, text string) []byte {
	t.Helper()
	if err := s.NewKey(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	out, err := s.Encrypt(t.Context(), order, "private", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncryptAndDecrypt(t *testing.T) {
	service := newService(t)
	for i, text := range []string{"", "样例", string(bytes.Repeat([]byte("x"), 300_000))} {
		keys, order := &envelopetest.Keys{}, fmt.Sprint("BA", i)
		s := envelope.New(service, keys, fixedTime)
		out := encryptNew(t, s, order, text)
		if len(text) > 3 && bytes.Contains(out, []byte(text[:4])) {
			t.Error("the ciphertext contains the plaintext")
		}
		for _, reader := range []*envelope.Encrypter{s, envelope.New(service, keys, fixedTime)} {
			back, err := reader.Decrypt(t.Context(), order, "private", out)
			if err != nil || string(back) != text {
				t.Errorf("%d bytes of %d, %v", len(back), len(text), err)
			}
		}
	}
}

func TestCiphertextsOfOneTextDiffer(t *testing.T) {
	s := envelope.New(newService(t), &envelopetest.Keys{}, fixedTime)
	one := encryptNew(t, s, "BA1", "样例")
	two, err := s.Encrypt(t.Context(), "BA1", "private", []byte("样例"))
	if err != nil || bytes.Equal(one, two) {
		t.Errorf("equal, or %v", err)
	}
}

func TestNewKeyKeepsTheFirstKey(t *testing.T) {
	service, keys := newService(t), &envelopetest.Keys{}
	out := encryptNew(t, envelope.New(service, keys, fixedTime), "BA1", "样例")
	again := envelope.New(service, keys, fixedTime)
	if err := again.NewKey(t.Context(), "BA1"); err != nil {
		t.Fatal(err)
	}
	if back, err := again.Decrypt(t.Context(), "BA1", "private", out); err != nil || string(back) != "样例" {
		t.Errorf("%q, %v", back, err)
	}
}

func TestDecryptErrors(t *testing.T) {
	service, keys := newService(t), &envelopetest.Keys{}
	s := envelope.New(service, keys, fixedTime)
	out := encryptNew(t, s, "BA1", "样例")
	encryptNew(t, s, "BA2", "别的")
	keys.Wrapped["stolen"], keys.Wrapped["BA1p"] = keys.Wrapped["BA1"], keys.Wrapped["BA1"]
	keys.Wrapped["malformed"] = []byte("no")
	keys.Wrapped["foreign"] = append([]byte{0, 0, 0, 9}, keys.Wrapped["BA1"][4:]...)
	for name, c := range map[string]struct {
		name, purpose string
		sealed        []byte
		want          error
	}{
		"another order with its own key":       {"BA2", "private", out, envelope.ErrTampered},
		"another order with the stolen key":    {"stolen", "private", out, envelope.ErrTampered},
		"another purpose":                      {"BA1", "codes", out, envelope.ErrTampered},
		"order and purpose divided elsewhere":  {"BA1p", "rivate", out, envelope.ErrTampered},
		"nothing":                              {"BA1", "private", nil, envelope.ErrTampered},
		"only the version":                     {"BA1", "private", out[:1], envelope.ErrTampered},
		"cut":                                  {"BA1", "private", out[:len(out)-1], envelope.ErrTampered},
		"longer":                               {"BA1", "private", append(bytes.Clone(out), 0), envelope.ErrTampered},
		"no key":                               {"BA3", "private", out, envelope.ErrErased},
		"a wrapped key that is malformed":      {"malformed", "private", out, envelope.ErrTampered},
		"a wrapped key of another key service": {"foreign", "private", out, envelope.ErrTampered},
	} {
		if back, err := s.Decrypt(t.Context(), c.name, c.purpose, c.sealed); !errors.Is(err, c.want) {
			t.Errorf("%s: %d bytes, %v, want %v", name, len(back), err, c.want)
		}
	}
	for i := range out {
		changed := bytes.Clone(out)
		changed[i] ^= 0x40
		if _, err := s.Decrypt(t.Context(), "BA1", "private", changed); !errors.Is(err, envelope.ErrTampered) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
}

func TestDeleteKey(t *testing.T) {
	service, keys := newService(t), &envelopetest.Keys{}
	now := start
	s, other := envelope.New(service, keys, fixedTime), envelope.New(service, keys, func() time.Time { return now })
	out := encryptNew(t, s, "BA1", "样例")
	open := func(s *envelope.Encrypter) error {
		_, err := s.Decrypt(t.Context(), "BA1", "private", out)
		return err
	}
	if err := open(other); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.DeleteKey(t.Context(), "BA1"); err != nil {
			t.Fatal(err)
		}
		if err := open(s); !errors.Is(err, envelope.ErrErased) {
			t.Errorf("after the erasure: %v", err)
		}
	}
	if _, err := s.Encrypt(t.Context(), "BA1", "private", nil); !errors.Is(err, envelope.ErrErased) {
		t.Errorf("Encrypt after the erasure: %v", err)
	}
	if now = start.Add(5 * time.Minute); !errors.Is(open(other), envelope.ErrErased) {
		t.Error("another process still decrypts the data after five minutes")
	}
}

func TestShared(t *testing.T) {
	service, keys := newService(t), &envelopetest.Keys{}
	s := envelope.New(service, keys, fixedTime)
	names := []string{"BA2", "BA1", "BA3", "BA1"}
	for _, name := range names {
		encryptNew(t, s, name, "")
	}
	out, err := s.EncryptShared(t.Context(), names, "file", []byte("样例"))
	if err != nil || bytes.Contains(out, []byte("样例")) {
		t.Fatal("the ciphertext contains the plaintext, or", err)
	}
	if back, err := envelope.New(service, keys, fixedTime).DecryptShared(t.Context(), "file", out); err != nil || string(back) != "样例" {
		t.Errorf("%q, %v", back, err)
	}
	if _, err := s.DecryptShared(t.Context(), "another file", out); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("another purpose: %v", err)
	}
	for i := range out {
		changed := bytes.Clone(out)
		changed[i] ^= 0x04
		if back, err := s.DecryptShared(t.Context(), "file", changed); err == nil {
			t.Errorf("byte %d changed: %q", i, back)
		}
		if _, err := s.DecryptShared(t.Context(), "file", out[:i]); !errors.Is(err, envelope.ErrTampered) {
			t.Errorf("%d bytes: %v", i, err)
		}
	}
	if err := s.DeleteKey(t.Context(), "BA3"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DecryptShared(t.Context(), "file", out); !errors.Is(err, envelope.ErrErased) {
		t.Errorf("one of three names erased: %v", err)
	}
	if _, err := s.EncryptShared(t.Context(), names, "file", nil); !errors.Is(err, envelope.ErrErased) {
		t.Errorf("EncryptShared for an erased name: %v", err)
	}
}

func TestKeyCache(t *testing.T) {
	keys, stored := newService(t), &envelopetest.Keys{}
	now := start
	s := envelope.New(keys, stored, func() time.Time { return now })
	out := encryptNew(t, s, "BA1", "样例")
	read := func(wantCalls int) {
		t.Helper()
		if _, err := s.Decrypt(t.Context(), "BA1", "private", out); err != nil {
			t.Error(err)
		}
		if keys.calls != wantCalls {
			t.Errorf("the key service was called %d times, want %d", keys.calls, wantCalls)
		}
	}
	read(0)
	now = start.Add(4 * time.Minute)
	read(0)
	now = start.Add(5 * time.Minute)
	read(1)
	for i := range 300 { // more than the cache holds; the order's key is the oldest
		now = now.Add(time.Millisecond)
		encryptNew(t, s, fmt.Sprint("BB", i), "别的")
	}
	read(2)
}

func TestServiceDown(t *testing.T) {
	keys := newService(t)
	stored := &envelopetest.Keys{}
	out := encryptNew(t, envelope.New(keys, stored, fixedTime), "BA1", "样例")
	s := envelope.New(keys, stored, fixedTime)
	keys.down = fault.New(fault.Unavailable, "不可用", "down")
	if _, err := s.Decrypt(t.Context(), "BA1", "private", out); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("open: %v", err)
	}
	if _, err := s.Index(t.Context(), "certificate", "X"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("index: %v", err)
	}
	keys.down = nil
	if _, err := s.Decrypt(t.Context(), "BA1", "private", out); err != nil {
		t.Errorf("the failure was cached: %v", err)
	}
}

func TestIndex(t *testing.T) {
	keys := newService(t)
	s := envelope.New(keys, &envelopetest.Keys{}, fixedTime)
	index := func(s *envelope.Encrypter, purpose, value string) string {
		t.Helper()
		out, err := s.Index(t.Context(), purpose, value)
		if err != nil || len(out) != 64 {
			t.Fatalf("%q, %v", out, err)
		}
		return out
	}
	one := index(s, "certificate", "A1")
	if keys.calls != 1 || one != index(s, "certificate", "A1") || keys.calls != 1 {
		t.Errorf("%d calls", keys.calls)
	}
	if one != index(envelope.New(keys, &envelopetest.Keys{}, fixedTime), "certificate", "A1") {
		t.Error("another process has another index")
	}
	for _, other := range [][2]string{{"certificate", "A2"}, {"domain", "A1"}, {"certificateA", "1"}} {
		if one == index(s, other[0], other[1]) {
			t.Errorf("%v has the same index", other)
		}
	}
	if one == index(envelope.New(newService(t), &envelopetest.Keys{}, fixedTime), "certificate", "A1") {
		t.Error("another service has the same index")
	}
}

func TestMAC(t *testing.T) {
	keys := newService(t)
	s := envelope.New(keys, &envelopetest.Keys{}, fixedTime)
	one, err := s.MAC(t.Context(), "ledger", "A1")
	if err != nil || len(one) != 64 {
		t.Fatalf("%q, %v", one, err)
	}
	if again, err := envelope.New(keys, &envelopetest.Keys{}, fixedTime).MAC(t.Context(), "ledger", "A1"); err != nil || again != one {
		t.Errorf("another process: %q, %v", again, err)
	}
	if index, err := s.Index(t.Context(), "ledger", "A1"); err != nil || index == one {
		t.Errorf("a look-up key is a MAC: %q, %v", index, err)
	}
	if other, err := envelope.New(newService(t), &envelopetest.Keys{}, fixedTime).MAC(t.Context(), "ledger", "A1"); err != nil || other == one {
		t.Errorf("another service: %q, %v", other, err)
	}
}

func TestEncrypterIsSafeForConcurrentUse(t *testing.T) {
	s := envelope.New(newService(t), &envelopetest.Keys{}, fixedTime)
	out := encryptNew(t, s, "BA1", "样例")
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			if i%4 == 0 {
				if err := s.DeleteKey(t.Context(), "BA2"); err != nil {
					t.Error(err)
				}
			}
			if _, err := s.Decrypt(t.Context(), "BA1", "private", out); err != nil {
				t.Error(err)
			}
			if _, err := s.Index(t.Context(), "certificate", "A1"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func FuzzDecrypt(f *testing.F) {
	keys := &envelopetest.Keys{}
	s := envelope.New(newService(f), keys, fixedTime)
	out := encryptNew(f, s, "BA1", "样例")
	shared, err := s.EncryptShared(f.Context(), []string{"BA1"}, "file", []byte("样例"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(out)
	f.Add(out[:20])
	f.Add([]byte{1})
	f.Add(shared)
	f.Add(shared[:9])
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := s.Decrypt(t.Context(), "BA1", "private", data)
		if err == nil && (!bytes.Equal(data, out) || string(text) != "样例") {
			t.Errorf("opened %x", data)
		}
		if err != nil && !errors.Is(err, envelope.ErrTampered) {
			t.Errorf("unexpected error %v", err)
		}
		text, err = s.DecryptShared(t.Context(), "file", data)
		if err == nil && string(text) != "样例" {
			t.Errorf("opened %x as shared", data)
		}
		if err != nil && !errors.Is(err, envelope.ErrTampered) && !errors.Is(err, envelope.ErrErased) {
			t.Errorf("unexpected error %v", err)
		}
	})
}
