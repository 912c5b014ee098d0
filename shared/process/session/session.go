// Package session keeps what the portal knows of a browser on the server: who is logged in, what was typed when a session ended, and which step
// of an application a phone does for a browser.
//
//	cookie, err := sessions.Begin(ctx, claims)
//	current, err := sessions.Read(ctx, cookie)
//
// A cookie has a secret of 130 random bits. The store has its hash, and the content encrypted with a key that follows from the secret, so
// that the table reveals neither a cookie nor an address. Times are those of the wall clock.
package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"beian/shared/filing"
)

// Lifetimes.
const (
	Idle      = 30 * time.Minute // after the last request, a session ends
	Lifetime  = 12 * time.Hour   // after the log-in, a session ends
	KeepTyped = time.Hour        // what was typed is kept for the next log-in
	// touchAfter is the age of a recorded use from which the next request is recorded, so that most requests write nothing.
	touchAfter = 5 * time.Minute
)

// ErrEnded says that a cookie has no session: it ended, or never was.
var ErrEnded = errors.New("session: ended")

// A Row is what the store has of a session, or of what was typed.
type Row struct {
	Account filing.Account // "" of what was typed
	Key     string         // hash of the secret
	Sealed  []byte         // the content, encrypted
	UsedAt  time.Time
	// Until is when the store may delete the row.
	Until time.Time
}

// A Store keeps rows. Package dynamo implements it.
type Store interface {
	HandOffStore
	PutSession(ctx context.Context, r Row) error
	// Session returns a row; the zero Row if there is none.
	Session(ctx context.Context, account filing.Account, key string) (Row, error)
	// TouchSession records the use of a session, unless it has ended.
	TouchSession(ctx context.Context, r Row) error
	EndSession(ctx context.Context, account filing.Account, key string) error
	// EndSessions ends all sessions of an account.
	EndSessions(ctx context.Context, account filing.Account) error
}

// Sessions begins, reads and ends sessions.
type Sessions struct {
	Store Store
	Now   func() time.Time
	// Site is part of what a cookie's secret is hashed with, so that a cookie of one site is none of another; "" for the portal.
	Site string
}

// A Session is a log-in of a browser.
type Session struct {
	Account filing.Account    `json:"-"`
	Claims  map[string]string `json:"claims"` // of the ID token, each as text
	Began   time.Time         `json:"began"`
	// Grant limits the session of a phone; nil for others, which may do all that the account may.
	Grant *Grant `json:"grant,omitempty"`

	key string
}

// Typed is a form that could not be carried out, because the session had ended.
type Typed struct {
	Account filing.Account      `json:"account"` // that had the session: nobody else sees it
	Path    string              `json:"path"`
	Fields  map[string][]string `json:"fields"`
}

// Begin stores a session and returns its cookie. Account is the subject of the claims.
func (s Sessions) Begin(ctx context.Context, account filing.Account, claims map[string]string) (cookie string, err error) {
	secret, now := rand.Text(), s.Now()
	r, err := newRow(account, s.Site+secret, Session{Claims: claims, Began: now})
	if err != nil {
		return "", err
	}
	r.UsedAt, r.Until = now, now.Add(Lifetime)
	return cookieOf(account, secret), s.Store.PutSession(ctx, r)
}

func cookieOf(account filing.Account, secret string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(account)) + "." + secret
}

