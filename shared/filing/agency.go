package filing

import (
	"beian/shared/filing/register"
	"beian/shared/rules/contact"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// actsOn reports whether the order's account has a filing, or acts for its subject by a consent.
func (o Order) actsOn(f register.Filing) bool {
	return f.Account == o.Account || o.AgentFor != "" && o.AgentFor == f.ID
}

// BeginsFiling reports whether the order's account is an agency that acts for a subject that is not filed with us. It may then enter everything
// without a consent, which the confirmation needs.
func (o Order) BeginsFiling() bool { return o.AgentFor != "" && o.AgentFor == register.ID(o.ID) }

// Scope returns what a consent must permit, so that an agency may make an application of the kind.
func (k Kind) Scope() register.Scope {
	switch {
	case k.Cancels != "":
		return register.ScopeCancel
	case k.Begins == AtFiling:
		return register.ScopeChange
	}
	return register.ScopeFile
}

// Scope returns what a consent must permit, so that an agency may decide on the order.
func (o Order) Scope() register.Scope { return o.Kind().Scope() }

// checkConsent refuses the confirmation of an agency without a consent.
func (o Order) checkConsent(by Actor) error {
	if o.AgentFor == "" || by.Consent != "" {
		return nil
	}
	return fault.WithFindings(fault.Forbidden, finding.List{finding.New(register.CodeConsentMissing, "")})
}

// checkSubjectOfConsent refuses another subject in an order for whose subject an agency has a consent.
func (o Order) checkSubjectOfConsent(by Actor, subjectKey string) error {
	if o.AgentFor == "" || subjectKey == o.SubjectKey || o.BeginsFiling() && by.Consent == "" {
		return nil
	}
	return fault.WithFindings(fault.Conflict, finding.List{finding.New(register.CodeConsentSubject, pointerNumber)})
}

// checkLeaderOfConsent refuses another subject leader, or another mobile of the leader, in an agency's change: the mobile on file gives and revokes
// consents, so an agency that replaced it could give consents to itself. A certificate that is missing on file may be completed.
func (o Order) checkLeaderOfConsent(subject Subject) finding.List {
	was, is := o.Private.Filed.Subject.Leader, subject.Leader
	var found finding.List
	if o.AgentFor == "" {
		return nil
	}
	if was.Certificate.Number != "" && !samePerson(was, is) {
		found = append(found, finding.New(register.CodeConsentLeaderFix, "/subject/leader"))
	}
	if contact.NormalizeMobile(was.Mobile.Reveal()) != is.Mobile {
		found = append(found, finding.New(register.CodeConsentLeaderFix, "/subject/leader/mobile"))
	}
	return found
}
