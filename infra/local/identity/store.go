package identity

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"beian/shared/rules/strictjson"

	"github.com/go-jose/go-jose/v4"
)

// keys are the issuer's secrets, stored in keys.json.
type keys struct {
	Signing jose.JSONWebKey `json:"signing"` // RSA 2048: API Gateway accepts only RSA
	Logins  []byte          `json:"logins"`  // HMAC key of logins and codes
}

// state is stored in accounts.json. Accounts and Pending are by HMAC of the login.
type state struct {
	// Accounts are in files of earlier versions only; see accountsFile.
	Accounts map[string]account `json:"accounts,omitempty"`
	Pending  map[string]pending `json:"pending"`
	Grants   map[string]grant   `json:"grants,omitempty"` // by HMAC of the authorization code
}

type account struct {
	Sub     string    `json:"sub"`
	Created time.Time `json:"created"`
}

// pending are the codes of a login that may be used, and the requests for codes in the last hour.
type pending struct {
	Codes    []code    `json:"codes,omitempty"`
	Requests []request `json:"requests"`
}

type code struct {
	HMAC    string    `json:"hmac"`
	Client  string    `json:"client"` // that requested it, and can use it
	Expires time.Time `json:"expires"`
	Wrong   int       `json:"wrong,omitempty"` // tries of the client
}

type request struct {
	At time.Time `json:"at"`
	client
}

func (i *Issuer) file(name string) string { return filepath.Join(i.config.Folder, name) }

// loadFiles reads the files and creates missing ones.
func (i *Issuer) loadFiles() error {
	haveKeys, err := readJSON(i.file("keys.json"), &i.keys)
	if err != nil {
		return err
	}
	haveState, err := readJSON(i.file("accounts.json"), &i.state)
	if err != nil {
		return err
	}
	haveAccounts, err := i.loadAccounts()
	if err != nil {
		return err
	}
	switch {
	case !haveKeys && (haveState || haveAccounts):
		return fmt.Errorf("%s is missing, and accounts cannot be found without it; restore it, or move accounts.json and %s away to start without accounts",
			i.file("keys.json"), accountsFile)
	case !haveKeys:
		if i.keys, err = newKeys(); err != nil {
			return err
		}
		if err := writeJSON(i.file("keys.json"), i.keys); err != nil {
			return err
		}
	case !i.keys.Signing.Valid() || len(i.keys.Logins) == 0:
		return fmt.Errorf("%s contains no valid key; restore it from a copy", i.file("keys.json"))
	}
	for login, one := range i.state.Accounts {
		if _, has := i.accounts[login]; !has {
			i.addAccount(login, one)
		}
	}
	i.state.Accounts = nil
	if i.state.Pending == nil {
		i.state.Pending = map[string]pending{}
	}
	if i.state.Grants == nil {
		i.state.Grants = map[string]grant{}
	}
	for typed, sub := range i.config.Accounts {
		who, err := parseLogin(typed)
		if err != nil {
			return fmt.Errorf("accounts: %w", err)
		}
		if key := i.hmacOf("login", who.text); i.accounts[key].Sub == "" {
			i.addAccount(key, account{Sub: sub, Created: time.Now().UTC()})
		}
	}
	return i.loadStaff()
}

func (i *Issuer) loadStaff() error {
	file := i.file("staff.json")
	var list []Staff
	have, err := readJSON(file, &list)
	if err != nil {
		return err
	}
	if !have {
		list = append([]Staff{}, i.config.Staff...)
		if err := writeJSON(file, list); err != nil {
			return err
		}
	}
	i.staff = map[string][]string{}
	for n, one := range list {
		login, err := parseLogin(one.Login)
		if err != nil {
			return fmt.Errorf("%s: entry %d: %w", file, n+1, err)
		}
		for _, group := range one.Groups {
			if group != Applicant && group != Reviewer && group != Admin {
				return fmt.Errorf("%s: entry %d: group %q is not known", file, n+1, group)
			}
		}
		i.staff[login.text] = one.Groups
	}
	return nil
}

func newKeys() (keys, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return keys{}, err
	}
	k := keys{
		Signing: jose.JSONWebKey{Key: private, Algorithm: string(jose.RS256), Use: "sig"},
		Logins:  make([]byte, 32),
	}
	rand.Read(k.Logins)
	thumbprint, err := k.Signing.Thumbprint(crypto.SHA256)
	if err != nil {
		return keys{}, err
	}
	k.Signing.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	return k, nil
}

// hmacOf returns the HMAC of parts. Parts with other boundaries have another HMAC.
func (i *Issuer) hmacOf(parts ...string) string { return hex.EncodeToString(i.rawHMAC(parts...)) }

func (i *Issuer) rawHMAC(parts ...string) []byte {
	mac := hmac.New(sha256.New, i.keys.Logins)
	for _, part := range parts {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return mac.Sum(nil)
}

// seal encrypts a value under a key that follows from the parts.
func (i *Issuer) seal(value any, parts ...string) ([]byte, error) {
	var plain bytes.Buffer
	e := json.NewEncoder(&plain)
	e.SetEscapeHTML(false) // shorter: sealed values go into cookies
	if err := e.Encode(value); err != nil {
		return nil, err
	}
	aead, err := i.aead(parts)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, plain.Bytes(), nil), nil
}

// unseal decrypts what seal returned for the same parts.
func (i *Issuer) unseal(sealed []byte, into any, parts ...string) error {
	aead, err := i.aead(parts)
	if err != nil {
		return err
	}
	plain, err := aead.Open(nil, nil, sealed, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, into)
}

func (i *Issuer) aead(parts []string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(i.rawHMAC(append([]string{"seal"}, parts...)...))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// saveState writes new accounts, and the state without outdated codes and grants. The caller holds the lock.
func (i *Issuer) saveState(now time.Time) error {
	for login, p := range i.state.Pending {
		p.Codes = slices.DeleteFunc(p.Codes, func(c code) bool { return !now.Before(c.Expires) || c.Wrong >= MaxTries })
		p.Requests = slices.DeleteFunc(p.Requests, func(r request) bool { return now.Sub(r.At) >= time.Hour })
		if i.state.Pending[login] = p; len(p.Codes) == 0 && len(p.Requests) == 0 {
			delete(i.state.Pending, login)
		}
	}
	maps.DeleteFunc(i.state.Grants, func(_ string, g grant) bool { return !now.Before(g.Expires) })
	if err := i.saveAccounts(); err != nil {
		return err
	}
	return writeJSON(i.file("accounts.json"), i.state)
}

// readJSON decodes a JSON file strictly. It returns false if there is no file.
func readJSON(file string, into any) (bool, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := cmp.Or(strictjson.Check(text), d.Decode(into)); err != nil {
		return false, fmt.Errorf("%s: %w", file, err)
	}
	return true, nil
}

// writeJSON replaces a JSON file atomically: a crash leaves the old or the new file.
func writeJSON(file string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".new*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(append(text, '\n')); err != nil {
		f.Close()
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
