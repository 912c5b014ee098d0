package duties

import (
	"context"
	"crypto/hmac"
	"slices"
	"strings"

	"beian/shared/filing/register"
	"beian/shared/filing/upkeep"
	"beian/shared/rules/fault"
	"beian/shared/rules/workday"
)

// A MuteLink is the link in an email with reminders that turns their kinds off, without an account (RFC 8058). Its token has the filing, the kinds, the last day and a
// keyed hash of them and of the account that has the filing: it cannot be guessed or changed, names no person, and ends when another account gets the filing.
type MuteLink struct {
	Filing register.ID
	// Kinds are those of the duties in the email, also those whose reminders cannot be turned off.
	Kinds []upkeep.Key
	Until workday.Date
}

const (
	// muteLinkDays is how long a link works. The last reminder of what expires is sent 90 days after the first.
	muteLinkDays = 180
	// muteLinkHash is the length of the hash in a token, in hexadecimal digits: 128 bits.
	muteLinkHash = 32
	// longestMuteLink limits what is parsed.
	longestMuteLink = 512
)

// ErrNoMuteLink is returned for a token that was changed, is too old, or is about a filing that ended or has another account.
var ErrNoMuteLink = fault.New(fault.NotFound, "这个链接无效或已失效。请登录后在备案页面关闭提醒。", "The link is not valid, or not any more. Log in, and turn the reminders off on the page of the filing.")

// signed returns what the hash of a token is made of.
func (l MuteLink) signed() string {
	parts := []string{string(l.Filing), string(l.Until)}
	for _, k := range l.Kinds {
		parts = append(parts, string(k))
	}
	return strings.Join(parts, ".")
}

// MuteToken returns the token of the link in an email about duties of a filing; "" if none of their reminders can be turned off.
func (s *Service) MuteToken(ctx context.Context, f register.Filing, owed []upkeep.Duty) (string, error) {
	l := MuteLink{Filing: f.ID, Until: workday.DateOf(s.Now()).AddDays(muteLinkDays)}
	mutable := false
	for _, d := range owed {
		if !slices.Contains(l.Kinds, d.Key) {
			l.Kinds = append(l.Kinds, d.Key)
			mutable = mutable || d.Key.Mutable()
		}
	}
	if !mutable {
		return "", nil
	}
	slices.Sort(l.Kinds)
	hash, err := s.muteHash(ctx, l.signed(), f)
	return l.signed() + "." + hash, err
}

func (s *Service) muteHash(ctx context.Context, signed string, f register.Filing) (string, error) {
	hash, err := s.Store.MuteHash(ctx, signed+" "+string(f.Account))
	return hash[:min(len(hash), muteLinkHash)], err
}

// parseMuteLink parses a token, without a check of its hash.
func parseMuteLink(token string) (l MuteLink, hash string, ok bool) {
	parts := strings.Split(token, ".")
	if len(token) > longestMuteLink || len(parts) < 4 {
		return l, "", false
	}
	last := len(parts) - 1
	l = MuteLink{Filing: register.ID(parts[0]), Until: workday.Date(parts[1])}
	for _, k := range parts[2:last] {
		l.Kinds = append(l.Kinds, upkeep.Key(k))
	}
	return l, parts[last], l.Until.Valid() && len(parts[last]) == muteLinkHash
}

// ReadMuteLink returns what a token stands for, and the filing with its upkeep. The error is [ErrNoMuteLink] for a token that does not work.
func (s *Service) ReadMuteLink(ctx context.Context, token string) (MuteLink, register.Filing, upkeep.Upkeep, error) {
	l, hash, ok := parseMuteLink(token)
	if !ok || l.Until < workday.DateOf(s.Now()) {
		return l, register.Filing{}, upkeep.Upkeep{}, ErrNoMuteLink
	}
	f, err := s.Store.Filing(ctx, l.Filing)
	if fault.KindOf(err) == fault.NotFound {
		err = ErrNoMuteLink
	}
	if err != nil {
		return l, f, upkeep.Upkeep{}, err
	}
	want, err := s.muteHash(ctx, l.signed(), f)
	switch {
	case err != nil:
		return l, f, upkeep.Upkeep{}, err
	case !hmac.Equal([]byte(want), []byte(hash)), f.Erased, f.Status == register.Cancelled:
		return l, f, upkeep.Upkeep{}, ErrNoMuteLink
	}
	u, err := s.Store.Upkeep(ctx, f.ID)
	return l, f, u, err
}

// MuteByLink turns off the reminders that a token names, as far as their kinds allow it. A repeated call changes nothing. The errors are those of
// [Service.ReadMuteLink] and of [Service.Record].
func (s *Service) MuteByLink(ctx context.Context, token string) error {
	l, f, u, err := s.ReadMuteLink(ctx, token)
	if err != nil {
		return err
	}
	for _, k := range l.Kinds {
		if !k.Mutable() || slices.Contains(u.Muted, k) {
			continue
		}
		if _, err := s.Record(ctx, f.ID, upkeep.Mute{Key: k, Muted: true}); err != nil {
			return err
		}
	}
	return nil
}
