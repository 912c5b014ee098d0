package wire_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"beian/shared/bureau/wire"
)

func TestPasswordHash(t *testing.T) {
	for _, c := range []struct{ password, randVal, want string }{
		{"1234567890", "abcdefghij", "9fq6VgG8bDFoWECeX62u2Q=="},
		{"Passw0rd!", "aB3dE6gH9jK2mN5pQ8sT", "3IqJ4g3/zTiqbx70l/hcBg=="},
		{"密码abc", "aB3dE6gH9jK2mN5pQ8sT", "vDxM61vOTQzTahBeoYq3CQ=="},
	} {
		got, err := wire.PasswordHash(c.password, c.randVal)
		if err != nil || got != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.want, got, err, c.want)
		}
	}
	if _, err := wire.PasswordHash("😀", "x"); err == nil {
		t.Error("a password outside GBK was hashed")
	}
}

func TestFilingPasswordHash(t *testing.T) {
	for password, want := range map[string]string{
		"123456":     "e10adc3949ba59abbe56e057f20f883e",
		"Beian@2016": "83ce88bb4befee39468ca895ef847712",
	} {
		if got, err := wire.FilingPasswordHash(password); err != nil || got != want {
			t.Errorf("got %s, %v; want %s", got, err, want)
		}
	}
	if _, err := wire.FilingPasswordHash("😀"); err == nil {
		t.Error("a password outside GBK was hashed")
	}
}

func TestRandVal(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		value, err := wire.RandVal(rand.Reader)
		if err != nil || len(value) != wire.RandLength || seen[value] {
			t.Fatalf("%q, %v", value, err)
		}
		if strings.Trim(value, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			t.Fatalf("%q", value)
		}
		seen[value] = true
	}
	if _, err := wire.RandVal(iotest.ErrReader(errors.New("no entropy"))); err == nil {
		t.Error("a value without randomness")
	}
	if _, err := wire.RandVal(bytes.NewReader(bytes.Repeat([]byte{0xff}, 80))); err == nil {
		t.Error("bytes beyond the alphabet were used")
	}
}
