package keyfile_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"beian/infra/local/keyfile"
	"beian/shared/process/envelope"
)

var start = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *keyfile.Service {
	t.Helper()
	s, err := keyfile.Open(path, start)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFileOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "keys.json")
	first := open(t, path)
	plain, wrapped, err := first.Generate(t.Context(), "BA1")
	if err != nil || len(plain) != envelope.KeySize || bytes.Contains(wrapped, plain) {
		t.Fatalf("a key of %d bytes, %v", len(plain), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	second := open(t, path)
	if back, err := second.Unwrap(t.Context(), "BA1", wrapped); err != nil || !bytes.Equal(back, plain) {
		t.Errorf("another key, %v", err)
	}
	if _, err := second.Unwrap(t.Context(), "BA2", wrapped); !errors.Is(err, envelope.ErrTampered) {
		t.Errorf("for another order: %v", err)
	}
}

// TestSecondKey checks that a file with two keys wraps with the second and unwraps with both.
func TestSecondKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	_, old, err := open(t, path).Generate(t.Context(), "BA1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second := fmt.Sprintf(`,{"number":2,"created":"2020-12-25T00:00:00Z","key":%q}],`, base64.StdEncoding.EncodeToString(make([]byte, envelope.KeySize)))
	if err := os.WriteFile(path, bytes.Replace(text, []byte("],"), []byte(second), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	both := open(t, path)
	_, fresh, err := both.Generate(t.Context(), "BA1")
	if err != nil || bytes.Equal(old[:4], fresh[:4]) {
		t.Errorf("the second key does not wrap: %v", err)
	}
	for _, wrapped := range [][]byte{old, fresh} {
		if _, err := both.Unwrap(t.Context(), "BA1", wrapped); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	good := filepath.Join(t.TempDir(), "keys.json")
	open(t, good)
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"readable by others":    {string(text), 0o644},
		"readable by the group": {string(text), 0o640},
		"not JSON":              {"keys", 0o600},
		"empty":                 {"", 0o600},
		"no keys":               {"{}", 0o600},
		"an unknown field":      {`{"key":[]}`, 0o600},
		"a short key":           {`{"keys":[{"number":1,"created":"2019-12-25T00:00:00Z","key":"AAAA"}],"secret":"AAAA"}`, 0o600},
		"something at the end":  {string(text) + "{}", 0o600},
	} {
		path := filepath.Join(t.TempDir(), "keys.json")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil { // independent of the umask
			t.Fatal(err)
		}
		if _, err := keyfile.Open(path, start); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestManyOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	var group sync.WaitGroup
	secrets := make([][]byte, 8)
	for i := range secrets {
		group.Go(func() {
			s, err := keyfile.Open(path, start)
			if err != nil {
				t.Error(err)
				return
			}
			secrets[i], _ = s.Secret(t.Context(), "index")
		})
	}
	group.Wait()
	for _, secret := range secrets {
		if !bytes.Equal(secret, secrets[0]) {
			t.Error("two key files were created")
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	s, err := keyfile.Open(filepath.Join(f.TempDir(), "keys.json"), start)
	if err != nil {
		f.Fatal(err)
	}
	_, wrapped, err := s.Generate(f.Context(), "BA1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wrapped)
	f.Add(wrapped[:4])
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := s.Unwrap(t.Context(), "BA1", data); err == nil && !bytes.Equal(data, wrapped) {
			t.Errorf("unwrapped %x", data)
		}
	})
}
