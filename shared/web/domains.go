package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/rules/domainfacts"
	"beian/shared/rules/person"
)

// DomainFacts is what is known about the registration of a domain. Missing fields are unknown.
type DomainFacts struct {
	Domain          filing.Domain      `json:"domain"`
	Source          domainfacts.Source `json:"source,omitempty" enum:"registrar,rdap,simulator" doc:"the provider's registrar system, the public directory, or invented on the laptop; missing if no source answered"`
	AskedAt         time.Time          `json:"askedAt,omitzero" doc:"when the source was asked"`
	Registered      domainfacts.Answer `json:"registered,omitempty" enum:"yes,no"`
	Registrar       string             `json:"registrar,omitempty"`
	RegisteredAt    time.Time          `json:"registeredAt,omitzero"`
	ExpiresAt       time.Time          `json:"expiresAt,omitzero"`
	Holder          string             `json:"holder" enum:"subject,other,hidden" doc:"whether the subject holds the domain"`
	HolderName      person.Name        `json:"holderName,omitempty" doc:"as the source gives it"`
	SameCertificate domainfacts.Answer `json:"sameCertificate,omitempty" enum:"yes,no" doc:"whether the holder has the subject's certificate"`
	Verified        domainfacts.Answer `json:"verified,omitempty" enum:"yes,no" doc:"whether the holder's real name was verified"`
	VerifiedAt      time.Time          `json:"verifiedAt,omitzero"`
	OnHold          bool               `json:"onHold,omitempty" doc:"the registrar or the registry has stopped the resolution"`
	Blacklisted     bool               `json:"blacklisted,omitempty"`
	Page            domainfacts.Answer `json:"page,omitempty" enum:"yes,no" doc:"whether the domain shows a page"`
}

// domainFactsOf returns the facts about an order's domains, in their order.
func domainFactsOf(o filing.Order) []DomainFacts {
	var all []DomainFacts
	for _, d := range o.Domains {
		f, asked := o.Private.DomainFacts[d]
		if !asked {
			continue
		}
		holder := "other"
		switch {
		case f.HolderConfirmed(o.Private.Subject.Name):
			holder = "subject"
		case f.Holder == "":
			holder = "hidden"
		}
		all = append(all, DomainFacts{
			Domain: d, Source: f.Source, AskedAt: f.AskedAt, Registered: f.Registered, Registrar: f.Registrar, RegisteredAt: f.RegisteredAt,
			ExpiresAt: f.ExpiresAt, Holder: holder, HolderName: f.Holder, SameCertificate: f.SameCertificate, Verified: f.Verified,
			VerifiedAt: f.VerifiedAt, OnHold: f.OnHold, Blacklisted: f.Blacklisted, Page: f.Page,
		})
	}
	return all
}
