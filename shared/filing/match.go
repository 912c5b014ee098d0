package filing

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"beian/shared/rules/finding"
	"beian/shared/rules/person"
)

// A LeaderValue is a value by which a leader is recognised in other orders. It occurs once in [Order.LeaderValues].
type LeaderValue struct {
	Kind MatchKind // MatchCertificate, MatchPhone or MatchEmail
	// Value is the certificate number, the phone or the email address in lower case. Mobiles and emergency phones are of one kind.
	Value string
	// Name is the leader's name in lower case, if Value is a certificate number.
	Name string
	// Pointers are the JSON pointers of the fields with this value.
	Pointers []string
}

// A MatchKind says what an order has in common with others.
type MatchKind string

const (
	MatchCertificate MatchKind = "certificate"                    // a leader with this certificate number and name
	MatchOtherName   MatchKind = "certificate-under-another-name" // a leader with this certificate number and another name
	MatchPhone       MatchKind = "phone"                          // a mobile or an emergency phone
	MatchEmail       MatchKind = "email"
)

// A LeaderMatch lists the orders of other subjects that have a value of this order's leaders.
type LeaderMatch struct {
	Kind     MatchKind
	Pointers []string // of the fields of this order
	Orders   []ID     // newest first
}

// LeaderValues returns the values by which the order's leaders are recognised in other orders. It returns nil for orders that ended
// without a filing and for erased orders.
func (o Order) LeaderValues() []LeaderValue {
	if o.Status.Final() && o.Status != Approved {
		return nil
	}
	var values []LeaderValue
	add := func(kind MatchKind, value, name, pointer string) {
		if value == "" {
			return
		}
		i := slices.IndexFunc(values, func(v LeaderValue) bool { return v.Kind == kind && v.Value == value })
		if i < 0 {
			i = len(values)
			values = append(values, LeaderValue{Kind: kind, Value: value, Name: name})
		}
		values[i].Pointers = append(values[i].Pointers, pointer)
	}
	for _, l := range placedLeaders(o.Private.Subject, o.Private.Sites) {
		add(MatchCertificate, l.Certificate.Number.Reveal(), strings.ToLower(l.Name.Reveal()), l.pointer+"/certificate/number")
		add(MatchPhone, l.Mobile.Reveal(), "", l.pointer+"/mobile")
		add(MatchPhone, l.EmergencyPhone.Reveal(), "", l.pointer+"/emergencyPhone")
		add(MatchEmail, strings.ToLower(l.Email.Reveal()), "", l.pointer+"/email")
	}
	return values
}

// Findings about matches, for staff only: an applicant could ask with them whose number a stranger's is.
const (
	CodeLeaderElsewhere finding.Code = "leader-of-other-subject"
	CodePhoneElsewhere  finding.Code = "phone-of-other-subject"
	CodeEmailElsewhere  finding.Code = "email-of-other-subject"
)

var matchCodes = map[MatchKind]finding.Code{
	MatchCertificate: CodeLeaderElsewhere, MatchOtherName: CodeLeaderElsewhere, MatchPhone: CodePhoneElsewhere, MatchEmail: CodeEmailElsewhere,
}

// StaffFindings returns the order's findings, with those that are withheld from the applicant and one warning for each value that matches.
func (o Order) StaffFindings(matches []LeaderMatch) finding.List {
	found := appendNew(slices.Clone(o.Private.Findings), o.Private.Withheld)
	found = append(found, o.PageFindings()...)
	for _, m := range matches {
		found = appendNew(found, finding.List{finding.New(matchCodes[m.Kind], m.Pointers[0])})
	}
	return found
}

// Format writes [redacted].
func (LeaderValue) Format(f fmt.State, _ rune) { person.Redact(f) }

// LogValue returns [redacted].
func (LeaderValue) LogValue() slog.Value { return person.RedactedValue() }
