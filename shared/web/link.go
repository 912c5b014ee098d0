package web

import (
	"context"
	"strconv"
	"strings"
	"time"

	"beian/shared/filing"
	"beian/shared/process/envelope"
)

// NewLink returns a token with which the caller's browser reads an object, or a page, until a time and without a login; see [envelope.Objects.Link]. It ends before
// when the caller is locked out, or their sessions are ended.
func (a *API) NewLink(ctx context.Context, c *Call, objects envelope.Objects, key, contentType string, until time.Time) (string, error) {
	return objects.Link(ctx, strings.Join([]string{key, string(c.Caller.Account), strconv.FormatInt(a.Wall().Unix(), 10)}, " "), contentType, until)
}

// OpenLink returns the key of a link to something of a content type, and the account that asked for it. For a link that has ended, or is to something else, the
// error is [envelope.ErrInvalidLink].
func (a *API) OpenLink(ctx context.Context, objects envelope.Objects, token, contentType string) (key string, account filing.Account, err error) {
	link, kind, err := objects.OpenLink(ctx, token, a.Decisions.Now())
	if err != nil {
		return "", "", err
	}
	parts := strings.Split(link, " ")
	if len(parts) != 3 || kind != contentType {
		return "", "", envelope.ErrInvalidLink
	}
	key, account = parts[0], filing.Account(parts[1])
	issued, err := strconv.ParseInt(parts[2], 10, 64)
	if err != nil {
		return "", "", envelope.ErrInvalidLink
	}
	ended, err := a.People.HasEnded(ctx, account, time.Unix(issued, 0))
	if err == nil && ended {
		err = envelope.ErrInvalidLink
	}
	return key, account, err
}