// Read returns the session of a cookie, or [ErrEnded], and records its use.
func (s Sessions) Read(ctx context.Context, cookie string) (Session, error) {
	account, secret := parse(cookie)
	if account == "" || secret == "" {
		return Session{}, ErrEnded
	}
	r, err := s.Store.Session(ctx, account, keyOf(s.Site+secret))
	if err != nil {
		return Session{}, err
	}
	now := s.Now()
	if r.Key == "" || now.Sub(r.UsedAt) >= Idle {
		return Session{}, ErrEnded
	}
	out := Session{Account: r.Account, key: r.Key}
	if err := r.open(s.Site+secret, &out); err != nil {
		return Session{}, err
	}
	lifetime := Lifetime
	if out.Grant != nil {
		lifetime = PhoneLifetime
		// A hand-off can end while a phone uses its code. So its row decides, and not whether the end has found the phone's session.
		h, err := s.Store.HandOff(ctx, account, *out.Grant)
		if err != nil {
			return Session{}, err
		}
		if h.Phone != r.Key {
			return Session{}, ErrEnded
		}
	}
	if now.Sub(out.Began) >= lifetime {
		return Session{}, ErrEnded
	}
	if now.Sub(r.UsedAt) >= touchAfter {
		r.UsedAt = now
		err = s.Store.TouchSession(ctx, r)
	}
	return out, err
}

// AccountOf returns the account that a cookie names, whether its session goes on or not; "" if it names none.
func AccountOf(cookie string) filing.Account {
	account, _ := parse(cookie)
	return account
}

// Lengths of what a cookie has at most. An account is part of a key of the table; see [beian/shared/aws/apigateway.IsAccount].
const (
	maxAccount = 128
	maxSecret  = 64
)

// parse returns what a cookie names; "" for both if it is none of ours.
func parse(cookie string) (account filing.Account, secret string) {
	encoded, secret, _ := strings.Cut(cookie, ".")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	unusable := func(b byte) bool { return b <= ' ' || b > '~' || b == '#' }
	if err != nil || len(text) > maxAccount || len(secret) > maxSecret || slices.ContainsFunc(text, unusable) {
		return "", ""
	}
	return filing.Account(text), secret
}

// End ends a session, and the hand-offs that it offered.
func (s Sessions) End(ctx context.Context, current Session) error {
	if err := s.endHandOffsOf(ctx, current); err != nil {
		return err
	}
	return s.Store.EndSession(ctx, current.Account, current.key)
}

// EndAll ends all sessions of an account.
func (s Sessions) EndAll(ctx context.Context, account filing.Account) error {
	return s.Store.EndSessions(ctx, account)
}

// Keep stores what was typed and returns the secret with which [Sessions.Take] finds it within [KeepTyped].
func (s Sessions) Keep(ctx context.Context, typed Typed) (secret string, err error) {
	secret = rand.Text()
	r, err := newRow("", secret, typed)
	if err != nil {
		return "", err
	}
	r.UsedAt, r.Until = s.Now(), s.Now().Add(KeepTyped)
	return secret, s.Store.PutSession(ctx, r)
}

// Take returns what was typed and deletes it. It returns [ErrEnded] if there is nothing.
func (s Sessions) Take(ctx context.Context, secret string) (Typed, error) {
	r, err := s.Store.Session(ctx, "", keyOf(secret))
	switch {
	case err != nil:
		return Typed{}, err
	case r.Key == "" || !s.Now().Before(r.Until):
		return Typed{}, ErrEnded
	}
	var typed Typed
	if err := r.open(secret, &typed); err != nil {
		return Typed{}, err
	}
	return typed, s.Store.EndSession(ctx, "", r.Key)
}

func keyOf(secret string) string {
	sum := sha256.Sum256([]byte("key " + secret))
	return hex.EncodeToString(sum[:])
}

// cipherOf returns the cipher of a secret. Each secret encrypts one content, so the nonce is constant.
func cipherOf(secret string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(secret), nil, "content", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func newRow(account filing.Account, secret string, content any) (Row, error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return Row{}, err
	}
	aead, err := cipherOf(secret)
	if err != nil {
		return Row{}, err
	}
	return Row{Account: account, Key: keyOf(secret), Sealed: aead.Seal(nil, make([]byte, aead.NonceSize()), plain, []byte(account))}, nil
}

func (r Row) open(secret string, content any) error {
	aead, err := cipherOf(secret)
	if err != nil {
		return err
	}
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), r.Sealed, []byte(r.Account))
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, content)
}
