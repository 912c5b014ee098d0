// Package domainfacts judges what is known about the registration of a domain: holder, verification, expiry, registrar, page. Start with
// [Facts.Check].
//
//	facts, err := registrations.Registration(ctx, domainfacts.Query{Domain: "example.cn", Subject: name}) // partners/domainfacts
//	found := facts.Check(domainfacts.Expectation{Domain: "example.cn", Subject: name, …}, now)
//
// The ministry has compared filings with the registration of the domain since 2018-01-01 (MIIT-264). A difference that is certain blocks
// the filing. What is unknown, or not certain, warns, and a reviewer decides.
package domainfacts

import (
	"errors"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/domainname"
	"beian/shared/rules/person"
)

// A Source is where facts come from.
type Source string

const (
	Registrar Source = "registrar" // the provider's own registrar system
	RDAP      Source = "rdap"      // the registry's public directory
	Simulator Source = "simulator" // invented, on the laptop
)

// An Answer is "yes", "no", or "" for unknown.
type Answer string

const (
	Unknown Answer = ""
	Yes     Answer = "yes"
	No      Answer = "no"
)

// AnswerOf returns Yes or No.
func AnswerOf(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Facts are what is known about one domain. A zero field is unknown; the zero Facts are of a domain about which no source answered.
type Facts struct {
	Source  Source    `json:"source,omitempty"` // "" if no source answered
	AskedAt time.Time `json:"askedAt,omitzero"` // when the source was asked

	Registered   Answer    `json:"registered,omitempty"`
	Registrar    string    `json:"registrar,omitempty"`   // as the source names it
	RegistrarID  int       `json:"registrarId,omitempty"` // of IANA; 0 if unknown
	RegisteredAt time.Time `json:"registeredAt,omitzero"`
	ExpiresAt    time.Time `json:"expiresAt,omitzero"`
	// Holder is the real name of the holder; "" if the source hides it.
	Holder person.Name `json:"holder,omitempty"`
	// SameCertificate says whether the holder has the subject's certificate.
	SameCertificate Answer    `json:"sameCertificate,omitempty"`
	Verified        Answer    `json:"verified,omitempty"` // whether the holder's real name was verified
	VerifiedAt      time.Time `json:"verifiedAt,omitzero"`
	OnHold          bool      `json:"onHold,omitempty"` // registrar or registry have stopped the resolution
	Blacklisted     bool      `json:"blacklisted,omitempty"`
	// Page says whether the domain shows a page.
	Page Answer `json:"page,omitempty"`
	// Unconfirmed says that no source answered when it was asked again: these are the facts of AskedAt.
	Unconfirmed bool `json:"unconfirmed,omitempty"`
}

// A Query is a question about a domain. Subject and certificate are those of the filing; a provider compares with them, and does not send
// them.
type Query struct {
	Domain      domainname.Domain
	Subject     person.Name
	Certificate certificate.Number
}

// ErrNotManaged is returned by a registrar system for a domain of another registrar.
var ErrNotManaged = errors.New("the registrar system does not manage the domain")

// Times after which facts are asked again.
const (
	maxAge        = 24 * time.Hour
	maxUnknownAge = 10 * time.Minute
)

// Outdated reports whether a source has to be asked again: after 24 hours, or after 10 minutes if no source answered the
// last time.
func (f Facts) Outdated(at time.Time) bool {
	limit := maxAge
	if f.Source == "" || f.Unconfirmed {
		limit = maxUnknownAge
	}
	return at.Sub(f.AskedAt) > limit
}

// Update returns the facts after a source was asked again. If no source answered, what was known before stays, besides the page and the
// blacklist, which were asked separately, and is unconfirmed.
func (f Facts) Update(next Facts) Facts {
	if next.Source == "" && f.Source != "" {
		f.Unconfirmed = true
		f.Blacklisted = f.Blacklisted || next.Blacklisted
		if next.Page != Unknown {
			f.Page = next.Page
		}
		return f
	}
	return next
}
