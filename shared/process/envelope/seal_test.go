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
	"beian/shared/rules/fault"
)

var start = time.Date(2019, 12, 25, 9, 0, 0, 0, time.UTC)

// counting is a key service that counts what it is asked, and can be down.
type counting struct {
	envelope.KeyService
	mutex sync.Mutex
	calls int
	down  error
}

func (c *counting) called() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.calls++
	return c.down
}

func (c *counting) Unwrap(ctx context.Context, order string, wrapped []byte) ([]byte, error) {
	if err := c.called(); err != nil {
		return nil, err
	}
	return c.KeyService.Unwrap(ctx, order, wrapped)
}

func (c *counting) Secret(ctx context.Context, label string) ([]byte, error) {
	if err := c.called(); err != nil {
		return nil, err
	}
	return c.KeyService.Secret(ctx, label)
}

func service(t testing.TB) *counting {
	t.Helper()
	keys, err := keyfile.Open(filepath.Join(t.TempDir(), "keys.json"), start)
	if err != nil {
		t.Fatal(err)
	}
	return &counting{KeyService: keys}
}

// sealed makes an order's key and one sealed text, in a sealer that then forgets the key.
func sealed(t testing.TB, s *envelope.Sealer, order, text string) (envelope.Key, []byte) {
	t.Helper()
	key, err := s.NewKey(t.Context(), order)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Seal(t.Context(), key, "private", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return key, out
}

func TestSealAndOpen(t *testing.T) {
	keys := service(t)
	s := envelope.New(keys, func() time.Time { return start })
	for _, text := range []string{"", "样例", string(bytes.Repeat([]byte("x"), 300_000))} {
		key, out := sealed(t, s, "BA1", text)
		if len(text) > 3 && bytes.Contains(out, []byte(text[:4])) {
			t.Error("the text is still there")
		}
		for _, reader := range []*envelope.Sealer{s, envelope.New(keys, func() time.Time { return start })} {
			back, err := reader.Open(t.Context(), key, "private", out)
			if err != nil || string(back) != text {
				t.Errorf("%d bytes back of %d, %v", len(back), len(text), err)
			}
		}
	}
}

func TestTheSameTextIsSealedDifferently(t *testing.T) {
	s := envelope.New(service(t), func() time.Time { return start })
	key, one := sealed(t, s, "BA1", "样例")
	two, err := s.Seal(t.Context(), key, "private", []byte("样例"))
	if err != nil || bytes.Equal(one, two) {
		t.Errorf("equal, or %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	keys := service(t)
	s := envelope.New(keys, func() time.Time { return start })
	key, out := sealed(t, s, "BA1", "样例")
	other, _ := sealed(t, s, "BA2", "别的")
	for name, c := range map[string]struct {
		key     envelope.Key
		purpose string
		sealed  []byte
		want    error
	}{
		"another order with its own key":        {other, "private", out, envelope.ErrTampered},
		"another order with the stolen key":     {envelope.Key{Order: "BA2", Wrapped: key.Wrapped}, "private", out, envelope.ErrTampered},
		"another purpose":                       {key, "codes", out, envelope.ErrTampered},
		"order and purpose cut elsewhere":       {envelope.Key{Order: "BA1p", Wrapped: key.Wrapped}, "rivate", out, envelope.ErrTampered},
		"nothing":                               {key, "private", nil, envelope.ErrTampered},
		"only the version":                      {key, "private", out[:1], envelope.ErrTampered},
		"cut":                                   {key, "private", out[:len(out)-1], envelope.ErrTampered},
		"longer":                                {key, "private", append(bytes.Clone(out), 0), envelope.ErrTampered},
		"erased":                                {envelope.Key{Order: "BA1"}, "private", out, envelope.ErrErased},
		"a wrapped key that is none":            {envelope.Key{Order: "BA1", Wrapped: []byte("no")}, "private", out, envelope.ErrTampered},
		"a wrapped key of a service we are not": {envelope.Key{Order: "BA1", Wrapped: append([]byte{0, 0, 0, 9}, key.Wrapped[4:]...)}, "private", out, envelope.ErrTampered},
	} {
		if back, err := s.Open(t.Context(), c.key, c.purpose, c.sealed); !errors.Is(err, c.want) {
			t.Errorf("%s: %d bytes, %v, want %v", name, len(back), err, c.want)
		}
	}
	for i := range out {
		changed := bytes.Clone(out)
		changed[i] ^= 0x40
		if _, err := s.Open(t.Context(), key, "private", changed); !errors.Is(err, envelope.ErrTampered) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
}

func TestKeysAreKeptForAWhile(t *testing.T) {
	keys := service(t)
	now := start
	key, out := sealed(t, envelope.New(keys, func() time.Time { return now }), "BA1", "样例")
	s := envelope.New(keys, func() time.Time { return now })
	read := func(wantCalls int) {
		t.Helper()
		if _, err := s.Open(t.Context(), key, "private", out); err != nil {
			t.Error(err)
		}
		if keys.calls != wantCalls {
			t.Errorf("the service was asked %d times, want %d", keys.calls, wantCalls)
		}
	}
	read(1)
	now = start.Add(4 * time.Minute)
	read(1)
	now = start.Add(5 * time.Minute)
	read(2)
	s.Forget(key)
	read(3)
	for i := range 300 { // more than are kept; the order's was the oldest
		now = now.Add(time.Millisecond)
		sealed(t, s, fmt.Sprint("BB", i), "别的")
	}
	read(4)
}

func TestTheServiceMayBeDown(t *testing.T) {
	keys := service(t)
	s := envelope.New(keys, func() time.Time { return start })
	key, out := sealed(t, s, "BA1", "样例")
	s.Forget(key)
	keys.down = fault.New(fault.Unavailable, "不可用", "down")
	if _, err := s.Open(t.Context(), key, "private", out); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("open: %v", err)
	}
	if _, err := s.Index(t.Context(), "certificate", "X"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("index: %v", err)
	}
	keys.down = nil
	if _, err := s.Open(t.Context(), key, "private", out); err != nil {
		t.Errorf("the failure was kept: %v", err)
	}
}

func TestIndex(t *testing.T) {
	keys := service(t)
	s := envelope.New(keys, func() time.Time { return start })
	index := func(s *envelope.Sealer, purpose, value string) string {
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
	if one != index(envelope.New(keys, func() time.Time { return start }), "certificate", "A1") {
		t.Error("another process has another index")
	}
	for _, other := range [][2]string{{"certificate", "A2"}, {"domain", "A1"}, {"certificateA", "1"}} {
		if one == index(s, other[0], other[1]) {
			t.Errorf("%v has the same index", other)
		}
	}
	if one == index(envelope.New(service(t), func() time.Time { return start }), "certificate", "A1") {
		t.Error("another service has the same index")
	}
}

func TestSealerIsSafeForManyAtOnce(t *testing.T) {
	s := envelope.New(service(t), func() time.Time { return start })
	key, out := sealed(t, s, "BA1", "样例")
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			if i%4 == 0 {
				s.Forget(key)
			}
			if _, err := s.Open(t.Context(), key, "private", out); err != nil {
				t.Error(err)
			}
			if _, err := s.Index(t.Context(), "certificate", "A1"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func FuzzOpen(f *testing.F) {
	s := envelope.New(service(f), func() time.Time { return start })
	key, out := sealed(f, s, "BA1", "样例")
	f.Add(out, key.Wrapped)
	f.Add(out[:20], key.Wrapped)
	f.Add([]byte{1}, []byte{0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, data, wrapped []byte) {
		text, err := s.Open(t.Context(), envelope.Key{Order: "BA1", Wrapped: wrapped}, "private", data)
		if err == nil && (!bytes.Equal(data, out) || string(text) != "样例") {
			t.Errorf("opened %x under %x", data, wrapped)
		}
		if err != nil && !errors.Is(err, envelope.ErrTampered) && !errors.Is(err, envelope.ErrErased) {
			t.Errorf("unexpected refusal %v", err)
		}
	})
}
