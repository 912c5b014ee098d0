package envelope

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"beian/shared/rules/fault"
)

// ErrInvalidLink is returned for a token that [Objects.Link] did not return, or that has expired.
var ErrInvalidLink = fault.New(fault.NotFound, "链接无效或已过期，请重新打开。", "The link is not valid or has expired; open it again.")

// Link returns a token with which one object can be read until a given time, without a login. Keep it as secret as the object. The
// token holds the content type in which the object is served.
func (o Objects) Link(ctx context.Context, key, contentType string, until time.Time) (string, error) {
	text := strconv.FormatInt(until.Unix(), 10) + " " + contentType + " " + key
	mac, err := o.Encrypter.MAC(ctx, "link", text)
	return base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + mac, err
}

// OpenLink checks a token and returns the key and the content type of its object.
func (o Objects) OpenLink(ctx context.Context, token string, now time.Time) (key, contentType string, err error) {
	encoded, mac, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", ErrInvalidLink
	}
	want, err := o.Encrypter.MAC(ctx, "link", string(text))
	if err != nil {
		return "", "", err
	}
	expiry, object, _ := strings.Cut(string(text), " ")
	until, err := strconv.ParseInt(expiry, 10, 64)
	if !hmac.Equal([]byte(mac), []byte(want)) || err != nil || now.Unix() >= until {
		return "", "", ErrInvalidLink
	}
	contentType, key, _ = strings.Cut(object, " ")
	return key, contentType, nil
}
