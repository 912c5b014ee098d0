package cloud

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"

	"beian/infra/local/trail"
)

// A session is the credentials that somebody got for a role.
type session struct {
	role, name  string
	key, secret string
	token       string
	expires     time.Time // zero: never
}

// secretOf is the secret of an access key of root or of a session; "" for a key that is nobody's.
func (a *Account) secretOf(key string) string {
	if key == a.config.AccessKey {
		return a.config.SecretKey
	}
	if s, is := a.sessions.get(key); is && (s.expires.IsZero() || a.config.Clock.Now().Before(s.expires)) {
		return s.secret
	}
	return ""
}

// tokenOf is the token that goes with the access key of a session; root's has none.
func (a *Account) tokenOf(key string) string {
	s, _ := a.sessions.get(key)
	return s.token
}

// assume gives a new session of a role, which lasts for a while, or as long as the account when that is 0. Whether the
// caller may have it was decided before.
func (a *Account) assume(role, name string, lasts time.Duration) session {
	s := session{role: role, name: name, key: "ASIA" + rand.Text()[:16], secret: rand.Text() + rand.Text()[:14], token: rand.Text() + rand.Text()}
	if lasts > 0 {
		s.expires = a.config.Clock.Now().Add(lasts)
	}
	a.sessions.put(s.key, s)
	return s
}

// caller is the ARN of whoever has an access key.
func (a *Account) caller(key string) string {
	global := "arn:" + a.partition() + ":"
	if s, is := a.sessions.get(key); is {
		return global + "sts::" + trail.Account + ":assumed-role/" + roleName(s.role) + "/" + s.name
	}
	return global + "iam::" + trail.Account + ":root"
}

// roleName is the name in a role's ARN.
func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

type shownCredentials struct {
	AccessKeyId, SecretAccessKey, SessionToken, Expiration string
}

type assumedRole struct{ Arn, AssumedRoleId string }

// identityOperation answers STS.
func (a *Account) identityOperation(q query) (any, error) {
	switch q.operation {
	case "GetCallerIdentity":
		return struct{ Arn, UserId, Account string }{a.caller(q.by), q.by, trail.Account}, nil
	case "AssumeRole":
		return a.assumeRole(q)
	}
	return nil, q.unknown()
}

func (a *Account) assumeRole(q query) (any, error) {
	var in struct{ RoleArn, RoleSessionName, DurationSeconds string }
	if err := q.read(&in); err != nil {
		return nil, err
	}
	seconds, err := strconv.Atoi(in.DurationSeconds)
	if in.DurationSeconds == "" {
		seconds, err = 3600, nil
	}
	if err != nil || seconds < 900 || seconds > 43200 {
		return nil, refuse("ValidationError", "DurationSeconds must be a number from 900 to 43200.")
	}
	role, is := a.made.roles.get(roleName(in.RoleArn))
	own := []string{trail.Account, "arn:" + a.partition() + ":iam::" + trail.Account + ":root"}
	if !is || !role.AssumeRolePolicyDocument.trusts("AWS", own...) {
		return nil, refuse("AccessDenied", "User: %s is not authorized to perform: sts:AssumeRole on resource: %s", a.caller(q.by), in.RoleArn)
	}
	s := a.assume(in.RoleArn, in.RoleSessionName, time.Duration(seconds)*time.Second)
	return struct {
		Credentials     shownCredentials
		AssumedRoleUser assumedRole
	}{
		shownCredentials{s.key, s.secret, s.token, s.expires.UTC().Format(time.RFC3339)},
		assumedRole{a.caller(s.key), s.key + ":" + s.name},
	}, nil
}
