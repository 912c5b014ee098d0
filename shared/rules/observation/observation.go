// Package observation has what a visit of a filed website saw: facts, without any judgement. Package partners/siteprobe makes observations,
// process/sitewatch compares them with what is filed.
//
// An Observation names no person: of addresses on the web it has no query, and of pages only what package webpage keeps.
package observation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"beian/shared/rules/webpage"
)

// An Observation is what was seen of one filed host at a time.
type Observation struct {
	Host   string    `json:"host"` // in ASCII form
	At     time.Time `json:"at"`
	Visits []Visit   `json:"visits"` // of the host itself, then of its www
}

// A Visit is what was seen of one name.
type Visit struct {
	Host       string       `json:"host"`
	Resolution Resolution   `json:"resolution"`
	Addresses  []netip.Addr `json:"addresses,omitempty"` // in order
	Outcome    Outcome      `json:"outcome"`
	Status     int          `json:"status,omitempty"` // of the last answer; 0 if there was none
	// TLS is of the connections that used it: the first one that was not valid, else the first; nil if none did.
	TLS *TLS `json:"tls,omitempty"`
	// Hops are the addresses that were asked for, the first one and those of redirects, without their queries.
	Hops []string `json:"hops,omitempty"`
	// Bytes is the size of the page, as far as it was read.
	Bytes  int    `json:"bytes,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // of these bytes
	// ETag and LastModified are for the next conditional request.
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"lastModified,omitempty"`
	// Page is what was read of the page; nil if there was no HTML.
	Page *webpage.Page `json:"page,omitempty"`
	// Rendered says that Page is of the page after its scripts ran.
	Rendered bool `json:"rendered,omitempty"`
}

// A Resolution says whether a name has addresses.
type Resolution string

const (
	Resolved          Resolution = "resolved"
	NotResolved       Resolution = "none"
	ResolutionUnknown Resolution = "unknown" // the resolver failed
)

// An Outcome says how a visit ended.
type Outcome string

const (
	Answered         Outcome = "answered"     // with whatever status
	NotModified      Outcome = "not-modified" // the page is that of the observation before
	NotAsked         Outcome = "not-asked"    // the name has no known address
	NoConnection     Outcome = "no-connection"
	TooSlow          Outcome = "too-slow"
	AddressRefused   Outcome = "address-refused" // not public: it was not dialled
	TooManyRedirects Outcome = "too-many-redirects"
	BadRedirect      Outcome = "bad-redirect" // to no address on the web, or to another port
	BadAnswer        Outcome = "bad-answer"   // no valid HTTP, or headers that are too large
	RobotsForbid     Outcome = "robots"       // robots.txt asks us not to visit
)

// A TLS is what was seen of a server's certificate.
type TLS struct {
	Problem TLSProblem `json:"problem,omitempty"`
	Expires time.Time  `json:"expires,omitzero"` // of the server's certificate
}

// A TLSProblem says why a browser refuses a connection; "" if it does not.
type TLSProblem string

const (
	HandshakeFailed TLSProblem = "handshake"
	Expired         TLSProblem = "expired"
	NotYetValid     TLSProblem = "not-yet-valid"
	OtherHost       TLSProblem = "other-host"
	Untrusted       TLSProblem = "untrusted"
)

// Home is the address at which a visit ended; "" if it asked for nothing.
func (v Visit) Home() string {
	if len(v.Hops) == 0 {
		return ""
	}
	return v.Hops[len(v.Hops)-1]
}

// HomeHost is the host of [Visit.Home].
func (v Visit) HomeHost() string {
	u, err := url.Parse(v.Home())
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// Opened reports whether the visit saw a page: an answer with success.
func (v Visit) Opened() bool {
	return (v.Outcome == Answered || v.Outcome == NotModified) && v.Status >= 200 && v.Status < 300
}

// Unsure reports whether the visit failed on our side, so that nothing is known.
func (v Visit) Unsure() bool { return v.Resolution == ResolutionUnknown || v.Outcome == RobotsForbid }

// Of returns the visit of a name, and whether there is one.
func (o Observation) Of(host string) (Visit, bool) {
	for _, v := range o.Visits {
		if v.Host == host {
			return v, true
		}
	}
	return Visit{}, false
}

// Digest is the SHA-256 of the observation's JSON, in hexadecimal.
func (o Observation) Digest() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // it has only values that JSON has
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
